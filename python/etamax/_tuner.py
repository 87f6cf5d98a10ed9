"""A tuning whose runs the caller makes, wherever and with whatever."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from . import _engine
from ._answer import Tuning
from ._documented import with_options
from ._errors import number_or_none, refusal, shown


class Trial(NamedTuple):
    """A run to make: the first `steps` steps of the real one, at this rate.

    One that was made before with fewer steps may be carried on, or made again. The rate rises to `lr` over the first
    `warmup_steps` steps; `seed` chooses the weights and the order of the examples.
    """

    lr: float
    seed: int
    warmup_steps: int
    steps: int


@with_options(_engine.tuner_options())
class Tuner:
    """Which learning rate for so many steps? Asks for runs, is told how they ended, and decides as `etamax.tune` does.

    Parameters
    ----------
    {options}

    Raises
    ------
    InputError
        A ValueError whose message is one line, among others where the budget is too small for an answer.

    Examples
    --------
    >>> tuner = etamax.Tuner(steps=1000, budget=4)
    >>> while (trial := tuner.ask()) is not None:
    ...     loss = train(trial.lr, trial.seed, trial.warmup_steps, trial.steps)
    ...     tuner.tell(trial, loss)
    >>> tuner.answer().lr_recommended
    """

    def __init__(self, **options: Any) -> None:
        self._tuner = _engine.Tuner(options)

    def ask(self) -> Optional[Trial]:
        """The next run to make; None where the answer is known."""
        request = self._tuner.ask()
        return None if request is None else Trial(request.lr, request.seed, request.warmup_steps, request.steps)

    def tell(self, trial: Trial, loss: Optional[float], start_loss: Optional[float] = None) -> None:
        """How the run that was asked for ended.

        Parameters
        ----------
        trial
            As `ask` gave it.
        loss
            After its last step, the lower the better: a validation loss, or the training loss. None or not finite: the
            run was lost.
        start_loss
            Before its first step. A run whose loss is not below it counts as one that does not train.
        """
        try:
            made = _engine.TrialRequest(*trial)
        except TypeError:
            raise refusal("trial", f"{shown(trial)} is not one that `ask` gave") from None
        self._tuner.tell(made, number_or_none("loss", loss), number_or_none("start_loss", start_loss))

    def answer(self) -> Tuning:
        """The answer, as far as it is known: then it is marked partial."""
        return Tuning(self._tuner.answer())
