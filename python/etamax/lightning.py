"""`etamax.lightning.Watch(cap=0.8)` among the callbacks of a Trainer of Lightning.

The class is made when it is first asked for: this module does without Lightning until then.
"""

from __future__ import annotations

import functools
import sys
from typing import Any

from ._errors import refusal


def _callback_class() -> Any:
    """The base class of the Lightning that the script uses: its package has two names."""
    if "pytorch_lightning" in sys.modules and "lightning.pytorch" not in sys.modules:
        return sys.modules["pytorch_lightning"].Callback
    try:
        from lightning.pytorch import Callback
    except ImportError:
        try:
            from pytorch_lightning import Callback
        except ImportError as error:
            raise ImportError("etamax.lightning.Watch needs Lightning, which is not installed here") from error
    return Callback


@functools.lru_cache(maxsize=None)
def _watch_class(base: Any) -> Any:
    class Watch(base):  # type: ignore[misc]
        """Watches a Trainer's training (:class:`etamax.Watch`).

        Parameters
        ----------
        **options
            Those of :func:`etamax.watch`; `steps` and `schedule` are the Trainer's, and scalars go to its loggers unless `log` says
            otherwise.

        Attributes
        ----------
        watch : etamax.Watch or None
            From the start of the training on; ``watch.report()`` has the rate and the edge over the run.
        """

        def __init__(self, **options: Any) -> None:
            super().__init__()
            self._options = options
            self.watch: Any = None
            self._batch: tuple[Any, int] | None = None
            self._loss: Any = None

        def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
            self.watch = None

        def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
            self._batch = (batch, batch_idx)

        def on_before_backward(self, trainer: Any, pl_module: Any, loss: Any) -> None:
            self._loss = loss.detach()

        def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
            if self._batch is None:
                return
            if self.watch is None:
                self.watch = self._begin(trainer, pl_module)
            accumulated = getattr(trainer, "accumulate_grad_batches", 1)
            loss = None if self._loss is None else self._loss * accumulated
            self.watch.step(lambda: self._training_loss(trainer, pl_module), loss)

        def _begin(self, trainer: Any, pl_module: Any) -> Any:
            from ._watch import watch

            if len(trainer.optimizers) != 1:
                raise refusal("optimizer", "several optimizers train one model: each one's edge depends on the others")
            options = {
                "log": self._logger(trainer),
                "steps": trainer.estimated_stepping_batches,
                "schedule": self._schedule(trainer),
                **self._options,
            }
            if not trainer.is_global_zero:
                options.update(log=None, say=None)
            return watch(pl_module, trainer.optimizers[0], **options)

        def _logger(self, trainer: Any) -> Any:
            def to_loggers(scalars: dict[str, float], step: int) -> None:
                for logger in trainer.loggers:
                    logger.log_metrics(scalars, step=step)

            return to_loggers if trainer.loggers else None

        def _schedule(self, trainer: Any) -> Any:
            from ._watch.schedule import foretold

            steps = [c for c in getattr(trainer, "lr_scheduler_configs", []) if (c.interval, c.frequency) == ("step", 1)]
            return foretold(steps[0].scheduler) if len(steps) == 1 else None

        def _training_loss(self, trainer: Any, pl_module: Any) -> Any:
            """What `training_step` returns, without what it logs."""
            from ._torch.loss import takes_index

            assert self._batch is not None
            for name in ("log", "log_dict"):  # the visit puts them back
                pl_module.__dict__[name] = lambda *_, **__: None
            plugin = trainer.strategy.precision_plugin
            batch, index = self._batch
            with plugin.train_step_context():
                return pl_module.training_step(*((batch, index) if takes_index(pl_module.training_step) else (batch,)))

        def on_train_end(self, trainer: Any, pl_module: Any) -> None:
            self._batch = self._loss = None
            if self.watch is not None:
                self.watch.close()

    Watch.__module__, Watch.__qualname__ = __name__, "Watch"
    return Watch


def __getattr__(name: str) -> Any:
    if name != "Watch":
        raise AttributeError(f"module 'etamax.lightning' has no attribute '{name}'")
    return _watch_class(_callback_class())
