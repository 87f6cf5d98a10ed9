"""How a watch is asked for."""

from __future__ import annotations

from typing import Any, Callable, Optional

from torch import nn

from .._errors import InputError
from .watcher import Watch


def watch(
    model: nn.Module,
    optimizer: Any,
    steps: int,
    *,
    budget: float = 0.05,
    cap: Optional[float] = None,
    log: Any = None,
    say: Optional[Callable[[str], Any]] = print,
    precision: Optional[float] = None,
    group: Any = None,
    schedule: Any = None,
) -> Watch:
    """Watches a training from within its loop: says when the rate is about to break it, and can hold it down.

    Parameters
    ----------
    model
        The module that is trained, in whatever wrapper; its parameters may be in parts (``fully_shard``).
    optimizer
        The one that trains it. An edge is known of those in ``docs/optimizers.md``; of others the next steps are tried
        all the same.
    steps
        That the training is planned to make.
    budget
        How many gradients the watch may take for each that the training computes, half of them in advance.
    cap
        Where the training is about to blow up, the rate in force is held at this share of the edge, or lower; None: it
        is left alone. The scheduler's rates are put back after each step.
    log
        A TensorBoard writer, a run of W&B, or a function of (scalars, step): gets ``etamax/sharpness``,
        ``etamax/lr_over_edge`` and ``etamax/lr`` at every look.
    say
        What is done with a line, of which there is one where something has changed; None: nothing.
    precision
        Of the differences of gradients, over the length of the weights. None: 1e-3, and 1e-2 within autocast.
    group
        The process group that trains the model together; None: that of a model in DistributedDataParallel or of
        fully_shard's mesh, or all processes, where torch.distributed is initialized; False: this one is alone.
    schedule
        What will become of the rate, where that is known: a scheduler of PyTorch's that is stepped in every step, or a
        function of the step (0: the first that is watched) to the first group's rate. Steps are then tried at rates
        that are to come, instead of at rates that may. None: the rise so far is carried on.

    Returns
    -------
    Watch
        Whose `step` is to be called in every step, between ``loss.backward()`` and ``optimizer.step()``.

    Raises
    ------
    InputError
        A ValueError whose message is one line: for LBFGS, several optimizers, parameters in 16 bit, the class
        FullyShardedDataParallel.

    Notes
    -----
    Memory is about six vectors of the parameters' length within a look, and one between looks; what it decides by is in
    ``docs/watch.md``.

    Examples
    --------
    >>> watch = etamax.watch(model, opt, steps=10_000, cap=0.8)
    >>> for x, y in loader:
    ...     loss = F.cross_entropy(model(x), y)
    ...     loss.backward()
    ...     watch.step(lambda: F.cross_entropy(model(x), y), loss)
    ...     opt.step()
    ...     opt.zero_grad()
    >>> print(watch.report())
    """
    if cap is not None:
        _check("cap", cap, 0.0, 1.0)
    return Watch(
        model,
        optimizer,
        _whole("steps", steps),
        budget=_check("budget", budget, 0.0, 1.0),
        cap=cap,
        log=log,
        say=say,
        precision=precision,
        group=group,
        schedule=schedule,
    )


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not float(value) >= 1 or float(value) != int(float(value)):
        raise InputError(
            f"{name}: {value!r} is not a positive whole number", name, repr(value), "a positive whole number"
        )
    return int(value)


def _check(name: str, value: Any, low: float, high: float) -> float:
    if not low < float(value) <= high:
        constraint = f"above {low:g} and at most {high:g}"
        raise InputError(f"{name}: {value!r} is not {constraint}", name, repr(value), constraint)
    return float(value)
