"""Makes the runs of runs.py, watched, and writes a row for each to standard output, in JSON.

Usage: measure.py FROM TO [--part choose|measure] [--rivals]: the runs with these numbers, TO not among them. With
--rivals, what else there is looks at the same runs, and they are made again with their gradients clipped.
"""

import argparse
import functools
import json

import torch
from rivals import CriticalSharpness, LossSpikes, SmoothedLoss
from runs import Training, constant_loss, outcome, rate, settings

import etamax


def short(x):
    return None if x is None or x != x or abs(x) == float("inf") else float(f"{x:.4g}")


def watched(row, cap=None, rivals=False, know=True):
    training = Training(row)
    schedule = functools.partial(rate, row) if know else None
    watch = etamax.watch(training.model, training.optimizer, row["steps"], cap=cap, say=None, schedule=schedule)
    spikes, smooth, step = LossSpikes(), SmoothedLoss(), [0]
    critical = CriticalSharpness(training.model, training.optimizer, row["steps"]) if rivals else None

    def before_step(closure, loss):
        if critical is not None:
            critical.step(step[0], closure)
        watch.step(closure, loss)
        step[0] += 1

    training.go(before_step)
    watch.close()
    for i, loss in enumerate(training.losses):
        spikes.tell(i, loss)
        smooth.tell(i, loss)
    warned = watch.report().events
    first = next((e.step for e in warned if e.kind in ("warned", "capped")), None)
    result = {"warned": first, "gradients": watch.gradients}
    if rivals:
        result.update(loss_spikes=spikes.warned, smoothed_loss=smooth.warned, critical_sharpness=critical.warned)
    return training, result


def clipped(row):
    training = Training(row)
    training.go(lambda closure, loss: torch.nn.utils.clip_grad_norm_(training.model.parameters(), 1.0))
    return training


def main():
    options = argparse.ArgumentParser()
    options.add_argument("first", type=int)
    options.add_argument("last", type=int)
    options.add_argument("--part", choices=["choose", "measure"])
    options.add_argument("--rivals", action="store_true")
    options.add_argument("--cap", type=float, default=0.8)
    given = options.parse_args()
    torch.set_num_threads(1)
    for number in range(given.first, given.last):
        row = settings(number)
        if given.part and row["part"] != given.part:
            continue
        training, result = watched(row, rivals=given.rivals)
        start, constant = training.start_loss, constant_loss(row, training.data)
        judge = lambda losses: outcome(row, losses, start, constant)  # noqa: E731
        kind, passed, end = judge(training.losses)
        row.update(result, start=short(start), kind=kind, passed=passed, end=short(end), made=len(training.losses))
        if result["warned"] is not None:  # else the cap has never held: the run is the same
            capped, _ = watched(row, given.cap)
            row["capped_kind"], _, row["capped_end"] = judge(capped.losses)
            row["capped_end"] = short(row["capped_end"])
        if given.rivals:
            row["clipped_kind"], _, row["clipped_end"] = judge(clipped(row).losses)
            row["clipped_end"] = short(row["clipped_end"])
        row["lr"] = short(row["lr"])
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
