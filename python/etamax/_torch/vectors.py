"""Vectors of parameters as lists of tensors, one for each parameter: no flat copy of a model is ever made."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Optional, Sequence, TypeVar

import torch
from torch import Tensor

from .ranks import ALONE, Ranks

_DOT_BLOCK = 1 << 22  # converted to 64 bit at once, so that no copy of a whole tensor is made
_BLOCK = 1 << 20
T = TypeVar("T")


def _dot_blocks(tensors: Sequence[Tensor]) -> Iterator[Tensor]:
    """The entries in their order: small tensors joined, since each call has its price, and large ones in parts."""
    small: list[Tensor] = []
    count = 0
    for t in tensors:
        if small and count + t.numel() > _DOT_BLOCK:
            yield torch.cat(small)
            small, count = [], 0
        if t.numel() > _DOT_BLOCK:
            yield from t.reshape(-1).split(_DOT_BLOCK)
        else:
            small.append(t.reshape(-1))
            count += t.numel()
    if small:
        yield torch.cat(small)


class TensorList:
    """A vector for the engine (etamax/problem/vector.h): in place; the others are alike, or as said there.

    On several ranks each has all of it, equal to rounding, or a part of some tensors. Numbers that something is decided
    by are sums over the ranks, of those entries that are theirs to count: each entry is counted by one rank.

    Attributes
    ----------
    counts : sequence of bool or None
        Of each tensor, whether its entries are this rank's to count; None: all are rank 0's.
    """

    __slots__ = ("tensors", "ranks", "counts")

    def __init__(
        self, tensors: Sequence[Tensor], ranks: Ranks = ALONE, counts: Optional[Sequence[bool]] = None
    ) -> None:
        self.tensors, self.ranks, self.counts = list(tensors), ranks, counts

    def like(self, tensors: Sequence[Tensor]) -> TensorList:
        return TensorList(tensors, self.ranks, self.counts)

    def counted(self, of_each: Sequence[T]) -> list[T]:
        """Of what there is of each tensor, that of those which are this rank's to count."""
        if self.counts is None:
            return list(of_each) if self.ranks.rank == 0 else []
        return [x for x, counts in zip(of_each, self.counts) if counts]

    def size(self) -> int:
        return sum(t.numel() for t in self.tensors)

    def clone(self) -> TensorList:
        return self.like([t.clone() for t in self.tensors])

    def zeros(self) -> TensorList:
        return self.like([torch.zeros_like(t) for t in self.tensors])

    def zeros_in_64_bit(self) -> TensorList:
        return self.like([torch.zeros_like(t, dtype=torch.float64) for t in self.tensors])

    def dot(self, other: TensorList) -> float:
        """The inner product, summed in 64 bit whatever the entries are."""
        return self.ranks.sum(self._dot_here(other))

    def _dot_here(self, other: TensorList) -> float:
        total = self.tensors[0].new_zeros((), dtype=torch.float64)
        for a, b in zip(_dot_blocks(self.counted(self.tensors)), _dot_blocks(self.counted(other.tensors))):
            total += torch.dot(a.double(), b.double())
        return total.item()

    def add_scaled(self, a: float, x: TensorList) -> None:
        torch._foreach_add_(self.tensors, x.tensors, alpha=a)

    def scale(self, a: float) -> None:
        torch._foreach_mul_(self.tensors, a)

    def multiply(self, diagonal: TensorList) -> None:
        torch._foreach_mul_(self.tensors, diagonal.tensors)

    def divide(self, diagonal: TensorList) -> None:
        torch._foreach_div_(self.tensors, diagonal.tensors)

    def inverse_root(self) -> None:
        for t in self.tensors:
            t.rsqrt_()

    def all_finite(self) -> bool:
        return self.ranks.all(self._all_finite_here())

    def _all_finite_here(self) -> bool:
        return all(bool(t.isfinite().all()) for t in self.counted(self.tensors))

    def _slices(self, begin: int, end: int) -> Iterator[Tensor]:
        """Views of the entries [begin, end), tensor by tensor."""
        offset = 0
        for t in self.tensors:
            first, last = max(begin - offset, 0), min(end - offset, t.numel())
            if first < last:
                yield t.reshape(-1)[first:last]
            offset += t.numel()

    def values(self) -> list[float]:
        values: list[float] = flat(self).double().tolist()
        return values

    def with_values(self, values: bytearray) -> TensorList:
        """And back: a vector like this one, of these entries in 64 bit."""
        return unflat(torch.frombuffer(values, dtype=torch.float64), self.tensors, self.ranks)

    def part(self, begin: int, end: int) -> TensorList:
        return self.like([view.clone() for view in self._slices(begin, end)])

    def set_part(self, begin: int, part: TensorList) -> None:
        for view, t in zip(self._slices(begin, begin + part.size()), part.tensors):
            view.copy_(t)

    def for_each_block(
        self,
        written: Sequence[TensorList],
        read: Sequence[TensorList],
        use: Callable[[list[int], list[int], int], None],
    ) -> None:
        """Hands `use` the same block of several vectors, in 64 bit, by its addresses; keeps what it writes."""
        for tensors in zip(*(v.tensors for v in (*written, *read))):
            flat = [t.reshape(-1) for t in tensors]
            for at in range(0, flat[0].numel(), _BLOCK):
                views = [t[at : at + _BLOCK] for t in flat]
                blocks = [v.to(device="cpu", dtype=torch.float64, copy=True).contiguous() for v in views]
                addresses = [block.data_ptr() for block in blocks]
                use(addresses[: len(written)], addresses[len(written) :], blocks[0].numel())
                for view, block in zip(views[: len(written)], blocks):
                    view.copy_(block)


def flat(vector: TensorList) -> Tensor:
    """One tensor of shape (n,)."""
    return torch.cat([t.reshape(-1) for t in vector.tensors])


def unflat(entries: Tensor, like: Sequence[Tensor], ranks: Ranks = ALONE) -> TensorList:
    """The vector of these entries, in tensors of the shapes, type and device of `like`."""
    parts = entries.split([t.numel() for t in like])
    return TensorList([part.to(t.device, t.dtype).reshape(t.shape) for part, t in zip(parts, like)], ranks)


def unshared(tensors: Sequence[Tensor], others: Sequence[Tensor] = ()) -> list[Tensor]:
    """Each in memory of its own, to be written to. Autograd may give one tensor for two parameters (that are added), one
    number for all entries, or a tensor that it was given."""
    taken = {_memory(t) for t in others}
    found = []
    for t in tensors:
        memory = _memory(t)
        repeats = any(step == 0 and size > 1 for step, size in zip(t.stride(), t.shape))
        found.append(t.clone(memory_format=torch.contiguous_format) if repeats or memory in taken else t)
        taken.add(memory)
    return found


def _memory(t: Tensor) -> int:
    storage: Any = t.untyped_storage() if hasattr(t, "untyped_storage") else t.storage()  # before 2.0
    address: int = storage.data_ptr()
    return address
