"""The five largest eigenvalues of five Hessians by etamax and by three other libraries, against dense ones in 64 bit.

    PYTHONPATH=build/python python3 bench/spectrum/agreement.py [TOOL ...]

Each library as its documentation calls it, with its defaults, in 32 bit on one thread; the data are two batches of unlike
size. Prints the table of docs/spectrum.md: the largest error of the five, over the largest eigenvalue, and the seconds.
"""

import sys
import time
import warnings

import numpy
import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
K = 5


def digits():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(137, 36, generator=generator)
    y = (x[:, :3].sum(1) > 0).long() + 2 * (x[:, 3] > 0.3).long()
    return x, y


def mlp(widths, activation):
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), activation()]
    return nn.Sequential(*layers[:-1])


def problems():
    x, y = digits()
    images = x.reshape(-1, 1, 6, 6)
    convolutional = lambda: nn.Sequential(nn.Conv2d(1, 6, 3), nn.Tanh(), nn.Flatten(), nn.Linear(96, 4))
    # Small weights, and a loss that a product of them has to lower: its most negative eigenvalues are nearly as large as its largest.
    targets = 8 * x[:, :5].prod(1, keepdim=True) + 3 * x[:, :1]
    for name, make, inputs, wanted, loss in (
        ("softmax regression", lambda: nn.Linear(36, 4), x, y, nn.CrossEntropyLoss()),
        ("MLP, tanh, cross-entropy", lambda: mlp((36, 20, 4), nn.Tanh), x, y, nn.CrossEntropyLoss()),
        ("MLP, GELU, squared error", lambda: mlp((36, 16, 1), nn.GELU), x, x[:, :5].sum(1, keepdim=True), nn.MSELoss()),
        ("CNN, cross-entropy", convolutional, images, y, nn.CrossEntropyLoss()),
        ("MLP near a saddle", lambda: mlp((36, 12, 12, 1), nn.Tanh), x, targets, nn.MSELoss()),
    ):
        torch.manual_seed(1)
        model = make()
        if "saddle" in name:
            with torch.no_grad():
                for p in model.parameters():
                    p.mul_(0.15)
        yield name, model, inputs, wanted, loss


def truth(model, x, y, loss):
    parameters = list(model.double().parameters())
    gradient = torch.autograd.grad(loss(model(x.double()), y.double() if y.is_floating_point() else y), parameters, create_graph=True)
    whole = torch.cat([g.reshape(-1) for g in gradient])
    rows = [torch.cat([h.reshape(-1) for h in torch.autograd.grad(e, parameters, retain_graph=True, allow_unused=False)]) for e in whole]
    values = torch.linalg.eigvalsh(torch.stack(rows)).flip(0)
    model.float()
    return values


def loader(x, y):
    return [(x[:100], y[:100]), (x[100:], y[100:])]


def ours(model, x, y, loss):
    import etamax

    found = etamax.spectrum(model, loader(x, y), loss, top=K)
    return [e.value for e in found.top.eigenvalues]


def curvlinops(model, x, y, loss):
    from curvlinops import HessianLinearOperator
    from scipy.sparse.linalg import eigsh

    operator = HessianLinearOperator(model, loss, list(model.parameters()), loader(x, y))
    return eigsh(operator.to_scipy(), k=K, which="LA", return_eigenvectors=False)[::-1]


def _eigenthings(model, x, y, loss):
    from hessian_eigenthings import HessianOperator

    return HessianOperator(model, loader(x, y), lambda m, batch: loss(m(batch[0]), batch[1]))


def eigenthings_lanczos(model, x, y, loss):
    from hessian_eigenthings import lanczos

    return lanczos(_eigenthings(model, x, y, loss), k=K, which="LA", seed=0).eigenvalues


def eigenthings_power(model, x, y, loss):
    from hessian_eigenthings import deflated_power_iteration

    return deflated_power_iteration(_eigenthings(model, x, y, loss), k=K, seed=0).eigenvalues


def pyhessian(model, x, y, loss):
    from pyhessian import hessian

    return hessian(model, loss, dataloader=loader(x, y), cuda=False).eigenvalues(top_n=K)[0]


TOOLS = {
    "etamax": ours,
    "curvlinops, eigsh": curvlinops,
    "hessian-eigenthings, lanczos": eigenthings_lanczos,
    "hessian-eigenthings, power iteration": eigenthings_power,
    "PyHessian": pyhessian,
}


def main():
    torch.set_num_threads(1)
    wanted = sys.argv[1:] or list(TOOLS)
    print("| problem | largest eigenvalue | " + " | ".join(wanted) + " |")
    print("|---|" + "---|" * (len(wanted) + 1))
    for name, model, x, y, loss in problems():
        exact = truth(model, x, y, loss)
        cells = []
        for tool in wanted:
            torch.manual_seed(2)
            begin = time.perf_counter()
            try:
                found = torch.tensor(numpy.array([float(v) for v in TOOLS[tool](model, x, y, loss)]))
            except Exception as error:
                cells.append(f"fails: {type(error).__name__}")
                continue
            off = float((found - exact[:K]).abs().max() / exact[0])
            cells.append(f"{off:.1e}, {time.perf_counter() - begin:.2f} s")
            model.train()
        print(f"| {name} | {float(exact[0]):.4g} (smallest {float(exact[-1]):.3g}) | " + " | ".join(cells) + " |", flush=True)


main()
