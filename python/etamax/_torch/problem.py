"""What an analysis is asked about: a model on examples with an optimizer (etamax/problem/problem.h)."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import torch
from torch import Tensor, nn

from .._errors import refusal
from .data import Columns, Data, Source, sample, shuffled
from .guest import Guest
from .loss import BatchLoss, LossFunction, unwrapped
from .objective import Objective
from .optimizers import UserOptimizer
from .run import Run
from .starts import Starts
from .vectors import TensorList

_SAME = 1e-5  # of the loss, between two calls on one batch


def parameters_of(model: Any, trained: Optional[Sequence[Tensor]]) -> tuple[dict[str, nn.Parameter], list[str]]:
    """Those that are trained, by name, and the names of the others."""
    if not isinstance(model, nn.Module):
        raise refusal("model", f"is a {type(model).__name__}, not a torch.nn.Module")
    ours = None if trained is None else {id(p) for p in trained}
    free: dict[str, nn.Parameter] = {}
    frozen: list[str] = []
    for name, p in unwrapped(model).named_parameters():
        if isinstance(p, nn.parameter.UninitializedParameter):
            raise refusal("model", "has parameters without a shape as yet (a lazy module); run it on a batch first")
        if p.requires_grad and (ours is None or id(p) in ours):
            free[name] = p
        else:
            frozen.append(name)
    if not free:
        why = "has no parameter that is trained" if ours is None else "shares no parameter with the optimizer"
        raise refusal("model", why)
    kinds = {p.dtype for p in free.values()}
    if not kinds <= {torch.float32, torch.float64} or len(kinds) > 1:
        names = ", ".join(sorted(str(kind) for kind in kinds))
        raise refusal("model", f"has parameters of {names}; all float32 or all float64 will do")
    return free, frozen


class Problem:
    """`guest` must be entered. `data`: the examples, or a source, of which a sample may be taken. `held`: those that
    judge runs. `starts`: the weights of each seed; None: every run begins with those that the model has."""

    def __init__(
        self,
        guest: Guest,
        names: Sequence[str],
        frozen: Sequence[str],
        loss: BatchLoss,
        data: Data | Source,
        optimizer: Optional[UserOptimizer],
        options: dict[str, Any],
        *,
        held: Optional[Data] = None,
        starts: Optional[Starts] = None,
    ) -> None:
        self._guest, self._frozen, self._loss, self._optimizer = guest, list(frozen), loss, optimizer
        seed, chunk = options["seed"], options["chunk"]
        device = guest.parameters[0].device
        source = data if isinstance(data, Source) else None
        self._rows = sample(data.count(), options["samples"], seed)
        if isinstance(data, Source):
            data = data.take(self._rows)
        elif self._rows is not None:
            data = data.take(self._rows)
        data = data.mapped(lambda t: t.to(device))
        self.unused = self._take_out_unused(names, data)
        self._objective = Objective(guest, self._names, loss, data, chunk, seed)
        self._data, self._starts = data, starts
        self._held = None if held is None else self._objective.with_data(held.mapped(lambda t: t.to(device)))
        self._all = None if self._rows is None or source is None else WholeData(self._objective, source, device)
        few = range(min(data.count(), 64))
        self._check_loss(few)
        self._objective.check_twice_differentiable(few)
        self._start = self._objective.parameters()

    def _take_out_unused(self, names: Sequence[str], data: Any) -> list[str]:
        self._guest.ready(0)
        few = min(2, data.count())
        loss = self._loss(data.batch(slice(0, few)))
        if not loss.requires_grad:
            raise refusal("model", "the loss depends on no parameter that is trained")
        grads = torch.autograd.grad(loss, self._guest.parameters, allow_unused=True)
        self._names = [name for name, g in zip(names, grads) if g is not None]
        self._guest.parameters = [p for p, g in zip(self._guest.parameters, grads) if g is not None]
        return [name for name, g in zip(names, grads) if g is None]

    def _check_loss(self, rows: Sequence[int]) -> None:
        """A function of the batch alone, and a mean over its examples."""
        first, second = (self._objective.loss(rows) for _ in range(2))
        if abs(first - second) > _SAME * abs(first) and first == first:
            values = f"{first:.6g} and then {second:.6g}"
            raise refusal("loss", f"is {values} on the same batch, although random numbers were the same")
        half = len(rows) // 2
        if half >= self._objective.least_batch():
            parts = [self._objective.loss(part) for part in (rows[:half], rows[half:])]
            if abs(sum(parts) - first) <= _SAME * abs(first) < abs(parts[0]):
                raise refusal(
                    "loss",
                    "adds up over the examples (reduction='sum'): its edge is that of one batch size; give a mean",
                )

    # What the engine asks.

    def objective(self) -> Objective:
        return self._objective

    def validation(self) -> Optional[Objective]:
        return self._held

    def all_examples(self) -> Any:
        return self._all

    def description(self) -> dict[str, Any]:
        p = self._guest.parameters[0]
        notes = [] if self._optimizer is None else list(self._optimizer.notes)
        if not self._loss.model.training:
            notes.append(
                "the model is in eval mode, and stays in it: training differs where it drops out or normalizes"
            )
        if any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in self._loss.model.modules()):
            if self._objective.count() > self._objective.chunk:
                notes.append(f"batch statistics are those of chunks of {self._objective.chunk} examples")
        state = self.state()
        if state is not None:
            notes.append(f"the optimizer's state is the one it has, after {state[1]} steps")
        return {
            "model": type(self._loss.model).__name__,
            "data": self._data.name,
            "loss": self._loss.name,
            "device": str(p.device),
            "dtype": str(p.dtype).replace("torch.", ""),
            "frozen": self._frozen,
            "unused": self.unused,
            "notes": notes,
        }

    def start(self, seed: int) -> TensorList:
        return self._start.clone() if self._starts is None else TensorList(self._starts(seed, self._names))

    def state(self) -> Any:
        return None if self._optimizer is None else self._optimizer.state(self._guest.parameters)

    def lr_shares(self) -> Optional[TensorList]:
        return None if self._optimizer is None else self._optimizer.shares_of(self._guest.parameters)

    def run(self, from_state: bool, clip: Optional[float]) -> Optional[Run]:
        """None: by the engine's own rule."""
        if self._optimizer is None:
            return None
        return Run(self._guest, self._objective, self._optimizer, from_state, clip)

    def example_in_data(self, i: int) -> int:
        return i if self._rows is None else self._rows[i]

    def _table(self) -> Optional[Tensor]:
        """The inputs, where they are one table of numbers."""
        if not isinstance(self._data, Columns):
            return None
        whole = self._data.whole
        pair = isinstance(whole, (tuple, list)) and len(whole) == 2 and isinstance(whole[0], Tensor)
        return whole[0] if pair and whole[0].dim() == 2 and whole[0].is_floating_point() else None

    def input_columns(self) -> list[tuple[str, float]]:
        table = self._table()
        if table is None:
            return []
        squares = table.double().square().mean(0).tolist()
        return [(f"column {i}", square) for i, square in enumerate(squares)]

    def standardized(self) -> Optional[Objective]:
        """The objective on inputs that are each less their mean, over their standard deviation."""
        table = self._table()
        if table is None or not isinstance(self._data, Columns):
            return None
        deviation = table.std(0, unbiased=False, keepdim=True)
        scaled = (table - table.mean(0, keepdim=True)) / torch.where(
            deviation > 0, deviation, torch.ones_like(deviation)
        )
        whole = self._data.whole
        return self._objective.with_data(Columns(type(whole)((scaled, whole[1])), self._data.name))


class WholeData:
    """All examples, where the objective is on a sample of them."""

    def __init__(self, objective: Objective, source: Source, device: torch.device) -> None:
        self._objective, self._source, self._device = objective, source, device

    def count(self) -> int:
        return self._source.count()

    def shuffled(self, seed: int) -> list[int]:
        return shuffled(self.count(), seed)

    def objective_on(self, rows: Sequence[int]) -> Objective:
        return self._objective.with_data(self._source.take(rows).mapped(lambda t: t.to(self._device)))
