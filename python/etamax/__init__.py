"""etamax: why do weight updates diverge, what is the largest learning rate that does not, which one should I use?

`explain`, `diagnose`, `certify` and `Tuner` need nothing else; `analyze`, `tune` and `Hessian` need PyTorch, 1.13 or
newer, and load it when they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._answer import Analysis, Answer, Certificate, Diagnosis, Explanation, Record, Tuning
from ._engine import version as __version__
from ._errors import InputError
from ._tuner import Trial, Tuner
from ._verbs import certify, diagnose, explain

if TYPE_CHECKING:
    from ._torch import Hessian, analyze, tune

__all__ = [
    "Analysis",
    "Answer",
    "Certificate",
    "Diagnosis",
    "Explanation",
    "Hessian",
    "InputError",
    "Record",
    "Trial",
    "Tuner",
    "Tuning",
    "__version__",
    "analyze",
    "certify",
    "diagnose",
    "explain",
    "tune",
]

_NEED_TORCH = ("Hessian", "analyze", "tune")


def __getattr__(name: str) -> Any:
    if name not in _NEED_TORCH:
        raise AttributeError(f"module 'etamax' has no attribute '{name}'")
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise ImportError(f"etamax.{name} needs PyTorch 1.13 or newer, which is not installed here") from error
    from . import _torch

    return getattr(_torch, name)


def __dir__() -> list[str]:
    return __all__
