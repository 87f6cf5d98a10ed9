"""The bar that is shown to somebody who waits: a stand-in for tqdm, which need not be installed."""

import importlib.machinery
import io
import sys
import time
import types
import unittest
from unittest import mock

try:
    import torch
except ImportError:
    sys.exit(77)
import torch.nn.functional as F

import etamax
from etamax._progress import Progress

BARS = []


class Bar:
    def __init__(self, total, **looks):
        self.total, self.n, self.name, self.words, self.shown, self.closed = total, 0.0, "", "", [], False
        BARS.append(self)

    def set_description_str(self, name, refresh):
        self.name = name

    def set_postfix_str(self, words, refresh):
        self.words = words

    def refresh(self):
        self.shown.append((self.name, self.n, self.words))

    def close(self):
        self.closed = True


def slow(outputs, targets):
    """Somebody is told five times a second at most."""
    time.sleep(0.01)
    return F.cross_entropy(outputs, targets)


class ProgressTest(unittest.TestCase):
    def setUp(self):
        BARS.clear()
        package, standing_in = types.ModuleType("tqdm"), types.ModuleType("tqdm.auto")
        for module in (package, standing_in):  # PyTorch asks whether it is there
            module.__spec__ = importlib.machinery.ModuleSpec(module.__name__, None)
        standing_in.tqdm = Bar
        modules = mock.patch.dict(sys.modules, {"tqdm": package, "tqdm.auto": standing_in})
        modules.start()
        self.addCleanup(modules.stop)

    def analyze(self, **options):
        torch.manual_seed(0)
        model = torch.nn.Linear(4, 3)
        data = torch.randn(30, 4), torch.arange(30) % 3
        return etamax.analyze(model, data, slow, steps=20, starts=1, **options)

    def test_shows_what_is_done_and_how_far_it_is(self):
        answer = self.analyze(progress=True).to_dict()
        (bar,) = BARS
        self.assertTrue(bar.closed)
        self.assertGreater(len({name for name, _, _ in bar.shown}), 1)
        self.assertTrue(all(name and 0 <= part <= 1 for name, part, _ in bar.shown), bar.shown)
        self.assertIn("of 20, loss", " ".join(words for _, _, words in bar.shown))
        silent = self.analyze(progress=False).to_dict()
        self.assertEqual([answer[name] for name in ("lr_edge", "runs")], [silent[name] for name in ("lr_edge", "runs")])
        self.assertEqual(len(BARS), 1)

    def test_is_shown_on_a_terminal_alone(self):
        class Terminal(io.StringIO):
            def isatty(self):
                return True

        for stderr, count in (io.StringIO(), 0), (Terminal(), 1):
            with mock.patch.object(sys, "stderr", stderr), Progress() as progress:
                self.assertEqual(bool(progress), count == 1)
            self.assertEqual(len(BARS), count)

    def test_ends_with_an_interruption(self):
        with self.assertRaises(KeyboardInterrupt), Progress(True):
            raise KeyboardInterrupt
        self.assertTrue(BARS[0].closed)

    def test_without_tqdm_there_is_none(self):
        with mock.patch.dict(sys.modules, {"tqdm.auto": None}), Progress(True) as progress:
            self.assertFalse(progress)


if __name__ == "__main__":
    unittest.main()
