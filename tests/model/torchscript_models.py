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


class Forgets(nn.Linear):
    def forward(self, x):
        y = F.linear(x, self.weight, self.bias)
        self.weight.data.zero_()
        return y


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


class Normed(nn.Module):
    """Batch norm over the examples alone: it takes no single one in training."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.last = nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Linear(8, 3)

    def forward(self, x):
        return self.last(torch.tanh(self.norm(self.first(x))))


class Squeezed(nn.Linear):
    def forward(self, x):
        return F.linear(x, self.weight, self.bias).squeeze()


class Several(nn.Linear):
    """What the linear layer gives among other things."""

    def forward(self, x):
        return x, F.linear(x, self.weight, self.bias)


class Logits(nn.Linear):
    def forward(self, x):
        return {"hidden": x, "logits": F.linear(x, self.weight, self.bias)}


class Gated(nn.Module):
    """Tokens, a mask of them, and numbers."""

    def __init__(self):
        super().__init__()
        self.embedding, self.numbers, self.head = nn.Embedding(5, 8), nn.Linear(3, 8), nn.Linear(8, 4)

    def forward(self, tokens, mask, numbers):
        x = self.embedding(tokens).masked_fill(mask.unsqueeze(-1), 0.0).mean(1)
        return self.head(torch.tanh(x + self.numbers(numbers)))


class Pixels(nn.Conv2d):
    pass


torch.manual_seed(1)
torch.jit.script(Normed()).save(f"{folder}/normed.pt")
torch.jit.script(Squeezed(6, 1)).save(f"{folder}/squeezed.pt")
torch.jit.script(Several(6, 6)).save(f"{folder}/several.pt")
torch.jit.script(Logits(6, 2)).save(f"{folder}/logits.pt")

gated = Gated()
tokens, mask, numbers = torch.randint(5, (9, 4)), torch.rand(9, 4) < 0.3, torch.randn(9, 3)
y = torch.randint(4, (9,))
torch.jit.script(gated).save(f"{folder}/gated.pt")
loss = F.cross_entropy(gated(tokens, mask, numbers), y).item()
arrays = {"numbers": numbers.numpy(), "mask": mask.numpy(), "tokens": tokens.numpy()}
np.savez(f"{folder}/arguments_loss.npz", loss=loss)
np.savez(f"{folder}/arguments.npz", **arrays, labels=y.numpy())
np.savez(f"{folder}/in_order.npz", a=tokens.numpy(), b=mask.numpy(), c=numbers.numpy(), labels=y.numpy())

pixels = Pixels(2, 3, 3, padding=1)
x = torch.randn(5, 2, 4, 6)
classes = torch.randint(3, (5, 4, 6))
ignored = torch.where(torch.rand(5, 4, 6) < 0.4, torch.full_like(classes, -100), classes)
ignored[0] = -100
soft = torch.softmax(torch.randn(5, 3), 1)
torch.jit.script(pixels).save(f"{folder}/pixels.pt")
facts = {}
for name, targets in [("classes", classes), ("ignored", ignored)]:
    loss = F.cross_entropy(pixels(x), targets)
    facts[f"{name}_loss"] = loss.item()
    facts[f"{name}_gradient"] = join(torch.autograd.grad(loss, pixels.parameters()))
    facts[f"{name}_batch"] = F.cross_entropy(pixels(x[1:4]), targets[1:4]).item()
    np.savez(f"{folder}/{name}.npz", X=x.numpy(), y=targets.numpy())
row = nn.Linear(6, 3)
x = torch.randn(5, 6)
loss = F.cross_entropy(row(x), soft)
facts["soft_loss"] = loss.item()
facts["soft_gradient"] = join(torch.autograd.grad(loss, row.parameters()))
torch.jit.script(row).save(f"{folder}/row.pt")
np.savez(f"{folder}/soft.npz", X=x.numpy(), y=soft.numpy())
np.savez(f"{folder}/targets.npz", **facts)

torch.jit.trace(Normed().eval(), torch.randn(4, 6)).save(f"{folder}/traced_eval.pt")
torch.jit.trace(Normed().train(), torch.randn(4, 6), check_trace=False).save(f"{folder}/traced_train.pt")


class Own(nn.Module):
    def forward(self, outputs, targets):
        return F.smooth_l1_loss(outputs.squeeze(-1), targets, reduction="none")


class OwnOfLabels(nn.Module):
    def forward(self, outputs, targets):
        return F.cross_entropy(outputs, targets, reduction="none", label_smoothing=0.1)


class OwnMean(nn.Module):
    def forward(self, outputs, targets):
        return F.mse_loss(outputs.squeeze(-1), targets)


for name, module in [("own", Own()), ("own_of_labels", OwnOfLabels()), ("own_mean", OwnMean())]:
    torch.jit.script(module).save(f"{folder}/{name}.torchscript")
net_in, labels = torch.randn(7, 6), torch.randint(3, (7,))
np.savez(f"{folder}/own.npz", X=net_in.numpy(), y=labels.numpy())
np.savez(f"{folder}/own_facts.npz", loss=F.cross_entropy(row(net_in), labels, label_smoothing=0.1).item())

torch.jit.script(Careless(6, 2)).save(f"{folder}/careless.pt")
torch.jit.script(Forgets(6, 2)).save(f"{folder}/forgets.pt")
torch.jit.script(Pair(6, 2)).save(f"{folder}/pair.pt")
torch.jit.script(Tokens()).save(f"{folder}/tokens.pt")
torch.save(net.state_dict(), f"{folder}/weights.pt")
torch.save(net.state_dict(), f"{folder}/old.pt", _use_new_zipfile_serialization=False)
