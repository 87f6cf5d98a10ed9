"""A training by the user's own optimizer, which can be paused and looked at."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import torch
from torch import nn

from .guest import Guest
from .objective import Objective
from .optimizers import UserOptimizer
from .saved import dumps, loads
from .vectors import TensorList


class Run:
    """Begins at the objective's parameters. Has parameters of its own, which the model holds while it is carried on."""

    def __init__(
        self, guest: Guest, objective: Objective, optimizer: UserOptimizer, with_state: bool, clip: Optional[float]
    ) -> None:
        self._guest, self._objective, self._optimizer, self._clip = guest, objective, optimizer, clip
        self._parameters = [nn.Parameter(p.detach().clone()) for p in guest.parameters]
        self._copy = optimizer.copy_for(guest.parameters, self._parameters, with_state)
        self.resume()

    def step(self, lr: float, rows: Optional[Sequence[int]]) -> float:
        loss, gradient = self._objective.loss_and_gradient(rows)
        for p, g in zip(self._parameters, gradient.tensors):
            p.grad = g
        if self._clip is not None:
            torch.nn.utils.clip_grad_norm_(self._parameters, self._clip)
        self._copy.step(lr)
        self._guest.moved()
        return loss

    def resume(self) -> None:
        self._guest.put([p.data for p in self._parameters])

    def move(self, by: TensorList) -> None:
        with torch.no_grad():
            torch._foreach_add_([p.data for p in self._parameters], by.tensors)
        self._guest.moved()

    def save(self) -> bytes:
        """All that it carries on from, for `restore`."""
        optimizer = self._copy.optimizer
        memory = [optimizer.state.get(p) for p in self._parameters]
        groups = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
        return dumps({"parameters": [p.detach() for p in self._parameters], "memory": memory, "groups": groups})

    def restore(self, saved: bytes) -> bool:
        """False where that is no such run's."""
        try:
            found = loads(saved)
            parameters, memory, groups = found["parameters"], found["memory"], found["groups"]
        except (ValueError, KeyError, TypeError):
            return False
        optimizer = self._copy.optimizer
        fits = len(memory) == len(parameters) == len(self._parameters) and len(groups) == len(optimizer.param_groups)
        if not fits or any(a.shape != b.shape or a.dtype != b.dtype for a, b in zip(parameters, self._parameters)):
            return False
        for p, value, state in zip(self._parameters, parameters, memory):
            p.data = value
            if state is not None:
                optimizer.state[p] = state
        for group, settings in zip(optimizer.param_groups, groups):
            group.update(settings)
        return True

    def parameters(self) -> TensorList:
        return self._objective.vector([p.detach().clone() for p in self._parameters])

    def state(self) -> Any:
        return self._optimizer.state(self._parameters, self._copy.optimizer)
