"""What a watch may spend: so many gradients for each that the training computes, half of them in advance."""

from __future__ import annotations


class Budget:
    """Counts in gradients.

    Parameters
    ----------
    share
        Of the training's gradients, such as 0.05.
    steps
        That the training is planned to make.
    """

    def __init__(self, share: float, steps: int) -> None:
        self._share, self._plan = share, share * steps
        self.spent = 0.0

    def allowed(self, step: int) -> float:
        """What may have been spent by the time that so many steps are made."""
        return min(self._plan, self._plan / 2 + self._share / 2 * step)

    def left(self, step: int) -> float:
        return max(self.allowed(step) - self.spent, 0.0)

    def spend(self, cost: float) -> None:
        self.spent += cost
