"""Saves checkpoints in the middle of training, for checkpoint_test.cpp: python3 checkpoints.py FOLDER

OPTIMIZER.npz: the gradient there, and the parameters after PyTorch's next step.
"""
import copy
import json
import struct
import sys

import numpy as np
import torch
from torch import nn

folder = sys.argv[1]
torch.set_default_dtype(torch.float64)


def network():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 3))
    for p in net[2].parameters():
        p.requires_grad_(False)
    return net


def safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = np.ascontiguousarray(tensor.detach().numpy()).tobytes()
        header[name] = {"dtype": "F64", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + data)


optimizers = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.99)),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5, centered=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1),
}
for name, make in optimizers.items():
    net = network()
    trainable = [p for p in net.parameters() if p.requires_grad]
    optimizer = make(trainable if name == "adamw" else net.parameters())
    x, y = torch.randn(20, 6), torch.randint(3, (20,))

    def backward():
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()

    for _ in range(5):
        backward()
        optimizer.step()
    saved = {"model": {"module." + k: v for k, v in net.state_dict().items()}, "optimizer": optimizer.state_dict(), "epoch": 3}
    torch.save(saved, f"{folder}/{name}.pt")
    flat = lambda tensors: torch.cat([t.detach().flatten() for t in tensors]).numpy()
    backward()
    before, gradient = flat(trainable), flat(p.grad for p in trainable)
    if name == "adam":
        tensors = dict(net.state_dict())
        for key, p in net.named_parameters():
            for state, value in optimizer.state[p].items():
                tensors["optimizer.step" if state == "step" else f"optimizer.{state}.{key}"] = torch.as_tensor(value, dtype=torch.float64)
        safetensors(f"{folder}/adam.safetensors", {k: v.clone() for k, v in tensors.items()})
        torch.save(net.state_dict(), f"{folder}/weights.pt")
        grouped = torch.optim.Adam([{"params": net[0].parameters()}, {"params": net[4].parameters()}])
        backward()
        before_step = {k: v.clone() for k, v in net.state_dict().items()}
        grouped.step()
        torch.save({"model": net.state_dict(), "optimizer": grouped.state_dict()}, f"{folder}/groups.pt")
        net.load_state_dict(before_step)
        state = optimizer.state_dict()
        for group in state["param_groups"]:
            group["param_names"] = [key for key, _ in net.named_parameters()]
        torch.save({"model": net.state_dict(), "optimizer": state}, f"{folder}/named.pt")
        bad = dict(net.state_dict())
        bad["0.bias"] = bad["0.bias"] * float("nan")
        torch.save(bad, f"{folder}/nan.pt")
        for case, change in {
            "negative": lambda s: s["state"][4]["exp_avg_sq"].neg_(),
            "steps": lambda s: s["state"][1].update(step=10**30),
            "strange": lambda s: s["param_groups"][0].update(params=[10 + k for k in s["param_groups"][0]["params"]]),
            "twice": lambda s: s["param_groups"][0].update(params=[0 for k in s["param_groups"][0]["params"]]),
            "lr_nan": lambda s: s["param_groups"][0].update(lr=float("nan")),
            "lr_negative": lambda s: s["param_groups"][0].update(lr=-1.0),
            "lr_zero": lambda s: s["param_groups"][0].update(lr=0.0),
        }.items():
            changed = copy.deepcopy(optimizer.state_dict())
            change(changed)
            torch.save({"model": net.state_dict(), "optimizer": changed}, f"{folder}/{case}.pt")
        torch.save(nn.Linear(6, 5).state_dict(), f"{folder}/other.pt")
        torch.save({**net.state_dict(), "5.weight": torch.ones(1)}, f"{folder}/more.pt")
        torch.save({**net.state_dict(), "0.weight": torch.ones(5, 7)}, f"{folder}/shape.pt")
        torch.save(net, f"{folder}/object.pt")
        torch.save(net.state_dict(), f"{folder}/old.pt", _use_new_zipfile_serialization=False)
    optimizer.step()
    np.savez(f"{folder}/{name}.npz", before=before, gradient=gradient, after=flat(trainable))
