#!/usr/bin/env python3
"""Memory that runs out at any allocation of a run on LibTorch: the right answer, or a line with status 1 or 2; no signal, no hang.

failing_memory.py ETAMAX PRELOADED MOMENTS SEED: so many moments of each run, drawn from all by the seed.
"""
import os
import random
import subprocess
import sys
import tempfile

RUNS = {
    "analyze": ["analyze", "--data", "csv:points.csv", "--model", "mlp:2-3-1", "--loss", "mse", "--steps", "4", "--confidence", "none"],
    "tune": ["tune", "--data", "csv:points.csv", "--model", "mlp:2-3-1", "--loss", "mse", "--steps", "16", "--budget", "4", "--seeds", "1",
             "--validation", "0"],
}
PATIENCE = 120  # seconds, on a machine that is busy
etamax, preloaded, moments, seed = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])


def ran(arguments, folder, **settings):
    environment = dict(os.environ, LD_PRELOAD=preloaded, OMP_NUM_THREADS="1", **settings)
    return subprocess.run([etamax, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PATIENCE)


def faults_of(run, answer):
    # A library that LibTorch asks for the processor says so itself, before it does.
    lines = [line for line in run.stderr.splitlines() if not line.startswith("Error in cpuinfo: failed to allocate")]
    if run.returncode == 0:
        return [] if run.stdout.split("This answer took")[0] == answer and not lines else ["another answer"]
    faults = [f"exit {run.returncode}"] if run.returncode not in (1, 2) else []
    if len(lines) != 1 or not lines[0].startswith("etamax: ") or "internal error" in lines[0]:
        faults.append("not one line that says it")
    return faults + (["an answer besides"] if run.stdout else [])


failed = 0
with tempfile.TemporaryDirectory() as folder:
    with open(f"{folder}/points.csv", "w") as file:
        file.write("a,b,y\n" + "".join(f"{i % 5},{i % 3},{i % 7}\n" for i in range(20)))
    for name, arguments in RUNS.items():
        sound = ran(arguments, folder, FAILING_ALLOCATION_COUNT=f"{folder}/count")
        if sound.returncode != 0:
            sys.exit(f"FAIL: {name}: exit {sound.returncode}: {sound.stderr}")
        allocations = int(open(f"{folder}/count").read())
        answer = sound.stdout.split("This answer took")[0]
        chosen = sorted(random.Random(f"{seed} {name}").sample(range(1, allocations + 1), moments))
        counts = {}
        for i, moment in enumerate(chosen):
            how = str(i % 2)
            try:
                run = ran(arguments, folder, FAILING_ALLOCATION=str(moment), FAILING_ALLOCATION_ON=how)
                faults = faults_of(run, answer)
                counts[run.returncode] = counts.get(run.returncode, 0) + 1
            except subprocess.TimeoutExpired:
                run, faults = None, [f"no end within {PATIENCE} s"]
            if faults:
                failed += 1
                print(f"FAIL: {name}, allocation {moment} of {allocations}{' and all after' if how == '1' else ''}: {', '.join(faults)}:",
                      (run.stderr + run.stdout)[:300] if run else "")
        print(f"{name}: {allocations} allocations, {moments} failed in turn; exits: {counts}", flush=True)
sys.exit(failed > 0)
