"""The next steps, made in private: what would become of the loss?"""

from __future__ import annotations

import math
from typing import Callable, Optional

import torch
from torch import nn

from .._torch.optimizers import UserOptimizer
from .._torch.shards import here
from .._torch.vectors import TensorList
from .visit import Visit


def rehearse(
    visit: Visit,
    optimizer: UserOptimizer,
    lr: float,
    loss: float,
    gradient: TensorList,
    steps: int,
    is_done: Callable[[list[float]], bool],
    clip: Optional[float] = None,
) -> list[float]:
    """Steps by a copy of the user's optimizer with its state, all on the closure's batch; each takes a gradient.

    Parameters
    ----------
    lr
        Of the first group.
    loss, gradient
        Here, as the first step has them.
    is_done
        Whether these losses say enough.
    clip
        To what norm gradients are shortened.

    Returns
    -------
    list of float
        The losses, before the first step and after each.
    """
    copies = [nn.Parameter(p.detach().clone()) for p in visit.parameters]
    copied = optimizer.copy_for(visit.parameters, copies, with_state=True)
    losses = [loss]
    for step in range(steps):
        if clip is not None:
            gradient = _shortened(gradient, clip)
        for c, g in zip(copies, gradient.tensors):
            c.grad = torch.empty_like(c)  # as the parameters are: whole, or in parts
            here(c.grad).copy_(g)
        copied.step(lr)
        visit.put([here(c.data) for c in copies])
        loss, gradient = visit.gradient()
        losses.append(loss)
        if not math.isfinite(loss) or is_done(losses):
            break
    visit.back()
    return losses


def _shortened(gradient: TensorList, length: float) -> TensorList:
    """As torch.nn.utils.clip_grad_norm_ does it."""
    factor = length / (math.sqrt(gradient.dot(gradient)) + 1e-6)
    return gradient if factor >= 1 else gradient.like(torch._foreach_mul(gradient.tensors, factor))
