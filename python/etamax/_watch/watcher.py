"""A training, watched from within its loop."""

from __future__ import annotations

import math
import time
from typing import Any, Callable, Optional

import torch
from torch import Tensor, nn

from .._errors import refusal
from .._torch.guest import autocast_is_on
from .._torch.loss import unwrapped
from .._torch.optimizers import UserOptimizer
from .._torch.problem import parameters_of
from .._torch.shards import Layout, computes_in_16_bit, reshard
from .._torch.vectors import TensorList
from .base import Base
from .budget import Budget
from .direction import Direction, Metric
from .held import HeldRates
from .policy import Policy, Rules, Signals
from .record import Look, Record, WatchReport, number
from .rehearsal import rehearse
from .scalars import sink
from .scale import RULES, preconditioner
from .schedule import Ahead
from .visit import Closure, Visit

_LEAST, _ENOUGH = 10, 20  # gradients in a whole run; of fewer, half of which there are at first, a look is all


class Watch:
    """What :func:`etamax.watch` returns.

    Attributes
    ----------
    gradients : float
        That it has taken so far, beside the training's.
    seconds : float
        Of wall time that it has taken.
    lr_over_edge : float or None
        The rate in force over the edge of the last look.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Any,
        steps: int,
        *,
        budget: float = 0.05,
        cap: Optional[float] = None,
        log: Any = None,
        say: Optional[Callable[[str], Any]] = print,
        precision: Optional[float] = None,
        group: Any = None,
        schedule: Any = None,
        rules: Rules = Rules(),
    ) -> None:
        self._user = UserOptimizer(optimizer)
        self._optimizer = self._user.torch_optimizer
        self._engine = self._user.engine()
        reshard(model)
        named, _ = parameters_of(model, self._user.parameters)
        self._model, self._names, self._parameters = model, list(named), list(named.values())
        self._layout = Layout(model, self._parameters, group)
        self._steps, self._share, self._cap = steps, budget, cap
        self._budget = Budget(budget, steps)
        self._policy = Policy(rules, steps, has_edge=self._engine.edge(1.0, 1) is not None)
        self._direction = Direction()
        self._precision = precision
        self._base = Base()
        self._held = HeldRates(self._optimizer)
        self._ahead = None if schedule is None else Ahead(schedule, self._optimizer, steps)
        self._limit: Optional[float] = None
        self._ranks = self._layout.ranks
        self._record = Record()
        speaks = self._ranks.rank == 0
        self._say = say if speaks else None
        self._log = sink(log) if speaks else None
        if self._say is not None and budget * steps < _LEAST:
            allowed = min(1.0, math.ceil(100 * _ENOUGH / steps) / 100)
            self._say(
                f"etamax: {steps:,} steps leave {number(budget * steps)} gradients for looks (budget={budget:g}), too few "
                f"to see much; budget={allowed:g} would do"
            )
        self._settled = self._user.name not in RULES or bool(self._user.unknown_because)
        self._warned = False
        self._edge: Optional[float] = None
        self._layer = ""
        self.made = 0
        self.seconds = 0.0
        self._began = math.nan
        self._ended = math.nan

    @property
    def gradients(self) -> float:
        return self._budget.spent

    @property
    def lr_over_edge(self) -> Optional[float]:
        return self._policy.ratio

    # One step.

    def step(self, closure: Closure, loss: Any = None) -> None:
        """To be called in every step, between ``loss.backward()`` and ``optimizer.step()``.

        Parameters
        ----------
        closure
            Returns the loss of this step's batch, as a tensor with its graph, when it is called: only at steps at
            which there is something to look at, several times. The model, its gradients, its statistics and the random
            numbers are afterwards as they were.
        loss
            That loss, if it is at hand: what has become of it is one of the signs that are heeded.
        """
        began = time.perf_counter()
        if math.isnan(self._began):
            self._began = began
        self._held.put_back()
        try:
            self._step(closure, loss)
        finally:
            self.made += 1
            self._ended = time.perf_counter()
            self.seconds += self._ended - began

    def _step(self, closure: Closure, loss: Any) -> None:
        if any(p.grad is not None and p.grad.is_sparse for p in self._parameters):
            raise refusal("model", "has sparse gradients; Embedding(sparse=False) would do")
        g = self._layout.vector([torch.zeros_like(p) if p.grad is None else p.grad.detach() for p in self._parameters])
        if self._ahead is not None:
            self._ahead.tell(self.made, self._held.lr)
        now, set_lr = self._signals(g, loss)
        if math.isfinite(now.gradient):
            self._policy.tell(now)
            self._watch(closure, now, g, set_lr)
        elif not self._warned:
            self._warned = True
            self._record.say(self.made, "not_finite", "the gradient is not finite", self._say)
        in_force = set_lr
        if self._limit is not None and self._cap is not None:
            in_force = self._held.hold(self._limit)
        self._record.rate(self.made, set_lr, in_force)
        self._record.ratio(self.made, None if self._edge is None else in_force / self._edge)

    def _signals(self, g: TensorList, loss: Any) -> tuple[Signals, float]:
        """And the rate that is set."""
        ours = g.counted(g.tensors)
        along = norm = g.tensors[0].new_zeros(())
        if ours:
            norm = torch.stack(torch._foreach_norm(ours)).norm()
        if ours and self._direction.vector is not None:
            pairs = zip(ours, g.counted(self._direction.vector.tensors))
            along = torch.stack([torch.dot(a.reshape(-1), b.reshape(-1)) for a, b in pairs]).sum()
        told = torch.full_like(norm, math.nan)
        if loss is not None:
            told = loss.detach().to(norm) if isinstance(loss, Tensor) else torch.full_like(norm, float(loss))
        length, part, value = torch.stack([norm, along, told.reshape(())]).tolist()
        own_lr = self._held.lr if self._ranks.rank == 0 else 0.0
        set_lr, square, part, total = self._ranks.sums([own_lr, length * length, part, value])
        length = math.sqrt(square) if square >= 0 else square
        lr = set_lr if self._limit is None else min(set_lr, self._limit)
        return Signals(self.made, lr, length, part, total / self._ranks.count), set_lr

    @property
    def _left(self) -> float:
        return self._budget.left(self.made)

    def _unsettled(self) -> bool:
        """Whether the state of an adaptive rule means nothing yet."""
        if not self._settled:
            ages = [int(self._optimizer.state.get(p, {}).get("step", 0)) for p in self._parameters]
            self._settled = max(ages) >= self._policy.rules.settle
        return not self._settled

    def _watch(self, closure: Closure, now: Signals, g: TensorList, set_lr: float) -> None:
        policy = self._policy
        if self._unsettled():
            if self.made in policy.rules.early and self._left >= 3:
                self._try(closure, now, g)
            return
        products = policy.wants_look(self._left)
        if products:
            self._look(closure, now, g, products)
        if policy.wants_trial(self._left):
            self._try(closure, now, g)
        elif policy.swells_beyond_the_edge():
            times = number(policy.course.swell)
            self._alarm(now, f"the gradient is {times} times as long as usual")
        elif policy.climbs_near_the_edge():
            if not products and self._left >= 2:
                self._look(closure, now, g, 2)
            if policy.climbs_near_the_edge():
                self._alarm(now, "the loss climbs: much of what training had won is lost again")
                policy.course.forgive()
        if products:
            self._calm(now)
            if self._limit is not None and set_lr > self._limit and policy.may_release(self._left):
                self._release(closure, now, g, set_lr)

    # What costs gradients.

    def _visit(self, closure: Closure) -> Visit:
        return Visit(self._model, self._parameters, closure, self._budget, self._layout)

    def _begin(self, visit: Visit, g: TensorList, loss: float) -> tuple[float, TensorList]:
        """The loss and the gradient here: the training's, where those are the closure's."""
        if self._base.checked and self._base.trusted and not math.isnan(loss):
            return loss, g
        loss, own = visit.gradient()
        if not self._base.checked:
            self._base.check(g, own)
        return loss, own

    def _look(self, closure: Closure, now: Signals, g: TensorList, products: int) -> None:
        spent = self._budget.spent
        name = "" if self._user.unknown_because else self._user.name
        with self._visit(closure) as visit:
            if self._base.checked and self._base.trusted:
                own = g
            else:
                _, own = self._begin(visit, g, math.nan)
            diagonal = preconditioner(name, self._optimizer, self._parameters, own.tensors)
            metric = Metric(diagonal, self._engine.gradient_decay, self._shares())
            found = self._direction.look(visit, own, metric, products, self._policy.rules.guard, self._step_size())
        if found is None:
            self._policy.looked(None)
            return
        curvature, residual = found.curvature, found.residual
        edge = self._engine.edge(curvature, max(self.made, 1)) if curvature > 0 else None
        self._edge, self._layer = edge, self._sharpest(metric)
        self._policy.looked(edge if edge is not None or not self._policy.has_edge else math.inf)
        self._record.looks.append(
            Look(self.made, now.lr, curvature, edge, residual, self._layer, self._budget.spent - spent)
        )
        if self._log is not None:
            scalars = {"etamax/sharpness": curvature, "etamax/lr": now.lr}
            if edge is not None:
                scalars["etamax/lr_over_edge"] = now.lr / edge
            self._log(scalars, self.made)

    def _shares(self) -> Optional[list[float]]:
        """What each parameter's rate is of the first group's, where they are unlike now."""
        rates = {id(p): float(group["lr"]) for group in self._optimizer.param_groups for p in group["params"]}
        first = float(self._optimizer.param_groups[0]["lr"])
        if first <= 0 or set(rates.values()) == {first}:
            return None
        return [rates[id(p)] / first for p in self._parameters]

    def _step_size(self) -> float:
        if self._precision is not None:
            return self._precision
        in_16_bit = autocast_is_on(self._parameters[0].device) or computes_in_16_bit(self._model)
        return 1e-2 if in_16_bit else 1e-3

    def _sharpest(self, metric: Metric) -> str:
        """The parameter that holds the largest part of the direction."""
        parts = self._direction.parts(metric)
        name = self._names[max(range(len(parts)), key=parts.__getitem__)] if parts else ""
        return name

    def _trial(self, closure: Closure, now: Signals, g: TensorList, lr: float) -> list[float]:
        rules = self._policy.rules
        with self._visit(closure) as visit:
            loss, own = self._begin(visit, g, now.loss)
            steps = int(min(rules.tried_steps if self._left >= 16 else 6, max(self._left, 1)))
            done = self._policy.is_done
            return rehearse(visit, self._user, lr, loss, own, steps, done, self._base.clip(g))

    def _try(self, closure: Closure, now: Signals, g: TensorList) -> None:
        """What becomes of the next steps, at the rate in force or where the schedule is heading?"""
        self._policy.tried()
        begun = self._limit
        lr, margin = now.lr, self._ranks.first(self._policy.margin(self._foreseen(), self._settled))
        while True:
            losses = self._trial(closure, now, g, margin * lr)
            if not self._policy.is_bad(losses):
                if self._limit != begun and self._limit is not None and self.made < self._policy.rules.settle:
                    self._limit /= self._policy.rules.humble
                return
            growth = losses[-1] / losses[0] if losses[0] > 0 else math.inf
            times = f"{number(growth)} times as high" if math.isfinite(growth) else "not finite"
            after = f"after {len(losses) - 1} more on this batch" if len(losses) > 2 else "after the next step"
            at = "" if margin == 1 else f" at {number(margin)} times this rate"
            self._alarm(now, f"tried{at}, the loss is {times} {after}", lr, sudden=len(losses) <= 3)
            if self._cap is None or self._limit is None or self._left < 3:
                return
            lr = self._limit

    def _foreseen(self) -> Optional[float]:
        """The highest rate until the next trial."""
        if self._ahead is None or not self._ahead.known:
            return None
        highest = self._ahead.highest(self.made, self._policy.next_trial(self._settled))
        return highest if self._limit is None else min(highest, self._limit)

    # What follows.

    def _alarm(self, now: Signals, what: str, lr: Optional[float] = None, sudden: bool = False) -> None:
        lr = now.lr if lr is None else lr
        r = None if self._edge is None else now.lr / self._edge
        text = f"lr {number(now.lr)}"
        if r is not None and self._edge is not None and not self._unsettled():
            text += f" is {number(r)} times the edge ({number(self._edge)})"
        text += f"; {what}"
        if self._layer:
            text += f"; sharpest in {self._layer}"
        if self._cap is not None:
            limit = lr / (self._policy.rules.retreat * (2 if sudden else 1))
            if self._edge is not None and not self._unsettled():
                limit = min(limit, self._cap * self._edge) if lr == now.lr else limit
            self._limit = limit
            self._record.say(self.made, "capped", f"{text}; capped at {number(limit)}", self._say)
        elif not self._warned:
            self._record.say(self.made, "warned", text, self._say)
        self._warned = True

    def _calm(self, now: Signals) -> None:
        r = self._policy.ratio
        if self._warned and self._limit is None and r is not None and r < 0.8 and self._policy.course.climb < 0.2:
            self._warned = False
            self._record.say(self.made, "calm", f"lr {number(now.lr)} is {number(r)} times the edge", self._say)

    def _release(self, closure: Closure, now: Signals, g: TensorList, set_lr: float) -> None:
        """Twice the limit, or the rate that is set, where the next steps allow it."""
        assert self._limit is not None
        lr = min(set_lr, 2 * self._limit)
        if self._policy.is_bad(self._trial(closure, now, g, self._policy.rules.margin * lr)):
            return
        self._limit = None if lr == set_lr else lr
        where = "no longer capped" if self._limit is None else f"capped at {number(lr)} from here on"
        self._record.say(self.made, "released", f"the edge has moved up: {where}", self._say)
        if self._limit is None:
            self._warned = False

    # At the end.

    def report(self) -> WatchReport:
        """The rate and the edge over the run, with what was said and what it cost, as far as the run has come.

        ``print(report)``, ``report.save("watch.html")``, ``report.plot(ax)``, ``report.looks``, ``report.to_dict()``.
        """
        notes = list(self._user.notes)
        if self._base.note:
            notes.append(self._base.note)
        if self._share * self._steps < _ENOUGH:
            notes.append("so short a run leaves few gradients for looks within its budget")
        return self._record.report(
            {
                "model": type(unwrapped(self._model)).__name__,
                "optimizer": self._user.name,
                "hyperparameters": self._user.settings,
                "parameters": sum(p.numel() for p in self._parameters),
                "planned_steps": self._steps,
                "steps": self.made,
                "budget": self._share,
                "spent": self._budget.spent,
                "cap": self._cap,
                "lr_edge_reason": self._user.unknown_because or self._engine.why_no_edge,
                "notes": notes,
                "seconds_of_training": 0.0 if math.isnan(self._began) else self._ended - self._began,
                "seconds": self.seconds,
            },
            self._policy.course.first_and_last,
        )

    def close(self) -> None:
        """Rates are the scheduler's again, and the optimizer has no hook of it."""
        self._held.close()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
