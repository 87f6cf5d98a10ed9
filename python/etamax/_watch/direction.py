"""The direction of the largest curvature, kept from look to look; the curvature by differences of gradients."""

from __future__ import annotations

import math
from typing import NamedTuple, Optional, Sequence

import torch
from torch import Tensor

from .._torch.vectors import TensorList
from .visit import Visit


class Metric:
    """What a step divides by: P over the groups' shares of the rate, infinite for what is left out.

    `decay`: the weight decay that is part of the curvature.
    """

    def __init__(
        self, diagonal: Optional[list[Tensor]], decay: float = 0.0, shares: Optional[Sequence[float]] = None
    ) -> None:
        self.decay = decay
        self.shares = shares
        self._diagonal = diagonal
        self._finite: Optional[list[Tensor]] = None  # 0 in place of infinity: directions are 0 there
        if diagonal is not None:
            self._finite = [torch.where(p.isfinite(), p, torch.zeros_like(p)) for p in diagonal]

    def _shared(self, tensors: Sequence[Tensor], power: int) -> list[Tensor]:
        if self.shares is None:
            return list(tensors)
        # A share of 0 is a group that stands still: it is left out.
        factors = [share**power if share > 0 else 0.0 for share in self.shares]
        return [t * factor for t, factor in zip(tensors, factors)]

    def times(self, d: TensorList) -> TensorList:
        """P d."""
        tensors = d.tensors if self._finite is None else torch._foreach_mul(d.tensors, self._finite)
        return d.like(self._shared(tensors, -1))

    def divide(self, y: TensorList) -> TensorList:
        """P^-1 y, in tensors of its own."""
        tensors = [t.clone() for t in y.tensors]
        if self._diagonal is not None:
            torch._foreach_div_(tensors, self._diagonal)
        return y.like(self._shared(tensors, 1))

    def length(self, d: TensorList) -> float:
        """The root of d' P d."""
        return math.sqrt(max(d.dot(self.times(d)), 0.0))


class Finding(NamedTuple):
    """Of one look."""

    curvature: float  # of P^-1 (H + decay), the largest that was seen
    residual: float  # of the eigenpair, over the curvature


class Direction:
    """Its length is 1 in the metric of its look: d' P d = 1."""

    def __init__(self) -> None:
        self.vector: Optional[TensorList] = None

    def parts(self, metric: Metric) -> list[float]:
        """Of the squared length, those of each parameter."""
        if self.vector is None:
            return []
        pairs = zip(self.vector.tensors, metric.times(self.vector).tensors)
        parts: list[float] = torch.stack([(a * b).sum() for a, b in pairs]).tolist()
        ours = set(self.vector.counted(range(len(parts))))
        return self.vector.ranks.sums([part if i in ours else 0.0 for i, part in enumerate(parts)])

    def _start(self, visit: Visit, gradient: TensorList, metric: Metric) -> TensorList:
        """The last one; at first the gradient's, with some noise, so that it has a part of every direction."""
        if self.vector is not None:
            return self.vector.clone()
        d = metric.divide(gradient)
        length = math.sqrt(d.dot(d))
        d.scale(1 / length if 0 < length < math.inf else 0.0)
        noise = visit.layout.noise()
        d.add_scaled(0.3 / math.sqrt(noise.dot(noise)), noise)
        return d

    def look(
        self, visit: Visit, at: TensorList, metric: Metric, products: int, guard: float, step_size: float
    ) -> Optional[Finding]:
        """Follows the direction by one product; by up to `products`, where it has left it behind.

        Lanczos' method in the inner product u' P v, from the last direction.

        Parameters
        ----------
        at
            The gradient here.
        guard
            The residual above which more products follow.
        step_size
            Of the differences, over the length of all parameters.

        Returns
        -------
        Finding or None
            None where a product is not finite, or nothing is left of the parameters.
        """
        first = self._start(visit, at, metric)
        length = metric.length(first)
        if not 0 < length < math.inf:
            self.vector = None
            return None
        first.scale(1 / length)
        basis = [first]
        alphas: list[float] = []
        betas: list[float] = []
        while True:
            y = self._product(visit, at, basis[-1], metric, step_size)
            alphas.append(basis[-1].dot(y))
            z = metric.divide(y)
            z.add_scaled(-alphas[-1], basis[-1])
            if betas:
                z.add_scaled(-betas[-1], basis[-2])
            beta = metric.length(z)
            if not (math.isfinite(alphas[-1]) and math.isfinite(beta)):
                self.vector = None
                return None
            follows = len(basis) == 1 and alphas[0] > 0 and beta <= guard * alphas[0]
            if follows or len(basis) >= products or beta <= 1e-6 * abs(alphas[-1]):
                break
            betas.append(beta)
            z.scale(1 / beta)
            basis.append(z)
        if len(basis) == 1:  # a step of the power method, shifted so that negative curvature counts less
            curvature, residual, top = alphas[0], beta / max(abs(alphas[0]), 1e-30), z
            top.add_scaled(curvature + abs(curvature), first)
        else:
            t = torch.diag(torch.tensor(alphas, dtype=torch.float64))
            for i, b in enumerate(betas):
                t[i, i + 1] = t[i + 1, i] = b
            values, vectors = torch.linalg.eigh(t)
            curvature, weights = float(values[-1]), vectors[:, -1].tolist()
            residual = beta * abs(weights[-1]) / max(abs(curvature), 1e-30)
            top = first
            top.scale(weights[0])
            for q, weight in zip(basis[1:], weights[1:]):
                top.add_scaled(weight, q)
        length = metric.length(top)
        self.vector = top if 0 < length < math.inf else None
        if self.vector is not None:
            self.vector.scale(1 / length)
        return Finding(curvature, residual)

    def _product(self, visit: Visit, at: TensorList, d: TensorList, metric: Metric, step_size: float) -> TensorList:
        """(H + decay) d by one gradient beside the one here."""
        places = d.like(visit.places)
        size = math.sqrt(places.dot(places))
        step = step_size * max(size, 1e-3) / math.sqrt(d.dot(d))
        visit.move(d, step)
        _, y = visit.gradient()
        visit.back()
        y.add_scaled(-1.0, at)
        y.scale(1 / step)
        if metric.decay:
            y.add_scaled(metric.decay, d)
        return y
