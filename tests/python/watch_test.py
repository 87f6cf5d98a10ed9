"""etamax.watch: its numbers against dense algebra, its budget, its warnings, its cap; and that it leaves no trace."""

import copy
import io
import math
import os
import sys
import tempfile
import threading
import unittest

try:
    import torch
except ImportError:
    sys.exit(77)
import torch.nn.functional as F
from guest_test import CASES, Fails, equal, snapshot
from torch import nn

import etamax
from etamax._torch.optimizers import UserOptimizer
from etamax._torch.shards import Layout
from etamax._torch.vectors import TensorList
from etamax._watch.budget import Budget
from etamax._watch.direction import Direction, Metric
from etamax._watch.policy import Policy, Rules, Signals
from etamax._watch.scale import preconditioner
from etamax._watch.schedule import Ahead, foretold
from etamax._watch.visit import Visit

torch.set_num_threads(1)


def regression(width=6, rows=40, seed=0):
    """A linear model with the squared error, whose Hessian is known: 2 X'X / rows."""
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, width, generator=random) * torch.linspace(0.3, 2, width)
    y = x @ torch.ones(width, 1)
    model = nn.Linear(width, 1, bias=False)
    with torch.no_grad():
        model.weight.copy_(torch.randn(1, width, generator=random))
    return model, x, y, 2 * (x.T @ x).double() / rows


def trained(model, optimizer, x, y, steps, watch=None, scheduler=None, after=None):
    """Full-batch training; returns the losses."""
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        losses.append(float(loss))
        if not math.isfinite(losses[-1]) or losses[-1] > 1e12:
            break
        loss.backward()
        if watch is not None:
            watch.step(lambda: F.mse_loss(model(x), y), loss)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        if after is not None:
            after()
    return losses


class NoTrace(unittest.TestCase):
    def step(self, name, failing_after=None):
        """One look, from a fresh watch, in the middle of a step."""
        make, data, loss = CASES[name]
        torch.manual_seed(1)
        model, batch = make(), data()
        if isinstance(batch, torch.utils.data.DataLoader):
            batch = next(iter(batch))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)

        def value():
            return model(**batch)["loss"] if loss is None else loss(model(batch[0]), batch[1])

        calls = [0]

        def closure():
            calls[0] += 1
            if failing_after is not None and calls[0] > failing_after:
                raise Fails
            return value()

        for _ in range(2):
            optimizer.zero_grad()
            value().backward()
            optimizer.step()
        value().backward()
        pending = value()
        wanted = [p for p in model.parameters() if p.requires_grad]
        expected = torch.autograd.grad(pending, wanted, retain_graph=True)
        watch = etamax.watch(model, optimizer, steps=2000, say=None)
        before = snapshot(model, optimizer)
        versions = [p._version for p in model.parameters()]
        del before["versions"]  # of buffers, which every forward pass raises
        attributes = [sorted(m.__dict__) for m in model.modules()]
        if failing_after is None:
            with torch.no_grad():
                watch.step(closure)
            self.assertGreater(calls[0], 1)
        else:
            with self.assertRaises(Fails):
                watch.step(closure)
        after = snapshot(model, optimizer)
        for what in before:
            self.assertTrue(equal(before[what], after[what]), f"{name}: {what}")
        self.assertEqual(versions, [p._version for p in model.parameters()])
        self.assertEqual(attributes, [sorted(m.__dict__) for m in model.modules()])
        self.assertTrue(equal(list(expected), list(torch.autograd.grad(pending, wanted))), f"{name}: an older graph")

    def test_of_a_look(self):
        for name in CASES:
            with self.subTest(name):
                self.step(name)

    def test_after_an_exception(self):
        for name in "frozen", "batch norm and dropout", "dictionary":
            for calls in 0, 1, 2, 4:
                with self.subTest(name, calls=calls):
                    self.step(name, calls)

    def test_lists_and_counters_of_modules(self):
        class Remembers(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer, self.seen, self.count = nn.Linear(3, 1), [], 0
                self.total = torch.zeros(())

            def forward(self, x):
                self.seen.append(len(x))
                self.count += 1
                self.total += 1
                self.extra = x
                return self.layer(x)

        model = Remembers()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        x = torch.randn(8, 3)
        model(x).square().mean().backward()
        watch = etamax.watch(model, optimizer, steps=1000, say=None)
        extra = model.extra
        watch.step(lambda: model(x).square().mean())
        self.assertGreater(watch.gradients, 1)
        self.assertEqual((model.seen, model.count, float(model.total)), ([8], 1, 1.0))
        self.assertIs(model.extra, extra)

    def test_of_a_whole_training(self):
        """With dropout and batch norm, by Adam: with and without the watch, the same weights to the bit."""
        results = []
        for watched in False, True:
            torch.manual_seed(3)
            model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1))
            optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
            x = torch.randn(64, 5)
            watch = etamax.watch(model, optimizer, steps=120, say=None) if watched else None
            trained(model, optimizer, x, x.sum(1, keepdim=True), 120, watch)
            results.append((copy.deepcopy(model.state_dict()), torch.get_rng_state()))
        self.assertGreater(watch.gradients, 2)
        self.assertTrue(equal(results[0], results[1]))


class Curvature(unittest.TestCase):
    def test_edge_of_each_optimizer(self):
        """Looks of eight products: the edge is that of the dense Hessian, by the table's closed forms."""
        for make, factor in (
            (lambda p: torch.optim.SGD(p, lr=0.05), 2),
            (lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), 3.8),
            (lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.5), 2),
        ):
            model, x, y, hessian = regression()
            optimizer = make(model.parameters())
            decay = optimizer.param_groups[0]["weight_decay"]
            edge = factor / (float(torch.linalg.eigvalsh(hessian)[-1]) + decay)
            watch = etamax.Watch(model, optimizer, 2000, say=None, rules=Rules(first_products=8, guard=0))
            trained(model, optimizer, x, y, 1, watch)
            (look,) = watch.report().looks
            self.assertAlmostEqual(look.lr_edge, edge, delta=2e-3 * edge)
            self.assertAlmostEqual(look.lr_over_edge, 0.05 / edge, delta=1e-3)
            self.assertEqual(look.layer, "weight")

    def test_edge_of_groups_with_unlike_rates(self):
        model, x, y, hessian = regression(width=3)
        weights = [nn.Parameter(w.reshape(1).clone()) for w in model.weight.detach()[0]]
        whole = nn.Module()
        for i, w in enumerate(weights):
            whole.register_parameter(f"w{i}", w)
        rates = [0.1, 0.02, 0.05]
        optimizer = torch.optim.SGD([{"params": [w], "lr": lr} for w, lr in zip(weights, rates)], lr=0.1)

        def loss():
            return F.mse_loss(x @ torch.cat(weights).unsqueeze(1), y)

        watch = etamax.Watch(whole, optimizer, 2000, say=None, rules=Rules(first_products=3, guard=0))
        loss().backward()
        watch.step(loss)
        root = torch.diag(torch.tensor(rates, dtype=torch.float64) / rates[0]).sqrt()
        edge = 2 / float(torch.linalg.eigvalsh(root @ hessian @ root)[-1])
        self.assertAlmostEqual(watch.report().looks[0].lr_edge, edge, delta=2e-3 * edge)

    def test_preconditioned(self):
        """P^-1 H of Adam after some steps, by the dense eigenvalues; a coordinate without gradients left out."""
        model, x, y, hessian = regression()
        x = torch.cat([x, torch.zeros(len(x), 1)], 1)  # an input that is always 0
        model = nn.Linear(7, 1, bias=False)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        trained(model, optimizer, x, y, 20)
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        p = preconditioner("adam", optimizer, [model.weight], [model.weight.grad])[0]
        self.assertEqual(torch.isinf(p).tolist(), [[False] * 6 + [True]])
        root = torch.diag(p[0, :6].double().rsqrt())
        expected = float(torch.linalg.eigvalsh(root @ hessian @ root)[-1])
        budget = Budget(1, 100)
        layout = Layout(model, [model.weight], None)
        with Visit(model, [model.weight], lambda: F.mse_loss(model(x), y), budget, layout) as visit:
            at = TensorList([model.weight.grad])
            found = Direction().look(visit, at, Metric([p]), 6, 0, 1e-3)
        self.assertAlmostEqual(found.curvature, expected, delta=3e-3 * expected)
        self.assertEqual(budget.spent, 6)

    def test_preconditioners_are_the_tables(self):
        for kind, settings in (
            ("Adam", {}),
            ("Adam", {"betas": (0.5, 0.9), "eps": 0.1, "weight_decay": 0.1}),
            ("AdamW", {"weight_decay": 0.3}),
            ("RMSprop", {}),
            ("RMSprop", {"centered": True, "momentum": 0.5}),
            ("Adagrad", {"initial_accumulator_value": 0.5}),
        ):
            with self.subTest(kind, **settings):
                model, x, y, _ = regression()
                optimizer = getattr(torch.optim, kind)(model.parameters(), lr=0.01, **settings)
                trained(model, optimizer, x, y, 7)
                user = UserOptimizer(optimizer)
                theirs = user.preconditioner([model.weight]).tensors[0]
                ours = preconditioner(user.name, optimizer, [model.weight], None)[0]
                torch.testing.assert_close(ours.double(), theirs.double(), rtol=1e-5, atol=0)
                # With the coming gradient: as the state is after a step with that gradient.
                optimizer.zero_grad()
                F.mse_loss(model(x), y).backward()
                ahead = preconditioner(user.name, optimizer, [model.weight], [model.weight.grad])[0]
                optimizer.step()
                after = preconditioner(user.name, optimizer, [model.weight], None)[0]
                torch.testing.assert_close(ahead, after, rtol=1e-5, atol=0)

    def test_nothing_is_believed_before_the_state_means_something(self):
        model, x, y, _ = regression()
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        watch = etamax.watch(model, optimizer, steps=2000, say=None)
        trained(model, optimizer, x, y, 12, watch)
        self.assertGreaterEqual(watch.report().looks[0].step, 10)


class Conduct(unittest.TestCase):
    def ramp(self, cap=None, factor=1.04, steps=200, **options):
        """Gradient descent whose rate rises from below the edge to above it."""
        model, x, y, hessian = regression()
        edge = 2 / float(torch.linalg.eigvalsh(hessian)[-1])
        y = y + torch.randn(y.shape, generator=torch.Generator().manual_seed(1))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1 * edge)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: factor**step)
        watch = etamax.watch(model, optimizer, steps=steps, cap=cap, **options)
        rates = []
        keep = lambda: rates.append(optimizer.param_groups[0]["lr"])  # noqa: E731
        return watch, trained(model, optimizer, x, y, steps, watch, scheduler, keep), edge, rates

    def test_warns_before_it_blows_up(self):
        said = []
        watch, losses, edge, _ = self.ramp(say=said.append)
        self.assertGreater(losses[-1], 1e6)
        passed = next(i for i, loss in enumerate(losses) if loss > 1.5 * losses[0])
        warned = [e for e in watch.report().events if e.kind == "warned"]
        self.assertEqual(len(warned), 1)
        self.assertLess(warned[0].step, passed)
        self.assertRegex(said[0], r"etamax: step \d+: lr \S+ is \S+ times the edge \(\S+\); .*; sharpest in weight$")

    def test_is_silent_about_a_training_below_the_edge(self):
        said = []
        watch, losses, edge, _ = self.ramp(factor=1.005, say=said.append)
        self.assertEqual(said, [])
        self.assertLess(max(r.lr for r in watch.report().rates), 0.6 * edge)
        self.assertIn("stayed below the edge", watch.report().answer[0])

    def test_cap_saves_it_and_leaves_the_schedule_alone(self):
        _, _, _, untouched = self.ramp(factor=1.02, say=None)
        watch, losses, edge, rates = self.ramp(cap=0.8, factor=1.02, say=None)
        self.assertLess(losses[-1], losses[0])
        self.assertEqual(rates[: len(untouched)], untouched)
        report = watch.report()
        since = next(e.step for e in report.events if e.kind == "capped")
        self.assertLess(max(r.lr_in_force for r in report.rates if r.step >= since), 0.81 * edge)
        self.assertGreater(max(r.lr for r in report.rates), edge)
        self.assertIn("held down from step", " ".join(report.answer))
        watch.close()

    def test_budget_is_kept(self):
        for steps in 100, 400, 1000:
            watch, _, _, _ = self.ramp(factor=1.01, steps=steps, say=None)
            self.assertLessEqual(watch.gradients, 0.05 * steps)
            self.assertGreater(watch.gradients, 0)
            self.assertIn(f"{100 * watch.gradients / watch.made:.2g}%", str(watch.report()))

    def test_too_short_a_run_is_told_at_once(self):
        model = nn.Linear(2, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for steps, words in (
            (80, "80 steps leave 4 gradients .* budget=0.25 would do"),
            (200, None),
            (10, "budget=1 would"),
        ):
            said = []
            etamax.watch(model, optimizer, steps, say=said.append)
            self.assertEqual(len(said), 0 if words is None else 1)
            if words is not None:
                self.assertRegex(said[0], words)

    def test_an_optimizer_without_an_edge(self):
        model, x, y, _ = regression()

        class Odd(torch.optim.SGD):
            pass

        optimizer = Odd(model.parameters(), lr=3.0)
        watch = etamax.watch(model, optimizer, steps=1000, say=None)
        losses = trained(model, optimizer, x, y, 60, watch)
        self.assertGreater(losses[-1], 1e3)
        report = watch.report()
        self.assertEqual(report.events[0].step, 0)
        self.assertEqual(
            (report.looks[0].lr_edge, report.looks[0].lr_edge_reason), (None, "no stability edge is known for Odd")
        )

    def test_gradients_that_are_not_the_closures(self):
        for change, words in (
            (lambda p: torch.nn.utils.clip_grad_norm_([p], 0.01), "shortened"),
            (lambda p: p.grad.mul_(64), "scaled: 64 times"),
            (lambda p: p.grad.add_(torch.randn_like(p)), "not the step's"),
        ):
            model, x, y, hessian = regression()
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            watch = etamax.Watch(model, optimizer, 2000, say=None, rules=Rules(first_products=6, guard=0))
            F.mse_loss(model(x), y).backward()
            change(model.weight)
            watch.step(lambda: F.mse_loss(model(x), y))
            edge = 2 / float(torch.linalg.eigvalsh(hessian)[-1])
            self.assertAlmostEqual(watch.report().looks[0].lr_edge, edge, delta=3e-3 * edge)
            self.assertIn(words, " ".join(watch.report().notes))

    def test_a_gradient_that_is_not_finite(self):
        model, x, y, _ = regression()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        said = []
        watch = etamax.watch(model, optimizer, steps=1000, say=said.append)
        F.mse_loss(model(x), y).backward()
        model.weight.grad.fill_(math.nan)
        for _ in range(2):
            watch.step(lambda: self.fail("nothing to look at"))
        self.assertEqual(said, ["etamax: step 0: the gradient is not finite"])

    def test_refusals(self):
        class FullyShardedDataParallel(nn.Sequential):
            """By its name."""

        model = nn.Linear(2, 1)
        sgd = torch.optim.SGD(model.parameters(), lr=0.1)
        for call, words in (
            (lambda: etamax.watch(model, torch.optim.LBFGS(model.parameters()), 10), "LBFGS chooses"),
            (lambda: etamax.watch(model, [sgd, sgd], 10), "several optimizers"),
            (lambda: etamax.watch(model, sgd, 0), "steps: 0 is not a positive whole number"),
            (lambda: etamax.watch(model, sgd, 10, cap=1.5), "cap: 1.5 is not above 0 and at most 1"),
            (lambda: etamax.watch(model, sgd, 10, budget=0), "budget: 0 is not"),
            (lambda: etamax.watch(model, sgd, 10, log=3), "log: is a int"),
            (lambda: etamax.watch(FullyShardedDataParallel(model), sgd, 10), "model: .*; .*fully_shard would do"),
            (lambda: etamax.watch(model.half(), sgd, 10), "float16"),
        ):
            with self.assertRaisesRegex(etamax.InputError, words):
                call()
        model = nn.Linear(2, 1)
        sparse = nn.Embedding(3, 2, sparse=True)
        watch = etamax.watch(sparse, torch.optim.SGD(sparse.parameters(), lr=0.1), 10, say=None)
        sparse(torch.tensor([1])).sum().backward()
        with self.assertRaisesRegex(etamax.InputError, "model: has sparse gradients"):
            watch.step(lambda: sparse(torch.tensor([1])).sum())
        watch = etamax.watch(model, torch.optim.SGD(model.parameters(), lr=0.1), 1000, say=None)
        model(torch.ones(1, 2)).sum().backward()
        with self.assertRaisesRegex(etamax.InputError, "closure: returns a float"):
            watch.step(lambda: 1.0)


class Output(unittest.TestCase):
    def looked(self, **options):
        model, x, y, _ = regression()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        watch = etamax.watch(model, optimizer, steps=1000, say=None, **options)
        trained(model, optimizer, x, y, 3, watch)
        return watch

    def test_scalars(self):
        names = {"etamax/sharpness", "etamax/lr_over_edge", "etamax/lr"}

        class Writer:
            def __init__(self):
                self.rows = []

            def add_scalar(self, name, value, step):
                self.rows.append((name, value, step))

        class WandbRun:
            project = "x"

            def __init__(self):
                self.rows = []

            def log(self, scalars, commit=True):
                self.rows.append((scalars, commit))

        writer, run, calls = Writer(), WandbRun(), []
        self.looked(log=writer)
        self.assertEqual(({name for name, _, _ in writer.rows}, {step for _, _, step in writer.rows}), (names, {0}))
        self.looked(log=run)
        self.assertEqual((run.rows[0][0].keys(), run.rows[0][1]), (names | {"etamax/step"}, False))
        watch = self.looked(log=lambda scalars, step: calls.append((scalars, step)))
        scalars, step = calls[0]
        look = watch.report().looks[0]
        self.assertEqual(
            scalars, {"etamax/sharpness": look.sharpness, "etamax/lr": 0.01, "etamax/lr_over_edge": look.lr_over_edge}
        )

    def test_report(self):
        report = self.looked().report()
        self.assertEqual((report.verb, report.steps, report.planned_steps), ("watch", 3, 1000))
        self.assertEqual(report.rates, [{"step": 0, "lr": 0.01, "lr_in_force": 0.01}])
        self.assertIn("Rate and edge", str(report))
        self.assertIn("&lt;svg", report._repr_html_())  # in a frame of its own
        with tempfile.TemporaryDirectory() as folder:
            for ending in "html", "csv", "json", "svg", "png":
                path = os.path.join(folder, "watch." + ending)
                report.save(path)
                self.assertGreater(os.path.getsize(path), 50)
            with open(os.path.join(folder, "watch.csv")) as table:
                self.assertEqual(len(table.read().splitlines()), 2)

    def test_a_training_that_comes_to_nothing(self):
        for lr, words in (1e-30, "no lower than at first"), (0.05, "Nothing had to be warned of"):
            model, x, y, _ = regression()
            optimizer = torch.optim.SGD(model.parameters(), lr=lr)
            watch = etamax.watch(model, optimizer, 100, say=None)
            trained(model, optimizer, x, y, 20, watch)
            self.assertIn(words, watch.report().answer[-1])

    def test_a_report_before_the_first_step(self):
        model = nn.Linear(2, 1)
        report = etamax.watch(model, torch.optim.SGD(model.parameters(), lr=0.1), 10).report()
        self.assertEqual(report.answer, ["No step has been watched yet."])
        self.assertIn("No step", str(report))

    def test_plot(self):
        try:
            import matplotlib
        except ImportError:
            self.skipTest("no matplotlib")
        matplotlib.use("svg")
        ax = self.looked().report().plot()
        ax.figure.savefig(io.BytesIO(), format="svg")
        self.assertIn("edge", [text.get_text() for text in ax.get_legend().get_texts()])


class ScheduleTest(unittest.TestCase):
    def optimizer(self, lr=0.5):
        return torch.optim.SGD([{"params": nn.Linear(2, 1).parameters()}], lr=lr, momentum=0.9)

    def states(self, optimizer, scheduler):
        numbers = {name: value for name, value in scheduler.state_dict().items() if not callable(value)}
        return optimizer.state_dict(), numbers

    def test_foretells_what_schedulers_do(self):
        s = torch.optim.lr_scheduler
        for make in (
            lambda o: s.LambdaLR(o, lambda step: min(1, (step + 1) / 10)),
            lambda o: s.OneCycleLR(o, 0.9, total_steps=40),
            lambda o: s.CosineAnnealingWarmRestarts(o, 7),
            lambda o: s.MultiStepLR(o, [5, 20]),
            lambda o: s.SequentialLR(o, [s.LinearLR(o, 0.1, 1.0, 8), s.CosineAnnealingLR(o, 30)], [8]),
        ):
            for before in 0, 6:  # steps made before it is asked
                optimizer = self.optimizer()
                scheduler = make(optimizer)
                for _ in range(before):
                    optimizer.step()
                    scheduler.step()
                kept = copy.deepcopy(self.states(optimizer, scheduler))
                ahead = Ahead(scheduler, optimizer, 30)
                told = [ahead.highest(i, i) for i in range(30)]
                self.assertTrue(equal(kept, self.states(optimizer, scheduler)))
                rates = []
                for i in range(30):
                    rates.append(optimizer.param_groups[0]["lr"])
                    ahead.tell(i, rates[-1])
                    optimizer.step()
                    scheduler.step()
                self.assertEqual(told, rates)
                self.assertTrue(ahead.known)
                self.assertEqual(ahead.highest(3, 12), max(rates[3:13]))
                self.assertEqual(ahead.highest(28, 99), max(rates[28:]))

    def test_of_an_optimizer_in_another_one(self):
        class Around(torch.optim.Optimizer):  # as accelerate's
            def __init__(self, optimizer):
                self.optimizer = optimizer

            param_groups = property(lambda self: self.optimizer.param_groups)

            def step(self, closure=None):
                self.optimizer.step(closure)

        optimizer = Around(self.optimizer())
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
        self.assertIs(foretold(scheduler), scheduler)
        lr = optimizer.param_groups[0]["lr"]
        self.assertEqual(Ahead(scheduler, optimizer.optimizer, 10)._rate(2), lr / 4)
        self.assertEqual(optimizer.param_groups[0]["lr"], lr)

    def test_believes_it_no_longer_where_it_was_wrong(self):
        optimizer = self.optimizer()
        ahead = Ahead(torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9), optimizer, 100)
        ahead.tell(0, 0.5)
        self.assertTrue(ahead.known)
        ahead.tell(1, 0.5)  # stepped once an epoch
        self.assertFalse(ahead.known)

    def test_a_warmup_that_ends_in_time_is_no_alarm(self):
        """Of a rate that rises to 0.97 of the edge: at 1.3 times that it would blow up, which nobody plans."""
        warned = []
        for known in False, True:
            model, x, y, hessian = regression()
            values, vectors = torch.linalg.eigh(hessian)
            with torch.no_grad():  # all of the loss in the sharpest direction
                model.weight.copy_(1 + 10 * vectors[:, -1].float().unsqueeze(0))
            peak = 0.97 * 2 / float(values[-1])
            schedule = lambda step: peak * min(1, (step + 1) / 4)  # noqa: B023, E731
            optimizer = torch.optim.SGD(model.parameters(), lr=schedule(0))
            scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: schedule(step) / schedule(0))
            told = {"schedule": scheduler} if known else {}
            watch = etamax.watch(model, optimizer, 2000, say=None, **told)
            losses = trained(model, optimizer, x, y, 100, watch, scheduler)
            self.assertLess(max(losses), 1.001 * losses[0])
            warned.append(bool(watch.report().events))
        self.assertEqual(warned, [True, False])

    def test_refusals(self):
        optimizer = self.optimizer()
        s = torch.optim.lr_scheduler
        for schedule, words in (
            (s.ExponentialLR(self.optimizer(), 0.9), "schedule: is of another optimizer"),
            (s.ReduceLROnPlateau(optimizer), "ReduceLROnPlateau goes by losses"),
            (0.1, "schedule: is a float"),
            (lambda step: math.nan, "schedule: has a rate of nan"),
        ):
            with self.assertRaisesRegex(etamax.InputError, words):
                Ahead(schedule, optimizer, 10)
        self.assertIsNone(foretold(s.ReduceLROnPlateau(optimizer)))
        self.assertIsNone(foretold(None))
        scheduler = s.ExponentialLR(optimizer, 0.9)
        self.assertIs(foretold(scheduler), scheduler)
        scheduler.lock = threading.Lock()
        self.assertIsNone(foretold(scheduler))
        with self.assertRaisesRegex(etamax.InputError, "schedule: ExponentialLR cannot be copied"):
            Ahead(scheduler, optimizer, 10)


class PolicyTest(unittest.TestCase):
    def test_margin_follows_the_schedule(self):
        policy = Policy(Rules(), 1000)
        for step in range(40):
            policy.tell(Signals(step, 0.01 * (step + 1), 1.0, 0.0, 1.0))
        self.assertAlmostEqual(policy.margin(), 1.3, delta=0.2)
        for step in range(40, 140):
            policy.tell(Signals(step, 0.4, 1.0, 0.0, 1.0))
        self.assertEqual(policy.margin(), 1.0)

    def test_margin_where_the_schedule_is_known(self):
        policy, rules = Policy(Rules(), 1000), Rules()
        policy.tell(Signals(0, 0.1, 1.0, 0.0, 1.0))
        self.assertEqual(policy.margin(0.1), rules.margin)  # new, and to stay
        self.assertAlmostEqual(policy.margin(0.11), rules.foreseen * 1.1)
        self.assertAlmostEqual(policy.margin(0.4), rules.foreseen * rules.retried)  # tried again on the way there
        self.assertAlmostEqual(policy.margin(0.4, settled=False), rules.foreseen * 4)
        for step in range(1, 100):
            policy.tell(Signals(step, 0.1, 1.0, 0.0, 1.0))
        self.assertEqual(policy.margin(0.1), rules.foreseen)

    def test_trials(self):
        policy = Policy(Rules(), 1000)
        self.assertTrue(policy.is_bad([1.0, 0.9, 1.1, 1.4, 2.0, 2.5]))
        self.assertFalse(policy.is_bad([1.0, 0.9, 2.5]))
        self.assertTrue(policy.is_bad([1.0, math.nan]))
        self.assertFalse(policy.is_bad([1.0, 3.0, 1.1]))
        self.assertTrue(policy.is_done([1.0, 7.0]))
        self.assertTrue(policy.is_done([1.0, 0.9, 0.8, 0.7]))
        self.assertFalse(policy.is_done([1.0, 0.9, 1.0, 0.7]))


if __name__ == "__main__":
    unittest.main()
