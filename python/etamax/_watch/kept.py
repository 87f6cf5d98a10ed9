"""What a forward pass may leave on a module, kept and put back: buffers, modes, counters, lists."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from .._torch.attributes import KeptAttributes


class _Buffer(NamedTuple):
    tensor: Tensor
    copy: Tensor


class KeptModules:
    """Of a model, as its modules are now. Tensors are put back in place, since compiled functions know them by that."""

    def __init__(self, model: nn.Module) -> None:
        self._attributes = KeptAttributes(model.modules())
        self._tables = [(module._buffers, dict(module._buffers)) for module in model.modules()]
        tensors: dict[int, Tensor] = {id(b): b for b in model.buffers()}
        for module in model.modules():
            for value in module.__dict__.values():
                if isinstance(value, Tensor) and not isinstance(value, nn.Parameter):
                    tensors[id(value)] = value
        self._tensors = [_Buffer(t, t.detach().clone()) for t in tensors.values()]

    def restore_tensors(self) -> None:
        """All of them: a batch norm writes to its statistics without raising their version."""
        for tensor, copy in self._tensors:
            tensor.data.copy_(copy)

    def restore(self) -> None:
        self.restore_tensors()
        self._attributes.restore()
        for table, before in self._tables:
            for name in [n for n in table if n not in before]:
                del table[name]
            table.update(before)
