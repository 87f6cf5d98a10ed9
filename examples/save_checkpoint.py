"""Saves weights and optimizer state for `etamax analyze --checkpoint FILE`: python3 save_checkpoint.py [FILE]"""
import sys

import torch

torch.manual_seed(0)
# The parameters' names are those of etamax's mlp:64-32-10:tanh.
model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for step in range(20):  # in place of your training
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(torch.rand(100, 64)), torch.randint(10, (100,))).backward()
    optimizer.step()

path = sys.argv[1] if len(sys.argv) > 1 else "checkpoint.pt"
torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
print(f"{path}: now run etamax analyze --model mlp:64-32-10:tanh --checkpoint {path} --data digits")
# In safetensors the same stands under names: "0.weight", "optimizer.exp_avg.0.weight", "optimizer.exp_avg_sq.0.weight",
# "optimizer.step".
