"""etamax: why do weight updates diverge, what is the largest learning rate that does not, which one should I use?

`explain`, `diagnose`, `certify` and `Tuner` need nothing else; `analyze`, `spectrum`, `follow`, `tune`, `watch` and `Hessian` need
PyTorch, 1.13 or newer, and load it when they are asked for. `etamax.lightning.Watch` and `etamax.hf.Watch` are the watch as a
callback of Lightning's Trainer and of that of transformers.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._answer import Analysis, Answer, Certificate, Diagnosis, Explanation, Following, Record, Spectra, Tuning
from ._engine import version as __version__
from ._errors import InputError
from ._tuner import Trial, Tuner
from ._verbs import certify, diagnose, explain

if TYPE_CHECKING:
    from ._torch import Hessian, analyze, follow, spectrum, tune
    from ._watch import Watch, WatchReport, watch

__all__ = [
    "Analysis",
    "Answer",
    "Certificate",
    "Diagnosis",
    "Explanation",
    "Following",
    "Hessian",
    "InputError",
    "Record",
    "Spectra",
    "Trial",
    "Tuner",
    "Tuning",
    "Watch",
    "WatchReport",
    "__version__",
    "analyze",
    "certify",
    "diagnose",
    "explain",
    "follow",
    "spectrum",
    "tune",
    "watch",
]

_NEED_TORCH = {
    "Hessian": "_torch",
    "analyze": "_torch",
    "follow": "_torch",
    "spectrum": "_torch",
    "tune": "_torch",
    "Watch": "_watch",
    "WatchReport": "_watch",
    "watch": "_watch",
}
_CALLBACKS = ("hf", "lightning")


def __getattr__(name: str) -> Any:
    if name in _CALLBACKS:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _NEED_TORCH:
        raise AttributeError(f"module 'etamax' has no attribute '{name}'")
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise ImportError(f"etamax.{name} needs PyTorch 1.13 or newer, which is not installed here") from error
    return getattr(importlib.import_module(f"{__name__}.{_NEED_TORCH[name]}"), name)


def __dir__() -> list[str]:
    return __all__
