"""Reads the zoo: its table of tasks, which part a task belongs to, and what was recorded. Needs NumPy alone.

import zoo
for task in zoo.tasks("learn"):
    if task.recorded: print(task.id, task.records["held_out"].shape)
"""

import dataclasses
import functools
import hashlib
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
RECORDS = HERE / "records"
VERSION = 1  # of what is recorded: another one is recorded anew
PARTS = ("learn", "judge")
# The first with which each kind of model, optimizer and schedule is in the judging part at least twice, and three times
# in the other: chosen before anything was recorded.
SALT = 149


def part_of(name, salt=SALT):
    """Tasks that differ in the horizon alone have one name, and so are in one part."""
    return PARTS[int(hashlib.sha256(f"{salt}:{name}".encode()).hexdigest(), 16) % 3 == 0]


@dataclasses.dataclass(frozen=True)
class Task:
    name: str
    model: str
    data: str
    loss: str
    optimizer: str
    batch: int  # examples in a step; 0: all
    schedule: str
    warmup: int  # steps
    horizon: int  # steps
    seed: int

    @property
    def id(self):
        return f"{self.name}-{self.horizon}"

    @property
    def part(self):
        return part_of(self.name)

    @property
    def path(self):
        return RECORDS / f"{self.id}.npz"

    @property
    def settings(self):
        """A number that changes with anything in the row, or with the version."""
        text = " ".join(map(str, (VERSION, *dataclasses.astuple(self))))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little") >> 1

    @property
    def recorded(self):
        return self.path.exists() and int(self.records["settings"]) == self.settings

    @functools.cached_property
    def records(self):
        with np.load(self.path) as file:
            return {name: file[name] for name in file.files}


def table():
    lines = [
        line.split()
        for line in (HERE / "tasks.txt").read_text().splitlines()
        if line.strip() and line[0] != "#"
    ]
    kinds = {"batch": int, "warmup": int, "horizon": int, "seed": int}
    rows = [
        Task(*(kinds.get(key, str)(value) for key, value in zip(lines[0], line, strict=True)))
        for line in lines[1:]
    ]
    if len({row.id for row in rows}) < len(rows):
        raise ValueError("tasks.txt: two rows have one name and one horizon")
    return rows


def tasks(part):
    """The tasks of a part: "learn", or "judge", which is to be looked at once, at the end."""
    if part not in PARTS:
        raise ValueError(f"part: {part!r} is none of {PARTS}")
    return [row for row in table() if row.part == part]


def rates(task):
    return 2.0 ** (task.records["half_octaves"] / 2)


def end(values):
    """Losses at the horizon, infinite where the run was lost: of shape (rates, starts)."""
    last = values[..., -1]
    return np.where(np.isfinite(last), last, np.inf)
