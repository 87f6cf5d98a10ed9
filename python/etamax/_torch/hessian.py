"""The Hessian of a loss as a linear operator."""

from __future__ import annotations

from typing import Any, Optional

import torch
from torch import Tensor, nn

from .. import _engine
from .._answer import Certificate
from .._errors import refusal
from .guest import Guest, random_numbers_kept
from .loss import BatchLoss, LossFunction
from .operator import Operator
from .optimizers import UserOptimizer
from .problem import Problem, parameters_of
from .ranks import Group, Ranks
from .source import Source
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
    group
        As for :func:`etamax.analyze`: then all processes make the same products together.
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
        group: Group = None,
    ) -> None:
        options = _engine.analyze_problem_options({"samples": samples, "chunk": chunk, "seed": seed})
        parameters, frozen = parameters_of(model, None)
        self._loss = BatchLoss(model, loss)
        self._ranks = Ranks(group, next(iter(parameters.values())).device, model)
        ours = None if optimizer is None else UserOptimizer(optimizer)
        if ours is not None:
            ours.ranks = self._ranks
        with self._ranks, random_numbers_kept():
            source = Source(data, self._ranks)
            with Guest(self._loss.modules, list(parameters.values()), self._loss.wrappers) as guest:
                self._guest = guest
                problem = Problem(guest, list(parameters), frozen, self._loss, source, None, options, ranks=self._ranks)
                if problem.unlike:
                    raise refusal("model", "its weights are unlike on the ranks")
                self._objective = problem.objective()
                self._scale = None if ours is None else ours.preconditioner(guest.parameters)
        if self._scale is not None:
            self._scale.inverse_root()
        first = guest.parameters[0]
        n = sum(p.numel() for p in guest.parameters)
        self.shape, self.dtype, self.device = (n, n), first.dtype, first.device

    def __repr__(self) -> str:
        return f"<etamax.Hessian {self.shape} of {type(self._loss.model).__name__}, {self._loss.name}>"

    def __matmul__(self, v: Any) -> Any:
        """The product with a vector of shape (n,), or with each column of an array of shape (n, k)."""
        entries = v if isinstance(v, Tensor) else torch.as_tensor(v, dtype=self.dtype)
        if entries.dim() not in (1, 2) or entries.shape[0] != self.shape[1]:
            raise ValueError(f"the operator has shape {self.shape}, the vector {tuple(entries.shape)}")
        with self._ranks, self._guest:
            self._check_alike(entries)
            columns = entries.reshape(self.shape[1], -1).T
            parts = [unflat(column, self._guest.parameters, self._ranks) for column in columns]
            products = [flat(self._product(part)) for part in parts]
        product = torch.stack(products, dim=1).reshape(entries.shape).to(entries.device)
        return product if isinstance(v, Tensor) else product.numpy()

    def _check_alike(self, v: Tensor) -> None:
        """Products with other vectors on other ranks would have no meaning."""
        if self._ranks.alone:
            return
        v = v.double()
        sizes, sums = self._ranks.each(float(v.norm())), self._ranks.each(float(v.sum()))
        if max(max(sizes) - min(sizes), max(sums) - min(sums)) > 1e-5 * max(sizes):
            raise refusal("v", "is another vector on another rank; draw it from the same seed")

    def certify(self, **options: Any) -> Certificate:
        """Bounds of its extreme eigenvalues; the options are those of :func:`etamax.certify`."""
        with self._ranks, self._guest:
            f = self._objective
            operator = Operator(self._product, f, f.blocks(), f.roundoff())
            return Certificate(_engine.certify_objective(operator, True, options))

    def _product(self, v: TensorList) -> TensorList:
        if self._scale is None:
            return self._objective.product(v)
        v = v.clone()
        v.multiply(self._scale)
        product = self._objective.product(v)
        product.multiply(self._scale)
        return product

    def to_scipy(self) -> Any:
        """The same as a ``scipy.sparse.linalg.LinearOperator`` over NumPy's vectors in 64 bit."""
        from scipy.sparse.linalg import LinearOperator

        def product(v: Any) -> Any:
            return (self @ torch.as_tensor(v.reshape(-1)).to(self.dtype)).double().numpy()

        return LinearOperator(self.shape, matvec=product, rmatvec=product, dtype="float64")
