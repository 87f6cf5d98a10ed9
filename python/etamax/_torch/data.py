"""Batches, and examples of which batches can be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Sequence, Union

import numpy
import torch
from torch import Tensor

from .._errors import refusal

Batch = Any  # a tensor, or tuples, lists and dictionaries of such


def map_tensors(f: Callable[[Tensor], Tensor], batch: Batch) -> Batch:
    """The same batch with every tensor exchanged."""
    if isinstance(batch, Tensor):
        return f(batch)
    if isinstance(batch, numpy.ndarray):
        return f(torch.as_tensor(batch))
    if isinstance(batch, Mapping):
        return {key: map_tensors(f, part) for key, part in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(map_tensors(f, part) for part in batch))
    if isinstance(batch, (tuple, list)):
        return type(batch)(map_tensors(f, part) for part in batch)
    return batch


def tensors_in(batch: Batch) -> list[Tensor]:
    found: list[Tensor] = []
    map_tensors(lambda t: found.append(t) or t, batch)  # type: ignore[func-returns-value]
    return found


def join(batches: Sequence[Batch]) -> Batch:
    """Batches of one kind, one behind the other. Raises RuntimeError where their shapes do not fit."""
    remaining = [iter(tensors_in(batch)) for batch in batches]
    return map_tensors(lambda _: torch.cat([next(tensors) for tensors in remaining]), batches[0])


class Columns:
    """Examples that lie in tensors, along their first dimension."""

    def __init__(self, whole: Batch, name: str = "data") -> None:
        tensors = [t for t in tensors_in(whole) if t.dim() > 0]
        if not tensors:
            raise refusal("data", "a batch has no tensors with examples in it")
        self.whole, self.name, self._count = whole, name, len(tensors[0])
        if any(len(t) != self._count for t in tensors):
            shapes = " and ".join(str(tuple(t.shape)) for t in tensors)
            raise refusal("data", f"a batch's tensors have unlike numbers of examples, their first dimension: {shapes}")

    def count(self) -> int:
        return self._count

    def batch(self, rows: Sequence[int] | slice) -> Batch:
        if isinstance(rows, slice):
            return map_tensors(lambda t: t[rows] if t.dim() else t, self.whole)
        index = torch.tensor(rows, dtype=torch.long)
        return map_tensors(lambda t: t.index_select(0, index.to(t.device)) if t.dim() else t, self.whole)

    def take(self, rows: Sequence[int]) -> Columns:
        return Columns(self.batch(rows), self.name)

    def mapped(self, f: Callable[[Tensor], Tensor]) -> Columns:
        return Columns(map_tensors(f, self.whole), self.name)


class Items:
    """Examples of unlike shapes, which become a batch by the loader's own function."""

    def __init__(
        self,
        items: Sequence[Any],
        collate: Callable[[list[Any]], Batch],
        name: str,
        f: Callable[[Tensor], Tensor] = lambda t: t,
    ) -> None:
        self.name, self._items, self._collate, self._f = name, items, collate, f

    def count(self) -> int:
        return len(self._items)

    def batch(self, rows: Sequence[int] | slice) -> Batch:
        numbers = range(len(self._items))[rows] if isinstance(rows, slice) else rows
        return map_tensors(self._f, self._collate([self._items[i] for i in numbers]))

    def take(self, rows: Sequence[int]) -> Items:
        return Items([self._items[i] for i in rows], self._collate, self.name, self._f)

    def mapped(self, f: Callable[[Tensor], Tensor]) -> Items:
        before = self._f
        return Items(self._items, self._collate, self.name, lambda t: f(before(t)))


Data = Union[Columns, Items]
