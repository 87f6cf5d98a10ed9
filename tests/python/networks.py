"""The program's networks as modules of torch, with the same names of parameters; and data to train them on."""

import torch
import torch.nn.functional as F
from torch import nn


class Mlp(nn.Sequential):
    def __init__(self, *widths, activation=nn.Tanh):
        layers = []
        for i in range(len(widths) - 1):
            layers += ([activation()] if i else []) + [nn.Linear(widths[i], widths[i + 1])]
        super().__init__(*layers)


class Cnn(nn.Module):
    def __init__(self, side, channels, classes, batch_norm=False):
        super().__init__()
        sizes = [1, *channels]
        strides = [1] + [2] * (len(channels) - 1)
        for stride in strides:
            side = (side - 1) // stride + 1
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=s, padding=1) for a, b, s in zip(sizes, sizes[1:], strides)
        )
        if batch_norm:
            self.norms = nn.ModuleList(nn.BatchNorm2d(b, track_running_stats=False) for b in channels)
        self.last = nn.Linear(channels[-1] * side * side, classes)

    def forward(self, x):
        for i, convolution in enumerate(self.convolutions):
            x = convolution(x)
            if hasattr(self, "norms"):
                x = self.norms[i](x)
            x = torch.relu(x)
        return self.last(x.flatten(1))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp_in = nn.Linear(width, 4 * width)
        self.mlp_out = nn.Linear(4 * width, width)

    def forward(self, x):
        n, t, width = x.shape
        q, k, v = self.query_key_value(self.attention_norm(x)).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if hasattr(F, "scaled_dot_product_attention"):
            seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            later = torch.ones(t, t, dtype=torch.bool).triu(1)
            scores = (q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5).masked_fill(later, float("-inf"))
            seen = scores.softmax(-1) @ v
        x = x + self.attention_out(seen.transpose(1, 2).reshape(n, t, width))
        return x + self.mlp_out(F.gelu(self.mlp_in(self.mlp_norm(x))))


class Transformer(nn.Module):
    """Gives (examples, positions, classes), as the program's; cross_entropy takes them by `by_position`."""

    def __init__(self, vocabulary, positions, width=16, layers=1, heads=2):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(positions, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.last = nn.Linear(width, vocabulary)

    def forward(self, tokens):
        x = self.tokens(tokens.long()) + self.positions.weight
        for block in self.blocks:
            x = block(x)
        return self.last(self.norm(x)).transpose(1, 2)  # as PyTorch's losses have them


def images(count, seed=0):
    """Rows of 64 pixels in 0..1 and ten labels that they tell."""
    random = torch.Generator().manual_seed(seed)
    centers = torch.rand(10, 64, generator=random, dtype=torch.float64)
    y = torch.arange(count) % 10
    x = 0.7 * centers[y] + 0.3 * torch.rand(count, 64, generator=random, dtype=torch.float64)
    return x, y


def table(count, seed=0):
    """Five columns, one of them on a far larger scale, and a quantity."""
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 5, generator=random, dtype=torch.float64)
    y = (
        x @ torch.tensor([1.0, -2.0, 0.5, 0.0, 1.0], dtype=torch.float64)
        + 0.1 * torch.randn(count, generator=random).double()
    )
    x[:, 3] *= 30
    return x, y.unsqueeze(1)


def words(count, positions=6, vocabulary=7, seed=0):
    """Sequences whose next token is the one before, plus 1."""
    first = torch.randint(vocabulary, (count, 1), generator=torch.Generator().manual_seed(seed))
    x = (first + torch.arange(positions)) % vocabulary
    return x, (x + 1) % vocabulary
