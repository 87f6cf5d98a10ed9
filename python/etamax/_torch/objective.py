"""A mean loss as a function of a model's parameters: what the engine asks (etamax/problem/objective.h)."""

from __future__ import annotations

import math
from typing import Any, Iterator, Optional, Sequence

import torch
from torch import Tensor

from .._errors import refusal
from . import of_each, outputs
from .evaluation import Evaluation, second_derivatives
from .examples import Examples, Rows, shuffled
from .guest import Guest
from .loss import BatchLoss
from .matrices import Matrices
from .ranks import ALONE, Ranks
from .vectors import TensorList


class Objective:
    """`names`: of the guest's parameters. `chunk`: examples at once in memory. All but the memory is as if it were one
    chunk, but for layers that take statistics over it. On several ranks all make the same calls, with sums over the
    examples of all."""

    def __init__(
        self,
        guest: Guest,
        names: Sequence[str],
        loss: BatchLoss,
        examples: Examples,
        chunk: int,
        seed: int,
        ranks: Ranks = ALONE,
    ) -> None:
        self._guest, self._names, self._seed, self.ranks = guest, list(names), seed, ranks
        self._on = Evaluation(guest, loss, examples, chunk, seed, ranks)
        self._matrices = Matrices(self._on)
        self._parameters = guest.parameters
        self._widened = False  # the guest is in 64 bit for its sake
        self._kept: tuple[Any, list[Tensor]] | None = None  # where the gradient was taken; it, with its graph

    # What it is made of.

    def blocks(self) -> list[tuple[str, int, int]]:
        blocks, at = [], 0
        for name, p in zip(self._names, self._parameters):
            blocks.append((name, at, at + p.numel()))
            at += p.numel()
        return blocks

    def count(self) -> int:
        """Of all ranks."""
        return self._on.examples.count()

    def least_batch(self) -> int:
        """Of all ranks: each has enough of it, in the order of `shuffled`."""
        least = self._on.least
        if self.ranks.alone or least == 1:
            return least
        return math.ceil((least + 2) * self.count() / max(1.0, min(self.ranks.each(self._on.data.count()))))

    @property
    def chunk(self) -> int:
        return self._on.chunk

    def roundoff(self) -> float:
        return 2.0**-53 if self._parameters[0].dtype == torch.float64 else 2.0**-24

    def random_normal(self, seed: int) -> TensorList:
        # Drawn on the CPU, in 64 bit: the same on every device, in every type.
        count = sum(p.numel() for p in self._parameters)
        entries = torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        parts = entries.split([p.numel() for p in self._parameters])
        return self.vector([part.to(p.device, p.dtype).reshape(p.shape) for part, p in zip(parts, self._parameters)])

    def vector(self, tensors: Sequence[Tensor]) -> TensorList:
        return TensorList(tensors, self.ranks)

    def shuffled(self, seed: int) -> list[int]:
        order = shuffled(self.count(), seed)
        return order if self.ranks.alone or self._on.least == 1 else self._spread_over_ranks(order)

    def _spread_over_ranks(self, order: list[int]) -> list[int]:
        """Such that each rank has its share of any part of it."""
        here = torch.full((self._on.data.count(),), float(self.ranks.rank))
        owners = self._on.examples.placed(here, self.ranks)
        of_rank: dict[float, list[int]] = {}
        for row in order:
            of_rank.setdefault(owners[row], []).append(row)
        places = [((i + 0.5) / len(rows), row) for rows in of_rank.values() for i, row in enumerate(rows)]
        return [row for _, row in sorted(places)]

    def objective_on(self, rows: Sequence[int]) -> Objective:
        return self.with_examples(self._on.examples.take(rows))

    def with_examples(self, examples: Examples) -> Objective:
        return Objective(self._guest, self._names, self._on.loss, examples, self.chunk, self._seed, self.ranks)

    def close(self) -> None:
        """No more is asked of it."""
        self._kept = None
        if self._widened:
            self._guest.narrow()

    def in_64_bit(self) -> Optional[Objective]:
        """The same at the same parameters, which rests while that one lives; None where that cannot be had."""
        if self._parameters[0].dtype == torch.float64:
            return None
        self._kept = None
        examples = self._examples_in_64_bit()
        if not self.ranks.all(examples is not None):
            self._guest.narrow()
            return None
        assert examples is not None
        wide = self.with_examples(examples)
        wide._widened = True
        return wide

    def _examples_in_64_bit(self) -> Optional[Examples]:
        """Where the model, which is in 64 bit from now on, and the loss take those that are here."""
        try:
            self._guest.widen()
            wide = self._on.examples.mapped(lambda t: t.double() if t.is_floating_point() else t)
            if wide.data.count() > 0:
                loss = self._on.of_batch(wide.data.batch(slice(0, self._on.least)))
                torch.autograd.grad(loss, self._guest.parameters, allow_unused=True)
            return wide
        except Exception:  # as far as it got before: a loss with numbers of its own in 32 bit, say
            return None

    # Where it is.

    def parameters(self) -> TensorList:
        return self.vector([p.detach().clone() for p in self._parameters])

    def set_parameters(self, values: TensorList) -> None:
        self._guest.put([value.to(p.dtype, copy=True) for p, value in zip(self._parameters, values.tensors)])

    # What it is there.

    def loss(self, rows: Rows = None) -> float:
        with torch.no_grad():
            here = sum(self._on.of_batch(batch).item() * share for batch, _, share in self._on.batches(rows))
        return self.ranks.sum(here)

    def loss_and_gradient(self, rows: Rows = None) -> tuple[float, TensorList]:
        losses: list[float] = []

        def of_chunks() -> Iterator[list[Tensor]]:
            for batch, _, share in self._on.batches(rows):
                loss = self._on.of_batch(batch) * share
                losses.append(loss.item())
                yield self._on.gradient(loss)

        gradient = self._on.added(of_chunks())
        total, sums = self.ranks.summed_with(sum(losses), gradient)
        return total, self.vector(sums)

    def _with_graph(self, batch: Any, share: float) -> list[Tensor]:
        return self._on.gradient(self._on.of_batch(batch) * share, create_graph=True)

    def _kept_gradient(self) -> list[Tensor]:
        """Of one chunk, with its graph: products at the same parameters are made from it."""
        if self._kept is None or self._kept[0] != self._on.place():
            self._kept = None
            ((batch, _, share),) = self._on.batches()
            gradient = self._with_graph(batch, share)
            self._kept = self._on.place(), gradient
        return self._kept[1]

    def product(self, v: TensorList, rows: Rows = None) -> TensorList:
        """The Hessian's, of all examples or of those."""
        if rows is None and 0 < self._on.data.count() <= self.chunk:
            return self._on.summed([self._directional(self._kept_gradient(), v, keep=True)], v.tensors)
        products = (
            self._directional(self._with_graph(batch, share), v, keep=False)
            for batch, _, share in self._on.batches(rows)
        )
        return self._on.summed(products, v.tensors)

    def product_price(self) -> tuple[float, float]:
        """In gradients: the first product at a place, and each further one there, which needs no new graph if all ranks
        keep theirs."""
        kept = self.ranks.all(self._on.data.count() <= self.chunk)
        return 3.0, 2.0 if kept else 3.0

    def _directional(self, gradient: list[Tensor], v: TensorList, keep: bool) -> list[Tensor]:
        """The derivative of the gradient along v."""
        pairs = [(g, t) for g, t in zip(gradient, v.tensors) if g.requires_grad]  # others do not depend on anything
        if not pairs:
            return v.zeros().tensors
        along = [t for _, t in pairs]
        return self._on.filled(second_derivatives([g for g, _ in pairs], self._parameters, along, keep=keep))

    def check_twice_differentiable(self, rows: Sequence[int]) -> None:
        """One that can be differentiated only once is a node that leads nowhere: silently, its part would be 0."""
        for batch, _, _ in self._on.batches(rows):
            pending = [g.grad_fn for g in self._with_graph(batch, 1.0)]
            seen: set[Any] = set()
            while pending:
                node = pending.pop()
                if node is None or node in seen:
                    continue
                seen.add(node)
                if node.name() == "torch::autograd::Error":
                    raise refusal("model", "has a function that cannot be differentiated twice (once_differentiable)")
                pending += [next_node for next_node, _ in node.next_functions]

    def why_no_matrix(self, kind: str) -> str:
        """Why there is no such matrix of this loss; "" where there is."""
        return self._matrices.why_none(kind)

    def matrix_product(self, kind: str, v: TensorList, seed: int = 0) -> TensorList:
        """Of the kinds of `Matrices`; `seed`: of targets that are drawn."""
        return self._matrices.product(kind, v, seed)

    # What else the engine asks of it.

    def losses(self) -> list[float]:
        return of_each.losses(self._on)

    def curvatures(self, v: TensorList) -> list[float]:
        return of_each.curvatures(self._on, v)

    def baseline(self) -> Optional[float]:
        return outputs.baseline(self._on)

    def outputs_are_all_the_same(self) -> bool:
        return outputs.are_all_the_same(self._on)
