"""Records the zoo. record.py            what is lacking, with one thread; it can be ended and carries on
            record.py --share 1/2   every second one of these, for two processes at once
            record.py --starts 12   so many of each task (9 if not said): those that are lacking are added
            record.py --cost        times a few steps of each task and prints what all of it takes
            record.py --check       says of both parts what is recorded, whole and finite; writes the index
Further arguments are names of tasks."""

import argparse
import datetime
import hashlib
import os
import time

import numpy as np
import torch

import training
import zoo

COARSE = range(-64, 33, 4)  # half octaves: where the grid of rates is looked for
LEAST_RATES, MOST_RATES = 35, 49
STARTS = 9  # three searches from three starts each, and six others for each to be judged by
SHARE = 0.05  # of the way to the lowest loss: less is nothing
BEYOND = 4  # half octaves above where everything is lost


def grid(problem):
    """Half octaves from where nothing moves to beyond where everything is lost, by runs two octaves apart from
    one start. A rate moves the loss where it ends clearly below its start, and keeps it where it ends clearly
    below the constant predictor's (where none does: below its start)."""
    curves = training.train(
        problem,
        [2.0 ** (k / 2) for k in COARSE],
        torch.zeros(len(COARSE), dtype=torch.long),
        [problem.row.horizon],
    )
    start = float(problem.evaluate(problem.starts[:1], False, training.MOST_JUDGING)[0])
    losses = np.where(np.isfinite(curves.training[:, 0]), curves.training[:, 0], np.inf)
    best = losses.min()
    chance = problem.constant[0] if best < (1 - SHARE) * problem.constant[0] else start
    moves = np.flatnonzero(losses < start - SHARE * (start - best))
    keeps = np.flatnonzero(losses < chance - SHARE * (chance - best))
    lowest = COARSE[max((moves[0] if len(moves) else len(COARSE) // 2) - 1, 0)]
    highest = COARSE[min((keeps[-1] if len(keeps) else len(COARSE) // 2) + 1, len(COARSE) - 1)] + BEYOND
    count = min(max(highest - lowest + 1, LEAST_RATES), MOST_RATES)
    return np.arange(highest - count + 1, highest + 1)


def runs_at_once(problem, count):
    """As many as keep the optimizer's arrays in a cache."""
    return min(count, max(32, 500_000 // problem.parameters))


def rounded(values, bits):
    """float32 with so many bits after the point, which pack better."""
    raw = np.ascontiguousarray(values, np.float32).view(np.uint32)
    low = 23 - bits
    near = ((raw + (1 << (low - 1))) >> low) << low
    return np.where(np.isfinite(values), near, raw).astype(np.uint32).view(np.float32)


def record(row, first, last):
    """The starts from `first` up to `last`, at the rates that are recorded already, or at a new grid."""
    began = time.process_time()
    problem = training.Problem(row, range(first, last))
    steps = training.checkpoints(row.horizon)
    arrays = {name: np.asarray(value, np.float32) for name, value in training.at_start(problem).items()}
    half_octaves = row.records["half_octaves"] if first else grid(problem).astype(np.int32)
    shape = (len(half_octaves), last - first)
    rates = np.repeat(2.0 ** (half_octaves / 2), shape[1])
    starts = np.tile(np.arange(shape[1]), shape[0])
    at_once = runs_at_once(problem, len(rates))
    parts = [
        training.train(problem, rates[a : a + at_once], torch.from_numpy(starts[a : a + at_once]), steps)
        for a in range(0, len(rates), at_once)
    ]
    for name, bits in (("training", 12), ("held_out", 12), ("batch_mean", 6), ("batch_peak", 6)):
        arrays[name] = rounded(np.concatenate([getattr(p, name) for p in parts]).reshape(*shape, -1), bits)
    arrays["lost"] = np.concatenate([p.lost for p in parts]).reshape(shape)
    seconds = 0
    if first:
        old = row.records
        arrays = {
            name: np.concatenate([old[name], new], axis=min(new.ndim - 1, 1)) for name, new in arrays.items()
        }
        seconds = old["seconds"]
    held_out = len(problem.data.inputs) - problem.data.train
    batch = problem.batch or problem.data.train
    return arrays | {
        "half_octaves": half_octaves,
        "steps": steps.astype(np.int32),
        "constant": np.float64(problem.constant),
        "parameters": problem.parameters,
        "training_examples": problem.data.train,
        "held_out_examples": held_out,
        "judging_examples": min(problem.data.train, training.MOST_JUDGING),
        "batch": batch,
        "step_units": 3 * batch,
        "held_out_units": held_out,
        "seconds": seconds + time.process_time() - began,
        "settings": row.settings,
        "date": int(datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")),
        "torch_version": np.array([int(n) for n in torch.__version__.split("+")[0].split(".")[:3]]),
    }


def save(row, arrays):
    zoo.RECORDS.mkdir(exist_ok=True)
    beside = row.path.with_suffix(".part")
    with open(beside, "wb") as file:
        np.savez_compressed(file, **arrays)
    os.replace(beside, row.path)


def cost(row):
    """Seconds, from a few steps and looks."""
    problem = training.Problem(row)
    runs = runs_at_once(problem, 40 * STARTS)
    rates, starts = np.full(runs, 1e-6), torch.arange(runs) % STARTS
    seconds = []
    for steps in (1, 4):
        began = time.process_time()
        training.train(problem, rates, starts, [steps])
        seconds.append((time.process_time() - began) / runs)
    step = max(seconds[1] - seconds[0], 0) / 3
    look = max(seconds[0] - step, 0)
    runs = 40 * STARTS + len(COARSE)
    return (
        runs * (step * row.horizon + look * len(training.checkpoints(row.horizon))) * 0.8
    )  # a fifth is lost early


def check(rows):
    """Of the judging part no more than this may be looked at."""
    lines, bad = ["task,part,recorded,whole,finite_starts,rates,starts,checkpoints,seconds,date,bytes"], 0
    for row in rows:
        if not row.recorded:
            lines.append(f"{row.id},{row.part},0,,,,,,,,")
            continue
        r = row.records
        kept = r["lost"] < 0
        # Where the last step was one too far, the losses after it may be no numbers; those before it are.
        whole = all(not np.isnan(r[name][kept]).any() for name in ("batch_mean", "batch_peak"))
        finite = all(
            np.isfinite(r[name]).all()
            for name in ("start_training", "start_held_out", "constant", "gradient_norm")
        )
        bad += not (whole and finite)
        lines.append(
            f"{row.id},{row.part},1,{whole:d},{finite:d},{','.join(map(str, r['held_out'].shape))},{r['seconds']:.0f},"
            f"{r['date']},{row.path.stat().st_size}"
        )
    zoo.RECORDS.mkdir(exist_ok=True)
    (zoo.RECORDS / "index.csv").write_text("\n".join(lines) + "\n")
    for part in zoo.PARTS:
        mine = [row for row in rows if row.part == part]
        print(f"{part}: {sum(row.recorded for row in mine)} of {len(mine)} recorded")
    done = [row for row in rows if row.recorded]
    hours = sum(float(row.records["seconds"]) for row in done) / 3600
    megabytes = sum(row.path.stat().st_size for row in done) / 1e6
    print(f"{bad} not whole or not finite; {hours:.2f} hours of one core, {megabytes:.2f} MB")


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--share", default="1/1")
    arguments.add_argument("--starts", type=int, default=STARTS)
    arguments.add_argument("--cost", action="store_true")
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    # In an order that has nothing to do with the table's: whatever was recorded when it ends is a sample of all.
    rows = sorted(zoo.table(), key=lambda row: hashlib.sha256(row.id.encode()).digest())
    if options.check:
        return check(zoo.table())
    if options.names:
        rows = [row for row in rows if row.name in options.names or row.id in options.names]
    share, of = map(int, options.share.split("/"))
    rows = rows[share - 1 :: of]
    if options.cost:
        seconds = {}
        for row in rows:
            seconds[row.id] = cost(row)
            print(f"{row.id} {seconds[row.id]:.0f} s, {sum(seconds.values()) / 3600:.2f} h so far", flush=True)
        return
    for row in rows:
        first = row.records["lost"].shape[1] if row.recorded else 0
        if first >= options.starts:
            continue
        arrays = record(row, first, options.starts)
        save(row, arrays)
        rates, seconds = len(arrays["half_octaves"]), float(arrays["seconds"])
        print(f"{row.id}: {rates} rates, {seconds:.0f} s, {row.path.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()
