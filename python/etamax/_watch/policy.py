"""When to look, when to try, and what to make of it. Numbers only: no model is touched here."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Optional, Sequence


@dataclass(frozen=True)
class Rules:
    """Chosen on two thirds of the runs of bench/watch, and measured on the rest."""

    first_products: int = 4  # of the first look
    guard: float = 0.5  # the residual above which it does not
    settle: int = 10  # steps until the state of an adaptive rule means something, and a training is under way
    near: float = 0.6  # of the edge: from here on the next steps are tried
    margin: float = 1.3  # times the rate in force, at which they are while that is new
    ahead: int = 10  # steps, for which its rise is carried on
    foreseen: float = 1.05  # times the highest rate until the next trial, where the schedule is known
    retried: float = 1.25  # times the rate of the last trial: there is another
    early: tuple[int, ...] = (0, 3)  # steps of trials before that state means something
    tried_steps: int = 8
    growth: float = 2.0  # of the loss in these steps, that is an alarm
    stays_up: float = 1.5  # growth that is one where the last four losses have it
    counts: float = 0.6  # of the first loss, below which nothing is an alarm
    enough: float = 6.0  # growth at which nothing more needs to be tried
    spike: float = 1.1  # times its start, above which a loss is a reason to try the next steps
    swell: float = 2.0  # of the gradient over its usual length, that is a reason to look
    climb: float = 0.8  # of what training has won, lost again: an alarm where the rate is near the edge
    over: float = 0.8  # of the edge, which counts as near for that
    humble: float = 10.0  # by which a cap is divided once more, that was found in the first steps
    retreat: float = 3.0  # by which a rate that is about to fail is divided


@dataclass
class Signals:
    """What every step gives away for nothing."""

    step: int  # counted from 0
    lr: float  # in force
    gradient: float  # its length
    along: float  # its part along the direction that is followed
    loss: float  # NaN where it is not told


class Course:
    """The signals so far, smoothed."""

    def __init__(self) -> None:
        self._gradients: deque[float] = deque(maxlen=30)
        self._along: deque[float] = deque(maxlen=4)
        self._fast = math.nan
        self.start = math.nan  # the first loss
        self.loss = math.nan  # the last
        self._lowest = math.inf
        self._told = 0
        self.swell = 1.0  # of the gradient, over the median of the last 30 steps

    def tell(self, now: Signals) -> None:
        self._along.append(abs(now.along))
        usual = sorted(self._gradients)[len(self._gradients) // 2] if len(self._gradients) >= 5 else now.gradient
        self.swell = now.gradient / max(usual, 1e-30)
        self._gradients.append(now.gradient)
        if math.isnan(now.loss):
            return
        self._told += 1
        self.loss = now.loss
        if math.isnan(self.start):
            self.start = self._fast = now.loss
        self._fast += 0.2 * (now.loss - self._fast)
        self._lowest = min(self._lowest, self._fast)

    def new_direction(self) -> None:
        self._along.clear()

    @property
    def climb(self) -> float:
        """How much of what training had won is lost again; of its start, where it had won little."""
        if self._told < 5:
            return 0.0
        won = max(self.start - self._lowest, 0.2 * abs(self.start))
        return (self._fast - self._lowest) / won

    @property
    def first_and_last(self) -> Optional[tuple[float, float]]:
        """The first loss and the last ones, smoothed; None until there are enough of them."""
        return (self.start, self._fast) if self._told >= 10 else None

    def forgive(self) -> None:
        """What has been lost counts from here on as never won."""
        self._lowest = self._fast

    @property
    def grows(self) -> bool:
        """Whether the gradient along the direction has grown for three steps."""
        last = list(self._along)
        return len(last) == 4 and all(b > 1.1 * a for a, b in zip(last, last[1:]))


class Policy:
    """Of one training. `left`: gradients that may be spent now."""

    def __init__(self, rules: Rules, steps: int, has_edge: bool = True) -> None:
        self.has_edge = has_edge
        self.rules, self.course, self._steps = rules, Course(), steps
        self._looked: Optional[Signals] = None
        self._tried: Optional[Signals] = None
        self._edge: Optional[float] = None
        self._now: Signals
        self._level, self._level_since = 0.0, 0
        self._rates: deque[float] = deque(maxlen=6)

    def tell(self, now: Signals) -> None:
        """Of every step, before anything is asked about it. `now.lr`: in force."""
        self._now = now
        self._rates.append(now.lr)
        if now.lr > 1.1 * self._level:
            self._level, self._level_since = now.lr, now.step
        elif now.lr < self._level / 1.5:
            self._level = now.lr
        self.course.tell(now)

    @property
    def _between_trials(self) -> float:
        """Steps, where nothing stirs."""
        return max(self._steps / 10, 5)

    def next_trial(self, settled: bool) -> int:
        """A step by which the next steps are tried again, where gradients are left."""
        if not settled:
            return next(step for step in self.rules.early + (self.rules.settle,) if step > self._now.step)
        return self._now.step + int(self._between_trials)

    def margin(self, foreseen: Optional[float] = None, settled: bool = True) -> float:
        """Times the rate in force, at which the next steps are tried.

        Where the schedule is heading, and some more while the rate is new; a rate that has held for long needs none.
        `foreseen`: the highest rate until the next trial; None where the schedule is not known.
        """
        is_new = self._now.step - self._level_since < max(0.06 * self._steps, 30)
        if foreseen is not None and self._now.lr > 0:
            rise = max(foreseen / self._now.lr, 1.0)
            first = is_new and self._level_since == 0 and rise == 1
            noise = self.rules.margin if first else self.rules.foreseen
            return noise * (min(rise, self.rules.retried) if settled else rise)
        if not is_new:
            return 1.0
        ahead = 1.0
        if len(self._rates) > 1 and self._rates[-1] > 0:
            slope = (self._rates[-1] - self._rates[0]) / (len(self._rates) - 1)
            ahead = 1.0 + self.rules.ahead * max(slope, 0.0) / self._rates[-1]
        return min(max(self.rules.margin, 1.15 * ahead), 1.7)

    def looked(self, edge: Optional[float]) -> None:
        self._looked = self._now
        self._edge = edge if self.has_edge else None
        self.course.new_direction()

    def tried(self) -> None:
        self._tried = self._now

    @property
    def ratio(self) -> Optional[float]:
        """The rate over the edge of the last look; None where there is none."""
        return None if self._edge is None or self._edge <= 0 else self._now.lr / self._edge

    @property
    def _unrest(self) -> bool:
        return self.course.grows or self.course.swell > self.rules.swell or self.course.climb > 0.2

    def wants_look(self, left: float) -> int:
        """How many products a look may take at this step; 0: none."""
        if self._looked is None:
            return int(min(left, self.rules.first_products))
        since, r = self._now.step - self._looked.step, self.ratio
        if r is None:
            return 3 if since >= (3 if self.has_edge else self._steps / 8) and left >= 6 else 0
        grown = self._now.lr / max(self._looked.lr, 1e-300)
        if r < 0.3:
            wanted = (grown >= 4 and r >= 0.01) or (self.course.swell > 3 and since >= 5)
        elif r < self.rules.near:
            wanted = grown >= 2 or (self._unrest and since >= 4)
        else:
            wanted = self._unrest and since >= 15
        wanted = wanted or since >= max(self._steps / 8, 3)
        cost = 2 if r < 0.3 else 3
        return cost if wanted and left >= cost + 4 else 0

    def wants_trial(self, left: float) -> bool:
        """Whether to try the next steps."""
        r = self.ratio
        if left < 2 or (self.has_edge and (r is None or r < (self.rules.near if left >= 14 else 1.0))):
            return False
        if self._tried is None or self._now.lr >= self.rules.retried * self._tried.lr:
            return True
        since = self._now.step - self._tried.step
        if since >= 2 and self.course.loss > self.rules.spike * self.course.start:
            return True
        return since >= (4 if self._unrest else self._between_trials)

    def may_release(self, left: float) -> bool:
        """Whether to try a higher rate than one that is capped."""
        r = self.ratio
        return left >= 10 and r is not None and r < 0.3

    def _counts(self, loss: float) -> bool:
        """Whether a loss is not small beside that at the start of the training: a rise below is none to speak of."""
        return not loss < self.rules.counts * self.course.start

    def is_bad(self, losses: Sequence[float]) -> bool:
        """Of a trial: whether these steps lead away. Losses before the first and after each.

        A loss that has risen often falls again within some steps, so that a short trial must show more.
        """
        first, last = losses[0], losses[-1]
        if len(losses) <= 5:
            return not last < self.rules.enough * first and self._counts(last)
        stays_up = sum(losses[-4:]) / 4 >= self.rules.stays_up * first
        return (stays_up or not last < self.rules.growth * first) and self._counts(last)

    def is_done(self, losses: Sequence[float]) -> bool:
        """Whether a trial need not go on."""
        if not losses[-1] < self.rules.enough * losses[0] and self._counts(losses[-1]):
            return True
        last = losses[-4:]
        return len(losses) >= 4 and last[-1] < 0.8 * losses[0] and all(b < a for a, b in zip(last, last[1:]))

    def swells_beyond_the_edge(self) -> bool:
        r = self.ratio
        fresh = self._looked is not None and self._now.step - self._looked.step <= 10
        tried = self._tried is not None and self._now.step - self._tried.step <= 10
        return r is not None and fresh and not tried and r >= 1.5 and self.course.swell > self.rules.swell

    def climbs_near_the_edge(self) -> bool:
        r = self.ratio
        return r is not None and r >= self.rules.over and self.course.climb >= self.rules.climb
