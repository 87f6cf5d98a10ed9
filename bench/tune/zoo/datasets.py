"""The zoo's data: tables that come with scikit-learn, and made ones. Each maker gives inputs and targets,
examples first."""

import dataclasses

import numpy as np
import sklearn.datasets
import torch

from specs import parse

HELD_OUT = 0.2  # of the examples, as etamax's --validation of bench/tune


@dataclasses.dataclass
class Data:
    inputs: torch.Tensor  # float32, or int64 for tokens
    targets: torch.Tensor  # float32, or int64 for classes
    classes: int  # that a class or a token may be one of; 0 for numbers
    tokens: int  # that an input may be one of; 0 for numbers
    train: int  # the first so many are the training part, the others are held out

    def part(self, held_out):
        rows = slice(self.train, None) if held_out else slice(0, self.train)
        return self.inputs[rows], self.targets[rows]

    @property
    def outputs(self):
        """Numbers that a model gives for each example or position."""
        if self.classes:
            return self.classes
        return self.targets.shape[-1]


def table(name, rng, samples=0, raw=0):
    load = getattr(sklearn.datasets, "load_" + name)
    bunch = load(scaled=False) if name == "diabetes" else load()
    x, y = bunch.data, bunch.target
    if name == "digits" and not raw:
        x = x / 16
    if name in ("diabetes", "linnerud"):
        y = y.reshape(len(x), -1)
    return x, y


def regression(rng, samples=400, width=10, condition=1, noise=0.1, tails=0, outputs=1):
    """A linear map of inputs whose covariance has that condition number; noise of Student's t where `tails` is
    set."""
    x = rng.standard_normal((samples, width)) * np.geomspace(1, condition**-0.5, width)
    y = (
        x
        @ (rng.standard_normal((width, outputs)) * np.geomspace(1, condition**0.5, width)[:, None])
        / width**0.5
    )
    return x, y + noise * (rng.standard_t(tails, y.shape) if tails else rng.standard_normal(y.shape))


def teacher(rng, samples=600, width=8, hidden=12, noise=0.05, outputs=1):
    """What a random network of one hidden layer says."""
    x = rng.standard_normal((samples, width))
    h = np.tanh(x @ rng.standard_normal((width, hidden)) * 1.5 / width**0.5)
    return x, h @ rng.standard_normal((hidden, outputs)) / hidden**0.5 + noise * rng.standard_normal(
        (samples, outputs)
    )


def curve(rng, samples=200, noise=0.05):
    """One variable: a chirp."""
    x = rng.uniform(-1, 1, (samples, 1))
    return x, np.sin(6 * (x + 1) ** 1.5) + noise * rng.standard_normal(x.shape)


def random_targets(rng, samples=300, width=12):
    """Nothing to learn: targets that have nothing to do with the inputs."""
    return rng.standard_normal((samples, width)), rng.standard_normal((samples, 1))


def spirals(rng, samples=400, noise=0.08, arms=2):
    arm, r = rng.integers(arms, size=samples), rng.uniform(0.1, 1, samples)
    angle = 7 * r + 2 * np.pi * arm / arms
    return np.stack([r * np.cos(angle), r * np.sin(angle)], 1) + noise * rng.standard_normal((samples, 2)), arm


def parity(rng, samples=800, bits=10, of=3):
    """Whether an odd number of the first few of the bits is set."""
    x = rng.integers(2, size=(samples, bits)) * 2 - 1
    return x, (np.prod(x[:, :of], 1) > 0).astype(int)


def blobs(rng, samples=500, width=20, classes=5, apart=1.0):
    centers = apart * rng.standard_normal((classes, width))
    y = rng.integers(classes, size=samples)
    return centers[y] + rng.standard_normal((samples, width)), y


def words(rng, samples=600, vocabulary=150, topics=4, length=30):
    """Counts of words of unlike frequency; the class is the topic."""
    frequency = 1 / np.arange(1, vocabulary + 1)
    shares = frequency * rng.gamma(0.5, size=(topics, vocabulary))
    y = rng.integers(topics, size=samples)
    return np.stack([rng.multinomial(length, shares[t] / shares[t].sum()) for t in y]), y


def waves(rng, samples=600, length=32, noise=0.3):
    """Whether a noisy wave of any phase is a sine, a square or a sawtooth. (samples, length, 1)"""
    y = rng.integers(3, size=samples)
    t = rng.uniform(1, 3, (samples, 1)) * np.arange(length) / length + rng.uniform(0, 1, (samples, 1))
    forms = [np.sin(2 * np.pi * t), np.sign(np.sin(2 * np.pi * t)), 2 * (t % 1) - 1]
    return (np.choose(y[:, None], forms) + noise * rng.standard_normal(t.shape))[..., None], y


def forecast(rng, samples=400, length=24, noise=0.05):
    """The next value of a sum of two waves, at each place. (samples, length, 1)"""
    t = np.arange(length + 1)
    w = sum(
        rng.uniform(0.3, 1, (samples, 1))
        * np.sin(rng.uniform(0.1, 1.2, (samples, 1)) * t + rng.uniform(0, 7, (samples, 1)))
        for _ in range(2)
    ) + noise * rng.standard_normal((samples, length + 1))
    return w[:, :-1, None], w[:, 1:, None]


def adding(rng, samples=600, length=16):
    """Two marked numbers of a sequence are to be added. (samples, length, 2)"""
    x = np.stack([rng.uniform(-1, 1, (samples, length)), np.zeros((samples, length))], -1)
    for half in (0, 1):
        x[np.arange(samples), rng.integers(length // 2, size=samples) + half * (length // 2), 1] = 1
    return x, (x[..., 0] * x[..., 1]).sum(1, keepdims=True)


def copying(rng, samples=512, vocabulary=8, length=6):
    """Tokens, then as many blanks, at which they are to be said again; the next token before that."""
    word = rng.integers(1, vocabulary, size=(samples, length))
    x = np.concatenate([word, np.zeros_like(word)], 1)
    return x, np.concatenate([word, word], 1)


def markov(rng, samples=400, vocabulary=12, length=16):
    """The next token of a chain of the second order."""
    chance = np.cumsum(rng.dirichlet(np.full(vocabulary, 0.15), (vocabulary, vocabulary)), -1)
    x = rng.integers(vocabulary, size=(samples, length + 1))
    for i in range(2, length + 1):
        x[:, i] = np.minimum(
            (rng.uniform(size=(samples, 1)) > chance[x[:, i - 2], x[:, i - 1]]).sum(1), vocabulary - 1
        )
    return x[:, :-1], x[:, 1:]


def addition(rng, modulus=17):
    """All pairs of numbers; their sum by that modulus."""
    pairs = np.stack(np.meshgrid(np.arange(modulus), np.arange(modulus)), -1).reshape(-1, 2)
    return pairs, pairs.sum(1) % modulus


def brackets(rng, samples=500, length=16):
    """How deep one stands in a row of brackets, at each place, up to 4."""
    x = rng.integers(2, size=(samples, length))
    depth = np.zeros(samples, int)
    y = np.zeros_like(x)
    for i in range(length):
        depth = np.clip(depth + 2 * x[:, i] - 1, 0, 4)
        y[:, i] = depth
    return x, y


def sorting(rng, samples=600, vocabulary=10, length=8):
    x = rng.integers(vocabulary, size=(samples, length))
    return x, np.sort(x, 1)


def ratings(rng, samples=1500, users=40, items=50, rank=3, noise=0.3):
    """What a user gives an item, of a matrix of low rank. Items are numbered after the users."""
    u, i = rng.integers(users, size=samples), rng.integers(items, size=samples)
    a, b = rng.standard_normal((users, rank)), rng.standard_normal((items, rank))
    y = (a[u] * b[i]).sum(1) / rank**0.5 + noise * rng.standard_normal(samples)
    return np.stack([u, users + i], 1), y[:, None]


def friedman(rng, samples=500, width=10, noise=1.0):
    """Friedman's first function of five of the inputs (Multivariate adaptive regression splines, 1991), over 5."""
    x = rng.uniform(size=(samples, width))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, ((y + noise * rng.standard_normal(samples)) / 5)[:, None]


def rings(rng, samples=400, noise=0.1, count=3):
    """On which of concentric rings a point lies."""
    y, angle = rng.integers(count, size=samples), rng.uniform(0, 2 * np.pi, samples)
    r = (y + 1) / count
    return np.stack([r * np.cos(angle), r * np.sin(angle)], 1) + noise * rng.standard_normal((samples, 2)), y


def bars(rng, samples=500, noise=0.5):
    """Which way a bar lies in a noisy image of 8 by 8: across, upright or on either diagonal. (samples, 64)"""
    y, at = rng.integers(4, size=samples)[:, None, None], rng.integers(-2, 3, size=samples)[:, None, None]
    row, column = np.indices((8, 8))
    off = np.choose(y, [row - 3 + at, column - 3 + at, row - column + at, row + column - 7 + at])
    return ((off == 0) + noise * rng.standard_normal(off.shape)).reshape(samples, 64), y[:, 0, 0]


def majority(rng, samples=600, bits=15):
    """Whether more than half of the bits are set."""
    x = rng.integers(2, size=(samples, bits)) * 2 - 1
    return x, (x.sum(1) > 0).astype(int)


def drift(rng, samples=300, length=16, noise=0.3):
    """The slope of a noisy line with a wave on it. (samples, length, 1)"""
    t = np.arange(length) / length
    slope = rng.standard_normal((samples, 1))
    x = slope * t + np.sin(2 * np.pi * (rng.uniform(1, 3, (samples, 1)) * t + rng.uniform(size=(samples, 1))))
    return (x + noise * rng.standard_normal(x.shape))[..., None], slope


def products(rng, modulus=13):
    """All pairs of numbers but 0; their product by that modulus."""
    pairs = 1 + np.stack(np.meshgrid(np.arange(modulus - 1), np.arange(modulus - 1)), -1).reshape(-1, 2)
    return pairs, pairs.prod(1) % modulus


def reversing(rng, samples=400, vocabulary=9, length=6):
    x = rng.integers(vocabulary, size=(samples, length))
    return x, x[:, ::-1].copy()


MADE = {
    f.__name__: f
    for f in (
        regression,
        teacher,
        curve,
        random_targets,
        spirals,
        parity,
        blobs,
        words,
        waves,
        forecast,
        adding,
        copying,
        markov,
        addition,
        brackets,
        sorting,
        ratings,
        friedman,
        rings,
        bars,
        majority,
        drift,
        products,
        reversing,
    )
}

TOKENS = ("copying", "markov", "addition", "brackets", "sorting", "ratings", "products", "reversing")


def make_data(spec, seed):
    """`spec` is a maker with its settings, and any of: samples (how many), standardized (the inputs, by the
    training part's mean and deviation), noisy=SHARE (of the labels, drawn anew), autoencoder (the targets are
    the inputs), target_scale=FACTOR, last (of a sequence's targets). The seed makes, shuffles and so splits the
    data."""
    name, settings = parse(spec)
    rng = np.random.Generator(np.random.PCG64(seed))
    take = {
        key: settings.pop(key, 0) for key in ("standardized", "noisy", "autoencoder", "target_scale", "last")
    }
    x, y = MADE[name](rng, **settings) if name in MADE else table(name, rng, **settings)
    order = rng.permutation(len(x))[: settings.get("samples", 0) or len(x)]
    x, y = np.asarray(x)[order], np.asarray(y)[order]
    train = len(x) - round(HELD_OUT * len(x))
    tokens = int(x.max()) + 1 if name in TOKENS else 0
    classes = int(y.max()) + 1 if y.dtype.kind == "i" else 0
    if take["noisy"]:
        redrawn = rng.uniform(size=y.shape) < take["noisy"]
        y = np.where(redrawn, rng.integers(classes, size=y.shape), y)
    if take["standardized"]:
        deviation = x[:train].std(0)
        x = (x - x[:train].mean(0)) / np.where(deviation > 0, deviation, 1)
    if take["last"]:
        y = y[:, -1]
    if take["target_scale"]:
        y = y * take["target_scale"]
    if take["autoencoder"]:
        y, classes = x.reshape(len(x), -1), 0
    return Data(
        torch.from_numpy(x.astype(np.int64 if tokens else np.float32)),
        torch.from_numpy(y.astype(np.int64 if classes else np.float32)),
        classes,
        tokens,
        train,
    )
