"""Holds the zoo's batched training against PyTorch itself: every optimizer of the table against torch.optim,
whole trainings against a plain loop, recurrent layers and attention against PyTorch's own, edges against dense
eigenvalues. Prints what it compared; fails where it differs by more than rounding."""

import dataclasses

import numpy as np
import torch
import torch.nn.functional as F
from torch.func import functional_call

import networks
import optimizers
import training
import zoo

torch.set_num_threads(1)


def agree(what, ours, theirs, tolerance):
    error = float(((ours - theirs).abs() / (theirs.abs() + 1e-3 * theirs.abs().max())).max())
    print(f"{what}: {error:.1e}")
    assert error <= tolerance, what


def torch_optimizer(spec, weights, lr):
    """PyTorch's own, or None where it has none."""
    name, settings = optimizers.parse(spec)
    adam = (
        {"betas": (settings.pop("beta1", 0.9), settings.pop("beta2", 0.999))}
        if name in ("adam", "adamw")
        else {}
    )
    settings = {k: bool(v) if k in ("nesterov", "centered") else v for k, v in settings.items()}
    kinds = {
        "gd": torch.optim.SGD,
        "sgd": torch.optim.SGD,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "rmsprop": torch.optim.RMSprop,
        "adagrad": torch.optim.Adagrad,
    }
    return kinds[name]([weights], lr=lr, **adam, **settings) if name in kinds else None


class ByHand:
    """Sign descent and Lion, as their papers have them."""

    def __init__(self, spec, weights, lr):
        self.name, settings = optimizers.parse(spec)
        self.x, self.param_groups, self.m = weights, [{"lr": lr}], torch.zeros_like(weights)
        self.b1, self.b2, self.decay = (
            settings.get("beta1", 0.9),
            settings.get("beta2", 0.99),
            settings.get("weight_decay", 0),
        )

    def step(self):
        g, lr = self.x.grad, self.param_groups[0]["lr"]
        with torch.no_grad():
            if self.name == "signsgd":
                self.x -= lr * torch.sign(g)
                return
            self.x -= lr * (torch.sign(self.b1 * self.m + (1 - self.b1) * g) + self.decay * self.x)
            self.m = self.b2 * self.m + (1 - self.b2) * g


def optimizers_agree():
    more = [
        "sgd:momentum=0.5,dampening=0.3,weight_decay=0.1",
        "sgd:momentum=0.9,nesterov,weight_decay=0.1",
        "rmsprop:centered,momentum=0.9,weight_decay=0.1",
        "adagrad:lr_decay=0.1,weight_decay=0.1,initial_accumulator_value=1",
        "adam:weight_decay=0.1,eps=0.01",
        "adamw:weight_decay=2",
        "gd:weight_decay=0.1",
    ]
    for spec in sorted({row.optimizer for row in zoo.table()} | set(more)):
        torch.manual_seed(0)
        # In 64 bit, so that what differs is the rule.
        begin, lr = torch.randn(3, 7, dtype=torch.float64), torch.tensor(
            [[1e-3], [3e-2], [0.2]], dtype=torch.float64
        )
        scale = torch.logspace(-2, 0.5, 7, dtype=torch.float64)
        x, rule = begin.clone(), optimizers.make_optimizer(spec)
        rule.start(x)
        theirs = [begin[i].clone().requires_grad_() for i in range(3)]
        rules = [torch_optimizer(spec, w, float(r)) or ByHand(spec, w, float(r)) for w, r in zip(theirs, lr)]
        for t in range(1, 21):
            rule.step(x, scale * x + torch.sin(3 * x), lr, t)
            for w, r in zip(theirs, rules):
                w.grad = (scale * w + torch.sin(3 * w)).detach()
                r.step()
        agree(spec, x, torch.stack([w.detach() for w in theirs]), 1e-11)


def trainings_agree():
    """One run in three, of every kind of model: the module, its own start, and PyTorch's optimizer in a plain
    loop."""
    seen = set()
    for row in sorted(zoo.tasks("learn"), key=lambda row: training.seed_of(row.id)):
        kind = (row.model.split(":")[0], row.loss, row.batch == 0)
        if kind in seen:
            continue
        seen.add(kind)
        problem, start = training.Problem(row), 2
        edge = training.at_start(problem)["edge"][start]
        rate = min(edge / 4, 2.0**-5) if np.isfinite(edge) else 2.0**-7
        curves = training.train(problem, [rate / 32, rate, rate / 4], torch.tensor([0, start, 5]), [1, 3, 6])
        before = float(problem.evaluate(problem.starts[start : start + 1], True)[0])
        torch.manual_seed(training.seed_of("weights", row.name, row.seed, start))
        module = networks.make_network(row.model, problem.data)
        flat = torch.cat([p.detach().flatten() for p in module.parameters()]).requires_grad_()
        rule = torch_optimizer(row.optimizer, flat, rate) or ByHand(row.optimizer, flat, rate)

        def loss(inputs, targets):
            parts = flat.split([p.numel() for p in module.parameters()])
            named = {n: v.reshape(p.shape) for (n, p), v in zip(module.named_parameters(), parts)}
            outputs = functional_call(module, named, (inputs,))
            if row.loss == "cross_entropy":
                return F.cross_entropy(outputs.flatten(0, -2), targets.flatten())
            functions = {
                "mse": F.mse_loss,
                "l1": F.l1_loss,
                "huber": F.huber_loss,
                "bce": F.binary_cross_entropy_with_logits,
            }
            return functions[row.loss](outputs, targets)

        inputs, targets = problem.data.part(False)
        batches = problem.batches() if problem.batch else None
        for step in range(6):
            rows = next(batches)[start] if batches else slice(None)
            (flat.grad,) = torch.autograd.grad(loss(inputs[rows], targets[rows]), flat)
            for group in rule.param_groups:
                group["lr"] = rate * training.schedule_factor(row, step)
            rule.step()
        ours, theirs = float(curves.held_out[1, -1]), loss(*problem.data.part(True)).item()
        print(f"{row.id}: from {before:.6g} to {ours:.6g}, plainly {theirs:.6g}")
        # Signs of gradients that are nearly 0 may differ: 32 bit.
        assert abs(ours - theirs) <= 1e-5 * abs(theirs) + 0.01 * abs(theirs - before), row.id


def layers_agree():
    row = next(row for row in zoo.tasks("learn") if row.model.startswith("recurrent"))
    data = training.Problem(row).data
    for cell in ("rnn", "gru", "lstm"):
        model = networks.Recurrent(data, cell=cell)
        agree(cell, model.states(data.inputs).detach(), model.layer(data.inputs)[0].detach(), 1e-3)
    x, mask = torch.randn(5, 7, 16), torch.full((7, 7), -1e9).triu(1)
    for place in ("pre", "post"):
        ours = networks.AttentionBlock(16, 2, place, "gelu")
        theirs = torch.nn.TransformerEncoderLayer(
            16, 2, 32, 0, "gelu", batch_first=True, norm_first=place == "pre"
        )
        pairs = {
            "self_attn.in_proj_": ours.qkv,
            "self_attn.out_proj.": ours.mix,
            "linear1.": ours.first,
            "linear2.": ours.second,
            "norm1.": ours.norm1,
            "norm2.": ours.norm2,
        }
        theirs.load_state_dict(
            {prefix + n: v for prefix, layer in pairs.items() for n, v in layer.state_dict().items()}
        )
        agree(f"attention, {place}", ours(x, mask).detach(), theirs(x, mask).detach(), 1e-3)


def edges_agree():
    """On rows that are made small: the dense Hessian, by PyTorch."""
    row = next(row for row in zoo.tasks("learn") if row.name == "wine_tanh")
    for optimizer in (
        "gd",
        "adam",
        "rmsprop",
        "adagrad",
        "adamw",
        "sgd:momentum=0.9,nesterov,weight_decay=0.5",
    ):
        problem = training.Problem(dataclasses.replace(row, optimizer=optimizer, batch=16)).in_64_bit()
        found = training.at_start(problem)
        x = problem.starts[:1]
        inputs, targets = problem.data.part(False)
        dense = torch.autograd.functional.hessian(
            lambda w: problem.losses(w[None], inputs, targets, True).sum(), x[0]
        )
        rule, batches = optimizers.make_optimizer(optimizer), problem.batches()
        rule.start(x)
        for t in range(1, training.PRECONDITIONER_STEPS + 1):
            rule.observe(
                problem.gradient(problem.starts, torch.arange(len(problem.starts)), next(batches))[1][:1], t
            )
        root = rule.size(training.PRECONDITIONER_STEPS)[0].rsqrt() if rule.adaptive else torch.ones_like(x[0])
        dense = root[:, None] * (dense + optimizers.added_decay(rule) * torch.eye(len(root))) * root
        top = torch.linalg.eigvalsh(dense.double())[-1]
        agree(f"curvature, {optimizer}", torch.tensor(found["curvature"][0]), top, 0.02)


def table_is_fine():
    rows = zoo.table()
    for row in rows:
        steps = training.checkpoints(row.horizon)
        assert steps[0] == 1 and steps[-1] == row.horizon and row.warmup < row.horizon, row.id
        assert row.part in zoo.PARTS
    print(f"{len(rows)} tasks, {sum(row.part == 'learn' for row in rows)} to learn from")


if __name__ == "__main__":
    table_is_fine()
    optimizers_agree()
    layers_agree()
    edges_agree()
    trainings_agree()
