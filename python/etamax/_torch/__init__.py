"""etamax for models of PyTorch. Imported where it is needed: the rest of the package does without."""

from .analyze import analyze
from .hessian import Hessian

__all__ = ["Hessian", "analyze"]
