"""What a learning rate range test suggests: fastai's four rules (J. Howard and S. Gugger, fastai: a layered API for deep
learning, 2020), of the losses of one test at rising rates, smoothed, stopped and cut as its lr_find does. range_test.py
records the tests. Needs NumPy alone."""

import functools

import numpy as np

import zoo

FILE = zoo.HERE / "range_tests.npz"
STEPS = 100
RATES = 1e-7 * (10 / 1e-7) ** (np.arange(STEPS) / STEPS)
BETA, TOO_HIGH, CUT_FIRST, CUT_LAST = 0.98, 4, 10, 5
SLIDE_WIDTH, SLIDE_THRESHOLD = 15, 0.005


@functools.cache
def recorded():
    """Of each task, the batches' losses before each step: an array for its name, a row for each start."""
    if not FILE.exists():
        return {}
    with np.load(FILE) as file:
        return {name: file[name] for name in file.files}


def smoothed(rates, losses):
    """The rates and averages that the rules look at, and how many steps were made."""
    average, best, averages = 0.0, np.inf, []
    for i, loss in enumerate(losses):
        average = BETA * average + (1 - BETA) * float(loss)
        value = average / (1 - BETA ** (i + 1))
        if not np.isfinite(value):
            break
        averages.append(value)
        best = min(best, value)
        if value > TOO_HIGH * best:
            break
    made = min(len(averages) + 1, len(losses))
    kept = slice(CUT_FIRST, max(len(averages) - CUT_LAST, CUT_FIRST))
    return np.asarray(rates)[: len(averages)][kept], np.array(averages)[kept], made


def steepest(rates, losses):
    """Where the loss falls fastest in the logarithm of the rate."""
    if len(rates) < 2:
        return None
    return rates[int(np.argmin(np.diff(losses) / np.diff(np.log(rates))))]


def valley(rates, losses):
    """In the middle of the longest valley: of the longest falling subsequence, taken to be as wide as long."""
    if len(rates) == 0:
        return None
    length = np.ones(len(losses), int)
    for i in range(1, len(losses)):
        lower = losses[:i] > losses[i]
        if lower.any():
            length[i] = length[:i][lower].max() + 1
    end = int(length.argmax())
    if end == 0:
        return rates[0]
    third = length[end] / 3
    return rates[max(end - int(length[end]) + int(third) + int(third / 2), 0)]


def slide(rates, losses):
    """From the right, where the slopes at both ends of a sliding interval are alike."""
    if len(rates) <= SLIDE_WIDTH:
        return None
    slopes = np.gradient(losses)
    left = len(rates) - 1 - SLIDE_WIDTH
    rate = rates[left]
    while left >= 0 and abs(slopes[left + SLIDE_WIDTH] - slopes[left]) > SLIDE_THRESHOLD:
        rate = rates[left]
        left -= 1
    return rate


def minimum_over_ten(rates, losses):
    return rates[int(np.argmin(losses))] / 10 if len(rates) else None


RULES = {"valley": valley, "steepest": steepest, "slide": slide, "minimum": minimum_over_ten}
