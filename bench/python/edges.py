"""The largest curvature of one problem by etamax in Python, by its program, and by what else there is, in one run.

Usage: edges.py NETWORK [PROGRAM], with PYTHONPATH at the package: mlp or gpt. Prints tool,eigenvalue,error,products,real,cpu:
seconds of the wall clock and of the processor, of the work alone: the problem is made before it. Errors are relative to
eigsh in 64 bit to 1e-7. What is not installed is left out. One thread.
"""

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import version

import numpy
import torch
import torch.nn.functional as F
from scipy.sparse.linalg import LinearOperator, eigsh

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "python"))
from networks import Mlp, Transformer, images  # noqa: E402

torch.set_num_threads(1)
network, *program = sys.argv[1:]
TOLERANCE, GAP = 1e-3, 0.1


def problem():
    torch.manual_seed(0)
    if network == "mlp":
        x, y = images(1797)
        return Mlp(64, 256, 256, 10), "mlp:64-256-256-10:tanh", x.float(), y
    text = torch.randint(65, (8, 65), generator=torch.Generator().manual_seed(1))
    model = Transformer(65, 64, width=64, layers=3, heads=4)
    return model, "transformer:width=64,layers=3,heads=4", text[:, :-1].float(), text[:, 1:]


model, spec, x, y = problem()
n = sum(p.numel() for p in model.parameters())


def eigsh_of(product, tolerance=TOLERANCE, dtype="float32"):
    count = [0]

    def counted(v):
        count[0] += 1
        return product(v.reshape(-1).astype(dtype))

    operator = LinearOperator((n, n), matvec=counted, dtype=dtype)
    start = numpy.random.default_rng(0).standard_normal(n).astype(dtype)
    values = eigsh(operator, k=1, which="LA", tol=tolerance, v0=start, return_eigenvectors=False)
    return float(values[0]), count[0]


def double_backward(dtype=torch.float32, tolerance=TOLERANCE):
    copied = problem()[0].to(dtype)
    parameters = list(copied.parameters())
    gradient = torch.autograd.grad(F.cross_entropy(copied(x.to(dtype)), y), parameters, create_graph=True)
    whole = torch.cat([g.reshape(-1) for g in gradient])

    def product(v):
        parts = torch.autograd.grad(whole, parameters, torch.from_numpy(v), retain_graph=True)
        return torch.cat([p.reshape(-1) for p in parts]).numpy()

    return eigsh_of(product, tolerance, str(dtype).split(".")[1])


def ours():
    import etamax

    report = etamax.analyze(model, (x, y), F.cross_entropy, steps=0, culprits=False, gap=GAP)
    return report.lambda_max, report.cost.hvps


def ours_as_an_operator():
    import etamax

    found = etamax.Hessian(model, (x, y), F.cross_entropy).certify(gap=GAP)
    return found.lambda_max, found.products


def curvlinops():
    from curvlinops import HessianLinearOperator

    operator = HessianLinearOperator(
        model, torch.nn.CrossEntropyLoss(), list(model.parameters()), [(x, y)], check_deterministic=False
    )
    return eigsh_of(operator.to_scipy(dtype=numpy.float32).matvec)


def hessian_eigenthings():
    from hessian_eigenthings.algorithms.lanczos import lanczos
    from hessian_eigenthings.operators.hessian import HessianOperator

    count = [0]

    class Counted(HessianOperator):
        def matvec(self, *given, **named):
            count[0] += 1
            return super().matvec(*given, **named)

    operator = Counted(model, [(x, y)], lambda m, batch: F.cross_entropy(m(batch[0]), batch[1]))
    result = lanczos(operator, k=1, max_iter=60, tol=TOLERANCE, which="LA", seed=0)
    return float(result.eigenvalues[0]), count[0]


def pyhessian():
    import pyhessian

    module = sys.modules[pyhessian.hessian.__module__]
    count, product = [0], module.hessian_vector_product

    def counted(*given):
        count[0] += 1
        return product(*given)

    module.hessian_vector_product = counted
    work = module.hessian(model, F.cross_entropy, data=(x, y), cuda=False)
    values, _ = work.eigenvalues(maxIter=200, tol=TOLERANCE, top_n=1)
    return float(values[0]), count[0]


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class AsTheProgram(torch.nn.Module):
    """The same module, with classes last."""

    def __init__(self):
        super().__init__()
        self.module = model

    def forward(self, x):
        return self.module(x) if network == "mlp" else self.module(x).transpose(1, 2)


def by_program(scripted):
    """Its own network of these weights, or this very module as TorchScript: the program's networks have second
    derivatives written out by hand, which modules of PyTorch have not. Real time by its own clock. Of the processor's,
    what it takes to start and to be refused is taken off: loading LibTorch, reading the files, making the network."""
    with tempfile.TemporaryDirectory() as folder:
        numpy.savez(folder + "/data.npz", X=x.numpy(), y=y.numpy())
        if scripted:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", torch.jit.TracerWarning)  # one shape is all that is asked of it
                traced = torch.jit.trace(AsTheProgram(), x)
            traced.save(folder + "/model.pt")
            of_model = ["--model", folder + "/model.pt"]
        else:
            torch.save({"model": model.state_dict()}, folder + "/weights.pt")
            of_model = ["--model", spec, "--checkpoint", folder + "/weights.pt"]

        def run(*more):
            before = processor_time()
            answer = subprocess.run(
                [program[0], "analyze", *of_model, "--data", f"npz:{folder}/data.npz", "--loss", "cross_entropy"]
                + ["--dtype", "float32", "--steps=0", f"--gap={GAP}", "--no-culprits", "--json", *more],
                capture_output=True,
                text=True,
            )
            return answer, processor_time() - before

        refused, start = run(f"--batch-size={len(x) + 1}")
        assert refused.returncode == 2 and "more than the" in refused.stderr, refused.stderr
        answer, whole = run()
    if answer.returncode != 0:
        raise RuntimeError(answer.stderr)
    found = json.loads(answer.stdout)
    return (found["lambda_max"], found["cost"]["hvps"]), found["cost"]["seconds"], whole - start


TOOLS = {
    "etamax": (ours, "etamax"),
    "etamax, the operator": (ours_as_an_operator, "etamax"),
    "eigsh, double backward": (double_backward, "scipy"),
    "curvlinops, eigsh": (curvlinops, "curvlinops-for-pytorch"),
    "hessian-eigenthings": (hessian_eigenthings, "hessian-eigenthings"),
    "PyHessian": (pyhessian, "pyhessian"),
}


def report(tool, found, exact, products, real, cpu):
    if isinstance(found, float):
        value, error = f"{found:.6g}", f"{abs(found / exact - 1):.2g}"
    else:
        value, holds = f"{found['lower']:.6g} to {found['upper']:.6g}", found["lower"] <= exact <= found["upper"]
        error = "certified" if holds else "WRONG"
    print(f"{network},{tool},{value},{error},{products},{real:.4g},{cpu}", flush=True)


def written_out_attention():
    """Fused kernels cannot be differentiated twice. etamax sees to it by itself; for the others we do."""
    try:
        from torch.nn.attention import SDPBackend, sdpa_kernel
    except ImportError:
        return contextlib.nullcontext()
    return sdpa_kernel(SDPBackend.MATH)


F.cross_entropy(model(x), y).backward()  # what is done once for all
with written_out_attention():
    exact, _ = double_backward(torch.float64, 1e-7)
repetitions = 5
print(f"# torch {torch.__version__}, {n} parameters, {len(x)} examples, exact {exact:.9g}, least of {repetitions}")


def timed(work, own_attention):
    """What it found, with seconds of the wall clock and of the processor."""
    model.zero_grad(set_to_none=True)
    real, cpu = time.perf_counter(), time.process_time()
    with contextlib.nullcontext() if own_attention else written_out_attention():
        found = work()
    return found, time.perf_counter() - real, time.process_time() - cpu


ways = {
    tool: (lambda work=work, ours=package == "etamax": timed(work, ours)) for tool, (work, package) in TOOLS.items()
}
if program:
    ways["etamax, the program"] = lambda: by_program(scripted=False)
    ways["etamax, the program, this module"] = lambda: by_program(scripted=True)
runs = {}
for _ in range(repetitions):  # in turns, so that what else the machine does meets all of them
    for tool, way in list(ways.items()):
        try:
            runs.setdefault(tool, []).append(way())
        except ImportError as missing:
            print(f"# {tool}: {missing}", flush=True)
            del ways[tool]
for tool, found in ((tool, runs[tool]) for tool in ways):
    package = TOOLS[tool][1] if tool in TOOLS else "etamax"
    named = tool if package == "etamax" else f"{tool} {version(package)}"
    (value, products), *_ = found[0]
    real, cpu = (min(run[i] for run in found) for i in (1, 2))
    report(named, value if isinstance(value, float) else dict(value), exact, products, real, f"{cpu:.4g}")
