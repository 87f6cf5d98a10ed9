"""What a product with the Hessian costs in Python, in gradients of the same examples by plain PyTorch, in one run.

Usage: products.py [NETWORK ...], with PYTHONPATH at the package: mlp, cnn, transformer. Prints
network,product,real,cpu: the first product at a place, a later one there (the gradient's graph is kept), and one over four
chunks, whose graphs are not; the median of ROUNDS, each between two gradients. One thread.
"""

import copy
import os
import statistics
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "python"))
from networks import Cnn, Mlp, Transformer, images  # noqa: E402

import etamax  # noqa: E402

ROUNDS = 7
torch.set_num_threads(1)


def problems():
    torch.manual_seed(0)
    x, y = images(1797)
    yield "mlp", Mlp(64, 256, 256, 10), x.float()[:1600], y[:1600]
    yield "cnn", Cnn(8, (24, 48, 96), 10), x.float()[:800].reshape(-1, 1, 8, 8), y[:800]
    text = torch.randint(17, (64, 33), generator=torch.Generator().manual_seed(1))
    yield "transformer", Transformer(17, 32, width=64, layers=3, heads=4), text[:, :-1].float(), text[:, 1:]


def seconds(work):
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def in_gradients(gradient, product, before):
    rounds = []
    for _ in range(ROUNDS + 1):
        before()
        a, b, c = seconds(gradient), seconds(product), seconds(gradient)
        rounds.append([2 * b[i] / (a[i] + c[i]) for i in (0, 1)])
    return [statistics.median(r[i] for r in rounds[1:]) for i in (0, 1)]  # memory and libraries are had by then


def measure(name, model, x, y):
    v = torch.randn(sum(p.numel() for p in model.parameters()))
    of_plain = copy.deepcopy(model)

    def gradient_over(parts):
        for inputs, targets in zip(x.chunk(parts), y.chunk(parts)):
            F.cross_entropy(of_plain(inputs), targets).backward()

    def report(word, parts, before=lambda operator: None):
        operator = etamax.Hessian(model, (x, y), F.cross_entropy, chunk=len(x) // parts)
        operator @ v
        found = in_gradients(lambda: gradient_over(parts), lambda: operator @ v, lambda: before(operator))
        print(f"{name},{word},{found[0]:.3g},{found[1]:.3g}", flush=True)

    def moved(_):
        with torch.no_grad():
            next(model.parameters()).mul_(1)

    report("first at a place", 1, moved)
    report("later", 1)
    report("over 4 chunks", 4)


print(f"torch {torch.__version__}")
print("network,product,real,cpu")
for problem in problems():
    if len(sys.argv) < 2 or problem[0] in sys.argv[1:]:
        measure(*problem)
