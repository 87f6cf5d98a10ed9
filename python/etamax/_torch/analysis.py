"""How high may the learning rate go for this model and data?"""

from __future__ import annotations

from typing import Any, Callable, Optional

import torch
from torch import nn

from .. import _engine
from .._answer import Analysis
from .._documented import with_options
from .asking import problem_of, user_optimizer
from .loss import LossFunction
from .ranks import Group


@with_options(_engine.analyze_options(), leave_out=("optimizer",))
def analyze(
    model: nn.Module,
    data: Any,
    loss: Optional[LossFunction] = None,
    *,
    optimizer: torch.optim.Optimizer | str | None = None,
    make_model: Optional[Callable[[], nn.Module]] = None,
    group: Group = None,
    progress: Optional[bool] = None,
    **options: Any,
) -> Analysis:
    """What is the largest stable learning rate for this model and data, and what limits it?

    The model, its optimizer and the random numbers are as they were afterwards, bit for bit, whatever happens.

    Parameters
    ----------
    model
        Any module, in the mode in which it is trained. What requires a gradient (and is the optimizer's, if there is
        one) is analyzed; all else is frozen.
    data
        A DataLoader over a dataset, an iterable of batches, or one batch: a tuple of tensors whose first dimension is
        the examples, or a dictionary of such.
    loss
        ``loss(outputs, targets)``, such as ``torch.nn.functional.cross_entropy``, for batches ``(inputs, targets)``; or
        ``loss(batch)``, which calls the model itself. None: the model returns a loss, as those of transformers do, or has
        Lightning's ``training_step``. A mean over examples, as all of PyTorch's are unless told otherwise.
    optimizer
        The one that trains the model: runs are made by copies of it, with its state, and from its rate. Or a name, with
        its hyperparameters as options: ``optimizer="sgd", momentum=0.9``. None: gradient descent.
    make_model
        Makes such a model with new random weights: then the largest trainable rate is tried from those of other seeds,
        too. None: every run begins with the weights that the model has, and in another order of the examples.
    group
        Processes that share the work, each with its part of the examples: all make this call, and all get the same
        answer. A group of torch.distributed; None: its default one, or that of a model in DistributedDataParallel,
        where it is initialized; False: this process alone.
    progress
        Whether to show how far the work is, by a bar of tqdm, on rank 0. None: in a notebook and on a terminal.
    {options}

    Returns
    -------
    Analysis
        ``lr_edge``, ``largest_trainable``, ``recommended``, what causes the curvature, and the runs.

    Raises
    ------
    InputError
        A ValueError whose message is one line: among others for a loss that is not finite, or that changes between two
        calls on the same batch; for LBFGS, several optimizers, sparse gradients.

    Examples
    --------
    >>> report = etamax.analyze(model, loader, torch.nn.functional.cross_entropy, optimizer=opt)
    >>> print(report)
    >>> report.lr_edge.lower, report.largest_trainable, report.recommended
    """
    ours = user_optimizer(optimizer, options)
    if ours is not None:
        options.setdefault("lr", ours.lr)
    given = _engine.analyze_problem_options(options)
    with problem_of(model, data, loss, ours, group, progress, options, given, make_model) as asked:
        return Analysis(_engine.analyze(*asked))
