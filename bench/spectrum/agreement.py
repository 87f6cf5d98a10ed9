"""Spectra of five Hessians by etamax and by three other libraries, against dense ones in 64 bit.

    PYTHONPATH=build/python python3 bench/spectrum/agreement.py [eigenvalues|trace|density|batches ...]

Each library as its documentation calls it, in 32 bit on one thread; the data are two batches of unlike size. Prints the
tables of docs/spectrum.md:

* eigenvalues: the largest error of the five largest, over the largest, and the seconds; with the library's defaults;
* trace: the error over the trace, root mean square of DRAWS seeds, from PRODUCTS products each where that can be said;
  where the tool states an error, in how many of them twice that (etamax: its 95% interval) holds the truth;
* density: STARTS starts of STEPS products, DENSITIES_DRAWN times: the error of the mean of the squared eigenvalues, over
  the true one; the error of the share of eigenvalues near zero (within a hundredth of the largest magnitude), in points
  of percent; curvlinops is told the ends of the spectrum, and its smoothing is in what it says;
* batches: the largest eigenvalue where the two batches are 100 and 37 examples, and where they are one of 137.

A tool that has not filled a cell within BUDGET seconds is stopped, which the cell says.
"""

import importlib.metadata
import signal
import sys
import time
import warnings

import numpy
import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
K = 5
DRAWS, PRODUCTS = 10, 90
DENSITIES_DRAWN, STARTS, STEPS = 3, 5, 80
NEAR = 1e-2  # of the largest magnitude
BUDGET = 600  # seconds for a cell of a table


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


def _hessian(model, x, y, loss):
    parameters = list(model.double().parameters())
    value = loss(model(x.double()), y.double() if y.is_floating_point() else y)
    gradient = torch.autograd.grad(value, parameters, create_graph=True)
    whole = torch.cat([g.reshape(-1) for g in gradient])
    rows = [torch.autograd.grad(e, parameters, retain_graph=True) for e in whole]
    model.float()
    return torch.stack([torch.cat([h.reshape(-1) for h in row]) for row in rows])


def truth(model, x, y, loss):
    """All eigenvalues, the largest first."""
    return torch.linalg.eigvalsh(_hessian(model, x, y, loss)).flip(0)


batch_sizes = [100, 37]


def loader(x, y):
    return list(zip(x.split(batch_sizes), y.split(batch_sizes)))


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


def our_trace(model, x, y, loss, seed):
    import etamax

    found = etamax.spectrum(model, loader(x, y), loss, top=0, trace=True, trace_products=PRODUCTS, seed=1000 * seed)
    return found.trace.trace.value, found.trace.trace.half_width


def curvlinops_trace(way):
    def estimate(model, x, y, loss, seed):
        import curvlinops
        from curvlinops import HessianLinearOperator

        operator = HessianLinearOperator(model, loss, list(model.parameters()), loader(x, y))
        return float(getattr(curvlinops, way)(operator, num_matvecs=PRODUCTS)), None

    return estimate


def eigenthings_trace(model, x, y, loss, seed):
    from hessian_eigenthings import trace

    found = trace(_eigenthings(model, x, y, loss), num_matvecs=PRODUCTS, seed=1000 * seed)
    return found.estimate, 2 * found.stderr


def pyhessian_trace(model, x, y, loss, seed):
    from pyhessian import hessian

    return float(numpy.mean(hessian(model, loss, dataloader=loader(x, y), cuda=False).trace())), None


TRACES = {
    "etamax": our_trace,
    "curvlinops, Hutchinson": curvlinops_trace("hutchinson_trace"),
    "curvlinops, Hutch++": curvlinops_trace("hutchpp_trace"),
    "hessian-eigenthings, Hutch++": eigenthings_trace,
    "PyHessian, Hutchinson": pyhessian_trace,
}


def moments(places, weights, near):
    """The mean of the squares, and the share near zero."""
    return float((weights * places**2).sum()), float(weights[abs(places) <= near].sum())


def our_density(model, x, y, loss, seed, near, ends):
    import etamax

    found = etamax.spectrum(
        model, loader(x, y), loss, top=0, density=True, starts=STARTS, density_steps=STEPS, seed=1000 * seed
    )
    each = [moments(numpy.array(s.nodes), numpy.array(s.weights), near) for s in found.density.starts]
    return numpy.mean(each, 0)


def curvlinops_density(model, x, y, loss, seed, near, ends):
    from curvlinops import HessianLinearOperator
    from curvlinops.papyan2020traces.spectrum import lanczos_approximate_spectrum

    operator = HessianLinearOperator(model, loss, list(model.parameters()), loader(x, y))
    found = lanczos_approximate_spectrum(operator, STEPS, num_repeats=STARTS, boundaries=ends)
    grid, density = (t.double().numpy() for t in found)
    return moments(grid, density * (grid[1] - grid[0]), near)


def eigenthings_density(model, x, y, loss, seed, near, ends):
    from hessian_eigenthings import spectral_density

    found = spectral_density(_eigenthings(model, x, y, loss), num_runs=STARTS, lanczos_steps=STEPS, seed=1000 * seed)
    nodes, weights = found.raw_eigenvalues.double().numpy(), found.raw_weights.double().numpy()
    each = [moments(n[~numpy.isnan(n)], w[~numpy.isnan(n)], near) for n, w in zip(nodes, weights)]
    return numpy.mean(each, 0)


def pyhessian_density(model, x, y, loss, seed, near, ends):
    from pyhessian import hessian

    operator = hessian(model, loss, dataloader=loader(x, y), cuda=False)
    nodes, weights = operator.density(iter=STEPS, n_v=STARTS)
    return numpy.mean([moments(numpy.array(n), numpy.array(w), near) for n, w in zip(nodes, weights)], 0)


DENSITIES = {
    "etamax": our_density,
    "curvlinops": curvlinops_density,
    "hessian-eigenthings": eigenthings_density,
    "PyHessian": pyhessian_density,
}


def seconds(begin, count=1):
    return f"{(time.perf_counter() - begin) / count:.2f} s"


class OutOfBudget(BaseException):
    """Is no Exception, so that no tool takes it for a failure of its own."""


def stop(*_):
    raise OutOfBudget


def attempt(work, model):
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(BUDGET)
    try:
        return work()
    except OutOfBudget:
        return f"not within {BUDGET} s"
    except Exception as error:
        return f"fails: {type(error).__name__}: {str(error).splitlines()[0][:60] if str(error) else ''}"
    finally:
        signal.alarm(0)
        model.train()


def head(first, tools):
    print(f"| {first} | " + " | ".join(tools) + " |")
    print("|---" * (first.count("|") + 1 + len(tools)) + "|")


def row(first, cells):
    print(f"| {first} | " + " | ".join(cells) + " |", flush=True)


def eigenvalues():
    head("problem | largest eigenvalue", TOOLS)
    for name, model, x, y, loss in problems():
        exact = truth(model, x, y, loss)

        def cell(tool):
            begin = time.perf_counter()
            found = torch.tensor(numpy.array([float(v) for v in tool(model, x, y, loss)]))
            return f"{float((found - exact[:K]).abs().max() / exact[0]):.1e}, {seconds(begin)}"

        torch.manual_seed(2)
        cells = [attempt(lambda: cell(tool), model) for tool in TOOLS.values()]
        row(f"{name} | {float(exact[0]):.4g} (smallest {float(exact[-1]):.3g})", cells)


def trace():
    head("problem | trace", TRACES)
    for name, model, x, y, loss in problems():
        exact = float(truth(model, x, y, loss).sum())

        def cell(tool):
            begin = time.perf_counter()
            errors, held = [], []
            for seed in range(DRAWS):
                torch.manual_seed(seed)
                value, width = tool(model, x, y, loss, seed)
                model.train()
                errors.append(value - exact)
                if width is not None:
                    held.append(abs(value - exact) <= width)
            text = f"{numpy.sqrt(numpy.mean(numpy.square(errors))) / abs(exact):.1e}"
            return text + (f", holds {sum(held)} of {DRAWS}" if held else "") + f", {seconds(begin, DRAWS)}"

        row(f"{name} | {exact:.4g}", [attempt(lambda: cell(tool), model) for tool in TRACES.values()])


def density():
    head("problem | mean square, near zero", DENSITIES)
    for name, model, x, y, loss in problems():
        values = truth(model, x, y, loss).numpy()
        near = NEAR * abs(values).max()
        ends = float(values.min()), float(values.max())
        exact = moments(values, numpy.full(len(values), 1 / len(values)), near)

        def cell(tool):
            begin = time.perf_counter()
            errors = []
            for seed in range(DENSITIES_DRAWN):
                torch.manual_seed(seed)
                errors.append(numpy.subtract(tool(model, x, y, loss, seed, near, ends), exact))
                model.train()
            square, share = numpy.sqrt(numpy.mean(numpy.square(errors), 0))
            return f"{square / exact[0]:.1e}, {100 * share:.1f}, {seconds(begin, DENSITIES_DRAWN)}"

        cells = [attempt(lambda: cell(tool), model) for tool in DENSITIES.values()]
        row(f"{name} | {exact[0]:.3g}, {100 * exact[1]:.1f}%", cells)


def batches():
    """Of softmax regression, whose largest eigenvalue is its largest in magnitude."""
    name, model, x, y, loss = next(iter(problems()))
    exact = float(truth(model, x, y, loss)[0])
    unweighted = sum(_hessian(model, *batch, loss) for batch in loader(x, y)) / 2
    print(f"{name}: the mean over examples has {exact:.5f}, the plain mean of the two batches' Hessians "
          f"{float(torch.linalg.eigvalsh(unweighted)[-1]):.5f}\n")
    head("batches", TOOLS)
    for label, sizes in (("100 and 37", [100, 37]), ("137", [137])):
        batch_sizes[:] = sizes
        torch.manual_seed(2)
        row(label, [attempt(lambda: f"{float(tool(model, x, y, loss)[0]):.5f}", model) for tool in TOOLS.values()])


TABLES = {"eigenvalues": eigenvalues, "trace": trace, "density": density, "batches": batches}


def main():
    torch.set_num_threads(1)
    packages = ("torch", "numpy", "scipy", "curvlinops-for-pytorch", "hessian-eigenthings", "PyHessian")
    print(", ".join(f"{p} {importlib.metadata.version(p)}" for p in packages))
    for table in sys.argv[1:] or TABLES:
        print(f"\n{table}, {time.strftime('%Y-%m-%d')}\n")
        TABLES[table]()


if __name__ == "__main__":
    main()
