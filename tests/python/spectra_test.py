"""`spectrum` and `follow` on modules of torch, against dense matrices and closed forms."""

import copy
import csv
import os
import pathlib
import sys
import tempfile
import unittest

try:
    import torch
except ImportError:
    sys.exit(77)
import torch.nn.functional as F
from networks import Cnn, Mlp, images
from torch import nn

import etamax
from etamax._torch.vectors import flat, unflat


def rows_of(values, parameters):
    """The gradient of each of the values, a row for each."""
    rows = []
    for value in values.reshape(-1):
        parts = torch.autograd.grad(value, parameters, retain_graph=True, allow_unused=True)
        rows.append(
            torch.cat([(torch.zeros_like(p) if g is None else g).reshape(-1) for g, p in zip(parts, parameters)])
        )
    return torch.stack(rows)


def dense(model, x, y, loss, kind):
    parameters = list(model.parameters())
    n = len(x)
    if kind == "hessian":
        gradient = torch.autograd.grad(loss(model(x), y), parameters, create_graph=True)
        return rows_of(torch.cat([g.reshape(-1) for g in gradient]), parameters)
    if kind == "fisher":
        g = rows_of(torch.stack([loss(model(x[i : i + 1]), y[i : i + 1]) for i in range(n)]), parameters)
        return g.T @ g / n
    z = model(x)
    j = rows_of(z, parameters)
    outer = torch.autograd.functional.hessian(lambda t: loss(t.reshape(z.shape), y), z.detach().reshape(-1))
    return j.T @ outer @ j


class Spectrum(unittest.TestCase):
    def setUp(self):
        self.within = []  # entries of diagonals

    def check(self, model, x, y, loss):
        before = copy.deepcopy(model.state_dict())
        for word, kind in ("hessian", "hessian"), ("ggn", "ggn"), ("fisher", "fisher"):
            exact = dense(model, x, y, loss, kind).detach()
            values = torch.linalg.eigvalsh((exact + exact.T) / 2)
            scale = float(values.abs().max())
            found = etamax.spectrum(model, (x, y), loss, matrix=word, top=3, bottom=2, chunk=16)
            for end, truths in (found.top, values.flip(0)), (found.bottom, values):
                self.assertTrue(end.reached_tolerance)
                for k, (e, truth) in enumerate(zip(end.eigenvalues, truths.tolist())):
                    self.assertLessEqual(abs(e.value - truth), 1e-3 * scale, (word, k))
                    self.assertLessEqual(e.lower, truth + 1e-9 * scale, (word, k))
                    self.assertGreaterEqual(e.upper, truth - 1e-9 * scale, (word, k))
            self.check_diagonal(model, x, y, loss, word, exact.diagonal())
            if word == "hessian":
                fine = etamax.spectrum(model, (x, y), loss, top=1, tolerance=1e-6)
                self.assertAlmostEqual(fine.top.eigenvalues[0].value / scale, float(values[-1]) / scale, 9)
                vector = torch.linalg.eigh((exact + exact.T) / 2)[1][:, -1]
                ggn = dense(model, x, y, loss, "ggn").detach()
                part = float(vector @ ggn @ vector)
                self.assertAlmostEqual(fine.top.eigenvalues[0].gauss_newton / scale, part / scale, 5)
        for name, value in model.state_dict().items():
            self.assertTrue(torch.equal(value, before[name]), name)

    def check_diagonal(self, model, x, y, loss, matrix, truth):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "diagonal.csv")
            found = etamax.spectrum(
                model, (x, y), loss, matrix=matrix, top=0, diagonal=path, diagonal_products=200, chunk=16
            )
            with open(path, newline="") as file:
                rows = list(csv.DictReader(file))
        value, error = (
            torch.tensor([float(row[name]) for row in rows]).double() for name in ("value", "standard_error")
        )
        slack = 1e-9 * float(truth.abs().max())
        self.within += ((value - truth).abs() <= 1.97 * error + slack).tolist()
        self.assertTrue(bool(((value - truth).abs() <= 5 * error + slack).all()), matrix)
        at = 0
        for layer in found.diagonal.layers:
            mean = float(truth[at : at + layer.parameters].mean())
            self.assertLessEqual(abs(layer.mean.value - mean), 2 * layer.mean.half_width + slack, (matrix, layer.name))
            at += layer.parameters
        self.assertEqual(at, len(truth))

    def test_is_that_of_the_dense_matrices_for_every_loss(self):
        torch.manual_seed(0)
        x = torch.randn(24, 4).double()
        losses = {
            F.cross_entropy: torch.randint(3, (24,)),
            F.mse_loss: torch.randn(24, 3).double(),
            F.binary_cross_entropy_with_logits: torch.rand(24, 3).double(),
            F.huber_loss: torch.randn(24, 3).double(),
        }
        for loss, y in losses.items():
            with self.subTest(loss.__name__):
                self.check(Mlp(4, 5, 3).double(), x, y, loss)
        # By Student's t 95% are expected. Entries of one run share its samples, so a run counts for some ten that are
        # independent: with the twelve of this test three standard deviations are 6%.
        self.assertGreater(sum(self.within) / len(self.within), 0.89)

    def test_is_that_of_the_dense_matrices_for_convolutions(self):
        x, y = (t[:20] for t in images(60))
        torch.manual_seed(0)
        self.check(Cnn(8, (2, 2), 10).double(), x.double().reshape(-1, 1, 8, 8), y, F.cross_entropy)

    def test_parameters_that_autograd_gives_one_tensor_or_one_number(self):
        torch.manual_seed(0)
        x, y = torch.randn(24, 4).double(), torch.randn(24, 3).double()
        self.check(Added(4, 3).double(), x, y, F.mse_loss)
        model = Scaled(4).double()  # whose gradient is 1/4 everywhere, and whose Hessian is 0
        found = etamax.spectrum(model, (x, y), lambda z, _: z.mean(), top=1, density=True, trace=True, chunk=10)
        self.assertEqual((found.top.eigenvalues[0].value, found.trace.trace.value), (0, 0))

    def test_the_fisher_of_drawn_targets_is_gauss_newton_in_the_mean(self):
        torch.manual_seed(0)
        x = torch.randn(24, 4).double()
        labels = torch.randint(3, (24,))
        labels[:3] = -100  # do not count
        numbers, coins = torch.randn(24, 3).double(), torch.rand(24, 3).double()
        for loss, y in (F.cross_entropy, labels), (nn.MSELoss(), numbers), (nn.BCEWithLogitsLoss(), coins):
            model = Mlp(4, 5, 3).double()
            exact = dense(model, x, y, loss, "ggn").detach()
            v = torch.randn(len(exact)).double()
            op = etamax.Hessian(model, (x, y), loss)
            direction = unflat(v, list(model.parameters()))
            with op._guest:
                along = [
                    float(v @ flat(op._objective.matrix_product("sampled_fisher", direction, s))) for s in range(400)
                ]
            along = torch.tensor(along)
            error = float(along.std()) / 20
            self.assertGreater(error, 0)
            self.assertLessEqual(abs(float(along.mean()) - float(v @ exact @ v)), 4 * error, loss)
            found = [etamax.spectrum(model, (x, y), loss, matrix="sampled_fisher", top=1, seed=s) for s in (1, 1, 2)]
            a, b, other = (s.top.eigenvalues[0].value for s in found)
            self.assertEqual(a, b)
            self.assertNotEqual(a, other)

    def test_a_trace_of_few_eigenvalues_in_32_bit_is_known_to_rounding(self):
        for seed in range(8):
            torch.manual_seed(seed)
            x, y = torch.randn(5, 64), torch.randn(5, 1)
            found = etamax.spectrum(nn.Linear(64, 1), (x, y), F.mse_loss, top=0, trace=True, seed=seed)
            ones = torch.cat([x, torch.ones(5, 1)], 1).double()
            hessian = 2 / 5 * ones.T @ ones  # of rank 5: all of it is in Hutch++'s sketch
            for estimate, exact in (found.trace.trace, hessian.trace()), (found.trace.square, (hessian**2).sum()):
                self.assertLessEqual(abs(estimate.value - float(exact)), estimate.half_width)
                self.assertLess(estimate.half_width, 1e-3 * estimate.value)

    def test_gives_the_interval_of_an_analysis(self):
        x, y = (t[:60] for t in images(60))
        torch.manual_seed(0)
        model = Mlp(64, 12, 10)
        a = etamax.analyze(model, (x.float(), y), F.cross_entropy, steps=0, culprits=False)
        s = etamax.spectrum(model, (x.float(), y), F.cross_entropy, top=1)
        self.assertEqual((s.lambda_max.lower, s.lambda_max.upper), (a.lambda_max.lower, a.lambda_max.upper))

    def test_preconditioned_is_by_the_optimizers_own_state(self):
        torch.manual_seed(0)
        x, y = torch.randn(24, 4).double(), torch.randint(3, (24,))
        model = Mlp(4, 5, 3).double()
        parameters, beta2, eps, steps = list(model.parameters()), 0.9, 1e-3, 15
        adam = torch.optim.Adam(parameters, lr=1e-2, betas=(0.9, beta2), eps=eps)
        for _ in range(steps):
            adam.zero_grad()
            F.cross_entropy(model(x), y).backward()
            adam.step()
        squares = torch.cat([adam.state[p]["exp_avg_sq"].reshape(-1) for p in parameters])
        scale = ((squares / (1 - beta2**steps)).sqrt() + eps).rsqrt()
        hessian = dense(model, x, y, F.cross_entropy, "hessian").detach()
        truth = torch.linalg.eigvalsh(scale[:, None] * (hessian + hessian.T) / 2 * scale).flip(0)
        found = etamax.spectrum(
            model, (x, y), F.cross_entropy, optimizer=adam, matrix="preconditioned", top=3, tolerance=1e-7
        )
        for e, exact in zip(found.top.eigenvalues, truth.tolist()):
            self.assertAlmostEqual(e.value / float(truth[0]), exact / float(truth[0]), 9)
        plain = etamax.spectrum(model, (x, y), F.cross_entropy, top=1)
        self.assertGreater(abs(plain.top.eigenvalues[0].value / float(truth[0]) - 1), 0.1)

    def test_of_a_smaller_matrix_all_eigenvalues_are_found(self):
        model = nn.Linear(3, 1, bias=False).double()
        found = etamax.spectrum(model, (torch.randn(8, 3).double(), torch.randn(8, 1).double()), F.mse_loss, top=10)
        self.assertEqual(len(found.top.eigenvalues), 3)
        self.assertIsNone(found.top.others)

    def test_says_what_it_cannot_do(self):
        model = nn.Linear(3, 1)
        batch = (torch.randn(8, 3), torch.randn(8, 1))
        with self.assertRaisesRegex(etamax.InputError, "matrix: ggn: needs a loss of outputs and targets"):
            etamax.spectrum(model, batch, lambda b: F.mse_loss(model(b[0]), b[1]), matrix="ggn")
        for loss in F.huber_loss, nn.BCEWithLogitsLoss(pos_weight=torch.ones(1)), lambda z, y: F.mse_loss(z, y):
            with self.assertRaisesRegex(etamax.InputError, "matrix: sampled_fisher"):
                etamax.spectrum(model, batch, loss, matrix="sampled_fisher")
        found = etamax.spectrum(model, batch, lambda b: F.mse_loss(model(b[0]), b[1]))
        self.assertIsNone(found.top.eigenvalues[0].gauss_newton)


class Follow(unittest.TestCase):
    def test_a_linear_model_keeps_its_sharpness(self):
        torch.manual_seed(1)
        x, y = torch.randn(50, 4).double(), torch.randn(50, 1).double()
        model = nn.Linear(4, 1).double()
        ones = torch.cat([x, torch.ones(50, 1).double()], 1)
        exact = float(torch.linalg.eigvalsh(2 / 50 * ones.T @ ones)[-1])
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.5)
        found = etamax.follow(model, (x, y), F.mse_loss, optimizer=optimizer, steps=1000)
        (run,) = found.runs
        self.assertEqual(run.lr, 0.05)
        self.assertGreater(len(run.looks), 5)
        for look in run.looks:
            self.assertAlmostEqual(look.sharpness / exact, 1, 2)
            self.assertAlmostEqual(look.critical_sharpness, 3 / 0.05, 6)
        self.assertLessEqual(run.looking_gradients, 0.15 * run.training_gradients)
        self.assertIn("below the edge at every look", found.answer[0])

    def test_looks_over_chunks_are_counted_as_they_cost(self):
        torch.manual_seed(1)
        x, y = torch.randn(60, 4).double(), torch.randn(60, 1).double()
        model = Mlp(4, 6, 1).double()
        for chunk, price in (60, 2), (15, 3):  # where the graph of the gradient is kept, later products cost less
            optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
            found = etamax.follow(model, (x, y), F.mse_loss, optimizer=optimizer, steps=300, budget=0.5, chunk=chunk)
            (run,), products = found.runs, found.cost.hvps
            self.assertGreater(products, 20)
            least = price * products + (3 - price) * len(run.looks)  # and a loss, a third of a gradient, at a look
            self.assertAlmostEqual(run.looking_gradients / (least + len(run.looks) / 3), 1, delta=0.02)
            self.assertLessEqual(run.looking_gradients, 0.5 * run.training_gradients)

    def test_carries_on_from_a_file_to_the_same_answer(self):
        torch.manual_seed(2)
        x, y = torch.randn(60, 4), torch.randn(60, 1)
        model = Mlp(4, 8, 1)
        optimizers = {
            "momentum": torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9),
            "adam": torch.optim.Adam(model.parameters(), lr=0.01, amsgrad=True),
            "adadelta": torch.optim.Adadelta(model.parameters(), lr=0.5),
        }
        for name, optimizer in optimizers.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                state = pathlib.Path(folder, "state")
                loss = Stopping()

                def follow(**options):
                    return etamax.follow(
                        model,
                        (x, y),
                        loss,
                        optimizer=optimizer,
                        steps=200,
                        batch_size=15,
                        budget=8,
                        certify=4,
                        **options,
                    )

                loss.calls = 0
                whole = without_seconds(follow())
                calls = loss.calls
                stops = 0
                for part in 0.15, 0.4, 0.3:
                    loss.left = int(part * calls)
                    with self.assertRaises(Stopped):
                        follow(state=state)
                    stops += b'"under_way":{' in state.read_bytes()
                self.assertGreaterEqual(stops, 2)
                loss.left = None
                self.assertEqual(without_seconds(follow(state=state)), whole)
                self.assertEqual(without_seconds(follow(state=str(state))), whole)
                with self.assertRaisesRegex(etamax.InputError, "state: .*is of another job: seed is 0, here 1"):
                    follow(state=state, seed=1)
                state.write_bytes(state.read_bytes()[:-1])
                with self.assertRaisesRegex(etamax.InputError, "state: .*is damaged"):
                    follow(state=state)

    def test_a_clipped_run_is_pytorchs_where_two_parameters_have_one_gradient(self):
        torch.manual_seed(0)
        x, y = torch.randn(24, 4).double(), 5 * torch.randn(24, 3).double()
        model = Added(4, 3).double()
        found = etamax.follow(model, (x, y), F.mse_loss, lr=0.05, steps=30, clip=0.5, budget=4)
        plain = copy.deepcopy(model)
        optimizer = torch.optim.SGD(plain.parameters(), lr=0.05)
        losses = []
        for _ in range(30):
            optimizer.zero_grad()
            loss = F.mse_loss(plain(x), y)
            loss.backward()
            gradient = torch.cat([p.grad.reshape(-1) for p in plain.parameters()])
            for p in plain.parameters():
                p.grad = p.grad * min(1.0, 0.5 / float(gradient.norm()))
            optimizer.step()
            losses.append(loss.item())
        (run,) = found.runs
        self.assertLess(losses[-1], 0.99 * losses[0])
        for look in run.looks[:-1]:
            self.assertAlmostEqual(look.loss / losses[look.step], 1, 6)


class Added(nn.Module):
    """Of the sum of two weights: their gradients are one tensor."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.a, self.b = (nn.Parameter(torch.randn(outputs, inputs)) for _ in range(2))

    def forward(self, x):
        return torch.tanh(F.linear(x, self.a + self.b))


class Scaled(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.w = nn.Parameter(torch.ones(inputs))

    def forward(self, x):
        return (self.w + 0 * x).mean(1)


class Stopped(Exception):
    pass


class Stopping:
    """The mean square, which raises where it is called once too often."""

    left = None
    calls = 0

    def __call__(self, z, y):
        self.calls += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Stopped
        return F.mse_loss(z, y)


def without_seconds(found):
    answer = found.to_dict()
    del answer["cost"]
    for run in answer["runs"]:
        del run["training_seconds"], run["looking_seconds"]
    return answer


unittest.main()
