"""Training at many rates and from many starts at once: every run is one row of one array of weights."""

import copy
import dataclasses
import hashlib
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch.func import functional_call, vmap

import optimizers
from datasets import make_data
from networks import make_network

LOST = 1e8  # times the larger of the loss at the start and of the constant predictor's, as in etamax/training
MOST_JUDGING = 256  # examples of the training part that give the training loss at a checkpoint
PRECONDITIONER_STEPS = 10  # as in etamax/tune
LANCZOS_STEPS = 30


def seed_of(*words):
    return int.from_bytes(hashlib.sha256("/".join(map(str, words)).encode()).digest()[:4], "little") >> 1


def checkpoints(horizon):
    """Down from the horizon by quarters of an octave for two octaves, then by halves, to one step."""
    octaves = np.concatenate([np.arange(8) / 4, np.arange(4, 64) / 2])
    steps = np.unique(np.rint(horizon / 2**octaves).astype(int))
    return steps[steps > 0]


def schedule_factor(row, step):
    """As Schedule::factor of etamax/training; `step` from 0."""
    done = step / row.horizon
    factor = {"constant": 1, "cosine": 0.5 * (1 + math.cos(math.pi * done)), "linear": 1 - done}[row.schedule]
    return factor * (step + 1) / row.warmup if step < row.warmup else factor


class Problem:
    """A row of the table, made: data, model, loss, and the starts of those numbers: weights, and an order of
    the examples."""

    def __init__(self, row, numbers=range(9)):
        self.row, self.numbers = row, numbers
        self.data = make_data(row.data, seed_of("data", row.data, row.seed))
        if row.loss == "bce" and self.data.classes:
            self.data = dataclasses.replace(self.data, targets=self.data.targets[:, None].float(), classes=0)
        self.batch = row.batch if 0 < row.batch < self.data.train else 0
        starts = []
        for start in numbers:
            torch.manual_seed(seed_of("weights", row.name, row.seed, start))
            self.network = make_network(row.model, self.data)
            starts.append(torch.cat([p.detach().flatten() for p in self.network.parameters()]))
        self.starts = torch.stack(starts)
        self.names = [name for name, _ in self.network.named_parameters()]
        self.shapes = [p.shape for p in self.network.parameters()]
        self.sizes = [p.numel() for p in self.network.parameters()]
        self.constant = self.constant_predictor()

    def in_64_bit(self):
        def wide(values):
            return values.double() if values.is_floating_point() else values

        same = copy.copy(self)
        same.starts = self.starts.double()
        same.data = dataclasses.replace(
            self.data, inputs=wide(self.data.inputs), targets=wide(self.data.targets)
        )
        return same

    @property
    def parameters(self):
        return self.starts.shape[1]

    def losses(self, weights, inputs, targets, shared):
        """The mean loss of each run; its examples are its own, or all runs' where they are `shared`."""
        named = {
            name: part.reshape(len(weights), *shape)
            for name, shape, part in zip(self.names, self.shapes, weights.split(self.sizes, 1))
        }
        outputs = vmap(lambda p, x: functional_call(self.network, p, (x,)), (0, None if shared else 0))(
            named, inputs
        )
        if shared:
            targets = targets.expand(len(weights), *targets.shape)
        return self.each_loss(outputs, targets).reshape(len(weights), -1).mean(1)

    def each_loss(self, outputs, targets):
        if self.row.loss == "cross_entropy":
            return F.cross_entropy(outputs.flatten(0, -2), targets.flatten(), reduction="none")
        functions = {
            "mse": F.mse_loss,
            "l1": F.l1_loss,
            "huber": F.huber_loss,
            "bce": F.binary_cross_entropy_with_logits,
        }
        return functions[self.row.loss](outputs, targets.reshape(outputs.shape), reduction="none")

    def constant_predictor(self):
        """The loss of the outputs that are best where they may not depend on the inputs, chosen on the training
        part: there, and on the held-out part. The same for all places of a sequence."""
        fit, held_out = self.data.part(False)[1], self.data.part(True)[1]
        if self.row.loss == "cross_entropy":
            share = torch.bincount(fit.flatten(), minlength=self.data.classes).double() / fit.numel()
            best = share.log().clamp(min=-30)
        elif self.row.loss == "bce":
            best = torch.logit(fit.double().mean(0), 1e-9)
        else:
            y = fit.double().flatten(0, -2)
            best = y.mean(0) if self.row.loss == "mse" else y.median(0).values
            for _ in range(200 if self.row.loss == "huber" else 0):
                best = best + (y - best).clamp(-1, 1).mean(0)
        return [
            float(
                self.each_loss(
                    best.expand(*y.shape[: y.dim() if self.data.classes else -1], len(best)),
                    y if self.data.classes else y.double(),
                ).mean()
            )
            for y in (fit, held_out)
        ]

    def evaluate(self, weights, held_out, most=None):
        inputs, targets = (part[:most] for part in self.data.part(held_out))
        with torch.no_grad():
            return torch.cat(
                [
                    self.losses(w, inputs, targets, True)
                    for w in weights.split(self.evaluated_at_once(len(inputs)))
                ]
            )

    def evaluated_at_once(self, examples):
        return max(1, 20_000 // examples)

    def batches(self):
        """For each step, the examples of each start. Each epoch is shuffled anew; a rest of one example joins
        the last batch."""
        generators = [
            torch.Generator().manual_seed(seed_of("order", self.row.name, self.row.seed, s))
            for s in self.numbers
        ]
        n, size = self.data.train, self.batch
        cuts = list(range(0, n, size))
        if n - cuts[-1] == 1 and len(cuts) > 1:
            cuts.pop()
        while True:
            order = torch.stack([torch.randperm(n, generator=g) for g in generators])
            for a, b in zip(cuts, cuts[1:] + [n]):
                yield order[:, a:b]

    def gradient(self, weights, start_of_run, rows):
        weights = weights.detach().requires_grad_()
        inputs, targets = self.data.part(False)
        if rows is None:
            losses = self.losses(weights, inputs, targets, True)
        else:
            losses = self.losses(weights, inputs[rows[start_of_run]], targets[rows[start_of_run]], False)
        return losses.detach(), torch.autograd.grad(losses.sum(), weights)[0]


@dataclasses.dataclass
class Curves:
    """Of each run, at each checkpoint; NaN where it was lost before."""

    training: np.ndarray
    held_out: np.ndarray
    batch_mean: np.ndarray  # of the batches since the checkpoint before, each before its step
    batch_peak: np.ndarray
    lost: np.ndarray  # the steps that a run had made when its loss was lost; -1: it was not


def train(problem, rates, start_of_run, at):
    """Runs at `rates` from these starts, looked at after the steps `at`."""
    row, count = problem.row, len(rates)
    shape = (count, len(at))
    curves = Curves(*(np.full(shape, np.nan, np.float32) for _ in range(4)), np.full(count, -1, np.int32))
    x = problem.starts[start_of_run].clone()
    threshold = (
        LOST * problem.evaluate(problem.starts, False).clamp(min=max(problem.constant[0], 1e-12))[start_of_run]
    )
    optimizer = optimizers.make_optimizer(row.optimizer)
    optimizer.start(x)
    alive = np.arange(count)
    rates = torch.tensor(rates, dtype=torch.float32)[:, None]
    batches = problem.batches() if problem.batch else iter(lambda: None, 0)
    total, peak, since, next_look = torch.zeros(count), torch.full((count,), -math.inf), 0, 0
    for step in range(at[-1]):
        losses, g = problem.gradient(x, start_of_run, next(batches))
        fine = losses <= threshold
        if not fine.all():
            curves.lost[alive[~fine.numpy()]] = step
            if not fine.any():
                break
            alive = alive[fine.numpy()]
            x, g, rates, start_of_run, threshold, losses, total, peak = (
                v[fine] for v in (x, g, rates, start_of_run, threshold, losses, total, peak)
            )
            optimizer.keep(fine)
        optimizer.step(x, g, rates * schedule_factor(row, step), step + 1)
        total += losses
        peak = torch.maximum(peak, losses)
        since += 1
        if step + 1 == at[next_look]:
            curves.training[alive, next_look] = problem.evaluate(x, False, MOST_JUDGING)
            curves.held_out[alive, next_look] = problem.evaluate(x, True)
            curves.batch_mean[alive, next_look] = total / since
            curves.batch_peak[alive, next_look] = peak
            total.zero_()
            peak.fill_(-math.inf)
            since, next_look = 0, next_look + 1
    return curves


def at_start(problem):
    """What is known of each start before training, on all of the training part but for the preconditioner,
    which is taken from the first batches with the weights held. In 64 bit: at a saturated start all that counts
    is lost in 32."""
    optimizer = optimizers.make_optimizer(problem.row.optimizer)
    problem = problem.in_64_bit()
    x, each = problem.starts, torch.arange(len(problem.starts))
    inputs, targets = problem.data.part(False)
    optimizer.start(x)
    batches = problem.batches() if problem.batch else iter(lambda: None, 0)
    squares = torch.zeros(len(x), dtype=x.dtype)
    for t in range(1, PRECONDITIONER_STEPS + 1):
        _, g = problem.gradient(x, each, next(batches))
        optimizer.observe(g, t)
        squares += g.square().sum(1) / PRECONDITIONER_STEPS
    weights = x.clone().requires_grad_()
    losses = problem.losses(weights, inputs, targets, True)
    (gradient,) = torch.autograd.grad(losses.sum(), weights, create_graph=True)
    g = gradient.detach()
    P = optimizer.size(PRECONDITIONER_STEPS) if optimizer.adaptive else torch.ones_like(g)
    decay = optimizers.added_decay(optimizer) if optimizer.has_edge else 0

    def product(v):
        scaled = v / P.sqrt()
        if not gradient.requires_grad:  # no part of it depends on the weights
            return decay * scaled / P.sqrt()
        (h,) = torch.autograd.grad(gradient, weights, scaled, retain_graph=True, allow_unused=True)
        return ((0 if h is None else h) + decay * scaled) / P.sqrt()

    generators = [
        torch.Generator().manual_seed(seed_of("lanczos", problem.row.name, problem.row.seed, s))
        for s in problem.numbers
    ]
    first = torch.stack([torch.randn(x.shape[1], dtype=x.dtype, generator=g) for g in generators])
    low, high = extreme_eigenvalues(product, first, LANCZOS_STEPS)
    edge = [optimizer.curvature_edge(v) if optimizer.has_edge else math.nan for v in high.tolist()]
    return {
        "start_training": losses.detach(),
        "start_held_out": problem.evaluate(x, True),
        "edge": np.array(edge),
        "curvature": high,
        "curvature_low": low,
        "gradient_norm": g.norm(dim=1),
        "gradient_l1": g.abs().sum(1),
        "batch_gradient_norm": squares.sqrt(),
        "scaled_gradient_norm": (g.square() / P).sum(1).sqrt(),
        "parameter_norm": x.norm(dim=1),
    }


def extreme_eigenvalues(product, v, steps):
    """Ritz values of symmetric operators, one in each row, by Lanczos with reorthogonalization. They lie within
    the spectrum."""
    n = v.shape[1]
    basis, diagonal, beside = [v / v.norm(dim=1, keepdim=True)], [], []
    for k in range(min(steps, n)):
        w = product(basis[-1])
        diagonal.append((w * basis[-1]).sum(1))
        for _ in range(2):
            q = torch.stack(basis, 1)
            w = w - torch.einsum("rkn,rk->rn", q, torch.einsum("rkn,rn->rk", q, w))
        beside.append(w.norm(dim=1))
        basis.append(w / beside[-1].clamp(min=1e-300)[:, None])
    low, high = [], []
    for r in range(len(v)):
        d, b = (np.array([float(c[r]) for c in column]) for column in (diagonal, beside))
        size = np.abs(d).max() + b.max()
        end = next(
            (k + 1 for k in range(len(d)) if b[k] <= 1e-6 * size), len(d)
        )  # an invariant subspace: the rest is noise
        values = np.linalg.eigvalsh(np.diag(d[:end]) + np.diag(b[: end - 1], 1) + np.diag(b[: end - 1], -1))
        low.append(values[0])
        high.append(values[-1])
    return np.array(low), np.array(high)
