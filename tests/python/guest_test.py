"""A guest leaves no trace: after every call all of the model is as it was, bit for bit; also after an exception."""

import copy
import random
import signal
import sys
import unittest

import numpy

try:
    import torch
except ImportError:
    sys.exit(77)
import torch.nn.functional as F
from torch import nn

import etamax


class Tied(nn.Module):
    """An embedding that is also the last layer's weight, with attention and dropout between."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(7, 8)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.2, batch_first=True)
        self.last = nn.Linear(8, 7, bias=False)
        self.last.weight = self.tokens.weight

    def forward(self, tokens):
        return self.last(self.layer(self.tokens(tokens))).transpose(1, 2)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 6, num_layers=2, dropout=0.1, batch_first=True)
        self.last = nn.Linear(6, 2)

    def forward(self, x):
        return self.last(self.rnn(x)[0][:, -1])


class WithLoss(nn.Module):
    """As the models of transformers: a dictionary in, an output with the loss in it out."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3))

    def forward(self, inputs, labels):
        logits = self.layers(inputs)
        return {"loss": F.cross_entropy(logits, labels), "logits": logits}


def frozen():
    model = nn.Sequential(nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 3))
    model[0].weight.requires_grad_(False)
    return model


def normed():
    return nn.Sequential(nn.Linear(5, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3), nn.Linear(6, 3))


def spectral():
    return nn.Sequential(nn.utils.spectral_norm(nn.Linear(5, 6)), nn.Tanh(), nn.Linear(6, 3))


def rows(count=24):
    return torch.randn(count, 5), torch.randint(3, (count,))


def tokens():
    x = torch.randint(7, (20, 4))
    return x, (x + 1) % 7


def loader():
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*rows()), batch_size=7, shuffle=True)


def dictionary():
    x, y = rows()
    return {"inputs": x, "labels": y}


CASES = {
    "frozen": (frozen, rows, F.cross_entropy),
    "batch norm and dropout": (normed, rows, nn.CrossEntropyLoss(label_smoothing=0.1)),
    "tied, attention": (Tied, tokens, F.cross_entropy),
    "recurrent": (Recurrent, lambda: (torch.randn(16, 4, 3), torch.randn(16, 2)), F.mse_loss),
    "spectral norm": (spectral, rows, F.cross_entropy),
    "loader": (frozen, loader, F.cross_entropy),
    "dictionary": (WithLoss, dictionary, None),
}


def snapshot(model, optimizer):
    tensors = [*model.parameters(), *model.buffers()]
    return {
        "tensors": [id(t) for t in tensors],
        "places": [t.data_ptr() for t in tensors],
        "values": [t.detach().clone() for t in tensors],
        "versions": [t._version for t in tensors],
        "gradients": [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        "requires": [t.requires_grad for t in tensors],
        "modes": [m.training for m in model.modules()],
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "random": (torch.get_rng_state(), random.getstate(), numpy.random.get_state()[1].copy()),
        "grad mode": torch.is_grad_enabled(),
        "handler": signal.getsignal(signal.SIGINT),
        "fused": [
            f()
            for f in (getattr(torch.backends.cuda, n, None) for n in ("flash_sdp_enabled", "mem_efficient_sdp_enabled"))
            if f
        ],
        "cudnn": torch.backends.cudnn.enabled,
    }


def equal(a, b):
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, numpy.ndarray):
        return numpy.array_equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(equal, a, b))
    return a == b


class Fails(Exception):
    pass


class Guest(unittest.TestCase):
    def lend(self, name, call):
        """Calls it with a model in the middle of a step, and compares."""
        make, data, loss = CASES[name]
        torch.manual_seed(1)
        model, batch = make(), data()
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        reference = batch if not isinstance(batch, torch.utils.data.DataLoader) else next(iter(batch))

        def value(m):
            if loss is None:
                return m(**reference)["loss"]
            return loss(m(reference[0]), reference[1])

        for _ in range(2):
            optimizer.zero_grad()
            value(model).backward()
            optimizer.step()
        pending = value(model)  # its graph is alive during the call
        expected = torch.autograd.grad(pending, [p for p in model.parameters() if p.requires_grad], retain_graph=True)
        before = snapshot(model, optimizer)
        with torch.no_grad():
            call(model, batch, loss, optimizer)
        after = snapshot(model, optimizer)
        for what in before:
            self.assertTrue(equal(before[what], after[what]), f"{name}: {what}")
        actual = torch.autograd.grad(pending, [p for p in model.parameters() if p.requires_grad])
        self.assertTrue(equal(list(expected), list(actual)), f"{name}: the gradient of a loss from before")

    def test_analyze(self):
        def call(model, batch, loss, optimizer):
            report = etamax.analyze(model, batch, loss, optimizer=optimizer, steps=6, starts=1)
            self.assertGreater(report.lr_edge.upper, 0)

        for name in CASES:
            with self.subTest(name):
                self.lend(name, call)

    def test_products(self):
        def call(model, batch, loss, optimizer):
            op = etamax.Hessian(model, batch, loss)
            u, v = (torch.randn(op.shape[0], generator=torch.Generator().manual_seed(s)) for s in (0, 1))
            products = op @ v
            self.assertTrue(torch.equal(products, op @ v), "the same product twice")
            self.assertAlmostEqual(
                float(u @ products), float(v @ (op @ u)), delta=1e-3 * float(u.norm() * products.norm())
            )

        for name in CASES:
            with self.subTest(name):
                self.lend(name, call)

    def test_autocast_is_left_out(self):
        """Wherever it is entered: products are those without it, to the bit. Afterwards it is what it was."""
        torch.manual_seed(0)
        model, (x, y) = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 3)), (
            torch.randn(9, 8),
            torch.arange(9) % 3,
        )
        mixed = torch.autocast("cpu", dtype=torch.bfloat16)

        def loss(batch):
            with mixed:
                return F.cross_entropy(model(batch[0]).float(), batch[1])

        op, own = etamax.Hessian(model, (x, y), loss), etamax.Hessian(model, (x, y), F.cross_entropy)
        v = torch.ones(op.shape[0])
        exact = own @ v
        self.assertTrue(torch.equal(op @ v, exact))
        with mixed:
            self.assertTrue(torch.equal(own @ v, exact))
            self.assertEqual(model(x).dtype, torch.bfloat16)
        with mixed:
            self.assertEqual(model(x).dtype, torch.bfloat16)
        self.assertEqual(model(x).dtype, torch.float32)
        for function in loss, F.cross_entropy:
            report = etamax.analyze(model, (x, y), function, steps=0)
            self.assertEqual("autocast" in " ".join(report.notes), function is loss)

    def test_after_an_exception(self):
        for calls in 1, 2, 5, 9, 20, 40:

            def call(model, batch, loss, optimizer):
                def failing(*given):
                    left[0] -= 1
                    if left[0] < 0:
                        raise Fails
                    return model(**given[0])["loss"] if loss is None else loss(*given)

                left = [calls]
                if loss is None:
                    function = lambda b: failing(b)  # noqa: E731
                else:
                    function = lambda outputs, targets: failing(outputs, targets)  # noqa: E731
                with self.assertRaises(Fails):
                    etamax.analyze(model, batch, function, optimizer=optimizer, steps=6, starts=1)

            for name in "frozen", "batch norm and dropout", "dictionary":
                with self.subTest(name, calls=calls):
                    self.lend(name, call)


if __name__ == "__main__":
    unittest.main()
