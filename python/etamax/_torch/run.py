"""A training by the user's own optimizer, which can be paused and looked at."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import torch
from torch import nn

from .guest import Guest
from .objective import Objective
from .optimizers import UserOptimizer
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

    def parameters(self) -> TensorList:
        return self._objective.vector([p.detach().clone() for p in self._parameters])

    def state(self) -> Any:
        return self._optimizer.state(self._parameters, self._copy.optimizer)
