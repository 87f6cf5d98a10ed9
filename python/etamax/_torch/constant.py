"""The best that a model can do whose output is the same for all inputs."""

from __future__ import annotations

from typing import Callable, Optional

import torch
from torch import Tensor

_MOST_OUTPUTS = 100_000  # of an example: beyond, nobody waits for it
_MOST_NUMBERS = 4_000_000  # of all examples: beyond, some of them tell it well enough


def constant_loss(loss: Callable[[Tensor, Tensor], Tensor], outputs: Tensor, targets: Tensor) -> Optional[float]:
    """The lowest mean loss over constant outputs, in 64 bit; None where the loss has none, or does not say.

    Labels (whole numbers) have one constant for each class, at every position; other targets one for each number.
    """
    if outputs.dim() < 1 or outputs[0].numel() > _MOST_OUTPUTS or not outputs.is_floating_point():
        return None
    every = -(-outputs.numel() // _MOST_NUMBERS)
    outputs, targets = outputs[::every], targets[::every]
    labels = not targets.is_floating_point() and outputs.dim() >= 2
    shape = (1, outputs.shape[1], *([1] * (outputs.dim() - 2))) if labels else (1, *outputs.shape[1:])
    constant = torch.zeros(shape, dtype=torch.float64, device=outputs.device, requires_grad=True)
    targets = targets.double() if targets.is_floating_point() else targets
    search = torch.optim.LBFGS(
        [constant], max_iter=200, tolerance_grad=1e-10, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def evaluate() -> Tensor:
        value = loss(constant.expand(outputs.shape), targets)
        (constant.grad,) = torch.autograd.grad(value, [constant])
        return value

    try:
        with torch.enable_grad():
            search.step(evaluate)
            lowest = float(loss(constant.expand(outputs.shape), targets))
    except (RuntimeError, TypeError, ValueError):  # a loss with numbers of its own in 32 bit, say
        return None
    return lowest if lowest == lowest and abs(lowest) != float("inf") else None
