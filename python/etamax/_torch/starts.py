"""Weights that runs begin with."""

from __future__ import annotations

from typing import Callable, Sequence

import torch
from torch import Tensor, nn

from .._errors import refusal
from .guest import random_numbers_kept
from .loss import unwrapped


class Starts:
    """New weights for each seed, from a function that makes a model; those of one seed are known."""

    def __init__(self, make_model: Callable[[], nn.Module], names: Sequence[str], seed: int, model: nn.Module) -> None:
        self._make, self._names = make_model, names
        self._known = {seed: self._values(model)}

    def _values(self, model: nn.Module) -> dict[str, Tensor]:
        named = dict(unwrapped(model).named_parameters())
        if not set(self._names) <= named.keys():
            raise refusal("make_model", "makes models of unlike parameters")
        return {name: named[name].detach().clone() for name in self._names}

    def __call__(self, seed: int, names: Sequence[str]) -> list[Tensor]:
        if seed not in self._known:
            with random_numbers_kept():
                torch.manual_seed(seed)
                self._known[seed] = self._values(self._make())
        return [self._known[seed][name].clone() for name in names]
