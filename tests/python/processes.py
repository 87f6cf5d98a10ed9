"""Ranks of torch.distributed for tests: processes on this machine, with no launcher and no port."""

import datetime
import json
import os
import subprocess
import sys
import tempfile


def on_ranks(script, count, *arguments, timeout=60, limit=600):
    """Runs the script's process `script rank ARGUMENTS...` for each rank. What each has said: (status, stdout, stderr)."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "GLOO_SOCKET_IFNAME": "lo",
            "OMP_NUM_THREADS": "1",
            "ETAMAX_TEST_MEETING": folder + "/meeting",
            "ETAMAX_TEST_RANKS": str(count),
            "ETAMAX_TEST_TIMEOUT": str(timeout),
        }
        processes = [
            subprocess.Popen(
                [sys.executable, script, "rank", *map(str, arguments)],
                env={**environment, "ETAMAX_TEST_RANK": str(rank)},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for rank in range(count)
        ]
        said = []
        try:
            for process in processes:
                out, error = process.communicate(timeout=limit)
                said.append((process.returncode, out, error))
        finally:
            for process in processes:
                if process.poll() is None:
                    process.kill()
        return said


def join():
    """In such a process: makes it one of the ranks. Its number, and how many there are."""
    import torch
    import torch.distributed as dist

    rank, count = (int(os.environ["ETAMAX_TEST_" + name]) for name in ("RANK", "RANKS"))
    dist.init_process_group(
        "gloo",
        init_method="file://" + os.environ["ETAMAX_TEST_MEETING"],
        rank=rank,
        world_size=count,
        timeout=datetime.timedelta(seconds=float(os.environ["ETAMAX_TEST_TIMEOUT"])),
    )
    torch.set_num_threads(1)
    return rank, count


def say(answer):
    print(json.dumps(answer), flush=True)


def leave():
    """Without waiting for what the library does as a process ends, which is not tested here."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
