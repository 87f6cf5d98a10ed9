"""What the model's outputs tell, where the loss is one of outputs and targets."""

from __future__ import annotations

import math
from typing import Optional

import torch
from torch import Tensor

from .constant import constant_loss
from .evaluation import Evaluation
from .source import digest


def _outputs(on: Evaluation) -> Optional[tuple[Tensor, Tensor]]:
    """The model's outputs for the examples here, and the targets; None where the loss does not take them apart, or they
    have no shape that is the same on all ranks."""
    outputs, targets = [], []
    with torch.no_grad():
        for batch, _, _ in on.batches() if on.loss.separates else ():
            y, t = on.outputs(batch)
            if isinstance(y, Tensor) and isinstance(t, Tensor):
                outputs.append(y)
                targets.append(t)
    shapes = {tuple(y.shape[1:]) for y in outputs}
    found = (torch.cat(outputs), torch.cat(targets)) if len(shapes) == 1 else None
    mark = -1.0 if found is None else float(digest([torch.tensor(found[0].shape[1:], dtype=torch.long)]))
    return found if on.ranks.same(mark) else None


def baseline(on: Evaluation) -> Optional[float]:
    """The loss of the best constant predictor."""
    found = _outputs(on)
    return None if found is None else constant_loss(on.loss.of_outputs, *found, on.ranks)


def are_all_the_same(on: Evaluation) -> bool:
    """To 0.1% of their size."""
    found, count = _outputs(on), on.examples.count()
    if found is None or count < 2:
        return False
    outputs = found[0].reshape(len(found[0]), -1).double()
    (total,) = on.ranks.summed([outputs.sum(0)])
    (squares,) = on.ranks.summed([(outputs - total / count).square().sum(0)])
    size = max(on.ranks.each(float(outputs.abs().max())))
    return math.sqrt(float(squares.max()) / count) <= 1e-3 * (1e-6 + size)
