"""What others would have chosen on recorded tasks: opponents.py PART FOLDER. One file of CSV in FOLDER for each method, as zoo_bench
prints its own; score.py says what they are worth. Optuna is asked where it can be imported. A run that was lost costs what it
made; runs are the first of three starts, as in `tune`. The judging part is looked at once, at the end."""

import csv
import math
import pathlib
import sys
import zlib

import numpy as np

import range_rules
import zoo

USUAL = {  # the rates that people begin with, and those a third or a tenth as high
    "gd": (0.1, 0.01),
    "sgd": (0.1, 0.01),
    "adam": (1e-3, 3e-4),
    "adamw": (1e-3, 3e-4),
    "rmsprop": (1e-2, 1e-3),
    "adagrad": (1e-2, 1e-3),
    "lion": (1e-4, 3e-5),
    "signsgd": (1e-3, 3e-4),
}
LOWEST, HIGHEST = 1e-5, 10.0  # where searches draw their rates


class Runs:
    """A task's recorded runs from one start, and what they cost in runs of the horizon."""

    def __init__(self, task, start):
        r = task.records
        self.half_octaves, self.steps = r["half_octaves"], r["steps"]
        self.losses, self.lost = r["held_out"][:, start], r["lost"][:, start]
        self.horizon = task.horizon
        self.spent = 0.0

    def place(self, rate):
        return int(np.clip(round(2 * math.log2(rate)) - self.half_octaves[0], 0, len(self.half_octaves) - 1))

    def loss(self, rate, steps, made=0):
        """After so many steps of which some were made before; infinite where the run was lost."""
        place = self.place(rate)
        at = int(np.abs(self.steps - steps).argmin())
        lost = self.lost[place]
        if 0 <= lost <= steps:
            self.spent += max(lost - made, 0) / self.horizon
            return math.inf
        self.spent += (steps - made) / self.horizon
        loss = float(self.losses[place, at])
        return loss if math.isfinite(loss) else math.inf


def numbers(task, repetition, what):
    return np.random.Generator(np.random.PCG64(zlib.crc32(f"{what} {task.id} {repetition}".encode())))


def usual(index):
    return lambda task, repetition: (USUAL[task.optimizer.split(":")[0]][index], 0.0)


def random_search(budget):
    def search(task, repetition):
        runs, draws = Runs(task, repetition), numbers(task, repetition, "random")
        best = (math.inf, 0.0)
        for _ in range(budget):
            rate = LOWEST * (HIGHEST / LOWEST) ** draws.random()
            best = min(best, (runs.loss(rate, task.horizon), rate))
        return best[1] or None, runs.spent

    return search


def halving(budget):
    """Twelve rates for each three runs: all for a ninth of the longest, a third of them for a third, one to its end."""

    def search(task, repetition):
        runs, draws = Runs(task, repetition), numbers(task, repetition, "halving")
        arms = [LOWEST * (HIGHEST / LOWEST) ** draws.random() for _ in range(4 * budget)]
        made = 0
        for part, stay in ((9, len(arms) // 3), (3, max(1, len(arms) // 12)), (1, 1)):
            steps = task.horizon // part
            ends = sorted((runs.loss(rate, steps, made), rate) for rate in arms)
            arms, made = [rate for _, rate in ends[:stay]], steps
        return (arms[0] if math.isfinite(ends[0][0]) else None), runs.spent

    return search


def optuna_search(budget):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def search(task, repetition):
        runs = Runs(task, repetition)
        seed = int(numbers(task, repetition, "optuna").integers(2**31))
        study = optuna.create_study(
            sampler=optuna.samplers.TPESampler(seed=seed), pruner=optuna.pruners.MedianPruner(n_startup_trials=3)
        )
        checkpoints = [task.horizon // part for part in (16, 8, 4, 2, 1)]
        best = (math.inf, 0.0)
        while runs.spent < budget - 0.05 and len(study.trials) < 200:
            trial = study.ask()
            rate, made, loss, state = trial.suggest_float("lr", LOWEST, HIGHEST, log=True), 0, math.inf, None
            for steps in checkpoints:
                if runs.spent + (steps - made) / task.horizon > budget + 1e-9:
                    state = optuna.trial.TrialState.PRUNED  # it cannot be paid
                    break
                loss, made = runs.loss(rate, steps, made), steps
                if not math.isfinite(loss):
                    break
                trial.report(loss, steps)
                if steps < task.horizon and trial.should_prune():
                    state = optuna.trial.TrialState.PRUNED
                    break
            if state is None:
                study.tell(trial, min(loss, 1e12))
                best = min(best, (loss, rate))
            else:
                study.tell(trial, state=state)
        return best[1] or None, runs.spent

    return search


def grid(starts):
    def search(task, repetition):
        chosen = [(repetition + s) % 3 for s in range(starts)]
        sums = sum(np.nan_to_num(zoo.end(task.records["held_out"])[:, s], posinf=1e30) for s in chosen)
        made = sum(np.where(task.records["lost"][:, s] >= 0, task.records["lost"][:, s] / task.horizon, 1).sum() for s in chosen)
        return 2.0 ** (task.records["half_octaves"][int(np.argmin(sums))] / 2), float(made)

    return search


def range_rule(rule):
    """A run of 100 steps from one start along which the rate rises; range_test.py recorded it."""

    def search(task, repetition):
        rates, losses, made = range_rules.smoothed(range_rules.RATES, range_rules.recorded()[task.id][repetition])
        rate = rule(rates, losses)
        return (None if rate is None else float(rate)), made / task.horizon

    return search


METHODS = {
    "usual": usual(0),
    "usual_lower": usual(1),
    "random_3": random_search(3),
    "random_6": random_search(6),
    "halving_3": halving(3),
    "halving_6": halving(6),
    **{f"range_{name}": range_rule(rule) for name, rule in range_rules.RULES.items()},
    "grid_1": grid(1),
    "grid_3": grid(3),
}


def main(part, folder):
    methods = dict(METHODS)
    try:
        methods.update({f"optuna_{budget}": optuna_search(budget) for budget in (3, 6)})
    except ImportError:
        print("without Optuna, which is not there", file=sys.stderr)
    tasks = [task for task in zoo.tasks(part) if task.recorded]
    for name, search in methods.items():
        with open(pathlib.Path(folder) / f"{name}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["task", "repetition", "half_octave", "spent"])
            for task in tasks:
                for repetition in range(3):
                    rate, spent = search(task, repetition)
                    writer.writerow([task.id, repetition, "" if rate is None else f"{2 * math.log2(rate):.3f}", f"{spent:.4f}"])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2])
