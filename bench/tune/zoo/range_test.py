"""Records the learning rate range test of every recorded task: range_test.py [PART]. One run from each of the first three
starts, along which the rate rises from 1e-7 to 10 in 100 steps, as in fastai's lr_find (J. Howard and S. Gugger, fastai: a
layered API for deep learning, 2020, after L. N. Smith, Cyclical learning rates for training neural networks, WACV 2017).
range_tests.npz holds, for each task, the batches' losses before each step, of shape (3, 100): NaN from where they are none.
What is there is not done again."""

import os
import sys

import numpy as np
import torch

import optimizers
import training
import zoo
from range_rules import FILE, RATES, STEPS, recorded

STARTS = 3


def range_test(task):
    problem = training.Problem(task, range(STARTS))
    x, each = problem.starts.clone(), torch.arange(STARTS)
    optimizer = optimizers.make_optimizer(task.optimizer)
    optimizer.start(x)
    batches = problem.batches() if problem.batch else iter(lambda: None, 0)
    losses = np.full((STARTS, STEPS), np.nan, np.float32)
    for step, rate in enumerate(RATES):
        values, gradient = problem.gradient(x, each, next(batches))
        losses[:, step] = values
        optimizer.step(x, gradient, torch.full((STARTS, 1), float(rate)), step + 1)
    losses[~np.isfinite(losses)] = np.nan
    # From where a loss is none, all are.
    return np.where(np.isnan(losses).cumsum(1) > 0, np.nan, losses).astype(np.float32)


def main(parts):
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    tests = dict(recorded())
    for part in parts:
        for task in zoo.tasks(part):
            if not task.recorded or task.id in tests:
                continue
            tests[task.id] = range_test(task)
            beside = FILE.with_suffix(".part")
            with open(beside, "wb") as file:
                np.savez_compressed(file, **tests)
            os.replace(beside, FILE)
    print(f"{len(tests)} tasks, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:] or zoo.PARTS)
