"""Processes that work on one model together, on torch.distributed: what one of them decides, all do."""

from __future__ import annotations

import json
import sys
import threading
import zlib
from types import TracebackType
from typing import Any, Optional, Sequence, Union

import torch
from torch import Tensor

from .. import _engine
from .._errors import InputError, refusal

Group = Union[None, bool, Any]  # None: torch.distributed's, where it is at work; False: this process alone
_MESSAGE_BYTES = 2048
_NUMBERS = 4  # that they meet over at once, at most
_PATIENCE = 10.0  # seconds, until somebody is told who is waited for


class RanksError(RuntimeError):
    """Another process could not go on, or is lost."""


_CARRIERS: dict[tuple[int, torch.device, torch.dtype], Tensor] = {}


def _carrier(t: Tensor) -> Tensor:
    """A tensor of Python's that is never freed, of a thread and a type.

    Gloo's threads let go of what was sent some time after it has arrived. Whoever lets go last frees it, and what has
    been Python's is freed under its lock; if they wait for that while DistributedDataParallel ends, which has it and
    waits for them, none goes on (PyTorch 1.13).
    """
    key = threading.get_ident(), t.device, t.dtype
    if key not in _CARRIERS:
        _CARRIERS[key] = t.new_empty(0)
    return _CARRIERS[key]


def _group_of(group: Group, model: Any) -> Any:
    import torch.distributed as dist

    if group is False or not dist.is_available() or not dist.is_initialized():
        if group not in (None, False):
            raise refusal("group", "torch.distributed is not initialized here (init_process_group)")
        return None
    if group is not None and group is not True:
        return group
    # Of a wrapped model: that over which its gradients are averaged.
    return getattr(model, "process_group", None) or dist.group.WORLD


class Ranks:
    """All processes of the group make the same calls in the same order: those within `with`, which is one call of the
    user's and has an end that is agreed on, or those up to `part`.

    Before any sum they meet over a few numbers. There each learns whether one has failed, and where to stop is agreed;
    one that fails meets the others once more, so that none waits for it and the group stays usable.

    Attributes
    ----------
    count, rank : int
        1 and 0 in a process of its own, where nothing is sent.
    """

    def __init__(self, group: Group = False, device: Optional[torch.device] = None, model: Any = None) -> None:
        self._group = _group_of(group, model)
        self._device = device or torch.device("cpu")
        self.count, self.rank = 1, 0
        if self._group is not None:
            import torch.distributed as dist

            self.count, self.rank = dist.get_world_size(self._group), dist.get_rank(self._group)
            if self.rank < 0:
                raise refusal("group", "this process does not belong to it")

    @property
    def alone(self) -> bool:
        return self.count == 1

    def members(self) -> list[int]:
        """The processes by their ranks among all of torch.distributed's."""
        if self._group is None:
            return [0]
        import torch.distributed as dist

        return list(dist.get_process_group_ranks(self._group))

    def __enter__(self) -> Ranks:
        if not self.alone:
            _engine.stop_by_agreement(True)
            waits = threading.Timer(_PATIENCE, self._say_who_waits)
            waits.daemon = True
            waits.start()
            try:
                self._meet()
            except BaseException:
                _engine.stop_by_agreement(False)
                raise
            finally:
                waits.cancel()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.alone:
            return
        try:
            self.part(error)
        finally:
            _engine.stop_by_agreement(False)

    def part(self, error: Optional[BaseException] = None) -> None:
        """The last of these calls, or the one at which this process fails: raises what another one has failed with."""
        if not self.alone and not isinstance(error, RanksError) and not hasattr(error, "told_by"):
            self._meet(error=error)

    def _say_who_waits(self) -> None:
        if self.rank == 0:
            print(
                f"etamax: rank 0 waits for the others of {self.count} to make the same call; group=False works alone",
                file=sys.stderr,
            )

    # How they meet.

    def _all_reduce(self, t: Tensor, largest: bool = False) -> None:
        import torch.distributed as dist

        carrier = _carrier(t)
        carrier.set_(t.detach())
        try:
            dist.all_reduce(carrier, dist.ReduceOp.MAX if largest else dist.ReduceOp.SUM, group=self._group)
            carrier.set_()  # the memory is the caller's again
        except RuntimeError as problem:
            first = (str(problem).splitlines() or [""])[0][:200]
            raise RanksError(f"rank {self.rank} of {self.count} cannot reach the others: {first}") from problem

    def _meet(self, numbers: Sequence[float] = (), error: Optional[BaseException] = None) -> list[float]:
        """The sums over all ranks of a few numbers, as many for any number of them."""
        unused = [0.0] * (_NUMBERS - len(numbers))
        header = [0.0 if error is None else 1.0, float(_engine.was_asked_here()), *numbers, *unused]
        sums = torch.tensor(header, dtype=torch.float64, device=self._device)
        self._all_reduce(sums)
        failed, asked, *found = sums.tolist()
        if asked > 0:
            _engine.agree_to_stop()
        if failed > 0:
            self._hear_of_failure(error)
        return found

    def _hear_of_failure(self, error: Optional[BaseException]) -> None:
        """Raises what the first of those who failed tells, where this one has not failed itself."""
        whose = torch.tensor([-1.0 if error is None else float(-self.rank)], dtype=torch.float64, device=self._device)
        if error is None:
            whose.fill_(float(-self.count))
        self._all_reduce(whose, largest=True)
        rank = -int(whose.item())
        told = torch.zeros(_MESSAGE_BYTES, dtype=torch.uint8, device=self._device)
        if error is not None and rank == self.rank:
            text = _described(error)
            told[: len(text)] = torch.tensor(list(text), dtype=torch.uint8)
        self._all_reduce(told)
        if error is None:
            raise _error_of(rank, bytes(told.tolist()).rstrip(b"\0"))

    # What they agree on. Alone, all of it is the argument.

    def sum(self, x: float) -> float:
        return x if self.alone else self._meet([x])[0]

    def first(self, x: float) -> float:
        """Rank 0's."""
        return self.sum(x if self.rank == 0 else 0.0)

    def sums(self, numbers: Sequence[float]) -> list[float]:
        """Of each of these numbers, of which there are as many on every rank."""
        if self.alone:
            return list(numbers)
        if len(numbers) <= _NUMBERS:
            return self._meet(numbers)[: len(numbers)]
        found: list[float] = self.summed([torch.tensor(numbers, dtype=torch.float64, device=self._device)])[0].tolist()
        return found

    def any(self, x: bool) -> bool:
        return self.sum(float(x)) > 0

    def all(self, x: bool) -> bool:
        return self.sum(float(not x)) == 0

    def each(self, x: float) -> list[float]:
        """Of every rank, in their order."""
        if self.alone:
            return [x]
        slots = torch.zeros(self.count, dtype=torch.float64, device=self._device)
        slots[self.rank] = x
        found: list[float] = self.summed([slots])[0].tolist()
        return found

    def same(self, x: float) -> bool:
        found = self.each(x)
        return min(found) == max(found)

    def require_same(self, field: str, *what: object) -> None:
        if not self.alone and not self.same(float(zlib.crc32(repr(what).encode()))):
            raise refusal(field, "unlike on the ranks, which must all make the same call")

    def summed(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The sums of all tensors by one all-reduce. The arguments are used up."""
        return self.summed_with(0.0, tensors)[1]

    def summed_with(self, x: float, tensors: Sequence[Tensor]) -> tuple[float, list[Tensor]]:
        """The sum of a number too, for nothing."""
        if self.alone:
            return x, list(tensors)
        if not tensors:
            return self.sum(x), []
        one = len(tensors) == 1 and tensors[0].is_contiguous()
        whole = tensors[0] if one else torch.cat([t.detach().reshape(-1) for t in tensors])
        total = self._meet([x])[0]
        self._all_reduce(whole)
        if one:
            return total, [whole]
        parts = whole.split([t.numel() for t in tensors])
        return total, [part.view(t.shape) for part, t in zip(parts, tensors)]

    def from_first(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Rank 0's."""
        if self.alone or not tensors:
            return list(tensors)
        numbers = [t.to(torch.uint8) if t.dtype == torch.bool else t for t in tensors]
        found = self.summed([t.clone() if self.rank == 0 else torch.zeros_like(t) for t in numbers])
        return [f.to(t.dtype) for f, t in zip(found, tensors)]

    def placed(self, values: Tensor, places: Sequence[int], count: int) -> Tensor:
        """Values of the examples that are here, put among those of all ranks: shape (count,), in 64 bit, on the CPU."""
        whole = torch.zeros(count, dtype=torch.float64)
        whole[torch.as_tensor(list(places), dtype=torch.long)] = values.detach().double().cpu()
        return self.summed([whole.to(self._device)])[0].cpu()


ALONE = Ranks()


def _described(error: BaseException) -> bytes:
    words = " ".join(str(error).split()) or type(error).__name__
    told = {"kind": "", "words": words[:400], "field": ""}
    if isinstance(error, InputError):
        told["kind"], told["field"] = "input", error.field
    elif type(error) is not RuntimeError and str(error):
        told["words"] = f"{type(error).__name__}: {told['words']}"
    return json.dumps(told, ensure_ascii=False).encode()[:_MESSAGE_BYTES]


def _error_of(rank: int, text: bytes) -> BaseException:
    told = json.loads(text)
    if told["kind"] == "input":
        refused = InputError(f"{told['words']} (rank {rank})", told["field"], "", told["words"])
        refused.told_by = rank  # type: ignore[attr-defined]
        return refused
    return RanksError(f"rank {rank} failed: {told['words']}")
