"""The rates that are still to come, as the training's schedule has them."""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any, Callable

import torch
from torch import Tensor

from .._errors import InputError, refusal
from .._torch.optimizers import inner
from .held import rate_of


def _is_scheduler(schedule: Any) -> bool:
    """One of PyTorch's; its base class has had two names."""
    return hasattr(schedule, "state_dict") and hasattr(schedule, "optimizer")


def foretold(scheduler: Any) -> Any:
    """A trainer's scheduler, where what it will do can be known ahead; else None: nobody asked for it to be copied."""
    try:
        return scheduler if _is_scheduler(scheduler) and _Copy(scheduler, inner(scheduler.optimizer)) else None
    except InputError:
        return None


class Ahead:
    """Of the first group, from the step on at which it is made, which is its step 0.

    What a scheduler of PyTorch's will do is found out by a copy of it, one step of the training after the other. Where
    the rate in force is another than was foretold, nothing more is foretold: it is not stepped in every step, or
    somebody else sets rates.
    """

    def __init__(self, schedule: Any, optimizer: torch.optim.Optimizer, steps: int) -> None:
        self._steps, self.known = steps, True
        self._rate: Callable[[int], float]
        if _is_scheduler(schedule):
            self._rate = _Copy(schedule, optimizer).rate
        elif callable(schedule):
            self._rate = lambda step: float(schedule(step))
        else:
            raise refusal("schedule", f"is a {type(schedule).__name__}, neither a scheduler of PyTorch's nor a function")
        rate = self._rate(0)
        if not (math.isfinite(rate) and rate >= 0):
            raise refusal("schedule", f"has a rate of {rate:g}")

    def tell(self, step: int, lr: float) -> None:
        """Of every step, with the rate that is set: whether it is the one foretold."""
        if self.known and step < self._steps:
            self.known = math.isclose(self._rate(step), lr, rel_tol=1e-3, abs_tol=1e-12)

    def highest(self, first: int, last: int) -> float:
        """Of the rates at these steps, both among them; those that the training has."""
        return max(self._rate(step) for step in range(first, min(last, self._steps - 1) + 1))


def _own(group: dict[str, Any]) -> dict[str, Any]:
    return {name: value.clone() if isinstance(value, Tensor) else value for name, value in group.items()}


class _Copy:
    """A scheduler's rates, made as they are asked for. `optimizer`: without what is around it."""

    def __init__(self, scheduler: Any, optimizer: torch.optim.Optimizer) -> None:
        if inner(scheduler.optimizer) is not optimizer:
            raise refusal("schedule", "is of another optimizer")
        if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            raise refusal("schedule", "ReduceLROnPlateau goes by losses, which are not known ahead: leave it out")
        groups = [{**_own(group), "params": [torch.zeros(1)]} for group in optimizer.param_groups]
        self._optimizer = torch.optim.SGD(groups, lr=1.0)
        try:
            self._scheduler = copy.deepcopy(scheduler, {id(scheduler.optimizer): self._optimizer})
        except Exception as error:  # of whatever it holds
            raise refusal("schedule", f"{type(scheduler).__name__} cannot be copied: {error}") from error
        self._rates = [rate_of(self._optimizer.param_groups[0])]

    def rate(self, step: int) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is not told of the optimizer's steps
            while len(self._rates) <= step:
                self._scheduler.step()
                self._rates.append(rate_of(self._optimizer.param_groups[0]))
        return self._rates[step]
