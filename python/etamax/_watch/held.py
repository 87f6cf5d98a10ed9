"""Rates that are held below a limit while a step is made, and are the scheduler's again after it."""

from __future__ import annotations

import functools
from typing import Any, Optional

import torch
from torch import Tensor


def rate_of(group: dict[str, Any]) -> float:
    return float(group["lr"])


def _set_rate(group: dict[str, Any], lr: float) -> None:
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(lr)
    else:
        group["lr"] = lr


class HeldRates:
    """Of all groups of an optimizer, in proportion.

    From torch 2.0 on a hook of the optimizer's puts the rates back after its step; before, its method `step` is another
    one from `hold` to the end of that step.
    """

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self._optimizer = optimizer
        self._kept: Optional[list[float]] = None
        self._hook = None
        self._unpatched: Any = None
        if hasattr(optimizer, "register_step_post_hook"):
            self._hook = optimizer.register_step_post_hook(lambda *_: self.put_back())

    @property
    def lr(self) -> float:
        """That of the first group, as it was set."""
        return rate_of(self._optimizer.param_groups[0]) if self._kept is None else self._kept[0]

    def hold(self, limit: float) -> float:
        """Until the next step is made, the first group's rate is at most `limit`; returns the rate in force."""
        if not self.lr > limit:
            return self.lr
        self._kept = [rate_of(group) for group in self._optimizer.param_groups]
        factor = limit / self._kept[0]
        for group, lr in zip(self._optimizer.param_groups, self._kept):
            _set_rate(group, factor * lr)
        if self._hook is None:
            self._patch()
        return limit

    def put_back(self) -> None:
        if self._kept is not None:
            for group, lr in zip(self._optimizer.param_groups, self._kept):
                _set_rate(group, lr)
        self._kept = None
        self._unpatch()

    def _patch(self) -> None:
        step = self._optimizer.step

        @functools.wraps(step)
        def held(*arguments: Any, **named: Any) -> Any:
            self._unpatch()
            try:
                return step(*arguments, **named)
            finally:
                self.put_back()

        self._unpatched = (self._optimizer.__dict__.get("step"),)
        self._optimizer.step = held

    def _unpatch(self) -> None:
        if self._unpatched is None:
            return
        (before,) = self._unpatched
        self._unpatched = None
        if before is None:
            del self._optimizer.__dict__["step"]
        else:
            self._optimizer.step = before

    def close(self) -> None:
        self.put_back()
        if self._hook is not None:
            self._hook.remove()
            self._hook = None
