"""The zoo's models as PyTorch modules, which begin as PyTorch begins them. What torch.func.vmap has no rule
for, or only a slow one (recurrent layers, attention), is written out on the parameters of PyTorch's own layer;
check.py holds it against that."""

import torch
import torch.nn.functional as F
from torch import nn

from specs import parse

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "silu": F.silu, "gelu": F.gelu, "identity": lambda x: x}


def norm(kind, width):
    """Over (examples, width) or (examples, positions, width), where batch norm is for the former."""
    return {
        "none": nn.Identity,
        "layer": lambda: nn.LayerNorm(width),
        "batch": lambda: nn.BatchNorm1d(width, track_running_stats=False),
    }[kind]()


class Mlp(nn.Module):
    """hidden: 32x3 is three layers of 32, 64-16 as it says."""

    def __init__(self, data, hidden="32", act="relu", norm="none"):
        super().__init__()
        hidden = str(hidden)
        widths = (
            [int(hidden.split("x")[0])] * int(hidden.split("x")[1])
            if "x" in hidden
            else list(map(int, hidden.split("-")))
        )
        widths = [data.inputs[0].numel()] + widths
        self.act = ACTIVATIONS[act]
        self.layers = nn.ModuleList(map(nn.Linear, widths, widths[1:]))
        self.norms = nn.ModuleList(globals()["norm"](norm, width) for width in widths[1:])
        self.last = nn.Linear(widths[-1], data.outputs)

    def forward(self, x):
        x = x.flatten(1)
        for layer, norm in zip(self.layers, self.norms):
            x = self.act(norm(layer(x)))
        return self.last(x)


class Linear(nn.Module):
    def __init__(self, data):
        super().__init__()
        self.last = nn.Linear(data.inputs[0].numel(), data.outputs)

    def forward(self, x):
        return self.last(x.flatten(1))


class ResidualMlp(nn.Module):
    """Blocks x + out(act(in(norm(x))))."""

    def __init__(self, data, width=24, blocks=4, act="relu", norm="layer"):
        super().__init__()
        self.act = ACTIVATIONS[act]
        self.first = nn.Linear(data.inputs[0].numel(), width)
        self.norms = nn.ModuleList(globals()["norm"](norm, width) for _ in range(blocks))
        self.ins = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.outs = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.last = nn.Linear(width, data.outputs)

    def forward(self, x):
        x = self.first(x.flatten(1))
        for norm, first, second in zip(self.norms, self.ins, self.outs):
            x = x + second(self.act(first(norm(x))))
        return self.last(x)


class ConvolutionBlock(nn.Module):
    def __init__(self, inside, outside, kernel, norm):
        super().__init__()
        self.convolution = nn.Conv2d(inside, outside, kernel, padding=tuple(k // 2 for k in kernel))
        self.norm = {
            "none": nn.Identity,
            "batch": lambda: nn.BatchNorm2d(outside, track_running_stats=False),
            "layer": lambda: nn.GroupNorm(1, outside),
        }[norm]()

    def forward(self, x):
        return self.norm(self.convolution(x))


def as_images(x):
    """Digits are 8 by 8; sequences (length, channels) are images of height 1."""
    return x.reshape(len(x), 1, 8, 8) if x.shape[1:] == (64,) else x.transpose(1, 2)[:, :, None]


class Cnn(nn.Module):
    """Convolutions with halving between them."""

    def __init__(self, data, channels="8-16", act="relu", norm="none"):
        super().__init__()
        shape = as_images(data.inputs[:1]).shape
        kernel = (3, 3) if shape[2] > 1 else (1, 5)
        self.pool = (2, 2) if shape[2] > 1 else (1, 2)
        widths = [shape[1]] + list(map(int, str(channels).split("-")))
        self.act = ACTIVATIONS[act]
        self.blocks = nn.ModuleList(ConvolutionBlock(a, b, kernel, norm) for a, b in zip(widths, widths[1:]))
        shrink = 2 ** (len(widths) - 1)
        self.last = nn.Linear(widths[-1] * max(1, shape[2] // shrink) * (shape[3] // shrink), data.outputs)

    def forward(self, x):
        x = as_images(x)
        for block in self.blocks:
            x = F.max_pool2d(self.act(block(x)), self.pool)
        return self.last(x.flatten(1))


class Resnet(nn.Module):
    """Blocks of two convolutions beside an identity, halving after the first; the mean over places at the end."""

    def __init__(self, data, width=8, blocks=2, norm="batch"):
        super().__init__()
        shape = as_images(data.inputs[:1]).shape
        kernel = (3, 3) if shape[2] > 1 else (1, 5)
        self.pool = (2, 2) if shape[2] > 1 else (1, 2)
        self.first = ConvolutionBlock(shape[1], width, kernel, norm)
        self.ins = nn.ModuleList(ConvolutionBlock(width, width, kernel, norm) for _ in range(blocks))
        self.outs = nn.ModuleList(ConvolutionBlock(width, width, kernel, norm) for _ in range(blocks))
        self.last = nn.Linear(width, data.outputs)

    def forward(self, x):
        x = F.avg_pool2d(torch.relu(self.first(as_images(x))), self.pool)
        for first, second in zip(self.ins, self.outs):
            x = torch.relu(x + second(torch.relu(first(x))))
        return self.last(x.mean((2, 3)))


class Recurrent(nn.Module):
    """cell: rnn, gru or lstm, of one layer. Its last state is read, or all of them where there is a target for
    each place."""

    def __init__(self, data, cell="gru", width=16, embedding=8):
        super().__init__()
        self.cell = cell
        self.tokens = nn.Embedding(data.tokens, embedding) if data.tokens else None
        inside = embedding if data.tokens else data.inputs.shape[-1]
        self.layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell](inside, width, batch_first=True)
        self.each = data.targets.dim() > 1 and data.targets.shape[1] == data.inputs.shape[1]
        self.last = nn.Linear(width, data.outputs)

    def states(self, x):
        p = self.layer
        into = x @ p.weight_ih_l0.transpose(-1, -2) + p.bias_ih_l0
        h = torch.zeros_like(into[:, 0, : p.hidden_size])
        c, all_states = h, []
        for t in range(x.shape[1]):
            out = h @ p.weight_hh_l0.transpose(-1, -2) + p.bias_hh_l0
            if self.cell == "rnn":
                h = torch.tanh(into[:, t] + out)
            elif self.cell == "gru":
                (ri, zi, ni), (ro, zo, no) = into[:, t].chunk(3, -1), out.chunk(3, -1)
                z = torch.sigmoid(zi + zo)
                h = (1 - z) * torch.tanh(ni + torch.sigmoid(ri + ro) * no) + z * h
            else:
                i, f, g, o = (into[:, t] + out).chunk(4, -1)
                c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
                h = torch.sigmoid(o) * torch.tanh(c)
            all_states.append(h)
        return torch.stack(all_states, 1)

    def forward(self, x):
        h = self.states(self.tokens(x) if self.tokens else x)
        return self.last(h if self.each else h[:, -1])


class AttentionBlock(nn.Module):
    def __init__(self, width, heads, norm, act):
        super().__init__()
        self.heads, self.place, self.act = heads, norm, ACTIVATIONS[act]
        kind = "none" if norm == "none" else "layer"
        self.norm1, self.norm2 = globals()["norm"](kind, width), globals()["norm"](kind, width)
        self.qkv, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.first, self.second = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def attend(self, x, mask):
        b, t, width = x.shape
        q, k, v = self.qkv(x).reshape(b, t, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        score = q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5 + mask
        return self.mix((torch.softmax(score, -1) @ v).transpose(1, 2).reshape(b, t, width))

    def feed(self, x):
        return self.second(self.act(self.first(x)))

    def forward(self, x, mask):
        if self.place == "post":
            x = self.norm1(x + self.attend(x, mask))
            return self.norm2(x + self.feed(x))
        x = x + self.attend(self.norm1(x), mask)
        return x + self.feed(self.norm2(x))


class Attention(nn.Module):
    """norm: pre, post or none. Places look back only, where each has a target; else all at all, and their mean
    is read. `all`: each has a target, and looks everywhere."""

    def __init__(self, data, width=16, layers=1, heads=2, norm="pre", act="gelu", all=0):
        super().__init__()
        length = data.inputs.shape[1]
        self.tokens = (
            nn.Embedding(data.tokens, width) if data.tokens else nn.Linear(data.inputs.shape[-1], width)
        )
        self.positions = nn.Embedding(length, width)
        self.blocks = nn.ModuleList(AttentionBlock(width, heads, norm, act) for _ in range(layers))
        self.each = data.targets.dim() > 1 and data.targets.shape[1] == length
        later = torch.full((length, length), -1e9).triu(1)
        self.mask = later if self.each and not all else torch.zeros(length, length)
        self.last = nn.Linear(width, data.outputs)

    def forward(self, x):
        x = self.tokens(x) + self.positions.weight
        for block in self.blocks:
            x = block(x, self.mask)
        return self.last(x if self.each else x.mean(1))


class Embedded(nn.Module):
    """Tokens' embeddings end to end, then an MLP."""

    def __init__(self, data, embedding=8, hidden=32, act="tanh"):
        super().__init__()
        self.tokens = nn.Embedding(data.tokens, embedding)
        self.first = nn.Linear(embedding * data.inputs.shape[1], hidden)
        self.act = ACTIVATIONS[act]
        self.last = nn.Linear(hidden, data.outputs)

    def forward(self, x):
        return self.last(self.act(self.first(self.tokens(x).flatten(1))))


class Factors(nn.Module):
    """The inner product of two tokens' embeddings."""

    def __init__(self, data, rank=4):
        super().__init__()
        self.tokens, self.shifts = nn.Embedding(data.tokens, rank), nn.Embedding(data.tokens, 1)

    def forward(self, x):
        e = self.tokens(x)
        return (e[:, 0] * e[:, 1]).sum(-1, keepdim=True) + self.shifts(x).sum(1)


NETWORKS = {
    "linear": Linear,
    "mlp": Mlp,
    "residual_mlp": ResidualMlp,
    "cnn": Cnn,
    "resnet": Resnet,
    "recurrent": Recurrent,
    "attention": Attention,
    "embedded": Embedded,
    "factors": Factors,
}


def make_network(spec, data):
    name, settings = parse(spec)
    return NETWORKS[name](data, **settings)
