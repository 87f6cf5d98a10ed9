"""Saves models, and files that are none, for torchscript_test.cpp: python3 torchscript_models.py FOLDER

facts.npz: for the convolutional net, its loss, gradient and a product with its Hessian as eager PyTorch finds them.
"""
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

folder = sys.argv[1]
torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3)
        self.norm = nn.BatchNorm2d(3)
        self.drop = nn.Dropout(0.5)
        self.frozen = nn.Linear(12, 12)
        self.last = nn.Linear(12, 4)
        for p in self.frozen.parameters():
            p.requires_grad_(False)

    def forward(self, x):
        x = F.max_pool2d(torch.tanh(self.norm(self.conv(x))), 2)
        return self.last(F.gelu(self.frozen(self.drop(x.flatten(1)))))


net = Net()
net.drop.eval()
x, y = torch.randn(9, 1, 6, 6), torch.randint(4, (9,))
traced = torch.jit.trace(net, x, check_trace=False)
traced.save(f"{folder}/traced.pt")
parameters = [p for p in net.parameters() if p.requires_grad]
loss = F.cross_entropy(net(x), y)
gradient = torch.autograd.grad(loss, parameters, create_graph=True)
v = [torch.randn_like(p) for p in parameters]
product = torch.autograd.grad(gradient, parameters, v)
join = lambda tensors: torch.cat([t.detach().flatten() for t in tensors]).numpy()
np.savez(f"{folder}/facts.npz", x=x.numpy(), y=y.numpy(), loss=loss.item(), gradient=join(gradient), v=join(v), product=join(product))
net.train()
scripted = torch.jit.script(net)
scripted.save(f"{folder}/scripted.pt")
torch.jit.freeze(scripted.eval()).save(f"{folder}/frozen.pt")
net.train()
torch.jit.trace(net, x, check_trace=False).save(f"{folder}/traced_dropout.pt")


class Careless(nn.Linear):
    def forward(self, x):
        return F.dropout(F.linear(x, self.weight, self.bias), 0.5, True)


class Pair(nn.Linear):
    def forward(self, x):
        return F.linear(x, self.weight, self.bias), x


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 8)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.3, batch_first=True)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        return self.head(self.layer(self.embedding(x)))


torch.jit.script(Careless(6, 2)).save(f"{folder}/careless.pt")
torch.jit.script(Pair(6, 2)).save(f"{folder}/pair.pt")
torch.jit.script(Tokens()).save(f"{folder}/tokens.pt")
torch.save(net.state_dict(), f"{folder}/weights.pt")
torch.save(net.state_dict(), f"{folder}/old.pt", _use_new_zipfile_serialization=False)
