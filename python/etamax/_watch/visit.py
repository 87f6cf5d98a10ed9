"""The user's closure, evaluated at other parameters; afterwards all is as it was, bit for bit."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Callable, Optional, Sequence

import torch
from torch import Tensor, nn

from .._errors import refusal
from .._torch.guest import random_numbers_kept
from .._torch.shards import Layout, reshard
from .._torch.vectors import TensorList
from .budget import Budget
from .kept import KeptModules

Closure = Callable[[], Any]


def loss_in(value: Any) -> Tensor:
    """The loss that a closure returns: a tensor, or what has one under the name of "loss"."""
    if isinstance(value, Mapping):
        value = value.get("loss")
    elif not isinstance(value, Tensor) and hasattr(value, "loss"):
        value = value.loss
    if not isinstance(value, Tensor):
        raise refusal("closure", f"returns a {type(value).__name__}, not the loss as a tensor")
    return value.mean() if value.dim() else value


def _not_reduced(model: nn.Module) -> contextlib.AbstractContextManager[Any]:
    """Gradients of this process alone: what DistributedDataParallel is in the middle of is left alone."""
    if isinstance(model, nn.parallel.DistributedDataParallel):
        return model.no_sync()
    return contextlib.nullcontext()


class Visit:
    """Within it, parameters may be moved, in place and unseen by autograd's version counters: the lender's graphs,
    flat weights and compiled functions, which know the parameters by their place in memory, stay whole.

    Every evaluation begins with the same random numbers and buffers, so that dropout draws one mask for all. On several
    ranks all visit at the same steps, and what fails on one ends the visit on all. Not so of parameters in parts: there
    the others wait within the model for the one that fails, as they do in the training.

    `layout`: of the parameters.
    """

    def __init__(
        self, model: nn.Module, parameters: Sequence[Tensor], closure: Closure, budget: Budget, layout: Layout
    ) -> None:
        self.parameters, self.layout = list(parameters), layout
        self._data: list[Tensor] = []
        self._model, self._closure, self._budget = model, closure, budget
        self._kept: Optional[list[Tensor]] = None
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Visit:
        devices = {p.device for p in self.parameters if p.is_cuda}
        with contextlib.ExitStack() as undo:
            undo.push(lambda kind, error, trace: self._part(error))
            reshard(self._model)
            self._data = self.layout.parts()
            undo.enter_context(torch.enable_grad())
            undo.enter_context(random_numbers_kept(devices))
            undo.enter_context(_not_reduced(self._model))
            self._modules = KeptModules(self._model)
            undo.callback(self._modules.restore)
            undo.callback(self.back)
            undo.callback(reshard, self._model)
            self._lent = list(self._model.parameters())
            self._exit = undo.pop_all()
        self._random = torch.get_rng_state()
        self._random_on = {device: torch.cuda.get_rng_state(device) for device in devices}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.__exit__(kind, error, trace)

    def _part(self, error: Optional[BaseException]) -> None:
        if error is None or not any(self.layout.shared):
            self.layout.ranks.part(error)

    @property
    def places(self) -> list[Tensor]:
        """The parameters as they are outside."""
        return self._data if self._kept is None else self._kept

    def back(self) -> None:
        """The parameters hold again what they held before."""
        if self._kept is not None:
            self._write(self._kept)

    def move(self, by: TensorList, scale: float) -> None:
        """From where they are outside."""
        self._keep()
        self.back()
        torch._foreach_add_(self._data, by.tensors, alpha=scale)

    def put(self, values: Sequence[Tensor]) -> None:
        self._keep()
        self._write(values)

    def _keep(self) -> None:
        if self._kept is None:
            self._kept = [data.clone() for data in self._data]

    def _write(self, values: Sequence[Tensor]) -> None:
        for data, value in zip(self._data, values):
            data.copy_(value)

    def _call(self) -> Tensor:
        torch.set_rng_state(self._random)
        for device, state in self._random_on.items():
            torch.cuda.set_rng_state(state, device)
        self._modules.restore_tensors()
        return loss_in(self._closure())

    def gradient(self) -> tuple[float, TensorList]:
        """The loss and its gradient at these parameters, their means over all ranks."""
        self._budget.spend(1)
        loss = self._call()
        if not loss.requires_grad:
            raise refusal("closure", "its loss depends on no parameter that is trained")
        pairs = zip(self._gradients(loss), self.parameters)
        return self.layout.mean(float(loss.detach()), [torch.zeros_like(p) if g is None else g for g, p in pairs])

    def _gradients(self, loss: Tensor) -> Sequence[Optional[Tensor]]:
        if not any(self.layout.shared):
            return torch.autograd.grad(loss, self.parameters, allow_unused=True)
        # Those of parts come together in `backward` alone, in place of the training's, which are put back.
        held = [(p, p.grad) for p in self._lent]
        hooks = [h for p in self._lent if (h := getattr(p, "_post_accumulate_grad_hooks", None))]
        suspended = [dict(h) for h in hooks]
        try:
            for h in hooks:
                h.clear()
            for p in self._lent:
                p.grad = None
            loss.backward()
            return [p.grad for p in self.parameters]
        finally:
            for p, grad in held:
                p.grad = grad
            for h, before in zip(hooks, suspended):
                h.update(before)
