"""The eigenvalues of the curvature of a model's loss."""

from __future__ import annotations

from typing import Any, Optional

import torch
from torch import nn

from .. import _engine
from .._answer import Spectra
from .._documented import with_options
from .._progress import Progress
from .guest import Guest, random_numbers_kept
from .loss import BatchLoss, LossFunction
from .optimizers import UserOptimizer
from .problem import Problem, parameters_of
from .ranks import Group, Ranks
from .source import Source


@with_options(_engine.spectrum_options(), leave_out=("optimizer",))
def spectrum(
    model: nn.Module,
    data: Any,
    loss: Optional[LossFunction] = None,
    *,
    optimizer: torch.optim.Optimizer | str | None = None,
    group: Group = None,
    progress: Optional[bool] = None,
    **options: Any,
) -> Spectra:
    """What are the eigenvalues of the loss's curvature: the ends, the distribution, the trace?

    The model, its optimizer and the random numbers are as they were afterwards, bit for bit, whatever happens.

    Parameters
    ----------
    model, data, loss, group, progress
        As for :func:`etamax.analyze`. The Gauss-Newton and Fisher matrices need ``loss(outputs, targets)``.
    optimizer
        As for :func:`etamax.analyze`: what divides in ``matrix="preconditioned"``, and whose parameters are looked at.
    {options}

    Returns
    -------
    Spectra
        ``lambda_max`` as :func:`etamax.analyze` has it; ``top``, ``bottom``, ``density`` and ``trace``.

    Raises
    ------
    InputError
        A ValueError whose message is one line.

    Examples
    --------
    >>> found = etamax.spectrum(model, loader, torch.nn.functional.cross_entropy, top=10, density=True)
    >>> print(found)
    >>> [e.value for e in found.top.eigenvalues]
    """
    ours = None if optimizer is None or isinstance(optimizer, str) else UserOptimizer(optimizer)
    if isinstance(optimizer, str):
        options["optimizer"] = optimizer
    given = _engine.spectrum_problem_options(options)
    parameters, frozen = parameters_of(model, None if ours is None else ours.parameters)
    batch_loss = BatchLoss(model, loss)
    ranks = Ranks(group, next(iter(parameters.values())).device, model)
    with ranks, random_numbers_kept():
        ranks.require_same("options", sorted(options.items()), None if ours is None else ours.facts())
        source = Source(data, ranks)
        with Guest(batch_loss.modules, list(parameters.values()), batch_loss.wrappers) as guest:
            problem = Problem(guest, list(parameters), frozen, batch_loss, source, ours, given, ranks=ranks)
            with Progress(progress if ranks.rank == 0 else False) as listener:
                return Spectra(_engine.spectrum(problem, None if ours is None else ours.engine(), options, listener))
