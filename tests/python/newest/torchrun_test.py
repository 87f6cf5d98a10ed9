"""Under torchrun itself: two processes of one script say what one process says, and the same to the bit."""

import json
import os
import subprocess
import sys
import unittest

import torch
import torch.nn.functional as F
from torch import distributed, nn
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

import etamax

torch.set_num_threads(1)


def analyzed(distribute):
    torch.manual_seed(0)
    x = torch.randn(201, 20)
    data = TensorDataset(x, x[:, :3].argmax(1))
    model = nn.Sequential(nn.Linear(20, 32), nn.Tanh(), nn.Linear(32, 3))
    if distribute:
        model, sampler = nn.parallel.DistributedDataParallel(model), DistributedSampler(data)
    else:
        sampler = None
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loader = DataLoader(data, batch_size=25, sampler=sampler)
    report = etamax.analyze(model, loader, F.cross_entropy, optimizer=optimizer, batch_size=50, steps=12, starts=1)
    return {"lr_edge": dict(report.lr_edge), "recommended": report.recommended, "examples": report.data.examples}


class Torchrun(unittest.TestCase):
    def test_says_what_one_process_says(self):
        said = subprocess.run(
            [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", __file__],
            env={**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=600,
        )
        self.assertEqual(said.returncode, 0, said.stderr)
        ours, theirs = (json.loads(line) for line in said.stdout.splitlines() if line.startswith("{"))
        self.assertEqual(ours, theirs)
        alone = analyzed(distribute=False)
        self.assertEqual((ours["examples"], ours["recommended"] > 0), (201, True))
        for end in "lower", "upper":
            self.assertAlmostEqual(ours["lr_edge"][end] / alone["lr_edge"][end], 1, delta=1e-5)


if __name__ == "__main__":
    if "RANK" in os.environ:
        distributed.init_process_group("gloo")
        sys.stdout.write(json.dumps(analyzed(distribute=True)) + "\n")
        sys.stdout.flush()
        distributed.destroy_process_group()
    else:
        unittest.main()
