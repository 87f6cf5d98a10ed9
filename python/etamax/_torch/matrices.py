"""Products with the matrices beside the Hessian: Gauss-Newton and the Fisher matrices."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .evaluation import Evaluation, second_derivatives
from .likelihoods import takes_labels
from .vectors import TensorList


class Matrices:
    """J' M J, with J of the outputs and M the loss's Hessian by them (Gauss-Newton), or with J of the examples' losses
    and M of equal weights (Fisher)."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._on, self._loss = evaluation, evaluation.loss
        self._drawn: tuple[Any, list[Tensor], float] | None = None  # seed and place; the targets, draws in an example

    def why_none(self, kind: str) -> str:
        """Why there is no such matrix of this loss; "" where there is."""
        ranks = self._on.ranks
        if kind == "hessian":
            return ""
        if kind == "sampled_fisher":
            return (
                ""
                if ranks.all(self._has_draw())
                else "needs a loss known as a likelihood: torch's cross_entropy, nll_loss, mse_loss or "
                "binary_cross_entropy_with_logits, without weights or smoothing; `matrix=ggn` is what it samples"
            )
        possible = ranks.all(self._has_outputs() if kind == "gauss_newton" else self._has_each())
        return "" if possible else "needs a loss of outputs and targets, loss(outputs, targets), that are tensors"

    @property
    def _none_here(self) -> bool:
        return self._on.data.count() == 0

    def _has_outputs(self) -> bool:
        if not self._loss.separates or self._none_here:
            return self._loss.separates
        with torch.no_grad():
            return isinstance(self._on.outputs(self._on.few())[0], Tensor)

    def _has_draw(self) -> bool:
        if self._loss.draw is None or self._none_here:
            return self._loss.draw is not None
        with torch.no_grad():
            outputs, targets = self._on.outputs(self._on.few())
        if not isinstance(outputs, Tensor) or not isinstance(targets, Tensor) or not self._has_each():
            return False
        return takes_labels(self._loss.draw) or outputs.shape == targets.shape

    def _has_each(self) -> bool:
        if self._none_here:
            return self._loss.separates
        with torch.no_grad():
            return self._on.of_each(self._on.few(), min(self._on.least, self._on.data.count())) is not None

    def product(self, kind: str, v: TensorList, seed: int) -> TensorList:
        """`seed`: of targets that are drawn."""
        sampled = kind == "sampled_fisher"
        drawn, of_each = self._drawn_targets(seed) if sampled else ([], 1.0)

        def of_chunk(k: int, batch: Any, count: int, share: float) -> list[Tensor]:
            if kind == "gauss_newton":
                y, targets = self._on.outputs(batch)
                pulled = self._curved(y, targets, self._tangent(y, v)) * share
            else:
                y = self._on.of_each(batch, count, drawn[k] if sampled else None)
                assert y is not None
                pulled = self._tangent(y, v) * (of_each * share / count)
            return self._on.filled(torch.autograd.grad(y, self._on.parameters, pulled, allow_unused=True))

        return self._on.summed((of_chunk(k, *chunk) for k, chunk in enumerate(self._on.batches())), v.tensors)

    def _drawn_targets(self, seed: int) -> tuple[list[Tensor], float]:
        """Of each chunk, from what the model gives at the present parameters, one for a seed on every device; and how
        many draws an example is on average."""
        key = seed, self._on.place()
        if self._drawn is None or self._drawn[0] != key:
            assert self._loss.draw is not None
            random, parts, draws = torch.Generator().manual_seed(seed), [], 0
            with torch.no_grad():
                for batch, _, _ in self._on.batches():
                    outputs, targets = self._on.outputs(batch)
                    drawn, here = self._loss.draw(outputs.double().cpu(), targets.cpu(), random)
                    parts.append(drawn.to(targets.device))
                    draws += here
            self._drawn = key, parts, self._on.ranks.sum(float(draws)) / self._on.examples.count()
        return self._drawn[1], self._drawn[2]

    def _tangent(self, y: Tensor, v: TensorList) -> Tensor:
        """J v: the derivative by u of J' u, which is linear in u, along v."""
        u = torch.zeros_like(y, requires_grad=True)
        pulled = torch.autograd.grad(y, self._on.parameters, u, create_graph=True, allow_unused=True)
        pairs = [(g, t) for g, t in zip(pulled, v.tensors) if g is not None and g.requires_grad]
        if not pairs:
            return torch.zeros_like(y)
        # The graph of y is needed once more.
        (tangent,) = second_derivatives([g for g, _ in pairs], u, [t for _, t in pairs], keep=True)
        return torch.zeros_like(y) if tangent is None else tangent

    def _curved(self, outputs: Tensor, targets: Any, tangent: Tensor) -> Tensor:
        """The loss's Hessian by the outputs, times a tangent."""
        z = outputs.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(self._loss.of_outputs(z, targets), z, create_graph=True)
        if not slope.requires_grad:
            return torch.zeros_like(z)
        (curved,) = torch.autograd.grad(slope, z, tangent, allow_unused=True)
        return torch.zeros_like(z) if curved is None else curved
