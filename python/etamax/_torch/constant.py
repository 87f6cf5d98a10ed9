"""The best that a model can do whose output is the same for all inputs."""

from __future__ import annotations

import math
from typing import Callable, Optional

import torch
from torch import Tensor

from .ranks import ALONE, Ranks

_MOST_OUTPUTS = 100_000  # of an example: beyond, nobody waits for it
_MOST_NUMBERS = 4_000_000  # of all examples: beyond, some of them tell it well enough


def constant_loss(
    loss: Callable[[Tensor, Tensor], Tensor], outputs: Tensor, targets: Tensor, ranks: Ranks = ALONE
) -> Optional[float]:
    """The lowest mean loss over constant outputs, in 64 bit; None where the loss has none, or does not say.

    Labels (whole numbers) have one constant for each class, at every position; other targets one for each number. On
    several ranks, over the examples of all.
    """
    known = outputs.dim() >= 1 and outputs[0].numel() <= _MOST_OUTPUTS and outputs.is_floating_point()
    if not ranks.all(known):
        return None
    every = -(-int(ranks.sum(outputs.numel())) // _MOST_NUMBERS)
    outputs, targets = outputs[::every], targets[::every]
    share = len(outputs) / ranks.sum(len(outputs))
    labels = not targets.is_floating_point() and outputs.dim() >= 2
    shape = (1, outputs.shape[1], *([1] * (outputs.dim() - 2))) if labels else (1, *outputs.shape[1:])
    constant = torch.zeros(shape, dtype=torch.float64, device=outputs.device, requires_grad=True)
    targets = targets.double() if targets.is_floating_point() else targets
    if not ranks.all(_takes(loss, constant, outputs, targets)):
        return None
    search = torch.optim.LBFGS(
        [constant], max_iter=200, tolerance_grad=1e-10, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def evaluate() -> Tensor:
        value = loss(constant.expand(outputs.shape), targets) * share
        (slope,) = torch.autograd.grad(value, [constant])
        (constant.grad,) = ranks.summed([slope])
        return value.new_tensor(ranks.sum(value.item()))

    with torch.enable_grad():
        search.step(evaluate)
    lowest = ranks.sum(float(loss(constant.detach().expand(outputs.shape), targets)) * share)
    return lowest if math.isfinite(lowest) else None


def _takes(loss: Callable[[Tensor, Tensor], Tensor], constant: Tensor, outputs: Tensor, targets: Tensor) -> bool:
    try:
        with torch.enable_grad():
            torch.autograd.grad(loss(constant.expand(outputs.shape), targets), [constant])
    except (RuntimeError, TypeError, ValueError):  # of a loss with numbers of its own in 32 bit, say
        return False
    return True
