"""What each example adds to the loss, and to its curvature along a direction; of all ranks, in their order."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence

import torch
from torch import Tensor

from .._errors import refusal
from .evaluation import Evaluation, second_derivatives
from .vectors import TensorList


def losses(on: Evaluation) -> list[float]:
    with torch.no_grad():
        return _of_all_ranks(on, _losses_here(on))


def curvatures(on: Evaluation, v: TensorList) -> list[float]:
    """v' H_i v for each example's Hessian H_i.

    With a weight c_i for each example's loss, v' H(c) v = sum_i c_i v' H_i v: its derivative by c is what is asked.
    """
    return _of_all_ranks(on, _curvatures_here(on, v))


def _of_all_ranks(on: Evaluation, here: list[float]) -> list[float]:
    return on.examples.placed(torch.tensor(here, dtype=torch.float64), on.ranks)


def _losses_here(on: Evaluation) -> list[float]:
    found: list[float] = []
    for batch, count, _ in on.batches():
        each = on.of_each(batch, count)
        if each is None:
            return _one_by_one(on, lambda one: one.item())
        found += each.double().tolist()
    return found


def _curvatures_here(on: Evaluation, v: TensorList) -> list[float]:
    found: list[float] = []
    for batch, count, _ in on.batches():
        each = on.of_each(batch, count)
        if each is None:
            return _one_by_one(on, lambda one: _curvature(on, one, v).item())
        weights = torch.ones_like(each, requires_grad=True)
        curvature = _curvature(on, (each * weights).sum(), v, create_graph=True)
        parts: Any = (None,)
        if curvature.requires_grad:
            parts = torch.autograd.grad(curvature, weights, allow_unused=True)
        found += [0.0] * count if parts[0] is None else parts[0].double().tolist()
    return found


def _one_by_one(on: Evaluation, f: Callable[[Tensor], float]) -> list[float]:
    if on.least > 1:
        raise refusal(
            "loss",
            "takes a batch, and the model statistics over it: what each example adds is not known; "
            "loss(outputs, targets) with an argument `reduction` would tell",
        )
    return [f(on.of_batch(on.data.batch(slice(i, i + 1)))) for i in range(on.data.count())]


def _curvature(on: Evaluation, loss: Tensor, v: TensorList, create_graph: bool = False) -> Tensor:
    def along(gradient: Sequence[Optional[Tensor]]) -> Tensor:
        terms = [(g * t).sum() for g, t in zip(gradient, v.tensors) if g is not None and g.requires_grad]
        return torch.stack(terms).sum() if terms else loss.new_zeros(())

    slope = along(on.gradient(loss, create_graph=True))
    if not slope.requires_grad:
        return slope
    second = second_derivatives(slope, on.parameters, create_graph=create_graph)
    if create_graph:
        return along(second)
    return sum(((g * t).sum() for g, t in zip(second, v.tensors) if g is not None), loss.new_zeros(()))
