"""Examples that are numbered over all ranks, of which each has some."""

from __future__ import annotations

from typing import Callable, Optional, Sequence

import torch
from torch import Tensor

from .._errors import InputError, refusal
from .data import Columns, Data
from .ranks import Ranks

Rows = Optional[Sequence[int]]


class Examples:
    """`data`: those that are here. `numbers`: theirs among the `count` of all ranks, ascending; None: all are here."""

    def __init__(self, data: Data, numbers: Rows = None, count: Optional[int] = None) -> None:
        self.data, self._numbers = data, numbers
        self._count = data.count() if count is None else count
        self._at = None if numbers is None else {number: at for at, number in enumerate(numbers)}

    @property
    def name(self) -> str:
        return self.data.name

    def count(self) -> int:
        """Of all ranks."""
        return self._count

    def here(self, rows: Rows = None) -> Rows:
        """Of these examples of all ranks, those that are here, by the numbers that `data` knows; None: all that are."""
        if rows is None or self._at is None:
            return rows
        return [self._at[row] for row in rows if row in self._at]

    def take(self, rows: Sequence[int]) -> Examples:
        """Those alone, numbered anew in this order."""
        if self._at is None:
            return Examples(self.data.take(rows))
        places = [place for place, row in enumerate(rows) if row in self._at]
        return Examples(self.data.take([self._at[rows[place]] for place in places]), places, len(rows))

    def mapped(self, f: Callable[[Tensor], Tensor]) -> Examples:
        return self.with_data(self.data.mapped(f))

    def with_data(self, data: Data) -> Examples:
        """As many others in their place."""
        return Examples(data, self._numbers, self._count)

    def placed(self, values: Tensor, ranks: Ranks) -> list[float]:
        """A value of each example of all ranks, from those of the examples here."""
        if self._numbers is not None:
            values = ranks.placed(values, self._numbers, self._count)
        found: list[float] = values.double().tolist()
        return found

    def labels(self, ranks: Ranks) -> Optional[list[int]]:
        """Of all ranks, where the targets are such."""
        whole = self.data.whole if isinstance(self.data, Columns) else None
        targets = whole[-1] if isinstance(whole, (tuple, list)) else None
        are = isinstance(targets, Tensor) and targets.dim() == 1 and not targets.is_floating_point()
        if not ranks.all(are):
            return None
        assert targets is not None
        return [int(label) for label in self.placed(targets, ranks)]


def parts_of(examples: Examples, share: float, seed: int, ranks: Ranks) -> tuple[Examples, Examples | None]:
    """The examples to train on and those that are held out: of each class its share, where the targets are labels."""
    if not 0 <= share <= 0.9:
        raise InputError(f"validation: {share:g} is not in [0, 0.9]", "validation", f"{share:g}", "in [0, 0.9]")
    if share == 0:
        return examples, None
    order, labels = shuffled(examples.count(), seed), examples.labels(ranks)
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
    return examples.take([row for row in range(examples.count()) if row not in held]), examples.take(sorted(held))


def shuffled(count: int, seed: int) -> list[int]:
    """All numbers below `count`, in the order that the seed gives, as the program's."""
    order: list[int] = torch.randperm(count, generator=torch.Generator().manual_seed(seed)).tolist()
    return order


def sample(count: int, wanted: int, seed: int) -> list[int] | None:
    """A random choice, in the examples' own order; None: all."""
    return sorted(shuffled(count, seed)[:wanted]) if 0 < wanted < count else None
