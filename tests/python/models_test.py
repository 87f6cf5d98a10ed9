"""What `analyze`, `tune` and `Hessian` take: modules, data, losses and optimizers of many forms; what they refuse."""

import copy
import os
import signal
import sys
import tempfile
import threading
import unittest

import numpy

try:
    import torch
except ImportError:
    sys.exit(77)
import torch.nn.functional as F
from networks import Mlp, Transformer, images, words
from torch import nn

import etamax

X, Y = (t[:60] for t in images(60))
X = X.float()


def mlp():
    torch.manual_seed(0)
    return Mlp(64, 12, 10)


def dense_hessian(model, loss):
    parameters = list(model.parameters())
    gradient = torch.autograd.grad(loss, parameters, create_graph=True)
    flat = torch.cat([g.reshape(-1) for g in gradient])
    rows = [torch.cat([h.reshape(-1) for h in torch.autograd.grad(e, parameters, retain_graph=True)]) for e in flat]
    return torch.stack(rows)


class Products(unittest.TestCase):
    def test_are_those_of_the_dense_hessian(self):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double()
        x, y = torch.randn(21, 4).double(), torch.randint(3, (21,))
        exact = dense_hessian(model, F.cross_entropy(model(x), y)).detach()
        v = torch.randn(len(exact)).double()
        for chunk in 100, 8:  # one, and three chunks of unlike size
            op = etamax.Hessian(model, (x, y), F.cross_entropy, chunk=chunk)
            self.assertEqual(op.shape, tuple(exact.shape))
            self.assertLess(float((op @ v - exact @ v).norm()), 1e-12 * float((exact @ v).norm()) + 1e-14)
        numbers = op @ numpy.eye(len(exact))[:, :3]
        self.assertIsInstance(numbers, numpy.ndarray)
        self.assertTrue(numpy.allclose(numbers, exact[:, :3].numpy(), atol=1e-12))
        found = op.certify(gap=0.01)
        top = float(torch.linalg.eigvalsh(exact)[-1])
        self.assertTrue(found.lambda_max.lower <= top * (1 + 1e-12) and top <= found.lambda_max.upper)
        with self.assertRaisesRegex(ValueError, "shape"):
            op @ v[:-1]

    def test_follow_the_parameters(self):
        model = mlp()
        op = etamax.Hessian(model, (X, Y), F.cross_entropy)
        v = torch.ones(op.shape[0])
        first = op @ v
        with torch.no_grad():
            model[0].weight.mul_(2)
        self.assertFalse(torch.equal(op @ v, first))
        with torch.no_grad():
            model[0].weight.div_(2)
        self.assertTrue(torch.equal(op @ v, first))
        model[0].weight.data = model[0].weight.data * 2
        self.assertFalse(torch.equal(op @ v, first))

    def test_of_torchscript(self):
        model = mlp()
        v = torch.randn(etamax.Hessian(model, (X, Y), F.cross_entropy).shape[0])
        expected = etamax.Hessian(model, (X, Y), F.cross_entropy) @ v
        op = etamax.Hessian(torch.jit.script(model), (X, Y), F.cross_entropy, chunk=20)
        for _ in range(4):
            self.assertLess(float((op @ v - expected).norm()), 1e-4 * float(expected.norm()))

    def test_preconditioned_by_the_state_of_adam(self):
        model = mlp()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01, betas=(0.8, 0.9))
        with self.assertRaisesRegex(etamax.InputError, "made no step yet"):
            etamax.Hessian(model, (X, Y), F.cross_entropy, optimizer=optimizer)
        for _ in range(4):
            optimizer.zero_grad()
            F.cross_entropy(model(X), Y).backward()
            optimizer.step()
        p = torch.cat([optimizer.state[w]["exp_avg_sq"].reshape(-1) for w in model.parameters()]) / (1 - 0.9**4)
        d = (p.sqrt() + 1e-8).rsqrt()
        plain, op = (etamax.Hessian(model, (X, Y), F.cross_entropy, optimizer=o) for o in (None, optimizer))
        v = torch.randn(op.shape[0], generator=torch.Generator().manual_seed(0))
        expected = d * (plain @ (d * v))
        self.assertLess(float((op @ v - expected).norm()), 1e-4 * float(expected.norm()))

    def test_scipy(self):
        try:
            from scipy.sparse.linalg import eigsh
        except ImportError:
            self.skipTest("no scipy here")
        op = etamax.Hessian(mlp(), (X, Y), F.cross_entropy)
        found = op.certify(gap=0.01)
        top = eigsh(op.to_scipy(), k=1, which="LA", return_eigenvectors=False)[0]
        self.assertTrue(found.lambda_max.lower * (1 - 1e-5) <= top <= found.lambda_max.upper)


class Data(unittest.TestCase):
    def edge(self, data, loss=F.cross_entropy, model=None, **options):
        report = etamax.analyze(model or mlp(), data, loss, steps=0, culprits=False, **options)
        return report.lr_edge.lower, report.lr_edge.upper

    def test_forms(self):
        expected = self.edge((X, Y))
        dataset = torch.utils.data.TensorDataset(X, Y)
        loader = torch.utils.data.DataLoader(dataset, batch_size=13, shuffle=True)
        model = mlp()
        forms = {
            "list": ([X, Y], F.cross_entropy, None),
            "loader": (loader, F.cross_entropy, None),
            "batches": ([(X[:20], Y[:20]), (X[20:], Y[20:])], F.cross_entropy, None),
            "generator": (((X[i : i + 20], Y[i : i + 20]) for i in (0, 20, 40)), F.cross_entropy, None),
            "module loss": ((X, Y), nn.CrossEntropyLoss(), None),
            "loss of a batch": ((X, Y), lambda batch: F.cross_entropy(model(batch[0]), batch[1]), model),
            "loss without its mean": ((X, Y), nn.CrossEntropyLoss(reduction="none"), None),
            "loss of one's own": ((X, Y), lambda outputs, labels: F.cross_entropy(outputs, labels), None),
            "arrays": ((X.numpy(), Y.numpy()), F.cross_entropy, None),
            "dictionary": ({"input": X, "labels": Y}, F.cross_entropy, None),
        }
        for name, (data, loss, model) in forms.items():
            with self.subTest(name):
                found = self.edge(data, loss, model)
                for a, b in zip(found, expected):
                    self.assertAlmostEqual(a, b, delta=1e-3 * b)

    def test_batches_of_unlike_shapes(self):
        """A loader pads to the longest of each batch: its function makes the batches that are asked for."""
        sentences = [torch.arange(2 + i % 3) % 5 for i in range(12)]

        def padded(items):
            tokens = nn.utils.rnn.pad_sequence(items, batch_first=True)
            targets = nn.utils.rnn.pad_sequence(items, batch_first=True, padding_value=-100)
            return tokens, targets

        class Words(nn.Module):
            def __init__(self):
                super().__init__()
                self.tokens, self.last = nn.Embedding(5, 4), nn.Linear(4, 5)

            def forward(self, x):
                return self.last(torch.tanh(self.tokens(x))).transpose(1, 2)

        batches = torch.utils.data.BatchSampler(torch.utils.data.RandomSampler(sentences), 4, False)
        edges = []
        for how in {"batch_size": 4}, {"batch_sampler": batches}:  # the latter as transformers' Trainer has it
            loader = torch.utils.data.DataLoader(sentences, collate_fn=padded, **how)
            torch.manual_seed(0)
            report = etamax.analyze(Words(), loader, F.cross_entropy, batch_size=4, steps=5, starts=1)
            self.assertEqual(report.data.examples, 12)
            edges.append(report.lr_edge.lower)
        self.assertGreater(edges[0], 0)
        self.assertEqual(*edges)

    def test_a_sample(self):
        report = etamax.analyze(mlp(), (X, Y), F.cross_entropy, samples=24, steps=0)
        self.assertEqual((report.data.examples, report.data.of_examples), (24, 60))
        self.assertIn("sampling", report)

    def test_labels_that_do_not_count(self):
        labels = Y.clone()
        labels[::3] = -100
        report = etamax.analyze(mlp(), (X, labels), F.cross_entropy, steps=0)
        with torch.no_grad():
            self.assertAlmostEqual(report.loss.value, F.cross_entropy(mlp()(X), labels).item(), places=5)


class Prodding(torch.optim.Optimizer):
    """An optimizer that the table does not know."""

    def __init__(self, parameters, lr):
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(p.grad, alpha=-group["lr"])


class Optimizers(unittest.TestCase):
    def analyze(self, optimizer, model, **options):
        return etamax.analyze(
            model, (X, Y), F.cross_entropy, optimizer=optimizer, **{"steps": 15, "starts": 1, **options}
        )

    def test_one_that_the_table_does_not_know(self):
        model = mlp()
        theirs = self.analyze(Prodding(model.parameters(), lr=0.1), model)
        self.assertIsNone(theirs.lr_edge)
        self.assertIn("no stability edge is known for Prodding", theirs.lr_edge_reason)
        self.assertEqual(theirs.optimizer.name, "prodding")
        ours = self.analyze(torch.optim.SGD(model.parameters(), lr=0.1), model)
        yours = [next(run for run in report.runs if run.lr == 0.1) for report in (theirs, ours)]
        self.assertEqual(yours[0].losses, yours[1].losses)
        self.assertIsNotNone(theirs.largest_trainable)

    def test_by_name_it_is_the_same(self):
        model = mlp()
        ours = self.analyze(torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9), model)
        named = self.analyze("sgd", model, momentum=0.9, lr=0.1)
        self.assertEqual(ours.lr_edge, named.lr_edge)
        self.assertAlmostEqual(ours.largest_trainable.lower, named.largest_trainable.lower, places=5)

    def test_groups_of_unlike_rates(self):
        """The edge of the first group's rate is that of D (H + d) D, where D^2 is each rate over it."""
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double()
        x, y = torch.randn(21, 4).double(), torch.randint(3, (21,))
        hessian = dense_hessian(model, F.cross_entropy(model(x), y)).detach()
        for shares in (1, 0.25), (1, 3), (1, 0):
            groups = [
                {"params": model[0].parameters(), "lr": 0.1},
                {"params": model[2].parameters(), "lr": 0.1 * shares[1]},
            ]
            optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.5, weight_decay=0.01)
            report = etamax.analyze(model, (x, y), F.cross_entropy, optimizer=optimizer, steps=10, starts=1, gap=0.01)
            d = torch.tensor([shares[0]] * 25 + [shares[1]] * 18).double().sqrt()
            top = torch.linalg.eigvalsh(d[:, None] * (hessian + 0.01 * torch.eye(43)) * d)[-1].item()
            edge = 2 * 1.5 / top
            self.assertTrue(
                report.lr_edge.lower <= edge * (1 + 1e-9) and edge <= report.lr_edge.upper * (1 + 1e-9), shares
            )
            self.assertIn("times as high", " ".join(report.notes))
            run = next(run for run in report.runs if run.lr == 0.1)
            by_hand = copy.deepcopy(model)
            rest = torch.optim.SGD(
                [{**g, "params": m.parameters()} for g, m in zip(groups, (by_hand[0], by_hand[2]))],
                lr=0.1,
                momentum=0.5,
                weight_decay=0.01,
            )
            for _ in range(10):
                rest.zero_grad()
                F.cross_entropy(by_hand(x), y).backward()
                rest.step()
            self.assertAlmostEqual(run.final_loss, F.cross_entropy(by_hand(x), y).item(), places=9)

    def test_unlike_hyperparameters_have_no_edge(self):
        model = mlp()
        groups = [{"params": model[0].parameters()}, {"params": model[2].parameters(), "momentum": 0.5}]
        report = self.analyze(torch.optim.SGD(groups, lr=0.1, momentum=0.9), model)
        self.assertIn("unlike momentum", report.lr_edge_reason)

    def test_groups_that_differ_in_decay_have_an_edge(self):
        model = mlp()
        groups = [
            {"params": [model[0].weight, model[2].weight]},
            {"params": [model[0].bias, model[2].bias], "weight_decay": 0},
        ]
        report = self.analyze(torch.optim.AdamW(groups, lr=0.01, weight_decay=0.1), model)
        self.assertGreater(report.lr_edge.lower, 0)
        self.assertIn("largest weight decay, 0.1", " ".join(report.notes))

    def test_a_scheduler_has_wrapped_its_step(self):
        model = mlp()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        torch.optim.lr_scheduler.StepLR(optimizer, 5)
        before = [p.clone() for p in model.parameters()]
        self.analyze(optimizer, model)
        self.assertTrue(all(map(torch.equal, before, model.parameters())))

    def test_its_state_is_where_runs_begin(self):
        model = mlp()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(model(X), Y).backward()
            optimizer.step()
        report = self.analyze(optimizer, model)
        self.assertIn("after 3 steps", report.lambda_max.preconditioner)
        run = next(run for run in report.runs if run.lr == 0.01)
        losses = []
        for _ in range(5):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X), Y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        for a, b in zip(run.losses, losses):
            self.assertAlmostEqual(a, b, places=5)


class Tune(unittest.TestCase):
    def test_finds_a_rate_that_trains(self):
        best = etamax.tune(
            lambda: Mlp(64, 12, 10), (X, Y), F.cross_entropy, lambda p: torch.optim.SGD(p, lr=1, momentum=0.9),
            steps=200, budget=5, seeds=2, batch_size=12,
        )  # fmt: skip
        self.assertEqual((best.data.training_examples, best.data.validation_examples), (50, 10))
        self.assertFalse(best.partial)
        random = torch.get_rng_state()
        torch.manual_seed(5)
        model = Mlp(64, 12, 10)
        optimizer = torch.optim.SGD(model.parameters(), lr=best.lr_recommended, momentum=0.9)
        for _ in range(200):
            optimizer.zero_grad()
            F.cross_entropy(model(X), Y).backward()
            optimizer.step()
        self.assertLess(F.cross_entropy(model(X), Y).item(), 0.5)
        torch.set_rng_state(random)

    def test_an_optimizers_class_will_do(self):
        for make in torch.optim.SGD, lambda p: torch.optim.SGD(p, lr=7):
            best = etamax.tune(
                lambda: Mlp(64, 12, 10), (X, Y), F.cross_entropy, make, steps=60, budget=5, batch_size=12
            )
            self.assertEqual(best.optimizer.name, "sgd")
            self.assertGreater(len(best.trials), 3)

    def test_by_hand_it_decides_alike(self):
        tuner = etamax.Tuner(steps=64, budget=12, seeds=2)
        told = 0
        while (trial := tuner.ask()) is not None:
            # Gradient descent on x^2 from 1: the best rate is 0.5, and 1 is the edge.
            tuner.tell(trial, (1 - 2 * trial.lr) ** (2 * trial.steps) + 1e-3, start_loss=1.0)
            told += 1
        answer = tuner.answer()
        self.assertGreater(told, 4)
        self.assertFalse(answer.partial)
        self.assertTrue(0.01 < answer.lr_recommended < 1)
        with self.assertRaisesRegex(etamax.InputError, "not the one that was asked for"):
            tuner.tell(etamax.Trial(0.1, 0, 0, 8), 1.0)
        with self.assertRaisesRegex(etamax.InputError, "budget"):
            etamax.Tuner(steps=1000, budget=0.01)
        with self.assertRaisesRegex(etamax.InputError, "steps: is required"):
            etamax.Tuner()


class Refusals(unittest.TestCase):
    def refused(self, field, words, model=None, data=(X, Y), loss=F.cross_entropy, **options):
        with self.assertRaisesRegex(etamax.InputError, words) as caught:
            etamax.analyze(mlp() if model is None else model, data, loss, **{"steps": 0, **options})
        self.assertNotIn("\n", str(caught.exception))
        self.assertEqual(caught.exception.field, field)

    def test_optimizers(self):
        model = mlp()
        one = torch.optim.SGD(model.parameters(), lr=0.1)
        self.refused("optimizer", "LBFGS", model, optimizer=torch.optim.LBFGS(model.parameters()))
        self.refused("optimizer", "several optimizers", model, optimizer=[one, one])
        self.refused("optimizer", "several optimizers", model, optimizer={"body": one, "head": one})
        self.refused("optimizer", "is a int", model, optimizer=3)
        self.refused("optimizer", "unknown optimizer", model, optimizer="adm")
        self.refused("momentum", "optimizer's own", model, optimizer=one, momentum=0.5)
        self.refused("model", "shares no parameter", mlp(), optimizer=one)

    def test_models(self):
        self.refused("model", "not a torch.nn.Module", lambda x: x)
        self.refused("model", "bfloat16", mlp().bfloat16())
        self.refused("model", "no parameter that is trained", nn.Sequential(nn.Flatten()))
        sparse = nn.Sequential(nn.Embedding(7, 4, sparse=True), nn.Flatten(), nn.Linear(24, 7))
        self.refused("model", "sparse gradients", sparse, data=(words(8)[0], words(8)[0][:, 0]))
        frozen = mlp()
        frozen.requires_grad_(False)
        self.refused("model", "no parameter that is trained", frozen)

    def test_data_and_losses(self):
        self.refused("data", "is a int", data=3)
        self.refused("data", "unlike numbers of examples", data=(X, Y[:-1]))
        self.refused("data", "gives no batch", data=iter(()))
        self.refused("loss", "no function", loss="cross_entropy")
        self.refused("loss", r"on the same batch", loss=lambda o, t: F.cross_entropy(o, t) * numpy.random.rand())
        self.refused("loss", "no loss in it", data=X, loss=None)
        self.refused("loss", "adds up over the examples", loss=nn.CrossEntropyLoss(reduction="sum"))
        self.refused("model", "nan", data=(X * float("nan"), Y))
        one = nn.Sequential(nn.Linear(64, 4), nn.Tanh(), nn.Linear(4, 1))
        for loss in F.mse_loss, nn.SmoothL1Loss():
            self.refused("loss", r"every target: .*\(N, 1\) .*\(N,\).*targets.unsqueeze", one, (X, X[:, 0]), loss)
        self.refused("batch_size", "more than the 60", batch_size=61)
        self.refused("steps", "3 is not", steps=3)

    def test_only_once_differentiable(self):
        class Once(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x.clone()

            @staticmethod
            @torch.autograd.function.once_differentiable
            def backward(ctx, g):
                return g

        class Net(Mlp):
            def forward(self, x):
                return Once.apply(super().forward(x))

        self.refused("model", "cannot be differentiated twice", Net(64, 12, 10))


class Interruption(unittest.TestCase):
    def test_ctrl_c_gives_a_partial_answer(self):
        timer = threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        self.addCleanup(timer.join)
        report = etamax.analyze(mlp(), (X, Y), F.cross_entropy, steps=200000)
        self.assertTrue(report.partial)
        self.assertGreater(report.lr_edge.lower, 0)
        with tempfile.TemporaryDirectory() as folder:
            report.save(os.path.join(folder, "partial.html"))


class Attention(unittest.TestCase):
    def test_fused_kernels_are_off_within_the_call_alone(self):
        x, y = words(20)
        torch.manual_seed(0)
        report = etamax.analyze(Transformer(7, 6), (x, y), F.cross_entropy, steps=5, starts=1, optimizer="adam")
        self.assertGreater(report.lr_edge.lower, 0)


if __name__ == "__main__":
    unittest.main()
