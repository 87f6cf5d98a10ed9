"""`etamax.hf.Watch(cap=0.8)` among the callbacks of a Trainer of transformers.

The class is made when it is first asked for: this module does without transformers until then.
"""

from __future__ import annotations

import functools
from typing import Any


def _callback_class() -> Any:
    try:
        from transformers import TrainerCallback
    except ImportError as error:
        raise ImportError("etamax.hf.Watch needs transformers, which is not installed here") from error
    return TrainerCallback


@functools.lru_cache(maxsize=None)
def _watch_class(base: Any) -> Any:
    class Watch(base):  # type: ignore[misc]
        """Watches a Trainer's training (:class:`etamax.Watch`).

        The loss of the last batch is the one that the model returns; a Trainer whose `compute_loss` makes another of
        it is watched by the model's.

        Parameters
        ----------
        **options
            Those of :func:`etamax.watch`; `steps` and `schedule` are the Trainer's.

        Attributes
        ----------
        watch : etamax.Watch or None
            From the start of the training on; ``watch.report()`` has the rate and the edge over the run.
        """

        def __init__(self, **options: Any) -> None:
            self._options = options
            self.watch: Any = None
            self._last: Any = None
            self._scheduler: Any = None

        def on_train_begin(
            self, args: Any, state: Any, control: Any, model: Any = None, lr_scheduler: Any = None, **kwargs: Any
        ) -> None:
            from ._watch.batches import LastCall

            self.watch, self._last, self._scheduler = None, LastCall(model), lr_scheduler

        def on_pre_optimizer_step(
            self, args: Any, state: Any, control: Any, model: Any = None, optimizer: Any = None, **kwargs: Any
        ) -> None:
            if self._last is None or self._last.arguments is None:
                return
            if self.watch is None:
                self.watch = self._begin(state, model, optimizer)
            arguments, named = self._last.arguments
            self.watch.step(lambda: model(*arguments, **named))
            self._last.arguments = None

        def _begin(self, state: Any, model: Any, optimizer: Any) -> Any:
            from ._watch import watch
            from ._watch.schedule import foretold

            schedule = foretold(self._scheduler)  # which the Trainer steps in every step
            options = {"steps": state.max_steps, "schedule": schedule, **self._options}
            if not state.is_world_process_zero:
                options.update(log=None, say=None)
            return watch(model, optimizer, **options)

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if self._last is not None:
                self._last.close()
                self._last = None
            if self.watch is not None:
                self.watch.close()

    Watch.__module__, Watch.__qualname__ = __name__, "Watch"
    return Watch


def __getattr__(name: str) -> Any:
    if name != "Watch":
        raise AttributeError(f"module 'etamax.hf' has no attribute '{name}'")
    return _watch_class(_callback_class())
