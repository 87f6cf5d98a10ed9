"""A model and a loss as one function of a batch."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Mapping
from typing import Any, Callable, Optional

import torch
from torch import Tensor, nn

from .._errors import refusal
from .data import Batch
from .likelihoods import likelihood_of

_TARGETS = ("labels", "label", "targets", "target", "y")
LossFunction = Callable[..., Tensor]


def wrappers_of(model: nn.Module) -> tuple[list[nn.Module], nn.Module]:
    """DistributedDataParallel, DataParallel and torch.compile, which differentiate once only; and the module inside."""
    wrappers: list[nn.Module] = []
    while True:
        if isinstance(model, (nn.parallel.DistributedDataParallel, nn.DataParallel)):
            inside = model.module
        elif hasattr(model, "_orig_mod"):
            inside = model._orig_mod
        else:
            return wrappers, model
        wrappers.append(model)
        model = inside


def unwrapped(model: nn.Module) -> nn.Module:
    return wrappers_of(model)[1]


def _takes_batch(loss: LossFunction) -> bool:
    """Whether it is loss(batch), and not loss(outputs, targets)."""
    try:
        parameters = inspect.signature(loss.forward if isinstance(loss, nn.Module) else loss).parameters.values()
    except (TypeError, ValueError):  # of a builtin
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [p for p in parameters if p.kind in positional and p.default is inspect.Parameter.empty]
    return len(required) == 1 and not any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)


def _for_each(loss: Optional[LossFunction]) -> Optional[LossFunction]:
    """The loss without its mean over the examples, where it can be had."""
    if isinstance(loss, nn.Module):
        if not hasattr(loss, "reduction"):
            return None
        each = copy.copy(loss)
        each.reduction = "none"
        return each
    try:
        has_reduction = loss is not None and "reduction" in inspect.signature(loss).parameters
    except (TypeError, ValueError):
        return None
    return functools.partial(loss, reduction="none") if has_reduction and loss is not None else None


def takes_index(training_step: Callable[..., Any]) -> bool:
    """Of Lightning's modules: it need not."""
    return "batch_idx" in inspect.signature(training_step).parameters


def _logs_nothing(*given: Any, **named: Any) -> None:
    pass


def _shape(t: Tensor) -> str:
    """Of any number of examples."""
    return f"(N,{','.join(f' {size}' for size in t.shape[1:])})"


class BatchLoss:
    """The mean loss of a batch: ``loss(model(inputs), targets)``, ``loss(batch)``, or what the model returns as one; or
    the ``training_step`` of Lightning's modules."""

    def __init__(self, model: nn.Module, loss: Optional[LossFunction]) -> None:
        if loss is not None and not callable(loss):
            raise refusal("loss", "is no function; torch.nn.functional.cross_entropy or lambda batch: ... would do")
        self.wrappers, self.model = wrappers_of(model)
        self._loss = loss
        self._training_step = None if loss is not None else getattr(self.model, "training_step", None)
        self.takes_batch = loss is not None and _takes_batch(loss)
        self.draw = None if self.takes_batch else likelihood_of(loss)
        self._each = None if self.takes_batch else _for_each(loss)

    @property
    def name(self) -> str:
        if self._loss is None:
            return "training_step" if self._training_step is not None else "the model's own"
        name = getattr(self._loss, "__name__", type(self._loss).__name__)
        return "loss" if name == "<lambda>" else str(name).removesuffix("_loss")  # F.mse_loss is mse, as in the program

    @property
    def separates(self) -> bool:
        """Whether outputs and targets can be had."""
        return self._loss is not None and not self.takes_batch

    def of_outputs(self, outputs: Any, targets: Any) -> Tensor:
        assert self._loss is not None
        return self._loss(outputs, targets).mean()

    @property
    def modules(self) -> list[nn.Module]:
        return [self.model, *([self._loss] if isinstance(self._loss, nn.Module) else [])]

    def __call__(self, batch: Batch) -> Tensor:
        if self.takes_batch:
            assert self._loss is not None
            value = self._loss(batch)
        elif self._loss is None:
            value = self._own(batch)
        else:
            outputs, targets = self.outputs_and_targets(batch)
            value = self._loss(outputs, targets)
        if not isinstance(value, Tensor):
            raise refusal("loss", f"returns a {type(value).__name__}, not a tensor")
        return value.mean() if value.dim() else value

    def check_shapes(self, batch: Batch) -> None:
        """Refuses one that compares every output with every target. `batch`: two examples or more."""
        if self._each is None:
            return
        with torch.no_grad():
            outputs, targets = self.outputs_and_targets(batch)
            if not isinstance(outputs, Tensor) or not isinstance(targets, Tensor):
                return
            losses = self._each(outputs, targets)
        if losses.numel() <= max(outputs.numel(), targets.numel()):
            return
        fits = outputs.dim() == targets.dim() + 1 and outputs.shape[-1] == 1
        mend = "targets.unsqueeze(-1)" if fits else "tensors of one shape"
        raise refusal(
            "loss",
            f"compares every output with every target: outputs of shape {_shape(outputs)} and targets of "
            f"{_shape(targets)} are broadcast; {mend} would do",
        )

    def each(self, batch: Batch, count: int, drawn: Optional[Tensor] = None) -> Optional[Tensor]:
        """Each example's loss, whose mean is the batch's; None where only the batch's can be had. `drawn`: in the place
        of the targets."""
        if self._loss is None or self.takes_batch:
            return None
        outputs, targets = self.outputs_and_targets(batch)
        targets = targets if drawn is None else drawn
        if self._each is not None:
            losses = self._each(outputs, targets)
        elif isinstance(outputs, Tensor) and isinstance(targets, Tensor):
            losses = torch.stack([self.of_outputs(outputs[i : i + 1], targets[i : i + 1]) for i in range(count)])
        else:
            return None
        if losses.dim() == 0 or len(losses) != count:
            return None
        losses = losses.reshape(count, -1).mean(1)
        with torch.no_grad():  # labels that do not count, classes of unlike weight: the mean is over another sum
            mean, whole = losses.mean(), self.of_outputs(outputs, targets)
            share = whole / mean if mean != 0 and torch.isfinite(whole) else torch.ones_like(whole)
        return losses if abs(share - 1) < 1e-5 else losses * share

    def outputs_and_targets(self, batch: Batch) -> tuple[Any, Any]:
        if isinstance(batch, Mapping):
            names = [name for name in _TARGETS if name in batch]
            if len(names) != 1:
                has = ", ".join(map(str, batch))
                raise refusal(
                    "loss", f"which entry of the batch is the targets ({has}) is not known; lambda batch: ... says so"
                )
            inputs = {key: value for key, value in batch.items() if key != names[0]}
            return self.model(**inputs), batch[names[0]]
        if not isinstance(batch, (tuple, list)) or len(batch) < 2:
            raise refusal("loss", "a batch is not (inputs, targets); lambda batch: ... says what the loss of one is")
        return self.model(*batch[:-1]), batch[-1]

    def _own(self, batch: Batch) -> Any:
        """As the models of transformers: the loss is among the outputs, or is the output. Of Lightning's modules it is
        what `training_step` returns, without what that logs."""
        if self._training_step is not None:
            for name in ("log", "log_dict"):  # the guest puts them back
                self.model.__dict__[name] = _logs_nothing
            outputs = self._training_step(*((batch, 0) if takes_index(self._training_step) else (batch,)))
        elif isinstance(batch, Mapping):
            outputs = self.model(**batch)
        else:
            outputs = self.model(*batch) if isinstance(batch, (tuple, list)) else self.model(batch)
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else getattr(outputs, "loss", outputs)
        if not isinstance(loss, Tensor) or loss.numel() != 1:
            raise refusal("loss", "the model's output has no loss in it; torch.nn.functional.cross_entropy makes one")
        return loss
