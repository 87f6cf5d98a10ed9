"""Which learning rate for this training, found within a budget?"""

from __future__ import annotations

import inspect
from typing import Any, Callable, Optional

import torch
from torch import nn

from .. import _engine
from .._answer import Tuning
from .._documented import with_options
from .._progress import Progress
from .examples import parts_of
from .guest import Guest, random_numbers_kept
from .loss import BatchLoss, LossFunction
from .optimizers import UserOptimizer
from .problem import Problem, parameters_of
from .ranks import Group, Ranks
from .source import Source
from .starts import Starts


def _made(make_optimizer: Callable[..., Any], model: nn.Module) -> Any:
    """By a class that has no rate of its own (those of older versions of torch), at one that does not matter."""
    rate = inspect.signature(make_optimizer).parameters.get("lr") if inspect.isclass(make_optimizer) else None
    if rate is not None and not isinstance(rate.default, (int, float)):
        return make_optimizer(model.parameters(), lr=1e-3)
    return make_optimizer(model.parameters())


@with_options(_engine.tune_options(), leave_out=("optimizer", "samples"))
def tune(
    make_model: Callable[[], nn.Module],
    data: Any,
    loss: Optional[LossFunction],
    make_optimizer: Callable[..., torch.optim.Optimizer] | str | None = None,
    *,
    validation: Any = 0.2,
    group: Group = None,
    progress: Optional[bool] = None,
    **options: Any,
) -> Tuning:
    """Which learning rate and warmup for this training run, found within a budget?

    Parameters
    ----------
    make_model
        Makes a new module with new random weights, on the device where it shall be trained. It is called once for each
        seed, which it need not know: torch's random numbers are set by it.
    data, loss
        As for :func:`etamax.analyze`.
    make_optimizer
        Makes the optimizer of some parameters, ``lambda parameters: torch.optim.Adam(parameters)``: its rate does not
        matter. Or a name, with its hyperparameters as options. None: gradient descent.
    validation
        The share of the examples that is held out to judge runs by, of each class alike where the targets are labels; 0
        judges by the training loss. Or the examples themselves, in any form that `data` may have.
    group
        As for :func:`etamax.analyze`.
    progress
        Whether to show how far the work is, by a bar of tqdm, on rank 0. None: in a notebook and on a terminal.
    {options}

    Returns
    -------
    Tuning
        ``lr_recommended``, ``lr_interval``, ``warmup_steps``, ``expected_loss``, ``code`` and the trials.

    Raises
    ------
    InputError
        A ValueError whose message is one line, among others where the budget is too small for an answer.

    Examples
    --------
    >>> best = etamax.tune(make_model, loader, F.cross_entropy, torch.optim.Adam, steps=5000, batch_size=64, budget=3)
    >>> print(best)
    >>> best.lr_recommended, best.warmup_steps
    """
    if isinstance(make_optimizer, str):
        options["optimizer"] = make_optimizer
    given = _engine.tune_problem_options(options)
    with random_numbers_kept():
        torch.manual_seed(given["seed"])
        model = make_model()
        ours = None
        if make_optimizer is not None and not isinstance(make_optimizer, str):
            parameters_of(model, None)  # refuses what is no module, before somebody else does
            ours = UserOptimizer(_made(make_optimizer, model))
        parameters, frozen = parameters_of(model, None if ours is None else ours.parameters)
        batch_loss = BatchLoss(model, loss)
        with Ranks(group, next(iter(parameters.values())).device) as ranks:
            ranks.require_same("options", sorted(options.items()), None if ours is None else ours.facts())
            examples = Source(data, ranks).take(None)
            if isinstance(validation, (int, float)):
                examples, held = parts_of(examples, float(validation), given["seed"], ranks)
            else:
                held = Source(validation, ranks).take(None)
            starts = Starts(make_model, list(parameters), given["seed"], model)
            with Guest(batch_loss.modules, list(parameters.values()), batch_loss.wrappers) as guest:
                problem = Problem(
                    guest,
                    list(parameters),
                    frozen,
                    batch_loss,
                    examples,
                    ours,
                    given,
                    held=held,
                    starts=starts,
                    ranks=ranks,
                )
                with Progress(progress if ranks.rank == 0 else False) as listener:
                    return Tuning(_engine.tune(problem, None if ours is None else ours.engine(), options, listener))
