#!/usr/bin/env python3
"""Runs `etamax diagnose` over a folder of labeled logs and says how often it is right.

    evaluate.py ETAMAX FOLDER [--mistakes] [--all] [--check PAGE] [--at-least SHARE=PERCENT ...]

FOLDER holds the logs and labels.json, a list of objects: "file", "truth" (what the source says: "learning_rate",
"not_learning_rate" or "healthy"), "acceptable" (the verdicts that are no mistake), "why" and "source"; generated
logs name their "cause" too. With --check, it fails where a sentence contradicts its log (sentences.py), where a share is
on the wrong side of its bound, or where PAGE has another table.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

import sentences

VERDICTS = ["learning_rate", "not_learning_rate", "collapse", "healthy", "unclear", "refused"]
TRUTHS = ["learning_rate", "not_learning_rate", "collapse", "healthy", "unclear"]
BINS = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01]


def answer_of(program, log):
    """The answer to one log: verdict, score, reason."""
    run = subprocess.run([program, "diagnose", str(log), "--json", "--quiet"], capture_output=True, text=True)
    if run.returncode == 2:
        return {"verdict": "refused", "score": 0.0, "reason": run.stderr.strip()}
    if run.returncode != 0:
        raise SystemExit(f"{log}: status {run.returncode}: {run.stderr.strip()}")
    return json.loads(run.stdout)


def labeled(folder):
    """The labels of a folder, in the order of their files."""
    return sorted(json.loads((folder / "labels.json").read_text()), key=lambda label: label["file"])


def measured(labels, answers):
    """The numbers that the targets are about."""
    table = collections.Counter((label["truth"], answer["verdict"]) for label, answer in zip(labels, answers))
    count = collections.Counter(label["truth"] for label in labels)
    total = len(labels)
    right = [answer["verdict"] in label["acceptable"] for label, answer in zip(labels, answers)]
    blamed = sum(
        answer["verdict"] == "learning_rate" and "learning_rate" not in label["acceptable"]
        for label, answer in zip(labels, answers)
    )
    broken_by_rate = [(l, a) for l, a in zip(labels, answers) if l["truth"] == "learning_rate"]
    wrong_name = sum(a["verdict"] not in l["acceptable"] + ["unclear", "refused"] for l, a in broken_by_rate)
    return {
        "table": table,
        "count": count,
        "acceptable": sum(right) / max(total, 1),
        "healthy called so": table["healthy", "healthy"] / max(count["healthy"], 1),
        "rate named": table["learning_rate", "learning_rate"] / max(count["learning_rate"], 1),
        "rate called else": wrong_name / max(count["learning_rate"], 1),
        "false blame": blamed / max(total - count["learning_rate"], 1),
        "refused": sum(a["verdict"] == "refused" for a in answers) / max(total, 1),
        "right": right,
    }


def reliability(labels, answers):
    """For each bin of scores: from, to, answers, the mean score, the share of acceptable ones."""
    rows = []
    for low, high in zip(BINS, BINS[1:]):
        inside = [
            (a["score"], a["verdict"] in l["acceptable"])
            for l, a in zip(labels, answers)
            if a["verdict"] not in ("unclear", "refused") and low <= a["score"] < high
        ]
        if inside:
            n = len(inside)
            rows.append((low, min(high, 1.0), n, sum(s for s, _ in inside) / n, sum(r for _, r in inside) / n))
    return rows


def confusion(labels, answers, key):
    """The rows of a table: the truth (or the cause), the logs, and how many got each verdict."""
    order = TRUTHS if key == "truth" else sorted({label[key] for label in labels})
    rows = []
    for truth in order:
        got = [answer["verdict"] for label, answer in zip(labels, answers) if label[key] == truth]
        if got:
            rows.append([f"`{truth}`", len(got)] + [got.count(v) for v in VERDICTS])
    return rows


def table(rows, head):
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def cells_of(page):
    """The rows of the page's tables."""
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]


def differs(rows, page, apart):
    """The rows that no row of the page agrees with, to within `apart` logs in each cell."""
    cells = cells_of(page)
    for row in rows:
        if not any(
            len(other) == len(row)
            and other[0] == row[0]
            and all(re.fullmatch(r"\d+", o) and abs(int(o) - r) <= apart for o, r in zip(other[1:], row[1:]))
            for other in cells
        ):
            yield row


def unreliable(bins, page, apart):
    """The bins of scores that no row of the page agrees with, to within `apart` logs; the page's picture is drawn from its rows."""
    for low, high, n, mean, right in bins:
        name, found = f"{low:g} to {high:g}", False
        for cells in cells_of(page):
            if len(cells) != 4 or cells[0] != name:
                continue
            count, score, share = (int(cell.strip("%")) for cell in cells[1:])
            found |= abs(count - n) <= apart and abs(score - 100 * mean) < 1 + apart / 2 and abs(count * share / 100 - n * right) < apart + 1
        if not found:
            yield f"{name}: {n} answers, mean {100 * mean:.0f}%, acceptable {100 * right:.0f}%"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--mistakes", action="store_true", help="list every answer that is not acceptable")
    parser.add_argument("--all", action="store_true", help="list every answer")
    parser.add_argument("--check", type=pathlib.Path, metavar="PAGE", help="the page that holds the table")
    parser.add_argument("--apart", type=int, default=0, metavar="LOGS", help="by how many a cell may differ from the page's")
    parser.add_argument("--at-least", nargs="*", default=[], metavar="SHARE=PERCENT")
    parser.add_argument("--at-most", nargs="*", default=[], metavar="SHARE=PERCENT")
    options = parser.parse_args()
    labels = labeled(options.folder)
    answers = [answer_of(options.program, options.folder / label["file"]) for label in labels]
    result = measured(labels, answers)
    rows = confusion(labels, answers, "cause" if "cause" in labels[0] else "truth")
    print(table(rows, ["log", "logs"] + [f"`{v}`" for v in VERDICTS]) + "\n")
    for name in ["acceptable", "healthy called so", "rate named", "rate called else", "false blame", "refused"]:
        print(f"{name}: {100 * result[name]:.1f}%")
    print("\n| score | answers | mean score | acceptable |\n|---|---|---|---|")
    for low, high, n, mean, right in reliability(labels, answers):
        print(f"| {low:g} to {high:g} | {n} | {100 * mean:.0f}% | {100 * right:.0f}% |")
    for label, answer, right in zip(labels, answers, result["right"]):
        if options.all or (options.mistakes and not right):
            print(f"\n{label['file']}: {label['truth']} ({', '.join(label['acceptable'])}): {label['why']}")
            print(f"  -> {answer['verdict']} {answer.get('cause')} {answer['score']:.2f}: {answer['reason']}")
    failed = False
    if options.check:
        page = options.check.read_text()
        wrong = [f"{options.check} has no such row: {row}" for row in differs(rows, page, options.apart)]
        wrong += [f"{options.check} has no such scores: {row}" for row in unreliable(reliability(labels, answers), page, options.apart)]
        for label, answer in zip(labels, answers):
            wrong += [f"{label['file']}: {fault}" for fault in sentences.faults(answer)] if "losses" in answer else []
        for bounds, sign in (options.at_least, 1), (options.at_most, -1):
            for name, percent in (bound.split("=") for bound in bounds):
                if sign * 100 * result[name] < sign * float(percent):
                    wrong.append(f"{name}: {100 * result[name]:.1f}%, {'less' if sign > 0 else 'more'} than {percent}%")
        for line in wrong:
            print("FAILED:", line)
        failed = bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
