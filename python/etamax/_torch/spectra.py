"""The eigenvalues of the curvature of a model's loss."""

from __future__ import annotations

from typing import Any, Optional

import torch
from torch import nn

from .. import _engine
from .._answer import Spectra
from .._documented import with_options
from .asking import problem_of, user_optimizer
from .loss import LossFunction
from .ranks import Group


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
    ours = user_optimizer(optimizer, options)
    given = _engine.spectrum_problem_options(options)
    with problem_of(model, data, loss, ours, group, progress, options, given) as asked:
        return Spectra(_engine.spectrum(*asked))
