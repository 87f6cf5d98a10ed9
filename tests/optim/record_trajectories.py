#!/usr/bin/env python3
"""Records 50 steps of PyTorch's own optimizers, and their state after them, in 64 bit, to data/<optimizer>.json.

Run with a Python that has PyTorch 1.13 (Debian: python3-torch): /usr/bin/python3 record_trajectories.py
trajectory_test.cpp takes the same steps with ours and compares. Gradients are PyTorch's (autograd); sign descent and
Lion, which PyTorch 1.13 lacks, are written here from their papers.
"""
import json
import pathlib

import torch

STEPS = 50


def rosenbrock(x):
    """The chained Rosenbrock function in 4 variables, scaled by 1/100."""
    return ((x[1:] - x[:-1] ** 2) ** 2 + 0.01 * (1 - x[:-1]) ** 2).sum()


def quadratic(x):
    """Curvatures 1, 30 and 1000; the minimizer is (1, -2, 3)."""
    curvature = torch.tensor([1.0, 30.0, 1000.0], dtype=torch.float64)
    return (curvature * (x - torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)) ** 2).sum() / 2


PROBLEMS = {"rosenbrock": (rosenbrock, [-1.2, 1.0, 0.5, 2.0]), "quadratic": (quadratic, [2.0, 1.0, 2.5])}


class SignDescent(torch.optim.Optimizer):
    """Bernstein et al., ICML 2018, Algorithm 1 on one worker: x <- x - lr sign(g)."""

    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(group["lr"] * torch.sign(p.grad))


class Lion(torch.optim.Optimizer):
    """Chen et al., arXiv 2302.06675, Algorithm 2."""

    def __init__(self, params, lr, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                update = torch.sign(beta1 * m + (1 - beta1) * p.grad)
                p.copy_(p - group["lr"] * (update + group["weight_decay"] * p))
                self.state[p]["exp_avg"] = beta2 * m + (1 - beta2) * p.grad


# For each optimizer: its class, and (learning rate on rosenbrock, on quadratic, settings), defaults left out.
RECORDINGS = {
    "gd": (torch.optim.SGD, [(0.05, 1e-3, {})]),
    "sgd": (torch.optim.SGD, [
        (0.05, 1e-3, {}),
        (0.02, 1e-3, {"momentum": 0.9}),
        (0.02, 1e-3, {"momentum": 0.9, "nesterov": True}),
        (0.02, 1e-3, {"momentum": 0.9, "dampening": 0.3}),
        (0.05, 1e-3, {"dampening": 0.3}),
        (0.05, 1e-3, {"weight_decay": 0.5}),
        (0.02, 5e-4, {"momentum": 0.8, "weight_decay": 0.1, "dampening": 0.5}),
        (0.02, 5e-4, {"momentum": 0.5, "nesterov": True, "weight_decay": 0.2}),
    ]),
    "adam": (torch.optim.Adam, [
        (0.02, 0.05, {}),
        (0.05, 0.01, {"beta1": 0.5, "beta2": 0.9}),
        (0.02, 0.05, {"beta1": 0.0}),
        (0.1, 0.1, {"eps": 0.1}),
        (0.02, 0.05, {"weight_decay": 0.1}),
        (0.02, 0.05, {"beta1": 0.95, "beta2": 0.99, "eps": 1e-3, "weight_decay": 2.0}),
    ]),
    "adamw": (torch.optim.AdamW, [
        (0.02, 0.05, {}),
        (0.02, 0.05, {"weight_decay": 0.0}),
        (0.05, 0.01, {"beta1": 0.5, "beta2": 0.9, "weight_decay": 0.5}),
        (0.1, 0.1, {"eps": 0.1, "weight_decay": 0.1}),
        (0.02, 0.05, {"beta1": 0.0, "weight_decay": 2.0}),
    ]),
    "rmsprop": (torch.optim.RMSprop, [
        (0.01, 0.02, {}),
        (0.005, 0.01, {"momentum": 0.9}),
        (0.01, 0.02, {"alpha": 0.9, "eps": 0.1}),
        (0.005, 0.01, {"centered": True}),
        (0.01, 0.02, {"weight_decay": 0.5}),
        (0.005, 0.005, {"centered": True, "momentum": 0.5, "weight_decay": 0.5, "eps": 1e-2}),
    ]),
    "adagrad": (torch.optim.Adagrad, [
        (0.1, 0.2, {}),
        (0.1, 0.2, {"initial_accumulator_value": 0.1}),
        (0.1, 0.2, {"lr_decay": 0.01, "eps": 0.1}),
        (0.1, 0.2, {"weight_decay": 0.5}),
        (0.2, 0.3, {"lr_decay": 0.5, "weight_decay": 0.1, "initial_accumulator_value": 1.0}),
    ]),
    "signsgd": (SignDescent, [(0.013, 0.031, {})]),
    "lion": (Lion, [
        (0.013, 0.031, {}),
        (0.013, 0.031, {"weight_decay": 0.1}),
        (0.02, 0.05, {"beta1": 0.5, "beta2": 0.8}),
        (0.02, 0.05, {"beta1": 0.0, "weight_decay": 1.0}),
    ]),
}


def torch_arguments(optimizer, settings):
    """Our hyperparameters as PyTorch's keyword arguments: it takes (beta1, beta2) as one pair."""
    arguments = {k: v for k, v in settings.items() if k not in ("beta1", "beta2")}
    if "beta1" in settings or "beta2" in settings:
        default = (0.9, 0.99) if optimizer == "lion" else (0.9, 0.999)
        arguments["betas"] = (settings.get("beta1", default[0]), settings.get("beta2", default[1]))
    return arguments


def trajectory(optimizer, make, problem, lr, settings):
    f, start = PROBLEMS[problem]
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    stepper = make([x], lr=lr, **torch_arguments(optimizer, settings))
    points = [x.tolist()]
    for _ in range(STEPS):
        stepper.zero_grad()
        f(x).backward()
        stepper.step()
        points.append(x.tolist())
    # A lone number is the step, which the reader of the file counts itself.
    state = {name: value.tolist() for name, value in stepper.state[x].items() if torch.is_tensor(value) and value.dim() > 0}
    return points, state


def main():
    folder = pathlib.Path(__file__).parent / "data"
    folder.mkdir(exist_ok=True)
    for optimizer, (make, settings_list) in RECORDINGS.items():
        lines = []
        for rosenbrock_lr, quadratic_lr, settings in settings_list:
            for problem, lr in (("rosenbrock", rosenbrock_lr), ("quadratic", quadratic_lr)):
                record = {"problem": problem, "lr": lr, "settings": {k: float(v) for k, v in settings.items()}}
                points, state = trajectory(optimizer, make, problem, lr, settings)
                rows = ",\n    ".join(json.dumps(p) for p in points)
                lines.append("  " + json.dumps(record)[:-1] + ', "points": [\n    ' + rows + '],\n    "state": ' + json.dumps(state) + "}")
        (folder / f"{optimizer}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
