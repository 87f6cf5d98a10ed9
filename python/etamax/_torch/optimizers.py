"""A user's optimizer, as the engine's table of rules knows it."""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import Any, Optional, Sequence

import torch
from torch import Tensor, nn

from .. import _engine
from .._errors import InputError, refusal
from .ranks import ALONE
from .vectors import TensorList

Settings = list[tuple[str, float]]


def _number(value: Any) -> Optional[float]:
    if isinstance(value, Tensor):
        return float(value) if value.numel() == 1 else None
    return float(value) if isinstance(value, (bool, int, float)) else None


def _settings_in(group: dict[str, Any]) -> dict[str, float]:
    """All that are numbers, by the names of the table: betas become beta1 and beta2."""
    named: dict[str, Any] = {**group}
    for i, beta in enumerate(group.get("betas", ())):
        named[f"beta{i + 1}"] = beta
    numbers = {name: _number(value) for name, value in named.items()}
    return {name: value for name, value in numbers.items() if value is not None}


def inner(optimizer: Any) -> Any:
    """Without what others have put around it, such as accelerate's."""
    while isinstance(getattr(optimizer, "optimizer", None), torch.optim.Optimizer):
        optimizer = optimizer.optimizer
    return optimizer


class UserOptimizer:
    """An optimizer of torch.optim, or one that behaves like those.

    Attributes
    ----------
    name, settings : str, list
        Of the table's rule; of an unknown one, its class's name and nothing.
    unknown_because : str
        Why no edge can be said to be its; ``""`` where the table has it.
    lr : float or None
        The learning rate of its first group.
    notes : list of str
        Sentences that an answer repeats.
    """

    _UNKNOWN_FLAGS = ("amsgrad", "maximize")

    def __init__(self, optimizer: Any) -> None:
        self.ranks = ALONE  # that have it, too
        optimizer = inner(optimizer)
        if isinstance(optimizer, (list, tuple, dict)):
            raise refusal(
                "optimizer", "several optimizers train one model: the edge of each depends on the others' steps"
            )
        if not isinstance(optimizer, torch.optim.Optimizer):
            kind = type(optimizer).__name__
            raise refusal("optimizer", f"is a {kind}, not one of torch.optim or a name such as 'adam'")
        if isinstance(optimizer, torch.optim.LBFGS):
            raise refusal("optimizer", "LBFGS chooses its steps by itself: it has no learning rate to look for")
        if type(optimizer).__name__ == "ZeroRedundancyOptimizer":
            raise refusal("optimizer", "ZeroRedundancyOptimizer has a part of its state on every rank")
        self._optimizer = optimizer
        groups = [_settings_in(group) for group in optimizer.param_groups]
        first = groups[0]
        rates = [group.get("lr", 0.0) for group in groups]
        self.lr = rates[0] if rates[0] > 0 else None
        self.shares = [rate / rates[0] if rates[0] > 0 else 1.0 for rate in rates]
        self.name = type(optimizer).__name__.lower()
        self.settings: Settings = []
        self.notes: list[str] = []
        if len(set(self.shares)) > 1:
            times = ", ".join(f"{share:g}" for share in self.shares)
            self.notes.append(
                f"rates are those of the first group of parameters; the groups' are {times} times as high"
            )
        self._settle_decay(groups)
        self.unknown_because = self._why_unknown(groups)
        if not self.unknown_because:
            known = _engine.rule(self.name, [])["hyperparameters"]
            self.settings = [(name, first[name]) for name in known if name in first]
            try:
                self._state_names = _engine.rule(self.name, self.settings)["state"]
            except InputError as error:
                self.unknown_because = str(error)

    def _settle_decay(self, groups: list[dict[str, float]]) -> None:
        """Groups that differ in their weight decay alone have one edge, but for what that adds to the curvature."""
        decays = [group.get("weight_decay", 0) for group in groups]
        if len(set(decays)) > 1:
            self.notes.append(f"the edge is that of the largest weight decay, {max(decays):g}; some groups have less")
            for group in groups:
                group["weight_decay"] = max(decays)

    def _why_unknown(self, groups: list[dict[str, float]]) -> str:
        if self.name not in _engine.rule_names():
            return f"no stability edge is known for {type(self._optimizer).__name__}"
        for flag in self._UNKNOWN_FLAGS:
            if any(group.get(flag, 0) for group in groups):
                return f"no stability edge is known for {self.name} with {flag}"
        known = _engine.rule(self.name, [])["hyperparameters"]
        for name in known:
            if any(group.get(name) != groups[0].get(name) for group in groups):
                return f"its groups of parameters have unlike {name}, for which no edge is computed"
        return ""

    def shares_of(self, parameters: Sequence[Tensor]) -> Optional[TensorList]:
        """What each parameter's rate is of the first group's, where they are unlike."""
        groups = zip(self._optimizer.param_groups, self.shares)
        shares = {id(p): share for group, share in groups for p in group["params"]}
        if len({shares[id(p)] for p in parameters}) < 2 and all(shares[id(p)] == 1 for p in parameters):
            return None
        return TensorList([torch.full_like(p, shares[id(p)], dtype=torch.float64) for p in parameters], self.ranks)

    @property
    def torch_optimizer(self) -> torch.optim.Optimizer:
        """Itself, without what others have put around it."""
        return self._optimizer

    @property
    def parameters(self) -> list[Tensor]:
        return [p for group in self._optimizer.param_groups for p in group["params"]]

    def facts(self) -> tuple[object, ...]:
        """By which it differs from others, but for its state."""
        return self.name, self.settings, self.unknown_because, self.lr, self.shares

    def engine(self) -> _engine.Optimizer:
        return _engine.Optimizer(self.name, [] if self.unknown_because else self.settings, self.unknown_because)

    def state(
        self, parameters: Sequence[Tensor], optimizer: Optional[torch.optim.Optimizer] = None
    ) -> Optional[tuple[list[TensorList], int]]:
        """What it remembers of these parameters, as the table's rule does; None before its first step."""
        state = (optimizer or self._optimizer).state
        if self.unknown_because or not any(state.get(p) for p in parameters):
            return None
        steps = max(int(state[p].get("step", 0)) if p in state else 0 for p in parameters)
        vectors = []
        for name in self._state_names:
            tensors = [state[p].get(name) if p in state else None for p in parameters]
            pairs = zip(tensors, parameters)
            found = [torch.zeros_like(p) if t is None else t.detach().clone() for t, p in pairs]
            if optimizer is None:  # theirs; copies began alike
                found = self.ranks.from_first(found)
            vectors.append(TensorList(found, self.ranks))
        return vectors, max(steps, 1)

    def preconditioner(self, parameters: Sequence[Tensor]) -> Optional[TensorList]:
        """By which it divides the gradient, in 64 bit; None where it does not. Infinite where every gradient was 0."""
        if self.unknown_because:
            raise refusal("optimizer", self.unknown_because)
        state = self.state(parameters)
        if state is None:
            if _engine.rule(self.name, self.settings)["preconditions"]:
                raise refusal("optimizer", "has made no step yet, so that it is not known by what it divides")
            return None
        found: Optional[TensorList] = _engine.preconditioner(self.engine(), TensorList(parameters, self.ranks), state)
        return found

    def copy_for(self, parameters: Sequence[Tensor], copies: Sequence[nn.Parameter], with_state: bool) -> OptimizerCopy:
        """The same optimizer at work on copies of its parameters."""
        return OptimizerCopy(self._optimizer, self.shares, parameters, copies, with_state)


class OptimizerCopy:
    """A copy of somebody's optimizer: what it does leaves theirs alone."""

    def __init__(
        self,
        original: torch.optim.Optimizer,
        shares: Sequence[float],
        parameters: Sequence[Tensor],
        copies: Sequence[nn.Parameter],
        with_state: bool,
    ) -> None:
        memory: dict[int, Any] = {id(p): copied for p, copied in zip(parameters, copies)}
        if not with_state:
            memory[id(original.state)] = defaultdict(dict)
        self.optimizer = copy.deepcopy(original, memory)
        ours = {id(copied) for copied in copies}
        for group in self.optimizer.param_groups:  # parameters that are frozen or unused stay where they are
            group["params"] = [p for p in group["params"] if id(p) in ours]
        self._shares = shares

    def step(self, lr: float) -> None:
        for group, share in zip(self.optimizer.param_groups, self._shares):
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(lr * share)
            else:
                group["lr"] = lr * share
        # A scheduler has put a function of the original's in place of the method.
        type(self.optimizer).step(self.optimizer)
