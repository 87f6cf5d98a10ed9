"""What the recorded tasks of a part show: summary.py learn. Rates in octaves. The judging part is looked at
once, at the end."""

import sys

import numpy as np

import zoo

# The rates that people begin with.
USUAL = {
    "gd": 0.1,
    "sgd": 0.1,
    "rmsprop": 1e-2,
    "adagrad": 1e-2,
    "adam": 1e-3,
    "adamw": 1e-3,
    "lion": 1e-4,
    "signsgd": 1e-3,
}


def mean_losses(losses, worst):
    """Over starts, a loss beyond `worst` counting as that: a lost run is as bad as it gets, and no worse."""
    return np.minimum(losses, worst).mean(1)


def facts(task):
    r, losses = task.records, zoo.end(task.records["held_out"])
    octaves = r["half_octaves"] / 2
    worst = max(r["constant"][1], r["start_held_out"].mean())
    half = losses.shape[1] // 2
    chosen = int(mean_losses(losses[:, :half], worst).argmin())
    mean = mean_losses(losses, worst)
    best, reference = int(mean.argmin()), mean_losses(losses[:, half:], worst)[chosen]
    scale = worst - reference
    at_usual = np.interp(np.log2(USUAL[task.optimizer.split(":")[0]]), octaves, mean)
    fails = (losses > reference + 0.5 * scale).mean(1) if scale > 0 else np.zeros(len(octaves))
    rising = octaves > octaves[best]
    half_fail = octaves[rising][np.argmax(fails[rising] >= 0.5)] if (fails[rising] >= 0.5).any() else np.nan
    first = octaves[rising][np.argmax(fails[rising] > 0)] if (fails[rising] > 0).any() else np.nan
    all_fail = octaves[rising][np.argmax(fails[rising] >= 1)] if (fails[rising] >= 1).any() else np.nan
    near = mean <= reference + 0.02 * scale
    edge = np.median(r["edge"])
    # The best rate after an eighth of the horizon: what short runs would say.
    early = r["held_out"][..., np.searchsorted(r["steps"], task.horizon / 8)]
    early_best = octaves[mean_losses(np.where(np.isfinite(early), early, np.inf), worst).argmin()]
    return {
        "learns": scale > 0.05 * worst,
        "best": octaves[best],
        "to_edge": octaves[best] - np.log2(edge),
        "to_usual": octaves[best] - np.log2(USUAL[task.optimizer.split(":")[0]]),
        "usual_lost": (at_usual - reference) / scale,
        "first_fails": first - octaves[best],
        "half_fails": half_fail - octaves[best],
        "from_some_to_all": all_fail - first,
        "width": near.sum() / 2,
        "early": early_best - octaves[best],
        "spread": losses[best].std() / reference,
    }


def quartiles(values):
    values = np.array([v for v in values if np.isfinite(v)])
    return (
        " / ".join(f"{v:.2f}" for v in np.percentile(values, (10, 25, 50, 75, 90))) + f"  ({len(values)})"
        if len(values)
        else "-"
    )


def main(part):
    rows = [(task, facts(task)) for task in zoo.tasks(part) if task.recorded]
    learning = [(task, f) for task, f in rows if f["learns"]]
    print(f"{len(rows)} tasks, {len(learning)} learn. 10%, 25%, 50%, 75%, 90% of:")
    for key, text in (
        ("to_edge", "best rate above the edge, octaves"),
        ("to_usual", "best rate above the usual one, octaves"),
        ("usual_lost", "progress lost at the usual rate"),
        ("first_fails", "first rate with a failing start above the best, octaves"),
        ("half_fails", "rate where half of the starts fail above the best, octaves"),
        ("from_some_to_all", "from the first that fails to all, octaves"),
        ("width", "width within 2% of the progress, octaves"),
        ("early", "best rate after an eighth of the horizon above the best, octaves"),
        ("spread", "deviation over starts at the best rate, of the loss"),
    ):
        print(f"{text}: {quartiles([f[key] for _, f in learning])}")
    for key in ("to_edge", "to_usual"):
        print(key + ", by optimizer")
        for kind in USUAL:
            print(f"  {kind}: {quartiles([f[key] for t, f in learning if t.optimizer.split(':')[0] == kind])}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
