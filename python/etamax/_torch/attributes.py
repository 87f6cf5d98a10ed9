"""What a forward pass may leave on a module beside its tensors, kept and put back: modes, counters, lists."""

from __future__ import annotations

from typing import Any, Iterable

from torch import nn

_TABLES_OF_TORCH = ("_parameters", "_buffers", "_modules")


class KeptAttributes:
    """Of these modules, as they are now. What stands in a list or a table of one is put back, too, but no deeper."""

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        self._tables = [(module.__dict__, dict(module.__dict__)) for module in modules]
        self._containers = [
            (value, value.copy())
            for table, _ in self._tables
            for name, value in table.items()
            if isinstance(value, (list, dict, set)) and name not in _TABLES_OF_TORCH
        ]

    def restore(self) -> None:
        for table, before in self._tables:
            for name in [n for n in table if n not in before]:
                del table[name]
            table.update(before)
        for container, held in self._containers:
            if isinstance(container, list):
                container[:] = held
            else:
                container.clear()
                container.update(held)
