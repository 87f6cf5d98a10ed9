"""Ranks of torch.distributed give the answers of one process on all examples, and all of them the same, to the bit.

Usage: group_test.py, which runs itself as `group_test.py rank CASE` in each process.
"""

import json
import os
import signal
import sys
import threading
import time
import unittest

try:
    import torch
    import torch.distributed as dist
except ImportError:
    sys.exit(77)
import torch.nn.functional as F
from networks import Cnn, Mlp, Transformer, images, table, words
from processes import join, leave, on_ranks, say
from torch import nn

import etamax

if not dist.is_available() or not dist.is_gloo_available():
    sys.exit(77)

UNEQUAL = {2: (0, 47, 90), 3: (0, 47, 48, 90)}  # of 90 examples: one rank of three has a single one


def mlp():
    torch.manual_seed(0)
    return Mlp(64, 12, 10).double()


def linear():
    torch.manual_seed(0)
    return nn.Linear(5, 1).double()


def normed():
    torch.manual_seed(0)
    return Cnn(8, (3, 4), 10, batch_norm=True).double()


def part(data, rank, count):
    """What a rank has of a pair of tensors where each was given its own."""
    if count == 1:
        return data
    at = UNEQUAL[count]
    return tuple(t[at[rank] : at[rank + 1]] for t in data)


def numbers(report):
    """All of an answer that does not depend on the clock."""
    document = report.to_dict()
    document.pop("cost", None)
    document.pop("notes", None)
    document["data"].pop("name", None)
    return document


def analysis(rank, count, model=mlp, data=None, loss=F.cross_entropy, given=part, optimizer=None, **options):
    model = model()
    data = images(90) if data is None else data
    opt = None if optimizer is None else optimizer(model.parameters())
    options = {"steps": 12, "starts": 1, **options}
    return numbers(etamax.analyze(model, given(data, rank, count), loss, optimizer=opt, **options))


def whole(data, rank, count):
    return data


def loader(data, rank, count):
    dataset = torch.utils.data.TensorDataset(*data)
    if count == 1:
        return torch.utils.data.DataLoader(dataset, batch_size=10)
    sampler = torch.utils.data.distributed.DistributedSampler(dataset)
    return torch.utils.data.DataLoader(dataset, batch_size=10, sampler=sampler)


def ddp_model():
    model = mlp()
    return nn.parallel.DistributedDataParallel(model) if dist.is_initialized() else model


def unlike_weights():
    """As before a wrapper has made them alike."""
    model = mlp()
    if dist.is_initialized() and dist.get_rank() > 0:
        with torch.no_grad():
            model[0].weight.mul_(1.5)
    return model


def products(rank, count):
    found = {}
    for name, model, data, loss in (
        ("mlp", mlp, images(90), F.cross_entropy),
        ("transformer", lambda: Transformer(7, 6).double(), words(90), F.cross_entropy),
    ):
        for kind in "double", "float":
            torch.manual_seed(0)
            module = getattr(model(), kind)()
            x, y = data
            x = getattr(x, kind)() if x.is_floating_point() else x
            op = etamax.Hessian(module, part((x, y), rank, count), loss, chunk=40)
            v = torch.randn(op.shape[0], generator=torch.Generator().manual_seed(1), dtype=torch.float64).to(op.dtype)
            certified = op.certify(gap=0.02)
            found[f"{name} {kind}"] = {"product": (op @ v).tolist(), "certified": certified.to_dict()}
    return found


def batch_norm(rank, count):
    """Each rank takes statistics over its own part, as in training: no more than alike on all of them."""
    x, y = images(90)
    found = numbers(
        etamax.analyze(normed(), (x.view(-1, 1, 8, 8), y), F.cross_entropy, steps=8, starts=1, batch_size=20)
    )
    return {"edge": found["lr_edge"], "runs": [run["losses"] for run in found["runs"]]}


def tuning(rank, count):
    best = etamax.tune(
        lambda: Mlp(64, 12, 10).double(), whole(images(90), rank, count), F.cross_entropy,
        lambda p: torch.optim.SGD(p, lr=1, momentum=0.9), steps=24, budget=6, seeds=2, batch_size=12,
    )  # fmt: skip
    return numbers(best)


def unlike_machines(rank, count):
    """Inner products that come out a little different on a rank decide nothing there."""
    from etamax._torch.vectors import TensorList

    exact = TensorList._dot_here
    TensorList._dot_here = lambda a, b: exact(a, b) * (1 + 1e-3 * rank)
    op = etamax.Hessian(mlp(), part(images(90), rank, count), F.cross_entropy)
    return {"certified": op.certify(gap=0.02).to_dict(), "analysis": analysis(rank, count, steps=6)}


def alone(rank, count):
    """Some ranks do something of their own."""
    if rank > 0:
        return None
    return numbers(etamax.analyze(mlp(), images(90), F.cross_entropy, steps=0, group=False))


def guest(rank, count):
    """All is as it was, and the wrapper still averages gradients."""
    model = ddp_model()
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = part(images(90), rank, count)

    def step():
        opt.zero_grad()
        F.cross_entropy(model(x), y).backward()
        opt.step()

    step()
    before = [p.detach().clone() for p in model.parameters()]
    random = torch.get_rng_state()
    etamax.analyze(
        model, (x, y), lambda batch: F.cross_entropy(model(batch[0]), batch[1]), optimizer=opt, steps=4, starts=1
    )
    same = all(map(torch.equal, before, model.parameters())) and torch.equal(random, torch.get_rng_state())
    step()
    return {"same": same, "after": [float(p.sum()) for p in model.parameters()]}


def shards(rank, count):
    """Vectors of which each rank has a part."""
    spectrum = torch.linspace(-1, 5, 61, dtype=torch.float64)
    mine = spectrum[rank::count]
    calls = []

    def product(v):
        calls.append(rank)
        return [mine[:7] * v[0], mine[7:] * v[1]]

    found = etamax.certify(
        product, 61, like=[torch.zeros(7).double(), torch.zeros(len(mine) - 7).double()], group=None, gap=0.01
    )
    return {**found.to_dict(), "calls": len(calls)}


def refused(rank, count):
    """What one rank refuses, all do; the group can be used afterwards."""
    x, y = (t.clone() for t in part(images(90), rank, count))
    if rank == count - 1:
        x[-1, 3] = float("nan")
    said = []
    for data in ((x, y), (x[:, :-1], y) if rank == 0 else (x, y)):
        try:
            etamax.analyze(mlp(), data, F.cross_entropy, steps=0)
        except (etamax.InputError, RuntimeError) as error:
            said.append([type(error).__name__, str(error)])
    op = etamax.Hessian(mlp(), part(images(90), rank, count), F.cross_entropy)
    for call in (
        lambda: op @ torch.full((op.shape[0],), 1.0 + rank).double(),
        lambda: etamax.analyze(mlp(), images(90), F.cross_entropy, steps=0, seed=rank),
    ):
        try:
            call()
        except etamax.InputError as error:
            said.append([error.field, str(error)])
    total = torch.ones(1)
    dist.all_reduce(total)
    return {"said": said, "total": float(total)}


def interrupted(rank, count):
    """Ctrl-C on one rank stops all at the same place."""
    if rank == 1:
        threading.Timer(3, os.kill, (os.getpid(), signal.SIGINT)).start()
    report = etamax.analyze(mlp(), part(images(90), rank, count), F.cross_entropy, steps=1000000)
    return {"partial": report.partial, "edge": report.lr_edge.to_dict(), "gradients": report.cost.gradients}


def dies(rank, count):
    calls = [0]

    def loss(outputs, targets):
        calls[0] += 1
        if rank == 1 and calls[0] == 40:
            os._exit(3)
        return F.cross_entropy(outputs, targets)

    try:
        etamax.analyze(mlp(), part(images(90), rank, count), loss, steps=2000)
    except RuntimeError as error:
        return str(error)


SAME_AS_ONE_PROCESS = {
    "products": products,
    "gd": lambda r, n: analysis(r, n),
    "momentum, batches, a sampler": lambda r, n: analysis(
        r, n, ddp_model, given=loader, optimizer=lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), batch_size=8
    ),
    "adam, the same examples": lambda r, n: analysis(
        r, n, given=whole, optimizer=lambda p: torch.optim.Adam(p, lr=0.003), chunk=13
    ),
    "a table": lambda r, n: analysis(r, n, linear, table(90), F.mse_loss),
    "a sample": lambda r, n: analysis(r, n, samples=30, steps=0),
    "unlike weights": lambda r, n: analysis(r, n, unlike_weights, steps=6),
    "tune": tuning,
}
CASES = {
    "same": lambda r, n: {name: case(r, n) for name, case in SAME_AS_ONE_PROCESS.items()},
    "batch norm": batch_norm,
    "unlike machines": unlike_machines,
    "alone": alone,
    "guest": guest,
    "shards": shards,
    "refused": refused,
    "interrupted": interrupted,
    "dies": dies,
}


def flat(value, at=""):
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from flat(entry, f"{at}.{key}")
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            yield from flat(entry, f"{at}.{i}")
    else:
        yield at, value


class OnRanks(unittest.TestCase):
    def answers(self, case, count, **options):
        said = on_ranks(__file__, count, case, **options)
        for status, out, error in said:
            self.assertEqual(status, 0, error[-2000:])
            self.assertNotIn("Traceback", error)
        return [json.loads(out) for _, out, _ in said]

    def near(self, ours, theirs, tolerance, name):
        ours, theirs = dict(flat(ours)), dict(flat(theirs))
        self.assertEqual(ours.keys(), theirs.keys(), name)
        for key, mine in ours.items():
            other = theirs[key]
            if isinstance(mine, float) and isinstance(other, float):
                self.assertLessEqual(abs(mine - other), tolerance * max(abs(mine), abs(other)) + 1e-12, f"{name}{key}")
            elif not isinstance(mine, str):
                self.assertEqual(mine, other, f"{name}{key}")

    def test_one_process_and_several_say_the_same(self):
        expected = CASES["same"](0, 1)
        for count in 2, 3:
            answers = self.answers("same", count)
            for answer in answers[1:]:
                self.assertEqual(answer, answers[0])  # to the bit
            for name, theirs in expected.items():
                with self.subTest(name, ranks=count):
                    if name == "products":
                        self.compare_products(answers[0][name], theirs)
                    else:
                        self.near(answers[0][name], theirs, 1e-6, name)

    def compare_products(self, found, expected):
        for name, theirs in expected.items():
            ours, exact = (torch.tensor(f[name]["product"], dtype=torch.float64) for f in (found, expected))
            self.assertLess(float((ours - exact).norm() / exact.norm()), 1e-6, name)
            self.near(found[name]["certified"], theirs["certified"], 1e-6 if "double" in name else 1e-4, name)

    def test_batch_norm_decides_alike(self):
        first, second = self.answers("batch norm", 2)
        self.assertEqual(first, second)
        self.assertGreater(first["edge"]["lower"], 0)

    def test_unlike_machines_decide_alike(self):
        first, second = self.answers("unlike machines", 2)
        self.assertEqual(first, second)
        self.near(first, CASES["unlike machines"](0, 1), 1e-6, "unlike machines")

    def test_a_rank_may_work_alone(self):
        answer, nothing = self.answers("alone", 2)
        self.assertIsNone(nothing)
        self.near(answer, CASES["alone"](0, 1), 1e-12, "alone")

    def test_a_guest_leaves_no_trace(self):
        answers = self.answers("guest", 2)
        self.assertEqual(answers[0], answers[1])
        self.assertTrue(answers[0]["same"])

    def test_shards_of_vectors(self):
        for count in 1, 2, 3:
            answers = self.answers("shards", count)
            self.assertTrue(all(answer == answers[0] for answer in answers))
            self.assertLessEqual(answers[0]["lambda_max"]["lower"], 5 + 1e-12)
            self.assertGreaterEqual(answers[0]["lambda_max"]["upper"], 5)
            self.assertLess(answers[0]["lambda_max"]["upper"], 5.06)

    def test_what_one_refuses_all_do(self):
        for rank, answer in enumerate(self.answers("refused", 3)):
            (first, second, third, fourth), total = answer["said"], answer["total"]
            self.assertIn("another vector", third[1])
            self.assertEqual([third[0], fourth[0]], ["v", "options"])
            self.assertEqual(first[0], "InputError")
            self.assertIn("loss of example 89 is nan", first[1])
            self.assertEqual(second[0], "RuntimeError" if rank == 0 else "RanksError", second)
            if rank > 0:
                self.assertIn("rank 0 failed: ", second[1])
                self.assertNotIn("\n", second[1])
            self.assertEqual(total, 3)

    def test_ctrl_c_on_one_stops_all(self):
        first, second = self.answers("interrupted", 2)
        self.assertEqual(first, second)
        self.assertTrue(first["partial"])

    def test_a_rank_that_dies_ends_the_others(self):
        began = time.monotonic()
        said = on_ranks(__file__, 3, "dies", timeout=20)
        self.assertLess(time.monotonic() - began, 120)
        self.assertEqual([status for status, _, _ in said], [0, 3, 0])
        for rank in 0, 2:
            self.assertIn(f"rank {rank} of 3 cannot reach the others", said[rank][1])
            self.assertEqual(said[rank][1].count("\n"), 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["rank"]:
        rank, count = join()
        say(CASES[sys.argv[2]](rank, count))
        leave()
    unittest.main()
