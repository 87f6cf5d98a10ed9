"""The watch on several processes: the same in all of them, and what one process alone would find."""

import math
import os
import sys
import tempfile
import time
import unittest

try:
    import torch
except ImportError:
    sys.exit(77)
if not torch.distributed.is_available():
    sys.exit(77)
import torch.nn.functional as F
from torch import distributed, multiprocessing, nn

import etamax
from etamax._watch.policy import Rules

os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
os.environ.setdefault("USE_LIBUV", "0")


def data():
    random = torch.Generator().manual_seed(0)
    x = torch.randn(48, 5, generator=random)
    return x, torch.tanh(x @ torch.ones(5, 1))


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1))


def train(x, y, model, steps=60, lr=0.3, reduced=None, cap=None):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    said = []
    watch = etamax.Watch(model, optimizer, 2000, say=said.append, cap=cap, rules=Rules(first_products=6, guard=0))
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        if reduced is not None:
            reduced(model)
        watch.step(lambda: F.mse_loss(model(x), y), loss)
        optimizer.step()
    return watch.report().to_dict(), said


def all_reduced(model):
    """What a loop without a wrapper does by itself."""
    for p in model.parameters():
        distributed.all_reduce(p.grad)
        p.grad /= distributed.get_world_size()


def on_rank(rank, count, folder, wrapped):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=count)
    x, y = (t[rank::count] for t in data())
    model = network()
    if wrapped:
        model = nn.parallel.DistributedDataParallel(model)
    report, said = train(x, y, model, reduced=None if wrapped else all_reduced)
    torch.save((report, said), f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


def dies(rank, count, folder, wrapped):
    """The last rank leaves in the middle of the training; the others say so."""
    from datetime import timedelta

    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/store", rank=rank, world_size=count, timeout=timedelta(seconds=20)
    )
    x, y = (t[rank::count] for t in data())
    model, steps = network(), [0]

    def leave(model):
        all_reduced(model)
        steps[0] += 1
        if rank == count - 1 and steps[0] == 3:
            os._exit(0)

    began = time.monotonic()
    try:
        train(x, y, model, reduced=leave)
        words = "trained to the end"
    except RuntimeError as error:
        took = "in time" if time.monotonic() - began < 45 else "too late"
        words = f"{took}: {type(error).__name__}: {error}"
    with open(f"{folder}/{rank}.txt", "w") as file:
        file.write(words)


class RanksTest(unittest.TestCase):
    def spawned(self, function, count, wrapped):
        folder = tempfile.mkdtemp()
        multiprocessing.spawn(function, args=(count, folder, wrapped), nprocs=count)
        return folder

    def test_equal_to_one_process(self):
        alone, _ = train(*data(), network())
        for count, wrapped in (2, True), (3, False):
            with self.subTest(count=count, wrapped=wrapped):
                folder = self.spawned(on_rank, count, wrapped)
                reports = [torch.load(f"{folder}/{rank}.pt") for rank in range(count)]
                looks = [report["looks"] for report, _ in reports]
                for other in looks[1:]:
                    self.assertEqual(looks[0], other)  # to the bit
                self.assertEqual(len(looks[0]), len(alone["looks"]))
                for ours, theirs in zip(looks[0], alone["looks"]):
                    self.assertTrue(math.isclose(ours["sharpness"], theirs["sharpness"], rel_tol=1e-3))
                    self.assertEqual((ours["step"], ours["gradients"]), (theirs["step"], theirs["gradients"]))
                self.assertTrue(all(not said for _, said in reports[1:]))

    def test_a_rank_that_dies(self):
        folder = self.spawned(dies, 2, False)
        with open(f"{folder}/0.txt") as file:
            words = file.read()
        self.assertRegex(words, r"^in time: \w*Error: ")
        self.assertEqual(len(words.splitlines()), 1, words)


if __name__ == "__main__":
    unittest.main()
