"""By what an optimizer divides the gradient, on the parameters' own devices.

The engine's table of rules computes the same in 64 bit on the CPU; a test compares them.
"""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence

import torch
from torch import Tensor

from .._torch.shards import here

Group = dict[str, Any]
State = dict[str, Any]


def _adam(state: State, group: Group, g: Optional[Tensor]) -> tuple[Tensor, Tensor]:
    beta2, steps = group["betas"][1], int(state["step"])
    v = state["exp_avg_sq"]
    if g is not None:
        v, steps = beta2 * v + (1 - beta2) * g * g, steps + 1
    return (v / (1 - beta2**steps)).sqrt_().add_(group["eps"]), v > 0


def _rmsprop(state: State, group: Group, g: Optional[Tensor]) -> tuple[Tensor, Tensor]:
    alpha, v = group["alpha"], state["square_avg"]
    if g is not None:
        v = alpha * v + (1 - alpha) * g * g
    size = v
    if group["centered"]:
        mean = state["grad_avg"] if g is None else alpha * state["grad_avg"] + (1 - alpha) * g
        size = (v - mean * mean).clamp_(min=0)
    return size.sqrt().add_(group["eps"]), v > 0


def _adagrad(state: State, group: Group, g: Optional[Tensor]) -> tuple[Tensor, Tensor]:
    s = state["sum"] if g is None else state["sum"] + g * g
    return s.sqrt().add_(group["eps"]), s > 0


RULES: dict[str, Callable[[State, Group, Optional[Tensor]], tuple[Tensor, Tensor]]] = {
    "adam": _adam,
    "adamw": _adam,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
}
_L2 = ("sgd", "adam", "rmsprop", "adagrad")  # whose weight decay is added to the gradient


def preconditioner(
    name: str, optimizer: torch.optim.Optimizer, parameters: Sequence[Tensor], gradient: Optional[Sequence[Tensor]]
) -> Optional[list[Tensor]]:
    """P of the next step, in the parameters' type; infinite where all gradients were 0 so far.

    Of parameters in parts: of the part that is here.

    Parameters
    ----------
    name
        Of the table's rule.
    gradient
        That of the step to come, which is taken into the state first; None: P of the last step.

    Returns
    -------
    list of Tensor or None
        None where the rule divides by nothing.
    """
    if name not in RULES:
        return None
    groups = {id(p): group for group in optimizer.param_groups for p in group["params"]}
    found = []
    for i, p in enumerate(parameters):
        group, state = groups[id(p)], optimizer.state.get(p)
        if not state:
            found.append(torch.full_like(here(p), float("inf")))
            continue
        g = None if gradient is None else gradient[i]
        if g is not None and name in _L2 and group["weight_decay"]:
            g = g + group["weight_decay"] * here(p.detach())
        parts = {key: here(value) if isinstance(value, Tensor) else value for key, value in state.items()}
        size, known = RULES[name](parts, group, g)
        found.append(torch.where(known, size, torch.full_like(size, float("inf"))))
    return found
