"""One engine: the same questions to the program and to the package, and every field of their JSON compared.

Usage: same_answers_test.py PROGRAM. The package is found by PYTHONPATH.
"""

import json
import math
import os
import re
import subprocess
import sys
import tempfile
import unittest

import numpy

try:
    import torch
except ImportError:
    sys.exit(77)
import torch.nn.functional as F
from networks import Cnn, Mlp, Transformer, images, table, words
from torch import nn

import etamax

program = sys.argv.pop(1)


def sgd(p, **settings):
    return torch.optim.SGD(p, lr=0.05, **settings)


def adam(p, **settings):
    return torch.optim.Adam(p, lr=0.003, **settings)


mlp, cnn = "mlp:64-12-10:tanh", "cnn:3-4:relu"
# name: the module, the program's name for it, data, loss, optimizer, options
CASES = {
    "mlp, gradient descent": (lambda: Mlp(64, 12, 10), mlp, images(90), "cross_entropy", sgd, {}),
    "mlp, momentum, batches": (
        lambda: Mlp(64, 12, 10),
        mlp,
        images(90),
        "cross_entropy",
        lambda p: sgd(p, momentum=0.9),
        {"batch_size": 20},
    ),
    "mlp, adam": (lambda: Mlp(64, 12, 10), mlp, images(90), "cross_entropy", adam, {}),
    "cnn, momentum": (
        lambda: Cnn(8, (3, 4), 10),
        cnn,
        images(60),
        "cross_entropy",
        lambda p: sgd(p, momentum=0.9),
        {},
    ),
    "cnn, batch norm, batches": (
        lambda: Cnn(8, (3, 4), 10, batch_norm=True),
        cnn + ":batch_norm",
        images(60),
        "cross_entropy",
        sgd,
        {"batch_size": 15},
    ),
    "transformer, adamw": (
        lambda: Transformer(7, 6),
        "transformer:width=16,layers=1,heads=2",
        words(40),
        "cross_entropy",
        lambda p: torch.optim.AdamW(p, lr=0.003, weight_decay=0.1),
        {"batch_size": 10},
    ),
    "linear, decay, a column of another scale": (
        lambda: nn.Linear(5, 1),
        "linear",
        table(50),
        "mse",
        lambda p: sgd(p, weight_decay=0.1),
        {},
    ),
    "relu, nesterov, huber": (
        lambda: Mlp(5, 8, 1, activation=nn.ReLU),
        "mlp:5-8-1:relu",
        table(50),
        "huber",
        lambda p: sgd(p, momentum=0.8, nesterov=True),
        {"schedule": "cosine", "warmup": 5},
    ),
    "rmsprop, clipped": (
        lambda: Mlp(64, 12, 10),
        mlp,
        images(60),
        "cross_entropy",
        lambda p: torch.optim.RMSprop(p, lr=0.001),
        {"clip": 1.0},
    ),
    "adagrad, l1": (
        lambda: Mlp(5, 8, 1),
        "mlp:5-8-1:tanh",
        table(40),
        "l1",
        lambda p: torch.optim.Adagrad(p, lr=0.01),
        {"steps": 8},
    ),
    "a sample, a point estimate": (
        lambda: Mlp(64, 12, 10),
        mlp,
        images(120),
        "cross_entropy",
        sgd,
        {"samples": 50, "confidence": None},
    ),
    "32 bit, adam in the middle of its training": (
        lambda: Mlp(64, 12, 10),
        mlp,
        images(60),
        "cross_entropy",
        adam,
        {"dtype": "float32", "steps": 0},
    ),
}
# What is said of the model, the data and the machine, and where a state is from.
NOT_COMPARED = {"model.name", "data.name", "notes", "cost.seconds", "cost.peak_rss_bytes", "lambda_max.preconditioner"}


def flat(value, at=""):
    if isinstance(value, dict):
        for key, part in value.items():
            yield from flat(part, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        yield at + ".length", len(value)
        for i, part in enumerate(value):
            yield from flat(part, f"{at}.{i}")
    else:
        yield at, value


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


class Comparison(unittest.TestCase):
    """Near the largest trainable rate a run is chaotic: a rounding shows in its losses, and in what is said of them."""

    def same(self, mine, other, tolerance):
        if isinstance(mine, str) and isinstance(other, str):
            pairs = list(zip(NUMBER.findall(mine), NUMBER.findall(other)))
            return NUMBER.sub("#", mine) == NUMBER.sub("#", other) and all(
                self.same(float(a), float(b), max(tolerance, 2e-3)) for a, b in pairs
            )
        if isinstance(mine, float) or isinstance(other, float):
            return mine is not None and other is not None and math.isclose(mine, other, rel_tol=tolerance, abs_tol=1e-9)
        return mine == other

    def compare(self, ours, theirs, tolerance):
        edge = (ours["lr_edge"] or {"lower": None})["lower"]
        calm = [run["lr"] < edge / 4 if edge else False for run in ours["runs"]]
        ours, theirs = dict(flat(ours)), dict(flat(theirs))
        for name in NOT_COMPARED:
            for fields in ours, theirs:
                for known in [k for k in fields if k == name or k.startswith(name + ".")]:
                    del fields[known]
        self.assertEqual(ours.keys(), theirs.keys())
        for name, mine in ours.items():
            part = name.split(".")
            of_run = part[0] in ("runs", "failing_run", "answer", "lr_recommended_mean_loss", "yours")
            if part[0] == "runs" and part[1] != "length" and calm[int(part[1])]:
                of_run = False
            allowed = max(tolerance, 2e-2) if of_run and part[-1] != "lr" else tolerance
            self.assertTrue(
                self.same(mine, theirs[name], allowed), f"{name}: {mine} here, {theirs[name]} by the program"
            )


class SameAnalysis(Comparison):
    def ask(self, name):
        make, spec, (x, y), loss, make_optimizer, options = CASES[name]
        options = {"steps": 20, "starts": 1, **options}
        dtype = getattr(torch, options.pop("dtype", "float64"))
        torch.manual_seed(0)
        model = make().to(dtype)
        inputs = x.to(dtype) if x.is_floating_point() else x
        targets = y.to(dtype) if y.is_floating_point() else y
        shaped = inputs.view(-1, 1, 8, 8) if spec.startswith("cnn") else inputs
        optimizer = make_optimizer(model.parameters())
        function = {"cross_entropy": F.cross_entropy, "mse": F.mse_loss, "huber": F.huber_loss, "l1": F.l1_loss}[loss]
        if options["steps"] == 0:
            for _ in range(3):
                optimizer.zero_grad()
                function(model(shaped), targets).backward()
                optimizer.step()
        report = etamax.analyze(model, (shaped, targets), function, optimizer=optimizer, **options)
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            numpy.savez("data.npz", X=x.numpy(), y=y.numpy())
            torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, "weights.pt")
            given = [f"--{k.replace('_', '-')}={'none' if v is None else v}" for k, v in options.items()]
            name = type(optimizer).__name__.lower()
            answer = subprocess.run(
                [
                    program,
                    "analyze",
                    "--model",
                    spec,
                    "--data",
                    "npz:data.npz",
                    "--loss",
                    loss,
                    "--checkpoint",
                    "weights.pt",
                    "--optimizer",
                    name,
                    "--dtype",
                    str(dtype).split(".")[1],
                    "--json",
                    *given,
                ],
                capture_output=True,
                text=True,
            )
            os.chdir("/")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return report.to_dict(), json.loads(answer.stdout)


class SameTuning(Comparison):
    """The program's weights of a seed are torch's of that seed. In 64 bit, for a search may go another way where a loss
    differs in its last digits."""

    def test_tune(self):
        x, y = images(60)
        best = etamax.tune(
            lambda: Mlp(64, 12, 10).double(), (x.double(), y), F.cross_entropy,
            lambda p: torch.optim.SGD(p, lr=1, momentum=0.9), steps=32, budget=7, seeds=2, batch_size=12, seed=3,
        )  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            numpy.savez(folder + "/data.npz", X=x.numpy(), y=y.numpy())
            answer = subprocess.run(
                [program, "tune", "--model", mlp, "--data", f"npz:{folder}/data.npz", "--steps=32", "--budget=7"]
                + ["--seeds=2", "--dtype=float64", "--batch-size=12", "--momentum=0.9", "--seed=3", "--json"],
                capture_output=True,
                text=True,
            )
        self.assertEqual(answer.returncode, 0, answer.stderr)
        ours, theirs = best.to_dict(), json.loads(answer.stdout)
        for document in ours, theirs:
            for key in "cost", "model", "answer", "notes":
                document.pop(key, None)
            document["data"].pop("name")
            document["loss"].pop("guessed_because", None)
        ours, theirs = dict(flat(ours)), dict(flat(theirs))
        self.assertEqual(ours.keys(), theirs.keys())
        for name, mine in ours.items():
            self.assertTrue(self.same(mine, theirs[name], 1e-6), f"{name}: {mine} here, {theirs[name]} by the program")


class SameSpectrum(Comparison):
    """At a checkpoint of Adam in 64 bit, whose weights 32 bit would round."""

    def test_spectrum(self):
        x, y = images(40)
        torch.manual_seed(0)
        trained = Mlp(64, 6, 10).double()
        adam = torch.optim.Adam(trained.parameters(), lr=0.01)
        for _ in range(20):
            adam.zero_grad()
            F.cross_entropy(trained(x.double()), y).backward()
            adam.step()
        with tempfile.TemporaryDirectory() as folder:
            numpy.savez(folder + "/data.npz", X=x.numpy(), y=y.numpy())
            checkpoint = folder + "/trained.pt"
            torch.save({"model": trained.state_dict(), "optimizer": adam.state_dict()}, checkpoint)
            saved = torch.load(checkpoint)
            model = Mlp(64, 6, 10).double()
            model.load_state_dict(saved["model"])
            optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
            optimizer.load_state_dict(saved["optimizer"])
            hessian = {"top": 3, "bottom": 1, "trace": True}
            for options in hessian, {"matrix": "ggn", "top": 2}, {"matrix": "preconditioned", "top": 3}:
                with self.subTest(options.get("matrix", "hessian")):
                    mine = etamax.spectrum(model, (x.double(), y), F.cross_entropy, optimizer=optimizer, **options)
                    given = [f"--{k.replace('_', '-')}={v}" for k, v in options.items() if v is not True]
                    answer = subprocess.run(
                        [program, "spectrum", "--model", "mlp:64-6-10:tanh", "--data", f"npz:{folder}/data.npz"]
                        + ["--loss=cross_entropy", "--checkpoint", checkpoint, "--dtype=float64", "--json", *given]
                        + [f"--{k}" for k, v in options.items() if v is True],
                        capture_output=True,
                        text=True,
                    )
                    self.assertEqual(answer.returncode, 0, answer.stderr)
                    self.compare_spectra(mine.to_dict(), json.loads(answer.stdout))

    def compare_spectra(self, ours, theirs):
        for document in ours, theirs:
            for key in "cost", "model", "data", "notes", "answer":
                document.pop(key, None)
        ours, theirs = dict(flat(ours)), dict(flat(theirs))
        self.assertEqual(ours.keys(), theirs.keys())
        self.assertGreater(len(ours), 30)
        for name, mine in ours.items():
            value = name.split(".")[-1] == "value" and name.split(".")[-3:-2] == ["eigenvalues"]
            tolerance = 1e-9 if value else 1e-2  # bounds that are still closing magnify a rounding
            self.assertTrue(
                self.same(mine, theirs[name], tolerance), f"{name}: {mine} here, {theirs[name]} by the program"
            )


def add(name):
    def test(self):
        ours, theirs = self.ask(name)
        self.compare(ours, theirs, 1e-6 if theirs["dtype"] == "float64" else 1e-3)

    setattr(SameAnalysis, "test_" + "".join(c if c.isalnum() else "_" for c in name), test)


for case in CASES:
    add(case)

if __name__ == "__main__":
    unittest.main()
