"""What else is used to notice that a training blows up, on the same runs.

Rules on the loss; and the curvature along the update, with the budget of the watch.
"""

import math
from collections import deque

import torch

from etamax._torch.optimizers import UserOptimizer
from etamax._watch.budget import Budget


class LossSpikes:
    """Five losses in a row above twice the mean of the window before them (as monitors of large runs do)."""

    def __init__(self, window=50, times=2.0, patience=5):
        self._window, self._times, self._patience = deque(maxlen=window), times, patience
        self._above, self.warned = 0, None

    def tell(self, step, loss):
        if len(self._window) >= 5 and not loss <= self._times * sum(self._window) / len(self._window):
            self._above += 1
        else:
            self._above = 0
            self._window.append(loss)
        if self._above >= self._patience and self.warned is None:
            self.warned = step


class SmoothedLoss:
    """The smoothed loss is 20% above the lowest that it has been."""

    def __init__(self, weight=0.1, rise=1.2):
        self._weight, self._rise, self._smooth, self._lowest = weight, rise, None, math.inf
        self.warned = None

    def tell(self, step, loss):
        self._smooth = loss if self._smooth is None else self._smooth + self._weight * (loss - self._smooth)
        self._lowest = min(self._lowest, self._smooth)
        if step >= 5 and not self._smooth <= self._rise * self._lowest and self.warned is None:
            self.warned = step


class CriticalSharpness:
    """The curvature along the coming update, by one more gradient: beyond the rate at which that step no longer lowers
    the loss, in three looks running. Every step while the budget has it, and then every 20."""

    def __init__(self, model, optimizer, steps, share=0.05):
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        self._user = UserOptimizer(optimizer)
        self._budget, self._running, self._looked, self.warned = Budget(share, steps), 0, -1000, None
        self._model = model

    def step(self, step, closure):
        due = step < 10 or step - self._looked >= 20
        if not due or self._budget.left(step) < 1:
            return
        self._looked = step
        self._budget.spend(1)
        copies = [torch.nn.Parameter(p.detach().clone()) for p in self._parameters]
        for c, p in zip(copies, self._parameters):
            c.grad = p.grad.clone()
        self._user.copy_for(self._parameters, copies, with_state=True).step(
            self._user.torch_optimizer.param_groups[0]["lr"]
        )
        update = [(c - p).detach() for c, p in zip(copies, self._parameters)]
        size = math.sqrt(sum(float(p.detach().square().sum()) for p in self._parameters))
        length = math.sqrt(sum(float(u.square().sum()) for u in update))
        if not 0 < length < math.inf:
            return
        epsilon = 1e-3 * size / length
        state = {k: v.clone() for k, v in self._model.state_dict().items()}
        with torch.no_grad():
            for p, u in zip(self._parameters, update):
                p.add_(epsilon * u)
        gradients = torch.autograd.grad(closure(), self._parameters)
        self._model.load_state_dict(state)
        curvature = (
            sum(float(((g - p.grad) * u).sum()) for g, p, u in zip(gradients, self._parameters, update)) / epsilon
        )
        slope = -sum(float((p.grad * u).sum()) for p, u in zip(self._parameters, update))
        beyond = slope <= 0 or curvature > 2 * slope
        self._running = self._running + 1 if beyond else 0
        if self._running >= 3 and self.warned is None:
            self.warned = step
