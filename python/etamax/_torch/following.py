"""The sharpness along a training."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import torch
from torch import nn

from .. import _engine
from .._answer import Following
from .._documented import with_options
from .._progress import Progress
from .guest import Guest, random_numbers_kept
from .loss import BatchLoss, LossFunction
from .optimizers import UserOptimizer
from .problem import Problem, parameters_of
from .ranks import Group, Ranks
from .source import Source


@with_options(_engine.follow_options(), leave_out=("optimizer", "lr"))
def follow(
    model: nn.Module,
    data: Any,
    loss: Optional[LossFunction] = None,
    *,
    optimizer: torch.optim.Optimizer | str | None = None,
    lr: float | Sequence[float] | None = None,
    group: Group = None,
    progress: Optional[bool] = None,
    **options: Any,
) -> Following:
    """How do the sharpness and the edge go along a training?

    The model, its optimizer and the random numbers are as they were afterwards, bit for bit, whatever happens.

    Parameters
    ----------
    model, data, loss, group, progress
        As for :func:`etamax.analyze`.
    optimizer
        As for :func:`etamax.analyze`: the trainings are made by copies of it.
    lr
        The learning rate, or several: a training each. None: that of `optimizer`.
    {options}

    Returns
    -------
    Following
        ``runs``, one for each rate, with its ``looks``: ``sharpness``, ``lr_edge``, ``critical_sharpness``.

    Raises
    ------
    InputError
        A ValueError whose message is one line.

    Examples
    --------
    >>> found = etamax.follow(model, loader, torch.nn.functional.mse_loss, lr=[0.05, 0.1], steps=2000)
    >>> print(found)
    >>> found.save("sharpness.svg")
    """
    ours = None if optimizer is None or isinstance(optimizer, str) else UserOptimizer(optimizer)
    if isinstance(optimizer, str):
        options["optimizer"] = optimizer
    if lr is None and ours is not None:
        lr = ours.lr
    if lr is not None:
        options["lr"] = lr
    given = _engine.follow_problem_options(options)
    parameters, frozen = parameters_of(model, None if ours is None else ours.parameters)
    batch_loss = BatchLoss(model, loss)
    ranks = Ranks(group, next(iter(parameters.values())).device, model)
    with ranks, random_numbers_kept():
        ranks.require_same("options", sorted(options.items()), None if ours is None else ours.facts())
        source = Source(data, ranks)
        with Guest(batch_loss.modules, list(parameters.values()), batch_loss.wrappers) as guest:
            problem = Problem(guest, list(parameters), frozen, batch_loss, source, ours, given, ranks=ranks)
            with Progress(progress if ranks.rank == 0 else False) as listener:
                return Following(_engine.follow(problem, None if ours is None else ours.engine(), options, listener))
