"""A mean loss over the examples that are here, chunk by chunk: what all that is asked of it is made from."""

from __future__ import annotations

from typing import Any, Iterable, Iterator, Optional, Sequence

import torch
from torch import Tensor

from .._errors import refusal
from .data import Batch
from .examples import Examples, Rows
from .guest import Guest
from .loss import BatchLoss
from .ranks import Ranks
from .vectors import TensorList, unshared


class Evaluation:
    """`chunk`: examples at once in memory. On several ranks all make the same calls: each evaluates the examples that are
    here, and the sums over them are completed by one all-reduce.

    Attributes
    ----------
    least : int
        Examples of which the model can make a batch.
    """

    def __init__(self, guest: Guest, loss: BatchLoss, examples: Examples, chunk: int, seed: int, ranks: Ranks) -> None:
        self.guest, self.loss, self.examples, self.ranks, self.seed = guest, loss, examples, ranks, seed
        self.data, self.parameters = examples.data, guest.parameters
        self.chunk = max(1, min(chunk, self.data.count()))
        self.least = int(max(ranks.each(self._find_least_batch())))

    def _find_least_batch(self) -> int:
        """Batch norm refuses to normalize a single example's numbers, in whatever words; two must do then."""
        with torch.no_grad():
            if self.data.count() == 0:
                return 1
            try:
                self.of_batch(self.data.batch(slice(0, 1)))
                return 1
            except Exception:
                if self.data.count() < 2:
                    raise
                self.of_batch(self.data.batch(slice(0, 2)))
                return 2

    # One batch.

    def batches(self, rows: Rows = None) -> Iterator[tuple[Batch, int, float]]:
        """The examples here in chunks, each with its number and its share of those of all ranks."""
        of_all = self.examples.count() if rows is None else len(rows)
        here = self.examples.here(rows)
        count = self.data.count() if here is None else len(here)
        chunks = max(1, (count + self.chunk - self.least) // self.chunk)  # too few for one of their own join another
        for k in range(chunks if count > 0 else 0):
            at, to = k * self.chunk, (k + 1) * self.chunk if k + 1 < chunks else count
            part: Any = slice(at, to) if here is None else here[at:to]
            yield self.data.batch(part), to - at, (to - at) / of_all

    def few(self) -> Batch:
        """The smallest batch, of the first examples here."""
        return self.data.batch(slice(0, self.least))

    def of_batch(self, batch: Batch) -> Tensor:
        self.guest.ready(self.seed)
        return self.loss(batch)

    def outputs(self, batch: Batch) -> tuple[Any, Any]:
        """The model's, and the targets."""
        self.guest.ready(self.seed)
        return self.loss.outputs_and_targets(batch)

    def of_each(self, batch: Batch, count: int, drawn: Optional[Tensor] = None) -> Optional[Tensor]:
        """The losses of its examples, where they can be had (`BatchLoss.each`)."""
        self.guest.ready(self.seed)
        return self.loss.each(batch, count, drawn)

    # Derivatives.

    def place(self) -> Any:
        """Changes wherever the parameters do, whoever writes to them."""
        return self.guest.moves, [(p.data_ptr(), p._version) for p in self.parameters]

    def gradient(self, loss: Tensor, create_graph: bool = False) -> list[Tensor]:
        grads = torch.autograd.grad(loss, self.parameters, create_graph=create_graph, allow_unused=True)
        if any(g is not None and g.is_sparse for g in grads):
            raise refusal("model", "gives sparse gradients (nn.Embedding(sparse=True)), which have no curvature here")
        return self.filled(grads)

    def filled(self, grads: Sequence[Optional[Tensor]]) -> list[Tensor]:
        """With 0 for parameters that nothing depends on."""
        return [torch.zeros_like(p) if g is None else g for g, p in zip(grads, self.parameters)]

    def added(self, parts: Iterable[list[Tensor]], along: Sequence[Tensor] = ()) -> list[Tensor]:
        """The sum of what the chunks give, which is used up; 0 where no example is. `along`: what they were made from."""
        total: Optional[list[Tensor]] = None
        for part in parts:
            if total is None:
                total = unshared(part, [*self.parameters, *along])
            else:
                torch._foreach_add_(total, part)
            del part  # or it would be kept while the next is made
        return [torch.zeros_like(p) for p in self.parameters] if total is None else total

    def summed(self, parts: Iterable[list[Tensor]], along: Sequence[Tensor]) -> TensorList:
        """Over all ranks, too."""
        return TensorList(self.ranks.summed(self.added(parts, along)), self.ranks)


def second_derivatives(
    of: Tensor | Sequence[Tensor],
    by: Tensor | Sequence[Tensor],
    along: Optional[Sequence[Tensor]] = None,
    *,
    keep: bool = False,
    create_graph: bool = False,
) -> tuple[Optional[Tensor], ...]:
    """Of first ones that have a graph; None for what they do not depend on. `keep`: that graph, for more of them."""
    try:
        return torch.autograd.grad(
            of, by, along, retain_graph=keep or create_graph, create_graph=create_graph, allow_unused=True
        )
    except RuntimeError as error:
        first = str(error).splitlines()[0]
        raise refusal("model", f"has an operation that cannot be differentiated twice: {first}") from error
