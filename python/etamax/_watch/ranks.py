"""Processes that train one model together: means over them, and numbers that all of them decide by."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, Optional, Sequence

import torch
from torch import Tensor, distributed


class RankError(RuntimeError):
    """Another process of the training does not answer."""


class Ranks:
    """`group`: None takes that of all processes, where there are several; False is this process alone."""

    def __init__(self, group: Any, device: torch.device) -> None:
        several = distributed.is_available() and distributed.is_initialized() and group is not False
        self._group: Any = group or (distributed.group.WORLD if several else None)
        self.count = distributed.get_world_size(self._group) if several else 1
        self.first = not several or distributed.get_rank() == self._first_rank()
        self._device = device

    def _first_rank(self) -> int:
        if self._group is distributed.group.WORLD:
            return 0
        ranks: Sequence[int] = distributed.get_process_group_ranks(self._group)
        return ranks[0]

    @contextlib.contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise RankError(f"etamax.watch: another process of the training does not answer ({reason})") from error

    def average(self, tensors: Sequence[Tensor], number: float) -> float:
        """The mean over the processes, in place and in one all-reduce; that of the number is returned."""
        if self.count == 1:
            return number
        flat = torch.cat([t.reshape(-1) for t in tensors] + [tensors[0].new_tensor([number])])
        with self._clear_errors():
            distributed.all_reduce(flat, group=self._group)
        flat /= self.count
        for t, part in zip(tensors, flat[:-1].split([t.numel() for t in tensors])):
            t.copy_(part.reshape(t.shape))
        return float(flat[-1])

    def agree(self, numbers: Sequence[float]) -> list[float]:
        """Those of the first process: what all decide by, so that none of them stops where others go on."""
        if self.count == 1:
            return list(numbers)
        told = torch.tensor(numbers, dtype=torch.float64, device=self._device)
        with self._clear_errors():
            distributed.broadcast(told, self._first_rank(), group=self._group)
        return [float(x) for x in told.tolist()]

    def mean(self, number: float) -> float:
        if self.count == 1:
            return number
        return self.average([torch.zeros(1, device=self._device, dtype=torch.float64)], number)
