"""Trainings to watch: small networks of several kinds, from rates that crawl to rates that blow up.

A run is a row of settings that its number alone decides, so that everybody makes the same ones.
"""

import math
import random
import zlib

import torch
import torch.nn.functional as F
from torch import nn

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "gelu": nn.GELU}
EXAMPLES = 512
STEPS = {"mlp": 1500, "cnn": 1000, "rnn": 1000, "gpt": 800}
RATES = {"sgd": (0.5, 50), "momentum": (0.1, 10), "adam": (0.006, 3), "adamw": (0.006, 3)}  # from, to


def settings(number):
    """What the run of this number is."""
    choose = random.Random(1000 + number)
    family = choose.choice(["mlp", "mlp", "mlp", "cnn", "rnn", "gpt"])
    row = {"number": number, "family": family}
    row["activation"] = (
        choose.choice(list(ACTIVATIONS)) if family in ("mlp", "cnn") else {"rnn": "tanh", "gpt": "gelu"}[family]
    )
    row["norm"] = {
        "mlp": choose.choice(["none", "none", "layer", "batch"]),
        "cnn": choose.choice(["none", "batch"]),
        "rnn": "none",
        "gpt": "layer",
    }[family]
    row["cell"] = choose.choice(["rnn", "lstm", "gru"]) if family == "rnn" else ""
    row["loss"] = choose.choice(["cross_entropy", "mse"]) if family in ("mlp", "cnn") else "cross_entropy"
    row["optimizer"] = choose.choice(list(RATES))
    row["schedule"] = choose.choice(["constant", "constant", "warmup", "ramp", "cosine"])
    row["batch"] = choose.choice([16, 64, 256, EXAMPLES])
    row["batch"] = min(row["batch"], {"mlp": EXAMPLES, "cnn": 256, "rnn": 64, "gpt": 32}[family])
    low, high = RATES[row["optimizer"]]
    row["lr"] = low * (high / low) ** choose.random()
    row["steps"] = STEPS[family]
    row["part"] = "measure" if zlib.crc32(repr(sorted(row.items())).encode()) % 3 == 0 else "choose"
    return row


def rate(row, step):
    """In force at a step."""
    peak, steps, kind = row["lr"], row["steps"], row["schedule"]
    if kind == "warmup":
        return peak * min(1, (step + 1) / (0.2 * steps))
    if kind == "ramp":
        return peak * 0.01 ** (1 - step / steps)
    if kind == "cosine":
        return peak * min(1, (step + 1) / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))
    return peak


class Recurrent(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.tokens = nn.Embedding(12, 16)
        self.rnn = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](16, 24, batch_first=True)
        self.last = nn.Linear(24, 12)

    def forward(self, x):
        return self.last(self.rnn(self.tokens(x))[0][:, -1])


class Block(nn.Module):
    def __init__(self, width, heads=2):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        n, t, width = x.shape
        q, k, v = self.qkv(self.norms[0](x)).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        later = torch.ones(t, t, dtype=torch.bool).triu(1)
        scores = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).masked_fill(later, float("-inf"))
        x = x + self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, width))
        return x + self.mlp(self.norms[1](x))


class Gpt(nn.Module):
    def __init__(self, vocabulary=16, positions=8, width=16):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(positions, width)
        self.blocks = nn.Sequential(Block(width), Block(width))
        self.norm, self.last = nn.LayerNorm(width), nn.Linear(width, vocabulary)

    def forward(self, x):
        return self.last(self.norm(self.blocks(self.tokens(x) + self.positions.weight))).transpose(1, 2)


def _mlp(row):
    act, widths, layers = ACTIVATIONS[row["activation"]], [32, 40, 40, 40, 10], []
    for i in range(4):
        layers.append(nn.Linear(widths[i], widths[i + 1]))
        if i < 3:
            norm = {"none": [], "layer": [nn.LayerNorm(40)], "batch": [nn.BatchNorm1d(40)]}[row["norm"]]
            layers += [*norm, act()]
    return nn.Sequential(*layers)


def _cnn(row):
    act, layers = ACTIVATIONS[row["activation"]], []
    for a, b, stride in ((1, 4, 1), (4, 8, 2)):
        layers += [
            nn.Conv2d(a, b, 3, stride=stride, padding=1),
            *([nn.BatchNorm2d(b)] if row["norm"] == "batch" else []),
            act(),
        ]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128, 10))


def model_of(row):
    torch.manual_seed(row["number"])
    family = row["family"]
    return {"mlp": _mlp, "cnn": _cnn, "rnn": lambda r: Recurrent(r["cell"]), "gpt": lambda r: Gpt()}[family](row)


def data_of(row):
    """Inputs and targets."""
    g = torch.Generator().manual_seed(7)
    if row["family"] in ("mlp", "cnn"):
        size = 32 if row["family"] == "mlp" else 64
        y = torch.randint(10, (EXAMPLES,), generator=g)
        x = torch.randn(10, size, generator=g)[y] + 1.3 * torch.randn(EXAMPLES, size, generator=g)
        y = torch.where(torch.rand(EXAMPLES, generator=g) < 0.1, torch.randint(10, (EXAMPLES,), generator=g), y)
        x = x if row["family"] == "mlp" else x.view(-1, 1, 8, 8)
        return x, F.one_hot(y, 10).float() * 3 if row["loss"] == "mse" else y
    if row["family"] == "rnn":  # the token that came first
        x = torch.randint(12, (EXAMPLES, 6), generator=g)
        return x, x[:, 0]
    table = torch.softmax(2.5 * torch.randn(16, 16, generator=g), 1)
    x = torch.randint(16, (EXAMPLES, 1), generator=g)
    for _ in range(8):
        x = torch.cat([x, torch.multinomial(table[x[:, -1]], 1, generator=g)], 1)
    return x[:, :-1], x[:, 1:]


def loss_function(row):
    return F.mse_loss if row["loss"] == "mse" else F.cross_entropy


def optimizer_of(row, parameters):
    kind, lr = row["optimizer"], rate(row, 0)
    if kind == "adam":
        return torch.optim.Adam(parameters, lr=lr)
    if kind == "adamw":
        return torch.optim.AdamW(parameters, lr=lr)
    return torch.optim.SGD(parameters, lr=lr, momentum=0.9 if kind == "momentum" else 0.0)


def constant_loss(row, data):
    """Of the best prediction that does not depend on the inputs."""
    y = data[1]
    if row["loss"] == "mse":
        return float((y - y.mean(0)).square().mean())
    p = torch.bincount(y.reshape(-1)).double() / y.numel()
    return float(-(p[p > 0] * p[p > 0].log()).sum())


class Training:
    """A run, step by step."""

    def __init__(self, row):
        self.row = row
        self.data, self.model, self.loss = data_of(row), model_of(row), loss_function(row)
        self.model.train()
        self.optimizer = optimizer_of(row, self.model.parameters())
        self._order = torch.Generator().manual_seed(row["number"])
        self._left = []
        self.losses = []
        self.start_loss = self._start_loss()

    def _start_loss(self):
        """Of all examples, before the first step."""
        kept = {k: v.clone() for k, v in self.model.state_dict().items()}
        with torch.no_grad():
            value = float(self.loss(self.model(self.data[0]), self.data[1]))
        self.model.load_state_dict(kept)
        return value

    def _rows(self):
        batch = self.row["batch"]
        if batch == EXAMPLES:
            return slice(None)
        if len(self._left) < batch:
            self._left = torch.randperm(EXAMPLES, generator=self._order)
        rows, self._left = self._left[:batch], self._left[batch:]
        return rows

    def go(self, before_step=lambda closure, loss: None):
        """Trains to the end, or to the first loss that is not finite."""
        for step in range(self.row["steps"]):
            for group in self.optimizer.param_groups:
                group["lr"] = rate(self.row, step)
            rows = self._rows()
            x, y = self.data[0][rows], self.data[1][rows]

            def closure():
                return self.loss(self.model(x), y)

            self.optimizer.zero_grad()
            loss = closure()
            self.losses.append(float(loss))
            if not math.isfinite(self.losses[-1]) or self.losses[-1] > 1e8:
                break
            loss.backward()
            before_step(closure, loss)
            self.optimizer.step()
        return self


def outcome(row, losses, start, constant):
    """How it ended, when its loss passed 1.5 times its start, and its loss at the end.

    By the loss at the end, the mean of the last tenth, over that of the best constant prediction: "fine": below 0.7 of
    it, and never passed that. "blown up": passed it, and ended at 0.97 or above, or not finite. "recovered": passed it,
    and ended lower. "poor": never passed it, and ended at 0.7 or above.
    """
    passed = next((i for i, loss in enumerate(losses) if not loss <= 1.5 * start), None)
    tail = losses[-row["steps"] // 10 :]
    end = sum(tail) / len(tail)
    whole = len(losses) == row["steps"]
    if passed is None:
        return ("fine" if whole and end < 0.7 * constant else "poor"), None, end
    return ("recovered" if whole and end < 0.97 * constant else "blown up"), passed, end
