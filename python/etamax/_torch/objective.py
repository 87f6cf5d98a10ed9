"""A mean loss as a function of a model's parameters: what the engine asks (etamax/problem/objective.h)."""

from __future__ import annotations

import math
from typing import Any, Callable, Iterator, Optional, Sequence

import torch
from torch import Tensor

from .._errors import InputError, refusal
from .constant import constant_loss
from .data import Batch
from .examples import Examples, Rows, shuffled
from .guest import Guest
from .likelihoods import takes_labels
from .loss import BatchLoss
from .ranks import ALONE, Ranks
from .source import digest
from .vectors import TensorList


class Objective:
    """`names`: of the guest's parameters. `chunk`: examples at once in memory. All but the memory is as if it were one
    chunk, but for layers that take statistics over it. On several ranks all make the same calls: each evaluates the
    examples that are here, and the sums over them are completed by one all-reduce."""

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
        self._guest, self._names, self._loss, self.ranks = guest, list(names), loss, ranks
        self._examples, self._data = examples, examples.data
        self._parameters = guest.parameters
        self._chunk, self._seed = max(1, min(chunk, self._data.count())), seed
        self._widened = False  # the guest is in 64 bit for its sake
        self._kept: tuple[Any, list[Tensor]] | None = None  # where the gradient was taken; it, with its graph
        self._drawn: tuple[Any, list[Tensor], float] | None = None  # seed and place; the targets, draws in an example
        self._least = int(max(ranks.each(self._find_least_batch())))

    # What it is made of.

    def blocks(self) -> list[tuple[str, int, int]]:
        blocks, at = [], 0
        for name, p in zip(self._names, self._parameters):
            blocks.append((name, at, at + p.numel()))
            at += p.numel()
        return blocks

    def count(self) -> int:
        """Of all ranks."""
        return self._examples.count()

    def least_batch(self) -> int:
        """Of all ranks: each has enough of it, in the order of `shuffled`."""
        if self.ranks.alone or self._least == 1:
            return self._least
        return math.ceil((self._least + 2) * self.count() / max(1.0, min(self.ranks.each(self._data.count()))))

    @property
    def chunk(self) -> int:
        return self._chunk

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
        return order if self.ranks.alone or self._least == 1 else self._spread_over_ranks(order)

    def _spread_over_ranks(self, order: list[int]) -> list[int]:
        """Such that each rank has its share of any part of it."""
        owners = self._examples.placed(torch.full((self._data.count(),), float(self.ranks.rank)), self.ranks)
        of_rank: dict[float, list[int]] = {}
        for row in order:
            of_rank.setdefault(owners[row], []).append(row)
        places = [((i + 0.5) / len(rows), row) for rows in of_rank.values() for i, row in enumerate(rows)]
        return [row for _, row in sorted(places)]

    def objective_on(self, rows: Sequence[int]) -> Objective:
        return self.with_examples(self._examples.take(rows))

    def with_examples(self, examples: Examples) -> Objective:
        return Objective(self._guest, self._names, self._loss, examples, self._chunk, self._seed, self.ranks)

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
            wide = self._examples.mapped(lambda t: t.double() if t.is_floating_point() else t)
            if wide.data.count() > 0:
                self._guest.ready(self._seed)
                loss = self._loss(wide.data.batch(slice(0, self._least)))
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

    def _batches(self, rows: Rows = None) -> Iterator[tuple[Batch, int, float]]:
        """The examples here in chunks, each with its number and its share of those of all ranks."""
        of_all = self.count() if rows is None else len(rows)
        here = self._examples.here(rows)
        count = self._data.count() if here is None else len(here)
        chunks = max(1, (count + self._chunk - self._least) // self._chunk)  # too few for one of their own join another
        for k in range(chunks if count > 0 else 0):
            at, to = k * self._chunk, (k + 1) * self._chunk if k + 1 < chunks else count
            part: Any = slice(at, to) if here is None else here[at:to]
            yield self._data.batch(part), to - at, (to - at) / of_all

    def _evaluate(self, batch: Batch) -> Tensor:
        self._guest.ready(self._seed)
        return self._loss(batch)

    def _grad(self, loss: Tensor, create_graph: bool = False) -> list[Tensor]:
        grads = torch.autograd.grad(loss, self._parameters, create_graph=create_graph, allow_unused=True)
        if any(g is not None and g.is_sparse for g in grads):
            raise refusal("model", "gives sparse gradients (nn.Embedding(sparse=True)), which have no curvature here")
        return [torch.zeros_like(p) if g is None else g for g, p in zip(grads, self._parameters)]

    def loss(self, rows: Rows = None) -> float:
        return self.ranks.sum(self._loss_here(rows))

    def _loss_here(self, rows: Rows = None) -> float:
        with torch.no_grad():
            return sum(self._evaluate(batch).item() * share for batch, _, share in self._batches(rows))

    def loss_and_gradient(self, rows: Rows = None) -> tuple[float, TensorList]:
        total, parts = 0.0, []
        for batch, _, share in self._batches(rows):
            loss = self._evaluate(batch) * share
            total += loss.item()
            parts.append(self._grad(loss))
            self._add_up(parts)
        total, sums = self.ranks.summed_with(total, self._here_or_zeros(parts))
        return total, self.vector(sums)

    def _add_up(self, parts: list[list[Tensor]]) -> None:
        if len(parts) == 2:
            torch._foreach_add_(parts[0], parts.pop())

    def _here_or_zeros(self, parts: list[list[Tensor]]) -> list[Tensor]:
        """There are none where no example is."""
        return parts[0] if parts else [torch.zeros_like(p) for p in self._parameters]

    def _summed(self, parts: list[list[Tensor]]) -> TensorList:
        """Over all ranks."""
        return self.vector(self.ranks.summed(self._here_or_zeros(parts)))

    def _here(self) -> Any:
        """Changes wherever the parameters do, whoever writes to them."""
        return self._guest.moves, [(p.data_ptr(), p._version) for p in self._parameters]

    def _kept_gradient(self) -> list[Tensor]:
        """Of one chunk, with its graph: products at the same parameters are made from it."""
        if self._kept is None or self._kept[0] != self._here():
            self._kept = None
            ((batch, _, share),) = self._batches()
            gradient = self._grad(self._evaluate(batch) * share, create_graph=True)
            self._kept = self._here(), gradient
        return self._kept[1]

    def product(self, v: TensorList, rows: Rows = None) -> TensorList:
        """The Hessian's, of all examples or of those."""
        if rows is None and 0 < self._data.count() <= self._chunk:
            return self._summed([self._directional(self._kept_gradient(), v, keep=True)])
        parts: list[list[Tensor]] = []
        for batch, _, share in self._batches(rows):
            parts.append(self._directional(self._grad(self._evaluate(batch) * share, create_graph=True), v, keep=False))
            self._add_up(parts)
        return self._summed(parts)

    def _directional(self, gradient: list[Tensor], v: TensorList, keep: bool) -> list[Tensor]:
        """The derivative of the gradient along v."""
        pairs = [(g, t) for g, t in zip(gradient, v.tensors) if g.requires_grad]  # others do not depend on anything
        if not pairs:
            return v.zeros().tensors
        try:
            parts = torch.autograd.grad(
                [g for g, _ in pairs], self._parameters, [t for _, t in pairs], retain_graph=keep, allow_unused=True
            )
        except RuntimeError as error:
            raise _undifferentiable(error) from error
        return [torch.zeros_like(p) if h is None else h for h, p in zip(parts, self._parameters)]

    def why_no_matrix(self, kind: str) -> str:
        """Why there is no such matrix of this loss; "" where there is."""
        if kind == "hessian":
            return ""
        if kind == "sampled_fisher":
            return (
                ""
                if self.ranks.all(self._has_draw())
                else "needs a loss known as a likelihood: torch's cross_entropy, nll_loss, mse_loss or "
                "binary_cross_entropy_with_logits, without weights or smoothing; `matrix=ggn` is what it samples"
            )
        possible = self.ranks.all(self._has_outputs() if kind == "gauss_newton" else self._has_each())
        return "" if possible else "needs a loss of outputs and targets, loss(outputs, targets), that are tensors"

    def _first(self) -> Batch:
        return self._data.batch(slice(0, self._least))

    def _has_outputs(self) -> bool:
        if not self._loss.separates or self._data.count() == 0:
            return self._loss.separates
        self._guest.ready(self._seed)
        with torch.no_grad():
            return isinstance(self._loss.outputs_and_targets(self._first())[0], Tensor)

    def _has_draw(self) -> bool:
        if self._loss.draw is None or self._data.count() == 0:
            return self._loss.draw is not None
        self._guest.ready(self._seed)
        with torch.no_grad():
            outputs, targets = self._loss.outputs_and_targets(self._first())
        if not isinstance(outputs, Tensor) or not isinstance(targets, Tensor) or not self._has_each():
            return False
        return takes_labels(self._loss.draw) or outputs.shape == targets.shape

    def _drawn_targets(self, seed: int) -> tuple[list[Tensor], float]:
        """Of each chunk, from what the model gives at the present parameters, one for a seed on every device; and how
        many draws an example is on average."""
        key = seed, self._here()
        if self._drawn is None or self._drawn[0] != key:
            assert self._loss.draw is not None
            random, parts, draws = torch.Generator().manual_seed(seed), [], 0
            with torch.no_grad():
                for batch, _, _ in self._batches():
                    self._guest.ready(self._seed)
                    outputs, targets = self._loss.outputs_and_targets(batch)
                    drawn, here = self._loss.draw(outputs.double().cpu(), targets.cpu(), random)
                    parts.append(drawn.to(targets.device))
                    draws += here
            self._drawn = key, parts, self.ranks.sum(float(draws)) / self.count()
        return self._drawn[1], self._drawn[2]

    def _has_each(self) -> bool:
        if self._data.count() == 0:
            return self._loss.separates
        self._guest.ready(self._seed)
        with torch.no_grad():
            return self._loss.each(self._first(), min(self._least, self._data.count())) is not None

    def matrix_product(self, kind: str, v: TensorList, seed: int = 0) -> TensorList:
        """J' M J v: with J of the outputs and M the loss's Hessian by them (Gauss-Newton), or with J of the examples'
        losses and M of equal weights (Fisher); `seed`: of targets that are drawn."""
        sampled = kind == "sampled_fisher"
        drawn, of_each = self._drawn_targets(seed) if sampled else ([], 1.0)
        parts: list[list[Tensor]] = []
        for k, (batch, count, share) in enumerate(self._batches()):
            self._guest.ready(self._seed)
            if kind == "gauss_newton":
                y, targets = self._loss.outputs_and_targets(batch)
                pulled = self._curved(y, targets, self._tangent(y, v)) * share
            else:
                each = self._loss.each(batch, count, drawn[k] if sampled else None)
                assert each is not None
                y = each
                pulled = self._tangent(y, v) * (of_each * share / count)
            grads = torch.autograd.grad(y, self._parameters, pulled, allow_unused=True)
            parts.append([torch.zeros_like(p) if g is None else g for g, p in zip(grads, self._parameters)])
            self._add_up(parts)
        return self._summed(parts)

    def _tangent(self, y: Tensor, v: TensorList) -> Tensor:
        """J v: the derivative by u of J' u, which is linear in u, along v."""
        u = torch.zeros_like(y, requires_grad=True)
        pulled = torch.autograd.grad(y, self._parameters, u, create_graph=True, allow_unused=True)
        pairs = [(g, t) for g, t in zip(pulled, v.tensors) if g is not None and g.requires_grad]
        if not pairs:
            return torch.zeros_like(y)
        try:
            (tangent,) = torch.autograd.grad(
                [g for g, _ in pairs], u, [t for _, t in pairs], retain_graph=True, allow_unused=True
            )
        except RuntimeError as error:
            raise _undifferentiable(error) from error
        return torch.zeros_like(y) if tangent is None else tangent

    def _curved(self, outputs: Tensor, targets: Any, tangent: Tensor) -> Tensor:
        """The loss's Hessian by the outputs, times a tangent."""
        z = outputs.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(self._loss.of_outputs(z, targets), z, create_graph=True)
        if not slope.requires_grad:
            return torch.zeros_like(z)
        (curved,) = torch.autograd.grad(slope, z, tangent, allow_unused=True)
        return torch.zeros_like(z) if curved is None else curved

    def check_twice_differentiable(self, rows: Sequence[int]) -> None:
        """One that can be differentiated only once is a node that leads nowhere: silently, its part would be 0."""
        for batch, _, _ in self._batches(rows):
            pending = [g.grad_fn for g in self._grad(self._evaluate(batch), create_graph=True)]
            seen: set[Any] = set()
            while pending:
                node = pending.pop()
                if node is None or node in seen:
                    continue
                seen.add(node)
                if node.name() == "torch::autograd::Error":
                    raise refusal("model", "has a function that cannot be differentiated twice (once_differentiable)")
                pending += [next_node for next_node, _ in node.next_functions]

    # What it is of single examples.

    def losses(self) -> list[float]:
        with torch.no_grad():
            return self._of_each(self._losses_here())

    def _of_each(self, here: list[float]) -> list[float]:
        return self._examples.placed(torch.tensor(here, dtype=torch.float64), self.ranks)

    def _losses_here(self) -> list[float]:
        found: list[float] = []
        for batch, count, _ in self._batches():
            self._guest.ready(self._seed)
            each = self._loss.each(batch, count)
            if each is None:
                return self._one_by_one(lambda one: one.item())
            found += each.double().tolist()
        return found

    def _one_by_one(self, f: Callable[[Tensor], float]) -> list[float]:
        if self._least > 1:
            raise refusal(
                "loss",
                "takes a batch, and the model statistics over it: what each example adds is not known; "
                "loss(outputs, targets) with an argument `reduction` would tell",
            )
        return [f(self._evaluate(self._data.batch(slice(i, i + 1)))) for i in range(self._data.count())]

    def curvatures(self, v: TensorList) -> list[float]:
        """v' H_i v for each example's Hessian H_i.

        With a weight c_i for each example's loss, v' H(c) v = sum_i c_i v' H_i v: its derivative by c is what is asked.
        """
        return self._of_each(self._curvatures_here(v))

    def _curvatures_here(self, v: TensorList) -> list[float]:
        found: list[float] = []
        for batch, count, _ in self._batches():
            self._guest.ready(self._seed)
            each = self._loss.each(batch, count)
            if each is None:
                return self._one_by_one(lambda one: self._curvature(one, v).item())
            weights = torch.ones_like(each, requires_grad=True)
            curvature = self._curvature((each * weights).sum(), v, create_graph=True)
            parts: Any = (None,)
            if curvature.requires_grad:
                parts = torch.autograd.grad(curvature, weights, allow_unused=True)
            found += [0.0] * count if parts[0] is None else parts[0].double().tolist()
        return found

    def _curvature(self, loss: Tensor, v: TensorList, create_graph: bool = False) -> Tensor:
        def along(gradient: Sequence[Optional[Tensor]]) -> Tensor:
            terms = [(g * t).sum() for g, t in zip(gradient, v.tensors) if g is not None and g.requires_grad]
            return torch.stack(terms).sum() if terms else loss.new_zeros(())

        slope = along(self._grad(loss, create_graph=True))
        if not slope.requires_grad:
            return slope
        try:
            second = torch.autograd.grad(slope, self._parameters, create_graph=create_graph, allow_unused=True)
        except RuntimeError as error:
            raise _undifferentiable(error) from error
        if create_graph:
            return along(second)
        return sum(((g * t).sum() for g, t in zip(second, v.tensors) if g is not None), loss.new_zeros(()))

    # What its outputs tell.

    def _outputs(self) -> Optional[tuple[Tensor, Tensor]]:
        """The model's outputs for the examples here, and the targets; None where the loss does not take them apart, or
        they have no shape that is the same on all ranks."""
        outputs, targets = [], []
        with torch.no_grad():
            for batch, _, _ in self._batches() if self._loss.separates else ():
                self._guest.ready(self._seed)
                y, t = self._loss.outputs_and_targets(batch)
                if isinstance(y, Tensor) and isinstance(t, Tensor):
                    outputs.append(y)
                    targets.append(t)
        shapes = {tuple(y.shape[1:]) for y in outputs}
        found = (torch.cat(outputs), torch.cat(targets)) if len(shapes) == 1 else None
        mark = -1.0 if found is None else float(digest([torch.tensor(found[0].shape[1:], dtype=torch.long)]))
        marks = self.ranks.each(mark)
        return found if min(marks) == max(marks) else None

    def baseline(self) -> Optional[float]:
        """The loss of the best constant predictor."""
        found = self._outputs()
        return None if found is None else constant_loss(self._loss.of_outputs, *found, self.ranks)

    def outputs_are_all_the_same(self) -> bool:
        """To 0.1% of their size."""
        found = self._outputs()
        if found is None or self.count() < 2:
            return False
        outputs = found[0].reshape(len(found[0]), -1).double()
        (total,) = self.ranks.summed([outputs.sum(0)])
        (squares,) = self.ranks.summed([(outputs - total / self.count()).square().sum(0)])
        size = max(self.ranks.each(float(outputs.abs().max())))
        return math.sqrt(float(squares.max()) / self.count()) <= 1e-3 * (1e-6 + size)

    def _find_least_batch(self) -> int:
        """Batch norm refuses to normalize a single example's numbers, in whatever words; two must do then."""
        with torch.no_grad():
            if self._data.count() == 0:
                return 1
            try:
                self._evaluate(self._data.batch(slice(0, 1)))
                return 1
            except Exception:
                if self._data.count() < 2:
                    raise
                self._evaluate(self._data.batch(slice(0, 2)))
                return 2


def _undifferentiable(error: RuntimeError) -> InputError:
    return refusal("model", f"has an operation that cannot be differentiated twice: {str(error).splitlines()[0]}")
