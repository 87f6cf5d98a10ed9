"""The optimizers of etamax/optim/rules on many runs at once, each with its own rate: one row of `x`, `g` and
the state is one run. check.py holds them against torch.optim. The edges are those of docs/optimizers.md."""

import math

import torch

from specs import parse


class Optimizer:
    """State: named arrays of the shape of the weights. `t` counts steps from 1."""

    names, defaults, adaptive, has_edge = (), {}, False, True

    def __init__(self, settings):
        unknown = set(settings) - set(self.defaults)
        if unknown:
            raise ValueError(f"{type(self).__name__}: no setting {sorted(unknown)}")
        self.__dict__.update(self.defaults | settings)

    def start(self, x):
        self.state = {name: torch.zeros_like(x) for name in self.names}

    def keep(self, rows):
        self.state = {name: value[rows] for name, value in self.state.items()}

    def decayed(self, x, g):
        return g.add(x, alpha=self.weight_decay) if self.weight_decay else g

    def curvature_edge(self, top):
        """The largest stable rate for that largest curvature (of P^-1 (H + decay), or of H + decay); inf for
        none."""
        return 2 / top if top > 0 else math.inf

    def observe(self, g, t):
        """What a step at the rate 0 does to the state, the decay left out."""


class Sgd(Optimizer):
    defaults = dict(momentum=0, dampening=0, weight_decay=0, nesterov=0)
    names = ("buffer",)

    def step(self, x, g, lr, t):
        d = self.decayed(x, g)
        if self.momentum:
            b = self.state["buffer"]
            b.mul_(self.momentum).add_(d, alpha=1 if t == 1 else 1 - self.dampening)
            d = d.add(b, alpha=self.momentum) if self.nesterov else b
        x.addcmul_(d, lr, value=-1)

    def curvature_edge(self, top):
        m = self.momentum
        if top <= 0:
            return math.inf
        if self.nesterov:
            return 2 * (1 + m) / ((1 + 2 * m) * top)
        return 2 * (1 + m) / (((1 - self.dampening) if m else 1) * top)


class Gd(Sgd):
    defaults = dict(weight_decay=0)
    momentum = dampening = nesterov = 0
    names = ()


class Rmsprop(Optimizer):
    defaults = dict(alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=0)
    names = ("v", "a", "buffer")
    adaptive = True

    def observe(self, g, t):
        self.state["v"].mul_(self.alpha).addcmul_(g, g, value=1 - self.alpha)
        if self.centered:
            self.state["a"].lerp_(g, 1 - self.alpha)

    def size(self, t):
        v = self.state["v"]
        return (
            (v.addcmul(self.state["a"], self.state["a"], value=-1) if self.centered else v)
            .sqrt()
            .add_(self.eps)
        )

    def step(self, x, g, lr, t):
        d = self.decayed(x, g)
        self.observe(d, t)
        d = d / self.size(t)
        if self.momentum:
            d = self.state["buffer"].mul_(self.momentum).add_(d)
        x.addcmul_(d, lr, value=-1)

    def curvature_edge(self, top):
        return 2 * (1 + self.momentum) / top if top > 0 else math.inf


class Adagrad(Optimizer):
    defaults = dict(lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10)
    names = ("sum",)
    adaptive = True

    def start(self, x):
        self.state = {"sum": torch.full_like(x, self.initial_accumulator_value)}

    def observe(self, g, t):
        self.state["sum"].addcmul_(g, g)

    def size(self, t):
        return self.state["sum"].sqrt().add_(self.eps)

    def step(self, x, g, lr, t):
        d = self.decayed(x, g)
        self.observe(d, t)
        x.addcmul_(d / self.size(t), lr / (1 + (t - 1) * self.lr_decay), value=-1)


class Adam(Optimizer):
    defaults = dict(beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0)
    names = ("m", "v")
    adaptive = True

    def observe(self, g, t):
        self.state["m"].lerp_(g, 1 - self.beta1)
        self.state["v"].mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)

    def size(self, t):
        return self.state["v"].sqrt().div_(math.sqrt(1 - self.beta2**t)).add_(self.eps)

    def step(self, x, g, lr, t):
        self.observe(self.decayed(x, g), t)
        x.addcmul_(self.state["m"] / self.size(t), lr / (1 - self.beta1**t), value=-1)

    def curvature_edge(self, top):
        return 2 * (1 + self.beta1) / ((1 - self.beta1) * top) if top > 0 else math.inf


class Adamw(Adam):
    defaults = Adam.defaults | dict(weight_decay=0.01)

    def step(self, x, g, lr, t):
        x.mul_(1 - lr * self.weight_decay)
        self.observe(g, t)
        x.addcmul_(self.state["m"] / self.size(t), lr / (1 - self.beta1**t), value=-1)

    def curvature_edge(self, top):
        bottom = (1 - self.beta1) * top + (1 + self.beta1) * self.weight_decay
        return 2 * (1 + self.beta1) / bottom if bottom > 0 else math.inf


class Lion(Optimizer):
    defaults = dict(beta1=0.9, beta2=0.99, weight_decay=0)
    names = ("m",)
    has_edge = False

    def step(self, x, g, lr, t):
        if self.weight_decay:
            x.mul_(1 - lr * self.weight_decay)
        x.addcmul_(self.state["m"].lerp(g, 1 - self.beta1).sign_(), lr, value=-1)
        self.state["m"].lerp_(g, 1 - self.beta2)


class Signsgd(Optimizer):
    has_edge = False

    def step(self, x, g, lr, t):
        x.addcmul_(g.sign(), lr, value=-1)


OPTIMIZERS = {c.__name__.lower(): c for c in (Gd, Sgd, Rmsprop, Adagrad, Adam, Adamw, Lion, Signsgd)}


def make_optimizer(spec):
    name, settings = parse(spec)
    return OPTIMIZERS[name](settings)


def added_decay(optimizer):
    """The decay that is part of the gradient, and so adds to the curvature."""
    return 0 if isinstance(optimizer, (Adamw, Lion, Signsgd)) else optimizer.weight_decay
