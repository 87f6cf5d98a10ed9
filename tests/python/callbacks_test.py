"""The watch as a callback, under stand-ins for the trainers: the hooks that they call, in their order."""

import contextlib
import sys
import types
import unittest
from unittest import mock

try:
    import torch
except ImportError:
    sys.exit(77)
import torch.nn.functional as F
from torch import nn

import etamax
import etamax.hf
import etamax.lightning

torch.set_num_threads(1)


class Callback:
    """Of a trainer: its hooks do nothing."""

    def __getattr__(self, name):
        if name.startswith("on_"):
            return lambda *_, **__: None
        raise AttributeError(name)


@contextlib.contextmanager
def modules_as(**modules):
    """These in place of what is installed; what is imported meanwhile stays."""
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module


def stand_in(name, **names):
    module = types.ModuleType(name)
    module.__dict__.update(names)
    return module


class Module(nn.Module):
    """As a LightningModule: `training_step` logs, and remembers what it should not."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
        self.logged, self.outputs = [], []

    def log(self, name, value):
        self.logged.append((name, float(value)))

    def training_step(self, batch, batch_idx):
        loss = F.mse_loss(self.layers(batch[0]), batch[1])
        self.log("loss", loss)
        self.outputs.append(batch_idx)
        return loss


class Trainer:
    """The order of hooks of Lightning's automatic optimization."""

    is_global_zero = True
    accumulate_grad_batches = 1

    def __init__(self, callback, steps):
        self._callback, self.estimated_stepping_batches, self.loggers = callback, steps, [mock.Mock()]
        self.strategy = types.SimpleNamespace(precision_plugin=mock.Mock(train_step_context=contextlib.nullcontext))

    def fit(self, module, batches, lr, interval="step"):
        call = self._callback
        self.optimizers = [torch.optim.SGD(module.parameters(), lr=lr)]
        scheduler = torch.optim.lr_scheduler.ExponentialLR(self.optimizers[0], 0.999)
        self.lr_scheduler_configs = [types.SimpleNamespace(scheduler=scheduler, interval=interval, frequency=1)]
        call.on_fit_start(self, module)
        call.on_train_start(self, module)
        for i in range(self.estimated_stepping_batches):
            batch = batches[i % len(batches)]
            call.on_train_batch_start(self, module, batch, i)
            loss = module.training_step(batch, i)
            self.optimizers[0].zero_grad()
            call.on_before_backward(self, module, loss)
            loss.backward()
            call.on_before_optimizer_step(self, module, self.optimizers[0])
            self.optimizers[0].step()
            if interval == "step":
                scheduler.step()
            call.on_train_batch_end(self, module, None, batch, i)
        call.on_train_end(self, module)


def batches(count=4):
    random = torch.Generator().manual_seed(0)
    xs = [torch.randn(32, 4, generator=random) for _ in range(count)]
    return [(x, x.sum(1, keepdim=True)) for x in xs]


class Lightning(unittest.TestCase):
    def setUp(self):
        lightning = stand_in("lightning.pytorch", Callback=Callback)
        modules = {"lightning": stand_in("lightning", pytorch=lightning), "lightning.pytorch": lightning}
        installed = modules_as(**modules)
        installed.__enter__()
        self.addCleanup(installed.__exit__, None, None, None)

    def test_is_made_when_it_is_asked_for(self):
        self.assertTrue(issubclass(etamax.lightning.Watch, Callback))
        self.assertIs(etamax.lightning.Watch, etamax.lightning.Watch)
        with modules_as(**{"lightning": None, "lightning.pytorch": None, "pytorch_lightning": None}):
            with self.assertRaisesRegex(ImportError, "etamax.lightning.Watch needs Lightning"):
                etamax.lightning.Watch

    def test_training(self):
        weights = []
        for watched in False, True:
            torch.manual_seed(0)
            module, callback = Module(), etamax.lightning.Watch(say=None) if watched else Callback()
            trainer = Trainer(callback, 120)
            trainer.fit(module, batches(), 0.05)
            weights.append(torch.cat([p.detach().reshape(-1) for p in module.parameters()]))
            self.assertEqual(len(module.logged), 120)
            self.assertEqual(module.outputs, list(range(120)))
        self.assertTrue(torch.equal(*weights))
        report = callback.watch.report()
        self.assertEqual((report.steps, report.planned_steps, report.notes[:-1]), (120, 120, []))
        self.assertGreater(len(report.looks), 0)
        (scalars,), step = trainer.loggers[0].log_metrics.call_args_list[0]
        self.assertEqual(set(scalars), {"etamax/sharpness", "etamax/lr", "etamax/lr_over_edge"})
        self.assertEqual(step, {"step": 0})

    def test_is_analyzed_by_its_training_step(self):
        """Which logs, and remembers what it should not: of that there is no trace."""
        torch.manual_seed(0)
        module, data = Module(), batches()
        optimizer = torch.optim.Adam(module.parameters(), lr=0.01)
        report = etamax.analyze(module, data, optimizer=optimizer, steps=20, starts=1)
        self.assertEqual((report.loss.name, module.logged, module.outputs), ("training_step", [], []))
        self.assertNotIn("log", module.__dict__)
        loss = lambda batch: F.mse_loss(module.layers(batch[0]), batch[1])  # noqa: E731
        own = etamax.analyze(module, data, loss, optimizer=optimizer, steps=20, starts=1)
        for name in "lr_edge", "lr_max_trainable", "lr_recommended", "yours":
            self.assertEqual(report[name], own[name])

    def test_knows_the_trainers_schedule(self):
        for interval, known in ("step", True), ("epoch", False):
            callback = etamax.lightning.Watch(say=None)
            Trainer(callback, 40).fit(Module(), batches(), 0.05, interval)
            ahead = callback.watch._ahead
            self.assertEqual(ahead is not None and ahead.known, known)

    def test_warns_and_caps(self):
        said = []
        module = Module()
        callback = etamax.lightning.Watch(cap=0.8, say=said.append)
        Trainer(callback, 200).fit(module, batches(), 20.0)
        self.assertIn("capped at", said[0])
        self.assertTrue(all(p.isfinite().all() for p in module.parameters()))

    def test_several_optimizers(self):
        callback, module = etamax.lightning.Watch(), Module()
        trainer = Trainer(callback, 10)
        trainer.optimizers = [torch.optim.SGD(module.parameters(), lr=0.1)] * 2
        callback.on_train_batch_start(trainer, module, batches()[0], 0)
        with self.assertRaisesRegex(etamax.InputError, "several optimizers"):
            callback.on_before_optimizer_step(trainer, module, trainer.optimizers[0])


class WithLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, inputs, labels=None):
        return {"loss": F.mse_loss(self.layers(inputs), labels)}


def fit_as_transformers(callback, model, data, lr, steps, clip=None):
    """The order of hooks of the Trainer of transformers."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    wrapped = types.SimpleNamespace(optimizer=optimizer)  # as accelerate's
    state = types.SimpleNamespace(max_steps=steps, is_world_process_zero=True)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.999)
    given = {"model": model, "optimizer": wrapped, "lr_scheduler": scheduler}
    callback.on_train_begin(None, state, None, **given)
    for i in range(steps):
        x, y = data[i % len(data)]
        callback.on_step_begin(None, state, None, **given)
        model(inputs=x, labels=y)["loss"].backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        callback.on_pre_optimizer_step(None, state, None, **given)
        optimizer.step()
        scheduler.step()
        callback.on_optimizer_step(None, state, None, **given)
        optimizer.zero_grad()
    callback.on_train_end(None, state, None, **given)


class Transformers(unittest.TestCase):
    def setUp(self):
        installed = modules_as(transformers=stand_in("transformers", TrainerCallback=Callback))
        installed.__enter__()
        self.addCleanup(installed.__exit__, None, None, None)

    def test_is_made_when_it_is_asked_for(self):
        self.assertTrue(issubclass(etamax.hf.Watch, Callback))
        with modules_as(transformers=None):
            with self.assertRaisesRegex(ImportError, "etamax.hf.Watch needs transformers"):
                etamax.hf.Watch

    def test_training(self):
        weights = []
        for watched in False, True:
            torch.manual_seed(0)
            model, callback = WithLoss(), etamax.hf.Watch(say=None) if watched else Callback()
            fit_as_transformers(callback, model, batches(), 0.05, 120)
            weights.append(torch.cat([p.detach().reshape(-1) for p in model.parameters()]))
            self.assertEqual((len(model._forward_pre_hooks), len(model._forward_hooks)), (0, 0))
            self.assertNotIn("forward", model.__dict__)
        self.assertTrue(torch.equal(*weights))
        report = callback.watch.report()
        self.assertEqual((report.steps, report.planned_steps), (120, 120))
        self.assertTrue(callback.watch._ahead.known)
        self.assertGreater(len(report.looks), 0)

    def test_clipped(self):
        callback = etamax.hf.Watch(say=None)
        fit_as_transformers(callback, WithLoss(), batches(), 0.05, 60, clip=0.01)
        self.assertIn("gradients are shortened", " ".join(callback.watch.report().notes))

    def test_warns(self):
        said = []
        fit_as_transformers(etamax.hf.Watch(say=said.append), WithLoss(), batches(), 20.0, 400)
        self.assertIn("etamax: step 0: lr 20 is", said[0])


if __name__ == "__main__":
    unittest.main()
