"""Whether the gradients that the training has are those of the closure's loss."""

from __future__ import annotations

import math
from typing import Optional

from .._torch.vectors import TensorList

_SAME = 1e-3


class Base:
    """What a look begins from: the training's gradient, where it is the closure's, which saves one.

    It is not where gradients are scaled, shortened or accumulated, where a mask was drawn, and where the closure is of
    another batch.
    """

    def __init__(self) -> None:
        self.checked = self.trusted = False
        self.shortened = False  # proportional, and shorter
        self.note = ""

    def check(self, training: TensorList, closure: TensorList) -> None:
        """Both at the same parameters."""
        g, c, gc = training.dot(training), closure.dot(closure), training.dot(closure)
        self.checked = True
        self.trusted = self.shortened = False
        if not (0 < g < math.inf and 0 < c < math.inf):
            return
        cosine, scale = gc / math.sqrt(g * c), math.sqrt(g / c)
        if cosine < 1 - _SAME:
            self.note = (
                f"the closure's gradient is not the step's (their cosine is {cosine:.2g}): another batch, accumulated "
                "batches, or a mask drawn anew; looks are at the closure's"
            )
        elif abs(scale - 1) > _SAME:
            self.shortened = scale < 1
            kind = "shortened" if self.shortened else "scaled"
            self.note = f"gradients are {kind}: {scale:.3g} times that of the closure's loss"
        else:
            self.trusted, self.note = True, ""

    def clip(self, training: TensorList) -> Optional[float]:
        """The length to which gradients are shortened."""
        return math.sqrt(training.dot(training)) if self.shortened else None
