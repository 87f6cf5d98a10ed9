"""The tables of docs/watch.md, from rows of measure.py. Usage: summary.py RESULTS.jsonl..."""

import json
import sys
from collections import Counter

MONITORS = {
    "warned": "**etamax.watch**",
    "loss_spikes": "loss spikes: five above twice the mean of the last 50",
    "smoothed_loss": "smoothed loss 20% above its lowest",
    "critical_sharpness": "critical sharpness along the update, three looks running",
}
SAVERS = {"capped": "**etamax.watch**, cap=0.8", "clipped": "gradient norms clipped at 1"}


def share(part, whole):
    return f"{len(part)} of {len(whole)} ({100 * len(part) / max(len(whole), 1):.0f}%)"


def quantiles(values):
    values = sorted(values)
    return f"{values[len(values) // 2]}, {values[0]}" if values else "none"


def is_worse(row, way):
    """Whether the run ended more than 5% worse in that way than as it was."""
    if way + "_kind" not in row:  # the cap has never held
        return False
    end = row[way + "_end"]
    return end is None or end > 1.05 * row["end"]


def main():
    rows = [json.loads(line) for path in sys.argv[1:] for line in open(path)]
    kinds = {kind: [r for r in rows if r["kind"] == kind] for kind in ("blown up", "fine", "recovered", "poor")}
    bad, fine = kinds["blown up"], kinds["fine"]
    print(f"{len(rows)} runs: " + ", ".join(f"{len(part)} {kind}" for kind, part in kinds.items()))
    spent, made = sum(r["gradients"] for r in rows), sum(r["made"] for r in rows)
    print(f"gradients of the watch: {100 * spent / made:.1f}% of those of the trainings as far as they came\n")
    print("| | warned of those that blow up | of fine ones | steps ahead: median, least |\n|---|---|---|---|")
    for name, words in MONITORS.items():
        if not any(name in r for r in rows):
            continue
        hits = [r for r in bad if r[name] is not None and r[name] < r["passed"]]
        ahead = quantiles([r["passed"] - r[name] for r in hits])
        print(f"| {words} | {share(hits, bad)} | {share([r for r in fine if r[name] is not None], fine)} | {ahead} |")
    print("\n| | blown up, now fine | trained, after a rise | fine ones more than 5% worse |\n|---|---|---|---|")
    for way, words in SAVERS.items():
        if not any(way + "_kind" in r for r in rows):
            continue
        ends = Counter(r.get(way + "_kind", "blown up") for r in bad)
        saved = [r for r in bad if r.get(way + "_kind") == "fine"]
        worse = [r for r in fine if is_worse(r, way)]
        print(f"| {words} | {share(saved, bad)} | {ends['recovered']} | {share(worse, fine)} |")
    print("\nMissed, warned of though fine, and not saved:")
    shown = (
        "number",
        "family",
        "activation",
        "norm",
        "loss",
        "optimizer",
        "schedule",
        "batch",
        "lr",
        "warned",
        "passed",
    )
    for r in bad + fine:
        late = r["kind"] == "blown up" and (r["warned"] is None or r["warned"] >= r["passed"])
        lost = r["kind"] == "blown up" and r.get("capped_kind") != "fine"
        if late or lost or (r["kind"] == "fine" and r["warned"] is not None):
            print(" ", *(r[name] for name in shown), "->", r.get("capped_kind"))


if __name__ == "__main__":
    main()
