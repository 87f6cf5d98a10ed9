"""The next steps, made in private: what would become of the loss?"""

from __future__ import annotations

import math
from typing import Callable, Optional

import torch
from torch import nn

from .._torch.optimizers import UserOptimizer
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
        for c, g in zip(copies, gradient.tensors):
            c.grad = g.clone() if step == 0 else g
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(copies, clip)
        copied.step(lr)
        visit.put([c.data for c in copies])
        loss, gradient = visit.gradient()
        losses.append(loss)
        if not math.isfinite(loss) or is_done(losses):
            break
    visit.back()
    return losses
