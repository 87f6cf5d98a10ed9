"""What a watch has seen and said, and the answer that the engine makes of it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Optional

from .. import _engine
from .._answer import Answer, axes_or_new


def number(x: float) -> str:
    return f"{x:.3g}"


class WatchReport(Answer):
    """What a watched training came to.

    ``looks`` has the steps at which the curvature was measured, ``events`` what was said, ``rates`` the learning rates.
    """

    def plot(self, ax: Any = None) -> Any:
        """Draw the rate and the edge over the steps.

        Parameters
        ----------
        ax
            Axes of matplotlib; None: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        ax = axes_or_new(ax)
        steps = [rate.step for rate in self["rates"]] + [max(self["steps"] - 1, 0)]
        for name, style in ("lr", "-"), ("lr_in_force", "--"):
            values = [rate[name] for rate in self["rates"]]
            if values:
                ax.step(steps, values + values[-1:], style, where="post", label=name)
        edges = [(look.step, look.lr_edge) for look in self["looks"] if look.lr_edge is not None]
        if edges:
            ax.plot(*zip(*edges), "o-", label="edge")
        for event in self["events"]:
            ax.axvline(
                event.step, color="grey", linestyle=":" if event.kind in ("calm", "released") else "-", linewidth=1
            )
        ax.set(xlabel="step", ylabel="learning rate", yscale="log")
        ax.legend(fontsize="small")
        return ax


@dataclass
class Look:
    """The curvature at one step: the fields of the report's ``looks``."""

    step: int
    lr: float
    sharpness: float
    lr_edge: Optional[float]
    residual: float
    layer: str
    gradients: float


@dataclass
class Record:
    """Grows with the training."""

    looks: list[Look] = field(default_factory=list)
    events: list[tuple[int, str, str]] = field(default_factory=list)
    rates: list[tuple[int, float, float]] = field(default_factory=list)
    compared: int = 0
    beyond: int = 0
    highest: tuple[float, int] = (-1.0, 0)

    def rate(self, step: int, set_: float, in_force: float) -> None:
        if not self.rates or self.rates[-1][1:] != (set_, in_force):
            self.rates.append((step, set_, in_force))

    def say(self, step: int, kind: str, text: str, printer: Optional[Callable[[str], Any]]) -> None:
        line = f"etamax: step {step:,}: {text}"
        self.events.append((step, kind, line))
        if printer is not None:
            printer(line)

    def warned(self) -> list[int]:
        return [step for step, kind, _ in self.events if kind in ("warned", "capped", "not_finite")]

    def ratio(self, step: int, ratio: Optional[float]) -> None:
        """The rate in force over the edge as last seen, at every step at which there is one."""
        if ratio is None:
            return
        self.compared += 1
        self.beyond += ratio > 1
        if ratio > self.highest[0]:
            self.highest = (ratio, step)

    def sentences(self, why_no_edge: str, steps: int, losses: Optional[tuple[float, float]] = None) -> list[str]:
        """The answer, first what became of the training. `losses`: the first, and the last ones smoothed."""
        said = []
        highest, at = self.highest
        if not steps:
            said.append("No step has been watched yet.")
        elif not self.compared or not math.isfinite(highest):
            reason = why_no_edge or "no positive curvature was seen"
            said.append(f"The rate has no edge to be compared with: {reason}.")
        elif self.beyond:
            said.append(
                f"The rate was beyond the edge, as last seen, in {self.beyond:,} of {self.compared:,} steps, at most "
                f"{number(highest)} times it (step {at:,})."
            )
        else:
            said.append(f"The rate stayed below the edge, at most {number(highest)} times it (step {at:,}).")
        warned, capped = self.warned(), [step for step, kind, _ in self.events if kind == "capped"]
        if warned:
            times = "once" if len(warned) == 1 else f"{len(warned)} times"
            said.append(f"It was warned of {times}, first at step {warned[0]:,}.")
        elif losses is not None and not losses[1] < losses[0]:
            first, last = (number(x) for x in losses)
            said.append(
                f"Nothing was warned of, but the loss is no lower than at first: {first} then, {last} by now (the "
                "last ones, smoothed). etamax.analyze tries other rates."
            )
        elif steps:
            said.append("Nothing had to be warned of.")
        if capped:
            said.append(f"The rate was held down from step {capped[0]:,} on.")
        return said

    def report(self, about: dict[str, Any], losses: Optional[tuple[float, float]] = None) -> WatchReport:
        gathered = {
            **about,
            "looks": [asdict(look) for look in self.looks],
            "events": self.events,
            "rates": self.rates,
            "answer": self.sentences(about["lr_edge_reason"], about["steps"], losses),
        }
        return WatchReport(_engine.watching(gathered))
