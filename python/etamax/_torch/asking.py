"""What every question about a model has in common: from what the user gives to a problem, and back without a trace."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator, Mapping, Optional

import torch
from torch import nn

from .._progress import Progress
from .guest import Guest, random_numbers_kept
from .loss import BatchLoss, LossFunction
from .optimizers import UserOptimizer
from .problem import Problem, parameters_of
from .ranks import Group, Ranks
from .source import Source
from .starts import Starts


def user_optimizer(optimizer: torch.optim.Optimizer | str | None, options: dict[str, Any]) -> Optional[UserOptimizer]:
    """The user's own optimizer. None where there is none, or a name: that is an option."""
    if isinstance(optimizer, str):
        options["optimizer"] = optimizer
        return None
    return None if optimizer is None else UserOptimizer(optimizer)


@contextmanager
def problem_of(
    model: nn.Module,
    data: Any,
    loss: Optional[LossFunction],
    ours: Optional[UserOptimizer],
    group: Group,
    progress: Optional[bool],
    options: Mapping[str, Any],
    given: dict[str, Any],
    make_model: Optional[Callable[[], nn.Module]] = None,
) -> Iterator[tuple[Any, ...]]:
    """The problem, the engine's optimizer, the options and who hears of the progress, as the engine's questions take
    them. `given`: the options that the problem itself reads."""
    parameters, frozen = parameters_of(model, None if ours is None else ours.parameters)
    batch_loss = BatchLoss(model, loss)
    ranks = Ranks(group, next(iter(parameters.values())).device, model)
    with ranks, random_numbers_kept():
        ranks.require_same("options", sorted(options.items()), None if ours is None else ours.facts())
        source = Source(data, ranks)
        with Guest(batch_loss.modules, list(parameters.values()), batch_loss.wrappers) as guest:
            starts = (
                None if make_model is None else Starts(make_model, list(parameters), given["seed"], batch_loss.model)
            )
            problem = Problem(
                guest, list(parameters), frozen, batch_loss, source, ours, given, starts=starts, ranks=ranks
            )
            with Progress(progress if ranks.rank == 0 else False) as listener:
                yield problem, None if ours is None else ours.engine(), options, listener
