"""What an analysis is asked about: a model on examples with an optimizer (etamax/problem/problem.h)."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import torch
from torch import Tensor, nn

from .._errors import refusal
from .data import Columns
from .examples import Examples, sample, shuffled
from .guest import Guest
from .loss import BatchLoss, LossFunction, unwrapped
from .objective import Objective
from .optimizers import UserOptimizer
from .ranks import ALONE, Ranks
from .run import Run
from .shards import in_parts, is_fully_sharded_data_parallel
from .source import Source, digest
from .starts import Starts
from .vectors import TensorList

_SAME = 1e-5  # of the loss, between two calls on one batch
_CHECKED = 4  # examples: enough for two batches of a model that takes statistics over them
_SHARDED = "has a part of each parameter on every rank (FSDP); etamax.certify takes such vectors, with `like` a list"


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


def refuse_shards(guest: Guest, model: nn.Module) -> None:
    """Products need whole parameters."""
    if is_fully_sharded_data_parallel(model) or any(in_parts(p) for p in guest.parameters):
        raise refusal("model", _SHARDED)


class Problem:
    """`guest` must be entered. `data`: the examples, or a source, of which a sample may be taken. `held`: those that
    judge runs. `starts`: the weights of each seed; None: every run begins with those that the model has."""

    def __init__(
        self,
        guest: Guest,
        names: Sequence[str],
        frozen: Sequence[str],
        loss: BatchLoss,
        data: Examples | Source,
        optimizer: Optional[UserOptimizer],
        options: dict[str, Any],
        *,
        held: Optional[Examples] = None,
        starts: Optional[Starts] = None,
        ranks: Ranks = ALONE,
    ) -> None:
        self._guest, self._frozen, self._loss, self._optimizer = guest, list(frozen), loss, optimizer
        self._ranks = ranks
        refuse_shards(guest, loss.model)
        if optimizer is not None:
            optimizer.ranks = ranks
        seed, chunk = options["seed"], options["chunk"]
        device = guest.parameters[0].device
        source = data if isinstance(data, Source) else None
        self._rows = sample(data.count(), options["samples"], seed)
        if isinstance(data, Source):
            data = data.take(self._rows)
        elif self._rows is not None:
            data = data.take(self._rows)
        data = data.mapped(lambda t: t.to(device))
        if data.data.count() > 1:
            guest.ready(0)
            loss.check_shapes(data.data.batch(slice(0, 2)))
        self.unlike = not ranks.alone and self._as_on_first()
        self.unused = self._take_out_unused(names, data)
        self._objective = Objective(guest, self._names, loss, data, chunk, seed, ranks)
        self._examples, self._starts = data, starts
        self._held = None if held is None else self._objective.with_examples(held.mapped(lambda t: t.to(device)))
        self._all = None if self._rows is None or source is None else WholeData(self._objective, source, device)
        few = range(min(data.count(), _CHECKED * ranks.count))
        self._check_loss(few)
        self._objective.check_twice_differentiable(range(self._objective.least_batch()))
        self._start = self._objective.parameters()

    def _as_on_first(self) -> bool:
        """Gives the model rank 0's weights and buffers, and says whether another had others."""
        tensors = [p.detach() for p in self._guest.parameters] + self._guest.buffers()
        if self._ranks.same(digest(tensors)):
            return False
        self._guest.put([p.clone() for p in self._ranks.from_first([p.detach() for p in self._guest.parameters])])
        self._guest.set_buffers([self._ranks.from_first([b])[0] for b in self._guest.buffers()])
        return True

    def _take_out_unused(self, names: Sequence[str], data: Examples) -> list[str]:
        """Those that no example of any rank depends on."""
        used = torch.zeros(len(names), dtype=torch.float64, device=self._guest.parameters[0].device)
        few = min(2, data.data.count())
        if few > 0:
            self._guest.ready(0)
            loss = self._loss(data.data.batch(slice(0, few)))
            if not loss.requires_grad:
                raise refusal("model", "the loss depends on no parameter that is trained")
            grads = torch.autograd.grad(loss, self._guest.parameters, allow_unused=True)
            used += used.new_tensor([g is not None for g in grads])
        is_used = [total > 0 for total in self._ranks.summed([used])[0].tolist()]
        self._names = [name for name, used_here in zip(names, is_used) if used_here]
        self._guest.parameters = [p for p, used_here in zip(self._guest.parameters, is_used) if used_here]
        return [name for name, used_here in zip(names, is_used) if not used_here]

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
        chunks = self._ranks.any(self._examples.data.count() > self._objective.chunk)
        if any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in self._loss.model.modules()):
            if chunks:
                notes.append(f"batch statistics are those of chunks of {self._objective.chunk} examples")
            elif not self._ranks.alone:
                notes.append("batch statistics are those of the examples of one rank")
        if not self._ranks.alone:
            counts = " and ".join(f"{count:g}" for count in self._ranks.each(self._examples.data.count()))
            notes.append(f"on {self._ranks.count} ranks, with {counts} of the examples")
        if self._guest.left_out_autocast:
            notes.append(f"autocast is left out: what is said is of the loss in {torch.finfo(p.dtype).bits} bit")
        if self.unlike:
            notes.append("the ranks have models of unlike weights: what is said is of that of rank 0")
        state = self.state()
        if state is not None:
            notes.append(f"the optimizer's state is the one it has, after {state[1]} steps")
        return {
            "model": type(self._loss.model).__name__,
            "data": self._examples.name,
            "loss": self._loss.name,
            "device": str(p.device),
            "dtype": str(p.dtype).replace("torch.", ""),
            "frozen": self._frozen,
            "unused": self.unused,
            "notes": notes,
        }

    def start(self, seed: int) -> TensorList:
        if self._starts is None:
            return self._start.clone()
        return self._objective.vector(self._ranks.from_first(self._starts(seed, self._names)))

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
        """The inputs of the examples here, where they are one table of numbers."""
        whole = self._examples.data.whole if isinstance(self._examples.data, Columns) else None
        pair = isinstance(whole, (tuple, list)) and len(whole) == 2 and isinstance(whole[0], Tensor)
        is_table = pair and whole is not None and whole[0].dim() == 2 and whole[0].is_floating_point()
        if not self._ranks.all(is_table):
            return None
        assert whole is not None
        table: Tensor = whole[0]
        return table

    def _mean(self, numbers: Tensor) -> Tensor:
        """Over the examples of all ranks, in 64 bit."""
        return self._ranks.summed([numbers.double().sum(0)])[0] / self._examples.count()

    def input_columns(self) -> list[tuple[str, float]]:
        table = self._table()
        if table is None:
            return []
        return [(f"column {i}", square) for i, square in enumerate(self._mean(table.double().square()).tolist())]

    def standardized(self) -> Optional[Objective]:
        """The objective on inputs that are each less their mean, over their standard deviation."""
        table = self._table()
        if table is None or not isinstance(self._examples.data, Columns):
            return None
        centered = table - self._mean(table).to(table.dtype)
        deviation = self._mean(centered.double().square()).sqrt().to(table.dtype)
        scaled = centered / torch.where(deviation > 0, deviation, torch.ones_like(deviation))
        data = self._examples.data
        columns = Columns(type(data.whole)((scaled, data.whole[1])), data.name)
        return self._objective.with_examples(self._examples.with_data(columns))


class WholeData:
    """All examples, where the objective is on a sample of them."""

    def __init__(self, objective: Objective, source: Source, device: torch.device) -> None:
        self._objective, self._source, self._device = objective, source, device

    def count(self) -> int:
        return self._source.count()

    def shuffled(self, seed: int) -> list[int]:
        return shuffled(self.count(), seed)

    def objective_on(self, rows: Sequence[int]) -> Objective:
        return self._objective.with_examples(self._source.take(rows).mapped(lambda t: t.to(self._device)))
