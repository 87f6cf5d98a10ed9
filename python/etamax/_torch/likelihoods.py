"""Losses that are -log p(targets | outputs), up to constants: targets drawn from p (etamax/model/loss.h has the program's)."""

from __future__ import annotations

from typing import Any, Callable, Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Targets in the form and type of those given, each drawn; and how many draws these are.
Draw = Callable[[Tensor, Tensor, torch.Generator], "tuple[Tensor, int]"]


def _labels(probabilities: Tensor, targets: Tensor, ignored: int, random: torch.Generator) -> tuple[Tensor, int]:
    """`probabilities`: the classes along the second dimension."""
    last = probabilities.movedim(1, -1)
    drawn = torch.multinomial(last.reshape(-1, last.shape[-1]), 1, generator=random).reshape(last.shape[:-1])
    if targets.is_floating_point():  # the classes' probabilities: all of it on one
        return F.one_hot(drawn, last.shape[-1]).movedim(-1, 1).to(targets.dtype), drawn.numel()
    left_out = targets == ignored
    return torch.where(left_out, targets, drawn.to(targets.dtype)), int((~left_out).sum())


def _normal(outputs: Tensor, targets: Tensor, random: torch.Generator) -> tuple[Tensor, int]:
    """Of (y - t)^2, exp(-(y - t)^2) is the normal distribution of variance 1/2."""
    noise = torch.randn(targets.shape, generator=random, dtype=torch.float64)
    return (outputs + noise * 0.5**0.5).to(targets.dtype), targets.numel()


def _coins(outputs: Tensor, targets: Tensor, random: torch.Generator) -> tuple[Tensor, int]:
    return torch.bernoulli(outputs.sigmoid(), generator=random).to(targets.dtype), targets.numel()


def takes_labels(draw: Draw) -> bool:
    """Else the outputs have the targets' shape."""
    return draw not in (_normal, _coins)


def likelihood_of(loss: Optional[Callable[..., Any]]) -> Optional[Draw]:
    """How targets are drawn from what this loss is the likelihood of; None where it is none that is known. One with
    weights or with smoothed labels is none. The outputs come on the CPU, in 64 bit, as do the targets."""
    settings = vars(loss) if isinstance(loss, nn.Module) else {}
    plain = all(getattr(loss, name, None) is None for name in ("weight", "pos_weight"))
    if not plain or settings.get("label_smoothing", 0) != 0 or settings.get("reduction", "mean") != "mean":
        return None
    ignored = settings.get("ignore_index", -100)
    if loss is F.cross_entropy or type(loss) is nn.CrossEntropyLoss:
        return lambda z, t, random: _labels(z.softmax(1), t, ignored, random)
    if loss is F.nll_loss or type(loss) is nn.NLLLoss:
        return lambda z, t, random: _labels(z.exp(), t, ignored, random)
    if loss is F.mse_loss or type(loss) is nn.MSELoss:
        return _normal
    if loss is F.binary_cross_entropy_with_logits or type(loss) is nn.BCEWithLogitsLoss:
        return _coins
    return None
