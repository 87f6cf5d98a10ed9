"""etamax for models of PyTorch. Imported where it is needed: the rest of the package does without."""

from .analysis import analyze
from .hessian import Hessian
from .tuning import tune

__all__ = ["Hessian", "analyze", "tune"]
