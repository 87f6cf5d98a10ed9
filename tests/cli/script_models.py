"""Saves TorchScript that does what no model should, for model_trust_test.sh: python3 script_models.py FOLDER TARGET

TARGET: the file that they try to write. The models take 64 inputs and give 10 outputs, as the bundled digits need them.
"""
import sys
import warnings
import zipfile
from typing import Tuple

import torch
from torch import nn

folder, target = sys.argv[1:]
torch.manual_seed(0)


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(64, 10)
        self.drop = nn.Dropout(0.0)

    def forward(self, x):
        return self.drop(self.last(x))


class Writes(Plain):
    def __init__(self):
        super().__init__()
        self.path = target

    def forward(self, x):
        torch.save(x, self.path)
        return self.last(x)


class Reads(Plain):
    def forward(self, x):
        return self.last(x) + torch.from_file("/etc/passwd", False, 16, dtype=torch.uint8).sum()


class Loops(Plain):
    def forward(self, x):
        y = x
        while bool((y == y).all()):
            y = torch.tanh(y)
        return self.last(y)


class Allocates(Plain):
    def forward(self, x):
        kept = [x]
        while len(kept) > 0:
            kept.append(torch.zeros(100000) + x[0, 0])
        return self.last(x)


class Warns(Plain):
    def forward(self, x):
        warnings.warn("\x1b[31mwarned by the model\x1b[2J")
        return self.last(x)


class Complex(Plain):
    def forward(self, x):
        return torch.complex(self.last(x), self.last(x))


class Changes(Plain):
    """Forgets a class after some calls."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        y = self.last(x)
        return y if self.calls < 10 else y[:, :9]


class Samples(Plain):
    """LibTorch lacks its second derivative."""

    def forward(self, x):
        grid = torch.tanh(self.last(x))[:, :8].reshape(-1, 2, 2, 2)
        return self.last(x) + nn.functional.grid_sample(x.reshape(-1, 1, 8, 8), grid, align_corners=False).sum()


class Prints(Plain):
    def forward(self, x):
        print("printed by the model")
        return self.last(x)


class WritesWhenLoaded(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(10))
        self.path = target

    @torch.jit.export
    def __getstate__(self) -> Tuple[torch.Tensor, str, bool]:
        return self.weight, self.path, self.training

    @torch.jit.export
    def __setstate__(self, state: Tuple[torch.Tensor, str, bool]):
        torch.save(state[0], state[1])
        self.weight = state[0]
        self.path = state[1]
        self.training = state[2]

    def forward(self, x):
        return x


class HasSuchPart(Plain):
    def __init__(self):
        super().__init__()
        self.part = WritesWhenLoaded()

    def forward(self, x):
        return self.last(self.part(x))


class Loss(nn.Module):
    def __init__(self):
        super().__init__()
        self.path = target

    def forward(self, outputs, targets):
        torch.save(outputs, self.path)
        return (outputs - targets.unsqueeze(1)).square().mean(1)


for name, module in [("plain", Plain()), ("writes", Writes()), ("reads", Reads()), ("loops", Loops()), ("allocates", Allocates()),
                     ("prints", Prints()), ("warns", Warns()), ("complex", Complex()), ("changes", Changes()), ("samples", Samples()),
                     ("loaded", HasSuchPart()), ("loss", Loss())]:
    torch.jit.script(module).save(f"{folder}/{name}.pt")


def changed(name, original, change, packed=zipfile.ZIP_STORED):
    """A copy whose members are what `change` makes of (name, content)."""
    with zipfile.ZipFile(f"{folder}/{original}.pt") as old, zipfile.ZipFile(f"{folder}/{name}.pt", "w", packed) as new:
        for member in old.namelist():
            new.writestr(member, change(member, old.read(member)))


def hidden(member, content):
    """The same calls, so spelled that no search for them in the code finds them."""
    return content.replace(b"torch.save(", b"torch . save(") if member.endswith(".py") else content


def long_text(member, content):
    if not member.endswith("/data.pkl"):
        return content
    at = content.index(b"X") + 1
    return content[:at] + b"\xff\xff\xff\xff" + content[at + 4:]


def deep(member, content):
    """A sum of so many parentheses that reading it takes more stack than there is."""
    many = 200000
    term = b"    deep = " + b"(" * many + b"1" + b")" * many + b"\n    return "
    return content.replace(b"    return ", term, 1) if member.endswith("__torch__.py") else content


changed("deep", "plain", deep)
changed("hidden", "writes", hidden)
changed("hidden_loaded", "loaded", hidden)
changed("hidden_loss", "loss", hidden)
changed("debug", "plain", lambda member, content: b"\x0f" if member.endswith(".debug_pkl") else content)
changed("debug_cut", "plain", lambda member, content: b"\x80\x02)." if member.endswith(".debug_pkl") else content)
changed("long", "plain", long_text)
changed("packed", "plain", lambda member, content: content, zipfile.ZIP_DEFLATED)
changed("bomb", "plain", lambda member, content: bytes(300 << 20) if member.endswith("/data/0") else content, zipfile.ZIP_DEFLATED)
