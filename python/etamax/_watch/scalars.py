"""Where the numbers of a watch go: a TensorBoard writer, a run of W&B, any callable."""

from __future__ import annotations

from typing import Any, Callable, Optional

from .._errors import refusal

Sink = Callable[[dict[str, float], int], None]


def sink(log: Any) -> Optional[Sink]:
    """As a function of the scalars, by name, and the step.

    Raises
    ------
    InputError
        Where it is none of those.
    """
    if log is None:
        return None
    if hasattr(log, "add_scalar"):

        def to_tensorboard(scalars: dict[str, float], step: int) -> None:
            for name, value in scalars.items():
                log.add_scalar(name, value, step)

        return to_tensorboard
    if hasattr(log, "log") and (hasattr(log, "project") or getattr(log, "__name__", "") == "wandb"):
        # They go with what the script logs next, so that its steps stay its own.
        def to_run(scalars: dict[str, float], step: int) -> None:
            log.log({**scalars, "etamax/step": float(step)}, commit=False)

        return to_run
    if callable(log):
        function: Sink = log
        return function
    raise refusal(
        "log", f"is a {type(log).__name__}; a TensorBoard writer, a run of W&B or a function of (scalars, step) will do"
    )
