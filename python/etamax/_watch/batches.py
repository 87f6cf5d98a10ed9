"""The last batch that a model was called with, for loops that keep it to themselves."""

from __future__ import annotations

from typing import Any, Callable, Optional

from torch import nn

from .._torch.loss import unwrapped

Call = tuple[tuple[Any, ...], dict[str, Any]]


class LastCall:
    """Remembers the arguments of the last call in training, until it is closed."""

    def __init__(self, model: nn.Module) -> None:
        self._module = unwrapped(model)
        self.arguments: Optional[Call] = None
        self._undo = self._by_hook() or self._by_method()

    def _keep(self, module: nn.Module, arguments: Any, named: dict[str, Any]) -> None:
        if module.training:
            self.arguments = (arguments, named)

    def _by_hook(self) -> Optional[Callable[[], None]]:
        try:
            hook = self._module.register_forward_pre_hook(self._keep, with_kwargs=True)
        except TypeError:  # before torch 2.0 a hook does not see named arguments
            return None
        remove: Callable[[], None] = hook.remove
        return remove

    def _by_method(self) -> Callable[[], None]:
        """A function of the instance's in front of its class's method."""
        module, before = self._module, self._module.__dict__.get("forward")
        forward = module.forward

        def kept(*arguments: Any, **named: Any) -> Any:
            self._keep(module, arguments, named)
            return forward(*arguments, **named)

        def undo() -> None:
            if before is None:
                del module.__dict__["forward"]
            else:
                module.__dict__["forward"] = before

        module.__dict__["forward"] = kept
        return undo

    def close(self) -> None:
        self.arguments = None
        self._undo()
