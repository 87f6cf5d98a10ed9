"""The watch of a module that fully_shard has shared out says what that of the plain one in one process says.

Usage: shards_test.py, which runs itself as `shards_test.py rank CASE` in each process.
"""

import json
import pathlib
import sys
import unittest

import torch

if tuple(int(part) for part in torch.__version__.split(".")[:2]) < (2, 7):
    print(f"skipped: PyTorch {torch.__version__} has no fully_shard that runs on the CPU")
    sys.exit(77)
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FullyShardedDataParallel, MixedPrecisionPolicy, fully_shard

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from processes import join, leave, on_ranks, say

import etamax
from etamax._torch.shards import Layout
from etamax._watch.policy import Rules


def data(rank, count):
    random = torch.Generator().manual_seed(0)
    x = torch.randn(48, 3, generator=random).double()
    y = torch.tanh(x @ torch.ones(3, 1).double())
    return x[rank::count], y[rank::count]


def network(dropout=0.0):
    """Its five rows are shared out as three and two, its last layer's single one leaves the second rank nothing."""
    torch.manual_seed(0)
    layers = nn.Linear(3, 5), nn.Tanh(), nn.Dropout(dropout), nn.Linear(5, 1)
    return nn.Sequential(*layers).double()


def every_layer(model, **options):
    fully_shard(model[0], **options)
    return fully_shard(model, **options)


def first_layer(model):
    """The last one is whole on every rank."""
    fully_shard(model[0])
    return model


def with_copies(model):
    return every_layer(model, mesh=init_device_mesh("cpu", (2, 1), mesh_dim_names=("copies", "parts")))


def ramp(step):
    return 0.02 * 1.12**step


def slow_ramp(step):
    return 0.01 * 1.1**step


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=ramp(0), momentum=0.5)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=slow_ramp(0), weight_decay=0.01)


def adamw_in_groups(parameters):
    first, *others = parameters
    groups = [{"params": [first]}, {"params": others, "lr": 0.5 * slow_ramp(0)}]
    return torch.optim.AdamW(groups, lr=slow_ramp(0))


EVERY_PRODUCT = {"budget": 0.3, "rules": Rules(first_products=6, guard=0)}
CASES = {
    "sgd": {"shard": every_layer, "optimizer": sgd, "rate": ramp, "schedule": ramp},
    "adam": {"shard": every_layer, "optimizer": adam, "rate": slow_ramp},
    "in part": {"shard": first_layer, "optimizer": sgd, "rate": ramp, "schedule": ramp},
    "in groups": {"shard": first_layer, "optimizer": adamw_in_groups, "rate": slow_ramp},
    "clipped": {"shard": every_layer, "optimizer": sgd, "rate": ramp, "clip": 0.3},
    "evaluated": {"shard": every_layer, "optimizer": adam, "rate": slow_ramp, "evaluated": True},
    "copies": {"shard": with_copies, "optimizer": adam, "rate": slow_ramp},
}


def reduced(model):
    """Gradients of parameters that are whole, averaged as a loop does it by itself."""
    for p in model.parameters():
        if dist.is_initialized() and not hasattr(p, "placements"):
            dist.all_reduce(p.grad)
            p.grad /= dist.get_world_size()


def train(x, y, model, optimizer, rate, steps=60, clip=None, watched=True, evaluated=False, **options):
    said, parameters = [], list(model.parameters())
    shares = [group["lr"] / rate(0) for group in optimizer.param_groups]
    watch = etamax.Watch(model, optimizer, 2000, say=said.append, **EVERY_PRODUCT, **options) if watched else None
    for step in range(steps):
        for group, share in zip(optimizer.param_groups, shares):
            group["lr"] = share * rate(step)
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        reduced(model)
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        if watched:
            before = [(p.grad, local(p.grad).clone(), local(p).detach().clone()) for p in parameters]
            if evaluated:  # which leaves the root's parameters whole, for the watch too
                with torch.no_grad():
                    model(x)
            watch.step(lambda: F.mse_loss(model(x), y), loss)
            for p, (grad, kept, value) in zip(parameters, before):
                assert p.grad is grad and torch.equal(local(grad), kept) and torch.equal(local(p), value), step
            if evaluated and dist.is_initialized():
                model.reshard()
        optimizer.step()
    if not watched:
        return None
    document = watch.report().to_dict()
    found = {name: document[name] for name in ("looks", "events", "rates", "budget")}
    return {**found, "said": said, "parameters": document["model"]["parameters"]}


def local(t):
    return t.to_local() if hasattr(t, "placements") else t


def watched(case, rank, count):
    torch.manual_seed(0)
    options = dict(CASES[case])
    shard, make = options.pop("shard"), options.pop("optimizer")
    model = network() if count == 1 else shard(network())
    return train(*data(rank, count), model, make(model.parameters()), cap=0.8, **options)


def lengths(rank, count):
    """Of the parameters, and their part along the noise that a look begins with."""
    found = []
    for shard in (every_layer, first_layer, with_copies) if count > 1 else (lambda model: model,):
        parameters = list(shard(model := network()).parameters())
        layout = Layout(model, parameters, None)
        vector = layout.vector(parameters)
        found.append([vector.dot(vector), vector.dot(layout.noise())])
    return found


def guest(rank, count):
    """Nothing of the training is another one for it, to the bit, with random numbers drawn in it."""
    x, y = data(rank, count)
    found, calls = [], []
    for looked_at in True, False:
        torch.manual_seed(rank)
        model = every_layer(network(dropout=0.3))
        calls.append(0)

        def count_calls(p):
            calls[-1] += 1

        for p in model.parameters():
            p.register_post_accumulate_grad_hook(count_calls)
        optimizer = adam(model.parameters())
        made = train(x, y, model, optimizer, slow_ramp, steps=40, watched=looked_at)
        looks = len(made["looks"]) if looked_at else looks
        tensors = [local(p) for p in model.parameters()]
        tensors += [local(v) for p in model.parameters() for v in optimizer.state[p].values()]
        found.append([*tensors, torch.get_rng_state()])
    return {"same": all(map(torch.equal, *found)), "looks": looks, "calls": calls}


def fails(rank, count):
    """Closures that fail alike, after the forward pass; the model is trained on."""
    x, y = data(rank, count)
    model, calls, said = every_layer(network()), [0], []
    optimizer = sgd(model.parameters())
    watch = etamax.watch(model, optimizer, 2000, say=None)

    def closure():
        loss = F.mse_loss(model(x), y)
        calls[0] += 1
        if calls[0] == 2:
            raise MemoryError("no room")
        return loss.detach() if calls[0] == 3 else loss

    losses = []
    for _ in range(6):
        before = [local(p).detach().clone() for p in model.parameters()]
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        gradients = [local(p.grad).clone() for p in model.parameters()]
        try:
            watch.step(closure, loss)
        except (MemoryError, etamax.InputError) as error:
            said.append(str(error))
        same = all(torch.equal(local(p), b) for p, b in zip(model.parameters(), before))
        same &= all(torch.equal(local(p.grad), g) for p, g in zip(model.parameters(), gradients))
        losses.append([float(loss.detach()), same])
        optimizer.step()
    return {"said": said, "losses": losses, "looks": len(watch.report().looks)}


def in_16_bit(rank, count):
    """As in autocast, differences are taken further apart."""
    x, y = data(rank, count)
    sharpness = []
    for kind in torch.bfloat16, None:
        model = network().float()
        inner = MixedPrecisionPolicy(param_dtype=kind, reduce_dtype=torch.float32)
        outer = MixedPrecisionPolicy(param_dtype=kind, reduce_dtype=torch.float32, output_dtype=torch.float32)
        fully_shard(model[0], mp_policy=inner)
        fully_shard(model, mp_policy=outer)
        found = train(x.float(), y.float(), model, sgd(model.parameters()), ramp, steps=25)
        sharpness.append([look["sharpness"] for look in found["looks"]])
    return sharpness


def refused(rank, count):
    said = []

    def refuses(model, **options):
        try:
            etamax.watch(model, sgd(model.parameters()), 2000, **options)
        except etamax.InputError as error:
            said.append(str(error))

    refuses(FullyShardedDataParallel(network(), device_id=torch.device("cpu"), use_orig_params=True))
    refuses(FullyShardedDataParallel(network(), device_id=torch.device("cpu")))
    refuses(every_layer(network()), group=False)
    from torch.distributed.tensor import Replicate, Shard, distribute_module, distribute_tensor

    mesh = init_device_mesh("cpu", (count,))
    for placement in Shard(0), Replicate():  # by something else

        def place(name, module, mesh):
            for name, p in list(module.named_parameters(recurse=False)):
                module.register_parameter(name, nn.Parameter(distribute_tensor(p.detach(), mesh, [placement])))

        refuses(distribute_module(network(), mesh, place))
    return said


def answer(case, rank, count):
    alone = {"lengths": lengths, "guest": guest, "fails": fails, "in 16 bit": in_16_bit, "refused": refused}
    return alone[case](rank, count) if case in alone else watched(case, rank, count)


class Shards(unittest.TestCase):
    def answers(self, *cases):
        """Of each rank, by case."""
        said = on_ranks(__file__, 2, *cases)
        for status, _, error in said:
            self.assertEqual(status, 0, error[-3000:])
        return [json.loads(out.splitlines()[-1]) for _, out, _ in said]

    def test_says_what_one_process_says(self):
        ours, other = self.answers(*CASES)
        for case in CASES:
            with self.subTest(case):
                found, alone = ours[case], watched(case, 0, 1)
                self.assertEqual(other[case].pop("said"), [])
                said = found.pop("said")
                self.assertEqual(found, other[case])  # to the bit
                self.assertEqual(said, alone["said"])
                self.assertTrue(any("capped" in line for line in said), said)
                self.assertGreater(len(alone["looks"]), 2)
                self.assertEqual(len(found["looks"]), len(alone["looks"]))
                for look, theirs in zip(found["looks"], alone["looks"]):
                    for name in "step", "layer", "gradients":
                        self.assertEqual(look[name], theirs[name])
                    for name in "sharpness", "lr_edge", "lr":
                        self.near(look[name], theirs[name])
                self.assertEqual(len(found["rates"]), len(alone["rates"]))
                for rate, theirs in zip(found["rates"], alone["rates"]):
                    self.assertEqual(rate["step"], theirs["step"])
                    self.near(rate["lr_in_force"], theirs["lr_in_force"])
                for name in "parameters", "budget":
                    self.assertEqual(found[name], alone[name])

    def near(self, mine, theirs, tolerance=1e-5):
        self.assertEqual(mine is None, theirs is None)
        if mine is not None:
            self.assertLessEqual(abs(mine - theirs), tolerance * abs(theirs), f"{mine} beside {theirs}")

    def test_each_entry_counts_once(self):
        ((length, part),) = lengths(0, 1)
        self.assertNotEqual(part, 0)
        for answer in self.answers("lengths"):
            for found in answer["lengths"]:
                self.near(found[0], length, 1e-12)
                self.near(found[1], part, 1e-12)

    def test_a_guest_leaves_no_trace(self):
        for found in (answer["guest"] for answer in self.answers("guest")):
            self.assertTrue(found["same"])
            self.assertGreater(found["looks"], 1)
            self.assertEqual(found["calls"], [4 * 40] * 2)

    def test_what_fails_leaves_no_trace(self):
        for found in (answer["fails"] for answer in self.answers("fails")):
            self.assertEqual(found["said"][0], "no room")
            self.assertIn("depends on no parameter", found["said"][1])
            self.assertTrue(all(same for _, same in found["losses"]))
            self.assertLess(found["losses"][-1][0], found["losses"][0][0])
            self.assertGreater(found["looks"], 0)

    def test_16_bit(self):
        ours, exact = self.answers("in 16 bit")[0]["in 16 bit"]
        self.assertGreater(len(exact), 1)
        for mine, theirs in zip(ours, exact):
            self.near(mine, theirs, 0.2)  # as far apart as in 32 bit, the first would be off by more than as much again

    def test_what_is_refused(self):
        first, second, third, fourth, fifth = self.answers("refused")[1]["refused"]
        for line in first, second:
            self.assertEqual(line, "model: is in FullyShardedDataParallel; torch.distributed.fsdp.fully_shard would do")
        self.assertIn("not of the processes that the parameters are shared out over", third)
        for line in fourth, fifth:
            self.assertIn("DTensors other than fully_shard's", line)


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:2] == ["rank"]:
        rank, count = join()
        say({case: answer(case, rank, count) for case in sys.argv[2:]})
        leave()
    unittest.main()
