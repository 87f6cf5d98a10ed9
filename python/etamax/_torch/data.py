"""What a user has in place of data, as examples with numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Callable, Sequence, Union

import numpy
import torch
from torch import Tensor

from .._errors import InputError, refusal

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


def _join(batches: Sequence[Batch]) -> Batch:
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
        if self._count == 0:
            raise refusal("data", "there are no examples in it")

    def count(self) -> int:
        return self._count

    def batch(self, rows: Sequence[int] | slice) -> Batch:
        if isinstance(rows, slice):
            return map_tensors(lambda t: t[rows] if t.dim() else t, self.whole)
        index = torch.tensor(rows)
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


class Source:
    """The examples of a loader, read when they are wanted."""

    def __init__(self, loader: Any) -> None:
        self._dataset: Any = None
        self._collate: Callable[[list[Any]], Batch] = list
        self._step = 1
        self._whole: Columns | None = None
        if isinstance(loader, (Tensor, tuple, Mapping)) or (
            isinstance(loader, list) and loader and all(isinstance(part, Tensor) for part in loader)
        ):
            self._whole = Columns(loader)
        elif isinstance(loader, torch.utils.data.DataLoader) and self._has_items(loader):
            self._dataset, self._collate = loader.dataset, loader.collate_fn
            self._step = loader.batch_size or 1
        elif isinstance(loader, Iterable):
            self._whole = self._joined(list(loader))
        else:
            raise refusal(
                "data", f"is a {type(loader).__name__}: a DataLoader, batches, or a tuple of tensors would do"
            )
        if self.count() == 0:
            raise refusal("data", "there are no examples in it")

    @staticmethod
    def _has_items(loader: torch.utils.data.DataLoader[Any]) -> bool:
        iterable = isinstance(loader.dataset, torch.utils.data.IterableDataset)
        return not iterable and loader.batch_size is not None and hasattr(loader.dataset, "__len__")

    @staticmethod
    def _joined(batches: list[Batch]) -> Columns:
        if not batches:
            raise refusal("data", "the loader gives no batch; one that was used up must be made again")
        try:
            return Columns(_join(batches))
        except (RuntimeError, StopIteration):
            raise refusal(
                "data", "its batches have unlike shapes; a DataLoader over a dataset can be asked for any"
            ) from None

    def count(self) -> int:
        return len(self._dataset) if self._whole is None else self._whole.count()

    def take(self, rows: Sequence[int] | None) -> Data:
        """Those examples; all: None."""
        if self._whole is not None:
            return self._whole if rows is None else self._whole.take(rows)
        numbers = range(self.count()) if rows is None else rows
        items = [self._dataset[i] for i in numbers]
        name = type(self._dataset).__name__
        batches = [self._collate(items[at : at + self._step]) for at in range(0, len(items), self._step)]
        try:
            return Columns(_join(batches), name)
        except RuntimeError:
            return Items(items, self._collate, name)


def _labels(data: Data) -> list[int] | None:
    whole = data.whole if isinstance(data, Columns) else None
    targets = whole[-1] if isinstance(whole, (tuple, list)) else None
    if not isinstance(targets, Tensor) or targets.dim() != 1 or targets.is_floating_point():
        return None
    labels: list[int] = targets.tolist()
    return labels


def parts_of(data: Data, share: float, seed: int) -> tuple[Data, Data | None]:
    """The examples to train on and those that are held out: of each class its share, where the targets are labels."""
    if not 0 <= share <= 0.9:
        raise InputError(f"validation: {share:g} is not in [0, 0.9]", "validation", f"{share:g}", "in [0, 0.9]")
    if share == 0:
        return data, None
    order, labels = shuffled(data.count(), seed), _labels(data)
    classes: dict[int, list[int]] = {}
    for row in order:
        classes.setdefault(labels[row] if labels else 0, []).append(row)
    held: set[int] = set()
    for name, rows in classes.items():
        count = int(share * len(rows) + 0.5)
        if not 1 <= count < len(rows):
            whose = f"class {name}" if labels else "the data"
            raise refusal("validation", f"{share:g} of {len(rows)} leaves {whose} without an example in one part")
        held.update(rows[:count])
    return data.take([row for row in range(data.count()) if row not in held]), data.take(sorted(held))


def shuffled(count: int, seed: int) -> list[int]:
    """All numbers below `count`, in the order that the seed gives, as the program's."""
    order: list[int] = torch.randperm(count, generator=torch.Generator().manual_seed(seed)).tolist()
    return order


def sample(count: int, wanted: int, seed: int) -> list[int] | None:
    """A random choice, in the examples' own order; None: all."""
    return sorted(shuffled(count, seed)[:wanted]) if 0 < wanted < count else None
