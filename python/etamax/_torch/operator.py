"""Operators on lists of tensors, for the engine: what `certify` asks."""

from __future__ import annotations

from typing import Any, Callable, Protocol, Sequence

import torch
from torch import Tensor

from .. import _engine
from .._errors import refusal
from .ranks import Group, Ranks
from .vectors import TensorList


class _Random(Protocol):
    def random_normal(self, seed: int) -> TensorList: ...


class Operator:
    """A symmetric operator as the Hessian of an objective (etamax/problem/objective.h) of one example."""

    def __init__(
        self,
        product: Callable[[TensorList], TensorList],
        starts: _Random,
        blocks: list[tuple[str, int, int]],
        roundoff: float,
    ) -> None:
        self.product, self._starts, self._blocks, self._roundoff = product, starts, blocks, roundoff

    def blocks(self) -> list[tuple[str, int, int]]:
        return self._blocks

    def roundoff(self) -> float:
        return self._roundoff

    def random_normal(self, seed: int) -> TensorList:
        return self._starts.random_normal(seed)

    def count(self) -> int:
        return 1

    def least_batch(self) -> int:
        return 1

    def in_64_bit(self) -> None:
        """What 32 bit lose is allowed for, and not measured."""

    def close(self) -> None:
        """Nothing of it is held."""


class _Shards:
    """Vectors of which each rank has such tensors."""

    def __init__(self, like: Sequence[Tensor], ranks: Ranks) -> None:
        self._like, self._ranks = like, ranks

    def vector(self, tensors: Sequence[Tensor]) -> TensorList:
        return TensorList(tensors, self._ranks, [True] * len(self._like))

    def random_normal(self, seed: int) -> TensorList:
        random = torch.Generator().manual_seed(seed * self._ranks.count + self._ranks.rank)
        drawn = [torch.randn(t.shape, generator=random, dtype=torch.float64) for t in self._like]
        return self.vector([d.to(t.device, t.dtype) for d, t in zip(drawn, self._like)])


def certify_lists(
    matvec: Callable[[list[Tensor]], Sequence[Tensor]],
    n: int,
    like: Sequence[Any],
    group: Group,
    options: dict[str, Any],
) -> dict[str, Any]:
    """As etamax.certify, of an operator on lists of tensors; on several ranks, each has a part of every vector."""
    tensors = list(like)
    if not tensors or not all(isinstance(t, Tensor) and t.is_floating_point() for t in tensors):
        raise refusal("like", "is no list of tensors of numbers")
    with Ranks(group, tensors[0].device) as ranks:
        entries = int(ranks.sum(sum(t.numel() for t in tensors)))
        if entries != n:
            raise refusal("n", f"is {n}, but the tensors of `like` have {entries} entries")
        shards = _Shards(tensors, ranks)

        def product(v: TensorList) -> TensorList:
            found = [t.detach() for t in matvec(v.clone().tensors)]
            if [t.shape for t in found] != [t.shape for t in tensors]:
                raise refusal("matvec", "gives tensors of other shapes than those of `like`")
            result = shards.vector([t.to(of.device, of.dtype) for t, of in zip(found, tensors)])
            if not result.all_finite():
                raise refusal("matvec", "a product is not finite")
            return result

        roundoff = max(2.0**-53, *(torch.finfo(t.dtype).eps / 2 for t in tensors))
        return _engine.certify_objective(Operator(product, shards, [("", 0, n)], roundoff), False, options)
