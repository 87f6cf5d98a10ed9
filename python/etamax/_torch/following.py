"""The sharpness along a training."""

from __future__ import annotations

import os
from typing import Any, Optional, Sequence

import torch
from torch import nn

from .. import _engine
from .._answer import Following
from .._documented import with_options
from .._errors import refusal
from .asking import problem_of, user_optimizer
from .loss import LossFunction
from .ranks import Group, Ranks


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
    ours = user_optimizer(optimizer, options)
    if lr is None and ours is not None:
        lr = ours.lr
    if lr is not None:
        options["lr"] = lr
    if options.get("state"):
        options["state"] = os.fspath(options["state"])
        if (count := Ranks(group, model=model).count) > 1:
            raise refusal("state", f"is kept by a process of its own; this training is shared out over {count}")
    given = _engine.follow_problem_options(options)
    with problem_of(model, data, loss, ours, group, progress, options, given) as asked:
        return Following(_engine.follow(*asked))
