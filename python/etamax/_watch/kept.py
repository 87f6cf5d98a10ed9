"""What a forward pass may leave on a module, kept and put back: buffers, modes, counters, lists."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor, nn


class _Buffer(NamedTuple):
    tensor: Tensor
    copy: Tensor


class KeptModules:
    """Of a model, as its modules are now. Tensors are put back in place, since compiled functions know them by that."""

    def __init__(self, model: nn.Module) -> None:
        self._attributes: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self._containers: list[tuple[Any, Any]] = []
        tensors: dict[int, Tensor] = {id(b): b for b in model.buffers()}
        for module in model.modules():
            for table in module.__dict__, module._buffers:
                self._attributes.append((table, dict(table)))
            for name, value in module.__dict__.items():
                if isinstance(value, Tensor) and not isinstance(value, nn.Parameter):
                    tensors[id(value)] = value
                elif isinstance(value, (list, dict)) and name not in ("_parameters", "_buffers", "_modules"):
                    self._containers.append((value, value.copy()))
        self._tensors = [_Buffer(t, t.detach().clone()) for t in tensors.values()]

    def restore_tensors(self) -> None:
        """All of them: a batch norm writes to its statistics without raising their version."""
        for tensor, copy in self._tensors:
            tensor.data.copy_(copy)

    def restore(self) -> None:
        self.restore_tensors()
        for table, before in self._attributes:
            for name in [n for n in table if n not in before]:
                del table[name]
            table.update(before)
        for container, before in self._containers:
            if isinstance(container, list):
                container[:] = before
            else:
                container.clear()
                container.update(before)
