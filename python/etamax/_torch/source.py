"""What a user has in place of data."""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Sequence

import torch
from torch import Tensor

from .._errors import refusal
from .data import Batch, Columns, Data, Items, join, tensors_in
from .examples import Examples
from .ranks import ALONE, Ranks

_COMPARED = 16  # items of a dataset, between ranks


class Source:
    """The examples of a loader, read when they are wanted.

    On several ranks, those that all of them were given are shared out, every so-many-th to each, as a
    DistributedSampler does but for what that repeats; where each was given others, all are taken, one rank's after the
    other's.
    """

    def __init__(self, loader: Any, ranks: Ranks = ALONE) -> None:
        self._ranks = ranks
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
            sampler = getattr(loader.batch_sampler, "sampler", loader.sampler)
            if isinstance(sampler, torch.utils.data.SubsetRandomSampler):  # a part that somebody has split off
                self._dataset = torch.utils.data.Subset(loader.dataset, list(sampler.indices))
            self._step = getattr(loader.batch_sampler, "batch_size", None) or 1
        elif isinstance(loader, Iterable):
            self._whole = self._joined(list(loader))
        else:
            raise refusal(
                "data", f"is a {type(loader).__name__}: a DataLoader, batches, or a tuple of tensors would do"
            )
        self.shared_out = False
        self._numbers = range(self._held())
        self._count = self._held()
        if not ranks.alone:
            self._number_over_ranks(_is_split(loader))
        if self._count == 0:
            raise refusal("data", "there are no examples in it")

    @staticmethod
    def _has_items(loader: torch.utils.data.DataLoader[Any]) -> bool:
        """Whether examples can be had one by one, and what makes batches of them. A sampler of batches of somebody's own
        chooses in ways that are not known: then the batches are read as they come."""
        iterable = isinstance(loader.dataset, torch.utils.data.IterableDataset)
        known = isinstance(loader.batch_sampler, torch.utils.data.BatchSampler) or _is_split(loader)
        return not iterable and known and hasattr(loader.dataset, "__len__")

    @staticmethod
    def _joined(batches: list[Batch]) -> Columns:
        if not batches:
            raise refusal("data", "the loader gives no batch; one that was used up must be made again")
        try:
            return Columns(join(batches))
        except (RuntimeError, StopIteration):
            raise refusal(
                "data", "its batches have unlike shapes; a DataLoader over a dataset can be asked for any"
            ) from None

    def _held(self) -> int:
        """Examples that this rank was given."""
        return len(self._dataset) if self._whole is None else self._whole.count()

    def _number_over_ranks(self, split: bool) -> None:
        ranks, held = self._ranks, self._held()
        counts = [int(n) for n in ranks.each(held)]
        self.shared_out = min(counts) == max(counts) and (ranks.all(split) or ranks.same(self._digest()))
        if self.shared_out:
            if held < ranks.count:
                raise refusal("data", f"has {held} examples for {ranks.count} ranks")
            self._numbers = range(ranks.rank, held, ranks.count)
        else:
            before = sum(counts[: ranks.rank])
            self._numbers, self._count = range(before, before + held), sum(counts)

    def _digest(self) -> float:
        """The same for the same examples: of all that are in memory, of some items of a dataset."""
        if self._whole is not None:
            tensors = tensors_in(self._whole.whole)
        else:
            torch.manual_seed(0)  # items may be drawn at random
            random.seed(0)
            if "numpy" in sys.modules:
                sys.modules["numpy"].random.seed(0)
            last = max(self._held() - 1, 1)
            rows = sorted({round(i * last / (_COMPARED - 1)) for i in range(_COMPARED)} & set(range(self._held())))
            tensors = [t for row in rows for t in tensors_in(self._collate([self._dataset[row]]))]
        return float(digest(tensors))

    def count(self) -> int:
        """Of all ranks."""
        return self._count

    def take(self, rows: Sequence[int] | None) -> Examples:
        """Those of all ranks; all: None."""
        wanted: Sequence[int] = range(self._count) if rows is None else rows
        if self._ranks.alone:
            return Examples(self._read(rows))
        places = [place for place, row in enumerate(wanted) if row in self._numbers]
        before = 0 if self.shared_out else self._numbers.start
        return Examples(self._read([wanted[place] - before for place in places]), places, len(wanted))

    def _read(self, rows: Sequence[int] | None) -> Data:
        if self._whole is not None:
            return self._whole if rows is None else self._whole.take(rows)
        items = [self._dataset[i] for i in (range(self._held()) if rows is None else rows)]
        name = type(self._dataset).__name__
        batches = [self._collate(items[at : at + self._step]) for at in range(0, len(items), self._step)]
        if not batches:
            return Items(items, self._collate, name)
        try:
            return Columns(join(batches), name)
        except RuntimeError:
            return Items(items, self._collate, name)


def _is_split(loader: Any) -> bool:
    """Whether a sampler shares the loader's dataset out over the ranks: torch's DistributedSampler, accelerate's."""
    batches = getattr(loader, "batch_sampler", None)
    samplers = (getattr(loader, "sampler", None), batches, getattr(batches, "sampler", None))
    return any(hasattr(s, name) for s in samplers for name in ("num_replicas", "num_processes") if s is not None)


def digest(tensors: Sequence[Tensor]) -> int:
    found = 0
    for t in tensors:
        entries = t.detach().reshape(-1).cpu().contiguous()
        found = zlib.crc32(str((tuple(t.shape), t.dtype)).encode(), found)
        found = zlib.crc32(entries.view(torch.uint8).numpy().data if entries.numel() else b"", found)
    return found
