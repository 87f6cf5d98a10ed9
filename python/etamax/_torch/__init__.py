"""etamax for models of PyTorch. Imported where it is needed: the rest of the package does without."""

from .analysis import analyze
from .following import follow
from .hessian import Hessian
from .spectra import spectrum
from .tuning import tune

__all__ = ["Hessian", "analyze", "follow", "spectrum", "tune"]
