"""The watch on several processes: the same in all of them, and what one process alone would find."""

import math
import os
import sys
import tempfile
import time
import unittest
from datetime import timedelta

try:
    import torch
except ImportError:
    sys.exit(77)
if not torch.distributed.is_available():
    sys.exit(77)
import torch.nn.functional as F
from torch import distributed, multiprocessing, nn

import etamax
from etamax._torch.vectors import TensorList
from etamax._watch.policy import Rules

os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
os.environ.setdefault("USE_LIBUV", "0")


def data(dtype=torch.float32):
    random = torch.Generator().manual_seed(0)
    x = torch.randn(48, 5, generator=random).to(dtype)
    return x, torch.tanh(x @ torch.ones(5, 1, dtype=dtype))


def network(dtype=torch.float32):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1)).to(dtype)


def constant(step):
    return 0.3


def ramp(step):
    """Beyond the edge at its end."""
    return 0.02 * 1.12**step


def train(x, y, model, steps=60, reduced=None, rate=constant, closure=None, **options):
    optimizer = torch.optim.SGD(model.parameters(), lr=rate(0))
    said = []
    watch = etamax.Watch(model, optimizer, 2000, say=said.append, **options)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = rate(step)
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        if reduced is not None:
            reduced(model)
        watch.step(closure or (lambda: F.mse_loss(model(x), y)), loss)
        optimizer.step()
    return watch.report().to_dict(), said


def all_reduced(model):
    """What a loop without a wrapper does by itself."""
    for p in model.parameters():
        distributed.all_reduce(p.grad)
        p.grad /= distributed.get_world_size()


def join(rank, count, folder, store="store", dtype=torch.float32):
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/{store}", rank=rank, world_size=count, timeout=timedelta(seconds=20)
    )
    return [t[rank::count] for t in data(dtype)]


EVERY_PRODUCT = {"rules": Rules(first_products=6, guard=0)}
CASES = {
    "looks": EVERY_PRODUCT,
    "schedule": {**EVERY_PRODUCT, "rate": ramp, "schedule": ramp, "cap": 0.8},
    "unlike": {"rate": ramp, "cap": 0.8},
}
# Far beyond the edge a run multiplies whatever differs: in 32 bit the order of a sum moves the step at which it climbs, with or
# without ranks. In 64 bit even inputs that differ by 1e-7 leave every step where it is.
DTYPES = {"schedule": torch.float64}
TOLERANCES = {torch.float32: 1e-3, torch.float64: 1e-9}


def on_rank(rank, count, folder, case, wrapped):
    dtype = DTYPES.get(case, torch.float32)
    x, y = join(rank, count, folder, dtype=dtype)
    options = dict(CASES[case])
    if case == "unlike":  # machines, and what they were told
        exact = TensorList._dot_here
        TensorList._dot_here = lambda a, b: exact(a, b) * (1 + 0.3 * rank)
        options["schedule"] = ramp if rank == 0 else lambda step: 2 * ramp(step)
    model = network(dtype)
    if wrapped:
        model = nn.parallel.DistributedDataParallel(model)
    torch.save(train(x, y, model, reduced=None if wrapped else all_reduced, **options), f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


def ends(rank, count, folder):
    """Wrapped models and their groups, one after the other."""
    for i in range(40):
        x, y = join(rank, count, folder, f"store{i}")
        train(x, y, nn.parallel.DistributedDataParallel(network()), steps=4)
        distributed.destroy_process_group()


def fails(rank, count, folder):
    """The closure of one, within a look; the others are told, and the group can be used afterwards."""
    x, y = join(rank, count, folder)
    model, calls = network(), [0]

    def closure():
        calls[0] += 1
        if rank == 1 and calls[0] == 3:
            raise MemoryError("no room")
        return F.mse_loss(model(x), y)

    words = "trained to the end"
    try:
        train(x, y, model, reduced=all_reduced, closure=closure)
    except (RuntimeError, MemoryError) as error:
        words = f"{type(error).__name__}: {error}"
    total = torch.ones(1)
    distributed.all_reduce(total)
    torch.save((words, float(total)), f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


def dies(rank, count, folder):
    """The last rank leaves in the middle of the training; the others say so."""
    x, y = join(rank, count, folder)
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
    def spawned(self, function, count, *more, limit=300):
        folder = tempfile.mkdtemp()
        processes = multiprocessing.spawn(function, args=(count, folder, *more), nprocs=count, join=False)
        until = time.monotonic() + limit
        while not processes.join(timeout=1):
            if time.monotonic() > until:
                for process in processes.processes:
                    process.kill()
                self.fail(f"{function.__name__} hangs")
        return folder

    def reports(self, case, count, wrapped):
        """Of each rank, all but the clock's; what the others say is nothing."""
        folder = self.spawned(on_rank, count, case, wrapped)
        found = [torch.load(f"{folder}/{rank}.pt") for rank in range(count)]
        self.assertTrue(all(not said for _, said in found[1:]))
        return [{name: report[name] for name in ("looks", "events", "steps", "budget")} for report, _ in found]

    def test_equal_to_one_process(self):
        for case in "looks", "schedule":
            dtype = DTYPES.get(case, torch.float32)
            alone, _ = train(*data(dtype), network(dtype), **CASES[case])
            for count, wrapped in (2, True), (3, False):
                with self.subTest(case, count=count, wrapped=wrapped):
                    ours, *others = self.reports(case, count, wrapped)
                    for other in others:
                        self.assertEqual(ours, other)  # to the bit
                    self.assertEqual(len(ours["looks"]), len(alone["looks"]))
                    for look, theirs in zip(ours["looks"], alone["looks"]):
                        near = math.isclose(look["sharpness"], theirs["sharpness"], rel_tol=TOLERANCES[dtype])
                        self.assertTrue(near, f"{look['sharpness']} beside {theirs['sharpness']}")
                        self.assertEqual((look["step"], look["gradients"]), (theirs["step"], theirs["gradients"]))
                    kinds = [[(event["step"], event["kind"]) for event in run["events"]] for run in (ours, alone)]
                    self.assertEqual(*kinds)
                    self.assertEqual(bool(kinds[0]), case == "schedule")

    def test_unlike_processes_decide_alike(self):
        """Each by the first one's numbers, in 32 bit or told otherwise."""
        ours, other = self.reports("unlike", 2, True)
        self.assertTrue(ours["events"])
        self.assertEqual(ours, other)

    def test_wrapped_models_end(self):
        self.spawned(ends, 2)

    def test_what_one_fails_in_all_do(self):
        folder = self.spawned(fails, 2)
        told, own = (torch.load(f"{folder}/{rank}.pt") for rank in range(2))
        self.assertEqual(told, ("RanksError: rank 1 failed: MemoryError: no room", 2.0))
        self.assertEqual(own, ("MemoryError: no room", 2.0))

    def test_a_rank_that_dies(self):
        folder = self.spawned(dies, 2)
        with open(f"{folder}/0.txt") as file:
            words = file.read()
        self.assertRegex(words, r"^in time: \w*Error: ")
        self.assertEqual(len(words.splitlines()), 1, words)


if __name__ == "__main__":
    unittest.main()
