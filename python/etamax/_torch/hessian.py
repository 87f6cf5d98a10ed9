"""The Hessian of a loss as a linear operator."""

from __future__ import annotations

from typing import Any, Optional

import torch
from torch import Tensor, nn

from .. import _engine
from .._answer import Certificate
from .data import Source
from .guest import Guest, random_numbers_kept
from .loss import BatchLoss, LossFunction
from .optimizers import UserOptimizer
from .problem import Problem, parameters_of
from .vectors import TensorList, flat, unflat


class Hessian:
    """The Hessian of a mean loss at a model's parameters, as a symmetric operator.

    Parameters
    ----------
    model, data, loss
        As for :func:`etamax.analyze`.
    optimizer
        One in the middle of its training, such as Adam: then the operator is P^-1/2 H P^-1/2, where P is the diagonal
        by which it divides the gradient. Coordinates whose gradients were all 0 are left out: 0 in every product.
    samples
        Examples to take, at random; 0 takes all of them.
    chunk
        Examples at once in memory.
    seed
        Of that choice, and of what the model draws at random (dropout): one for all products.

    Attributes
    ----------
    shape : tuple of int
        ``(n, n)``, n parameters that are trained, in the order of ``model.named_parameters()``.
    dtype, device
        Of the vectors.

    Examples
    --------
    >>> op = etamax.Hessian(model, loader, torch.nn.functional.cross_entropy)
    >>> op @ torch.randn(op.shape[0])
    >>> scipy.sparse.linalg.eigsh(op.to_scipy(), k=3)
    """

    def __init__(
        self,
        model: nn.Module,
        data: Any,
        loss: Optional[LossFunction] = None,
        *,
        optimizer: Optional[torch.optim.Optimizer] = None,
        samples: int = 0,
        chunk: int = 4096,
        seed: int = 0,
    ) -> None:
        options = _engine.analyze_problem_options({"samples": samples, "chunk": chunk, "seed": seed})
        parameters, frozen = parameters_of(model, None)
        self._loss = BatchLoss(model, loss)
        with random_numbers_kept():
            source = Source(data)
            with Guest(self._loss.modules, list(parameters.values())) as guest:
                self._guest = guest
                self._objective = Problem(
                    guest, list(parameters), frozen, self._loss, source, None, options
                ).objective()
        self._scale = None if optimizer is None else UserOptimizer(optimizer).preconditioner(guest.parameters)
        if self._scale is not None:
            self._scale.inverse_root()
        first = guest.parameters[0]
        n = sum(p.numel() for p in guest.parameters)
        self.shape, self.dtype, self.device = (n, n), first.dtype, first.device

    def __matmul__(self, v: Any) -> Any:
        """The product with a vector of shape (n,), or with each column of an array of shape (n, k)."""
        entries = v if isinstance(v, Tensor) else torch.as_tensor(v, dtype=self.dtype)
        if entries.dim() not in (1, 2) or entries.shape[0] != self.shape[1]:
            raise ValueError(f"the operator has shape {self.shape}, the vector {tuple(entries.shape)}")
        with self._guest:
            columns = entries.reshape(self.shape[1], -1).T
            products = [flat(self._product(unflat(column, self._guest.parameters))) for column in columns]
        product = torch.stack(products, dim=1).reshape(entries.shape).to(entries.device)
        return product if isinstance(v, Tensor) else product.numpy()

    def _product(self, v: TensorList) -> TensorList:
        if self._scale is None:
            return self._objective.product(v)
        v.multiply(self._scale)
        product = self._objective.product(v)
        product.multiply(self._scale)
        return product

    def certify(self, **options: Any) -> Certificate:
        """Bounds of its extreme eigenvalues; the options are those of :func:`etamax.certify`."""
        from .._verbs import certify

        like = torch.zeros(1, dtype=self.dtype, device=self.device)
        return certify(self.__matmul__, self.shape[0], like=like, **options)

    def to_scipy(self) -> Any:
        """The same as a ``scipy.sparse.linalg.LinearOperator`` over NumPy's vectors in 64 bit."""
        from scipy.sparse.linalg import LinearOperator

        def product(v: Any) -> Any:
            return (self @ torch.as_tensor(v.reshape(-1)).to(self.dtype)).double().numpy()

        return LinearOperator(self.shape, matvec=product, rmatvec=product, dtype="float64")
