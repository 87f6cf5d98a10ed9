"""What chosen rates are worth on recorded tasks: score.py PART [--only TASK,... | --without TASK,...] FILE.csv... , each as
zoo_bench prints it. The judging part is looked at once, at the end."""

import csv
import dataclasses
import sys

import numpy as np

import zoo

JUDGES = ((3, 4, 5), (6, 7, 8))  # starts that no search has seen


@dataclasses.dataclass
class Worth:
    """Of each rate of a task, over the starts that judge."""

    half_octaves: np.ndarray
    progress_lost: np.ndarray  # (loss - reference) / (constant - reference), a run's loss counting as the constant's at most
    regret: np.ndarray  # (loss - reference) / reference
    lost: np.ndarray  # the share of runs that end above the constant, or nowhere
    references: tuple  # half octaves: the best rate by one half of the starts, and by the other
    learns: bool


def worth(task):
    """A reference is chosen with one half of the starts and measured with the other, both ways."""
    r = task.records
    constant = float(r["constant"][1])
    losses = zoo.end(r["held_out"]).astype(float)
    capped = np.minimum(losses, constant)
    chosen = [int(capped[:, half].mean(1).argmin()) for half in JUDGES]
    reference = np.mean([capped[chosen[0]][list(JUDGES[1])].mean(), capped[chosen[1]][list(JUDGES[0])].mean()])
    judges = [s for half in JUDGES for s in half]
    mean = capped[:, judges].mean(1)
    return Worth(
        r["half_octaves"],
        (mean - reference) / max(constant - reference, 1e-9 * constant),
        (mean - reference) / max(reference, 1e-9 * constant),
        (losses[:, judges] > constant).mean(1),
        tuple(int(r["half_octaves"][c]) for c in chosen),
        constant - reference > 0.05 * constant,
    )


def at(worth_of, half_octave):
    """The place of a rate among those recorded."""
    return int(np.clip(round(half_octave) - worth_of.half_octaves[0], 0, len(worth_of.half_octaves) - 1))


@dataclasses.dataclass
class Score:
    lost: list = dataclasses.field(default_factory=list)  # (progress lost, task, repetition)
    regret: list = dataclasses.field(default_factory=list)
    runs_lost: list = dataclasses.field(default_factory=list)
    spent: list = dataclasses.field(default_factory=list)
    covered: list = dataclasses.field(default_factory=list)
    none: list = dataclasses.field(default_factory=list)
    seconds: list = dataclasses.field(default_factory=list)
    trials: list = dataclasses.field(default_factory=list)
    over: int = 0

    def row(self):
        lost = 100 * np.array([x for x, _, _ in self.lost])
        return (
            f"median {np.median(lost):.2f}% mean {lost.mean():.2f}% 90% {np.percentile(lost, 90):.1f}% "
            f"worst {lost.max():.0f}% regret {100 * np.median(self.regret):.1f}% runs lost {100 * np.mean(self.runs_lost):.2f}% "
            f"covered {100 * np.mean(self.covered) if self.covered else np.nan:.0f}% spent {np.mean(self.spent):.2f} "
            f"(at most {max(self.spent):.2f}, {self.over} over) none {len(self.none)} of {len(lost)}"
        )


def score(rows, worths):
    """Of one method: rows with task, repetition, half_octave ("" where it has none) and what else zoo_bench prints."""
    total = Score()
    for row in rows:
        w = worths[row["task"]]
        total.spent.append(float(row["spent"]))
        total.over += float(row["spent"]) > float(row.get("limit") or np.inf)
        total.seconds.append(float(row.get("seconds") or 0))
        total.trials.append(float(row.get("trials") or 0))
        if not w.learns:
            continue
        if row["half_octave"] == "":
            total.none.append((row["task"], row["repetition"]))
            total.lost.append((1.0, row["task"], row["repetition"]))
            total.regret.append(np.inf)
            continue
        place = at(w, float(row["half_octave"]))
        total.lost.append((w.progress_lost[place], row["task"], row["repetition"]))
        total.regret.append(w.regret[place])
        total.runs_lost.append(w.lost[place])
        if row.get("from") and np.isfinite(float(row["from"])):
            low, high = 2 * np.log2(float(row["from"])), 2 * np.log2(float(row["to"]))
            total.covered += [low - 1e-6 <= x <= high + 1e-6 for x in w.references]
    return total


def main(part, files):
    only = without = None
    if files[0] in ("--only", "--without"):
        names = set(files[1].split(","))
        only, without, files = (names, None, files[2:]) if files[0] == "--only" else (None, names, files[2:])
    tasks = [task for task in zoo.tasks(part) if task.recorded]
    for name in (only or set()) | (without or set()):
        if name not in {task.id for task in tasks}:
            raise SystemExit(f"no recorded task {name} is in this part")
    wanted = [t for t in tasks if (not only or t.id in only) and (not without or t.id not in without)]
    worths = {task.id: worth(task) for task in wanted}
    for file in files:
        with open(file) as lines:
            rows = list(csv.DictReader(line for line in lines if line[0] != "#"))
        total = score([row for row in rows if row["task"] in worths], worths)
        print(f"{file}: {total.row()}")
        print(f"    {np.mean(total.trials):.1f} runs, {1e3 * np.mean(total.seconds):.1f} ms to decide; worst:")
        print("    " + ", ".join(f"{t} {r}: {100 * x:.0f}%" for x, t, r in sorted(total.lost, reverse=True)[:12]))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2:])
