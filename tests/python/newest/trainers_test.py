"""The watch in real trainings by Lightning, transformers and TensorBoard, as they are installed here."""

import pathlib
import tempfile
import unittest

import lightning
import torch
import torch.nn.functional as F
import transformers
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn
from torch.utils.tensorboard import SummaryWriter

import etamax

torch.set_num_threads(1)


def examples(count=256):
    random = torch.Generator().manual_seed(0)
    x = torch.randn(count, 8, generator=random)
    return x, (x[:, :4].sum(1) > 0).long()


class Classifier(lightning.LightningModule):
    def __init__(self, lr, optimizer="sgd"):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Dropout(0.1), nn.Linear(16, 2))
        self.lr, self.optimizer, self.calls = lr, optimizer, []

    def training_step(self, batch, batch_idx):
        loss = F.cross_entropy(self.layers(batch[0]), batch[1])
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        self.calls.append(batch_idx)
        return loss

    def configure_optimizers(self):
        if self.optimizer == "adamw":
            return torch.optim.AdamW(self.parameters(), lr=self.lr)
        optimizer = torch.optim.SGD(self.parameters(), lr=self.lr, momentum=0.9)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, 1.0, 50)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class Lightning(unittest.TestCase):
    def fit(self, lr, callbacks, epochs=30, optimizer="sgd", **options):
        lightning.seed_everything(0, verbose=False)
        module = Classifier(lr, optimizer)
        loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*examples()), batch_size=32, shuffle=True)
        trainer = lightning.Trainer(
            max_epochs=epochs,
            callbacks=callbacks,
            accelerator="cpu",
            devices=1,
            enable_progress_bar=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            default_root_dir=tempfile.mkdtemp(),
            **options,
        )
        trainer.fit(module, loader)
        return trainer, module

    def test_same_training(self):
        callback = etamax.lightning.Watch(say=None)
        weights, metrics, calls = [], [], []
        for callbacks in [], [callback]:
            trainer, module = self.fit(0.1, callbacks, logger=False)
            weights.append(torch.cat([p.detach().reshape(-1) for p in module.parameters()]))
            metrics.append({k: float(v) for k, v in trainer.callback_metrics.items()})
            calls.append(module.calls)
        self.assertTrue(torch.equal(*weights))
        self.assertEqual(*metrics)
        self.assertEqual(*calls)
        report = callback.watch.report()
        self.assertEqual((report.steps, report.planned_steps), (240, 240))
        self.assertGreater(len(report.looks), 0)
        print(report)

    def test_scalars_of_its_loggers(self):
        folder = tempfile.mkdtemp()
        logger = lightning.pytorch.loggers.TensorBoardLogger(folder)
        self.fit(0.1, [etamax.lightning.Watch(say=None)], epochs=5, logger=logger)
        logger.finalize("success")
        events = EventAccumulator(logger.log_dir)
        events.Reload()
        self.assertIn("etamax/lr_over_edge", events.Tags()["scalars"])

    def test_warns_and_caps(self):
        for precision in "32-true", "bf16-mixed":
            said = []
            callback = etamax.lightning.Watch(cap=0.8, say=said.append)
            _, module = self.fit(300.0, [callback], precision=precision, logger=False)
            self.assertTrue(said and "capped at" in said[0], said)
            self.assertTrue(all(p.isfinite().all() for p in module.parameters()))

    def test_clipping_and_accumulation(self):
        callback = etamax.lightning.Watch(say=None)
        self.fit(1e-3, [callback], optimizer="adamw", gradient_clip_val=0.01, accumulate_grad_batches=2, logger=False)
        self.assertGreater(len(callback.watch.report().looks), 0)


class Transformers(unittest.TestCase):
    def trainer(self, lr, callbacks, **options):
        transformers.set_seed(0)
        config = transformers.GPT2Config(
            vocab_size=12, n_positions=16, n_embd=16, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0
        )
        model = transformers.GPT2LMHeadModel(config)
        data = [{"input_ids": (torch.arange(12) + i) % 12, "labels": (torch.arange(12) + i) % 12} for i in range(64)]
        arguments = transformers.TrainingArguments(
            output_dir=tempfile.mkdtemp(),
            max_steps=300,
            per_device_train_batch_size=8,
            learning_rate=lr,
            report_to=[],
            use_cpu=True,
            logging_strategy="no",
            save_strategy="no",
            disable_tqdm=True,
            **options,
        )
        return transformers.Trainer(model, arguments, train_dataset=data, callbacks=callbacks)

    def train(self, lr, callbacks, **options):
        trainer = self.trainer(lr, callbacks, **options)
        trainer.train()
        return trainer.model

    def test_analyze_before_it_trains(self):
        trainer = self.trainer(1e-3, [])
        optimizer = torch.optim.AdamW(trainer.model.parameters(), lr=1e-3)
        report = etamax.analyze(trainer.model, trainer.get_train_dataloader(), optimizer=optimizer, steps=0)
        self.assertEqual((report.data.examples, report.loss.name), (64, "the model's own"))
        self.assertGreater(report.lr_edge.lower, 0)

    def test_same_training(self):
        callback = etamax.hf.Watch(say=None)
        models = [self.train(1e-3, callbacks) for callbacks in ([], [callback])]
        for a, b in zip(*(model.parameters() for model in models)):
            self.assertTrue(torch.equal(a, b))
        report = callback.watch.report()
        self.assertEqual((report.steps, report.optimizer.name), (300, "adamw"))
        self.assertGreater(len(report.looks), 0)
        print(report)

    def test_warns(self):
        said = []
        self.train(1.0, [etamax.hf.Watch(say=said.append)], max_grad_norm=0, warmup_steps=0)
        self.assertTrue(said, "a rate of 1 of AdamW was not warned of")

    def test_bf16_accumulation(self):
        callback = etamax.hf.Watch(say=None, cap=0.8)
        self.train(1e-3, [callback], bf16=True, gradient_accumulation_steps=2)
        self.assertGreater(len(callback.watch.report().looks), 0)


class Loops(unittest.TestCase):
    def test_tensorboard_writer_and_compile(self):
        folder = tempfile.mkdtemp()
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 2))
        compiled = torch.compile(model, backend="eager")
        x, y = examples()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        with SummaryWriter(folder) as writer:
            watch = etamax.watch(compiled, optimizer, steps=100, log=writer)
            for _ in range(100):
                loss = F.cross_entropy(compiled(x), y)
                optimizer.zero_grad()
                loss.backward()
                watch.step(lambda: F.cross_entropy(compiled(x), y), loss)
                optimizer.step()
                writer.add_scalar("loss", loss.item(), watch.made)
        events = EventAccumulator(folder)
        events.Reload()
        self.assertIn("etamax/sharpness", events.Tags()["scalars"])
        (log,) = pathlib.Path(folder).iterdir()
        self.assertEqual(etamax.diagnose(log, column="loss").verdict, "healthy")

    def test_analyze_compiled(self):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 2))
        compiled = torch.compile(model, backend="eager")
        edges = [etamax.analyze(m, examples(), F.cross_entropy, steps=0).lr_edge for m in (model, compiled)]
        self.assertEqual(*edges)


if __name__ == "__main__":
    unittest.main()
