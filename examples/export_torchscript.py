"""Saves a PyTorch model for `etamax analyze --model FILE.pt`: python3 export_torchscript.py [FILE.pt]"""
import sys

import torch

torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.Linear(64, 128), torch.nn.BatchNorm1d(128), torch.nn.ReLU(), torch.nn.Dropout(0.1), torch.nn.Linear(128, 10)
)
# ... train it here: the weights in the file are the point that is analyzed.
path = sys.argv[1] if len(sys.argv) > 1 else "model.pt"
torch.jit.script(model).save(path)
print(f"{path}: now run etamax analyze --model {path} --data digits --loss cross_entropy")
