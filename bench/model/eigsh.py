"""What a competent person writes in Python for the largest curvature, with Debian's python3-torch and python3-scipy: SciPy's
eigsh on products by double backward, the gradient's graph retained. Reads a problem that curvature_bench has left in a folder.
Usage: eigsh.py FOLDER NETWORK WHEN. Prints benchmark,real,cpu,unit."""

import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from scipy.sparse.linalg import LinearOperator, eigsh

torch.set_num_threads(2)
folder, network, when = sys.argv[1:4]


def read(name):
    return torch.from_numpy(np.fromfile(f"{folder}/{network}_{name}.f32", dtype=np.float32))


class Cnn(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.convolutions = torch.nn.ModuleList(
            [torch.nn.Conv2d(a, b, 3, stride=s, padding=1) for a, b, s in ((3, 24, 1), (24, 48, 2), (48, 96, 2))])
        self.last = torch.nn.Linear(96 * 8 * 8, 10)

    def forward(self, x):
        for layer in self.convolutions:
            x = torch.relu(layer(x))
        return self.last(x.flatten(1))


class Block(torch.nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.attention_norm = torch.nn.LayerNorm(width)
        self.query_key_value = torch.nn.Linear(width, 3 * width)
        self.attention_out = torch.nn.Linear(width, width)
        self.mlp_norm = torch.nn.LayerNorm(width)
        self.mlp_in = torch.nn.Linear(width, 4 * width)
        self.mlp_out = torch.nn.Linear(4 * width, width)

    def forward(self, x):
        b, t, width = x.shape
        q, k, v = (self.query_key_value(self.attention_norm(x)).view(b, t, 3, self.heads, width // self.heads)
                   .permute(2, 0, 3, 1, 4))
        score = q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5
        later = torch.ones(t, t, dtype=torch.bool).triu(1)
        seen = torch.softmax(score.masked_fill(later, float("-inf")), -1) @ v
        x = x + self.attention_out(seen.transpose(1, 2).reshape(b, t, width))
        return x + self.mlp_out(F.gelu(self.mlp_in(self.mlp_norm(x))))


class Transformer(torch.nn.Module):
    def __init__(self, vocabulary, positions, width, layers, heads):
        super().__init__()
        self.tokens = torch.nn.Embedding(vocabulary, width)
        self.positions = torch.nn.Embedding(positions, width)
        self.blocks = torch.nn.ModuleList([Block(width, heads) for _ in range(layers)])
        self.norm = torch.nn.LayerNorm(width)
        self.last = torch.nn.Linear(width, vocabulary)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions.weight
        for block in self.blocks:
            x = block(x)
        return self.last(self.norm(x))


inputs, targets = read("inputs"), read("targets").long()
if network == "mlp":
    model = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.Tanh(), torch.nn.Linear(256, 256), torch.nn.Tanh(),
                                torch.nn.Linear(256, 10))
    inputs = inputs.view(-1, 64)
elif network == "cnn":
    model = Cnn()
    inputs = inputs.view(-1, 3, 32, 32)
else:
    model = Transformer(17, 63, 128, 5, 4)
    inputs = inputs.view(-1, 63).long()
parameters = list(model.parameters())
torch.nn.utils.vector_to_parameters(read(when), parameters)
size = sum(p.numel() for p in parameters)


def loss():
    outputs = model(inputs)
    return F.cross_entropy(outputs.reshape(-1, outputs.shape[-1]), targets)


products = 0


def edge():
    global products
    products = 0
    gradient = torch.cat([g.flatten() for g in torch.autograd.grad(loss(), parameters, create_graph=True)])

    def product(v):
        global products
        products += 1
        v = torch.from_numpy(np.ascontiguousarray(v.reshape(-1), dtype=np.float32))
        return torch.cat([g.flatten() for g in torch.autograd.grad(gradient, parameters, v, retain_graph=True)]).numpy()

    operator = LinearOperator((size, size), matvec=product, dtype=np.float32)
    start = np.random.default_rng(0).standard_normal(size).astype(np.float32)
    return eigsh(operator, k=1, which="LA", ncv=8, tol=1e-3, v0=start, return_eigenvectors=False)[0]


def timed(work):
    real, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - real, time.process_time() - cpu, result


def median(values):
    return sorted(values)[len(values) // 2]


def gradient_once():
    torch.autograd.grad(loss(), parameters)


gradient_once()
gradients = [timed(gradient_once) for _ in range(5)]
runs = [timed(edge) for _ in range(3 if network == "mlp" else 1)]
where = f"{network}/{when}/eigsh"
print(f"{where}/gradient,{1e3 * median([r[0] for r in gradients]):.4g},{1e3 * median([r[1] for r in gradients]):.4g},ms")
print(f"{where}/lambda_max,{runs[0][2]:.4g},{runs[0][2]:.4g},")
print(f"{where}/products,{products},{products},products")
print(f"{where}/seconds,{median([r[0] for r in runs]):.4g},{median([r[1] for r in runs]):.4g},s")
