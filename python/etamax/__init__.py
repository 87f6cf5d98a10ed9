"""etamax: why do weight updates diverge, what is the largest learning rate that does not, which one should I use?

`explain`, `diagnose` and `certify` need nothing else; `analyze` and `Hessian` need PyTorch, 1.13 or newer, and load it when
they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._answer import Analysis, Answer, Certificate, Diagnosis, Explanation, Record
from ._engine import version as __version__
from ._errors import InputError
from ._verbs import certify, diagnose, explain

if TYPE_CHECKING:
    from ._torch import Hessian, analyze

__all__ = [
    "Analysis",
    "Answer",
    "Certificate",
    "Diagnosis",
    "Explanation",
    "Hessian",
    "InputError",
    "Record",
    "__version__",
    "analyze",
    "certify",
    "diagnose",
    "explain",
]

_NEED_TORCH = ("Hessian", "analyze")


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
