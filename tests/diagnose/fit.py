#!/usr/bin/env python3
"""Fits the weights of etamax/diagnose/evidence_*.cpp to logs of known cause, and writes them there.

    fit.py ETAMAX GENERATED REAL ... [--write] [--folds N]

GENERATED and REAL are folders with labels.json (see real/evaluate.py); the generated logs are made by
`write_logs DIGITS.csv FOLDER 0 500`. The model is a multinomial logistic regression: the log odds of each
cause are the sum of what the log shows (`shown` in the JSON answer) times the cause's weights. A generated log names its
cause; a real one only its verdict, so that the likelihood is that of all causes with that verdict together; where its
source does not tell, of all those that it leaves open. The
generated logs of each truth count as much as the real ones of it. The weights are drawn to 0 by a ridge, which cross-validation judges: the folds
are drawn by source, a fold's logs are scored by weights that are fitted without them.
"""
import argparse
import collections
import json
import math
import pathlib
import random
import re
import subprocess
import sys

CAUSES = ["learning_rate", "collapse", "bad_batch", "overflow", "domain_error", "data_or_bug", "recovering_spikes",
          "healthy"]
VERDICT = {"learning_rate": "learning_rate", "collapse": "collapse", "recovering_spikes": "healthy", "healthy": "healthy"}
VERDICTS = ["learning_rate", "not_learning_rate", "collapse", "healthy"]
DOUBT, DOUBT_OF_FEW, FEW, DOUBT_OF_NONE = 0.02, 0.2, 10, 0.45  # as in score.h
POSSIBLE = {"learning_rate": 0.5, "not_learning_rate": 0.7, "collapse": 0.5, "healthy": 0.56}
# as in conclusion.cpp
WEAK = 0.4                                # what a log counts whose cause its source only suggests, or leaves open
ITERATIONS = 250


def verdict_of(cause):
    return VERDICT.get(cause, "not_learning_rate")


class Log:
    def __init__(self, label, answer):
        self.label, self.answer = label, answer
        self.shown = sorted(answer["shown"].items())
        values = [s["value"] for s in answer["losses"]]
        self.finite = sum(isinstance(v, (int, float)) for v in values) if any(v != 0 for v in values) else 0
        verdicts = [label["truth"]] if label["truth"] != "unclear" else [v for v in label["acceptable"] if v != "unclear"]
        if label["truth"] == "learning_rate" and "collapse" in label["acceptable"]:
            verdicts.append("collapse")
        causes = [label["cause"]] if "cause" in label else [c for c in CAUSES if verdict_of(c) in verdicts]
        self.possible = [CAUSES.index(c) for c in causes]
        self.weight = WEAK if label["truth"] == "unclear" or label.get("support") == "weak" else 1.0
        self.source = label["source"].split("#")[0] if label["source"] != "generated" else label["file"]


def read(program, folder):
    logs = []
    for label in json.loads((folder / "labels.json").read_text()):
        run = subprocess.run([program, "diagnose", str(folder / label["file"]), "--json", "--quiet"], capture_output=True)
        if run.returncode != 0:
            print(f"{label['file']}: {run.stderr.decode().strip()}", file=sys.stderr)
            continue
        answer = json.loads(run.stdout)
        if answer["shown"]:
            logs.append(Log(label, answer))
    return logs


def odds(weights, log):
    points = [0.0] * len(CAUSES)
    for name, value in log.shown:
        for c, w in enumerate(weights[name]):
            points[c] += value * w
    most = max(points)
    shares = [math.exp(p - most) for p in points]
    total = sum(shares)
    return [s / total for s in shares]


def fit(logs, names, ridge):
    """Gradient descent with Adam's steps, from 0: a few hundred of them are enough for two digits."""
    weights = {name: [0.0] * len(CAUSES) for name in names}
    first = {name: [0.0] * len(CAUSES) for name in names}
    second = {name: [0.0] * len(CAUSES) for name in names}
    logs = [log for log in logs if log.weight > 0]
    for t in range(1, ITERATIONS + 1):
        gradient = {name: [ridge * w if name != "anything" else 0.02 * w for w in row] for name, row in weights.items()}
        for log in logs:
            share = odds(weights, log)
            inside = sum(share[c] for c in log.possible) or 1e-12
            slope = [log.weight * (p - (p / inside if c in log.possible else 0)) for c, p in enumerate(share)]
            for name, value in log.shown:
                row = gradient[name]
                for c, s in enumerate(slope):
                    row[c] += value * s
        rate = 0.15 * min(1.0, 2 * (1 - t / (ITERATIONS + 1)))
        for name, row in weights.items():
            m, v, g = first[name], second[name], gradient[name]
            for c in range(len(CAUSES)):
                m[c] += 0.1 * (g[c] - m[c])
                v[c] += 0.01 * (g[c] * g[c] - v[c])
                row[c] -= rate * (m[c] / (1 - 0.9**t)) / (math.sqrt(v[c] / (1 - 0.99**t)) + 1e-8)
    return weights


def judge(weights, log):
    """The likeliest verdict and its probability, as score.cpp has it."""
    doubt = DOUBT + (1 - min(log.finite, FEW) / FEW) * DOUBT_OF_FEW if log.finite else DOUBT_OF_NONE
    score = collections.Counter()
    for cause, p in zip(CAUSES, odds(weights, log)):
        score[verdict_of(cause)] += (1 - doubt) * p + doubt / len(CAUSES)
    return max(score.items(), key=lambda item: item[1])


def balance(real, generated):
    """The generated logs of each truth count as much as the real ones of it, all together."""
    for truth in VERDICTS:
        own = [log for log in generated if log.label["truth"] == truth]
        share = sum(log.weight for log in real if log.label["truth"] == truth) / max(len(own), 1)
        for log in own:
            log.weight = max(share, 0.2)


def report(title, judged):
    judged = [(log, v if s >= POSSIBLE[v] else "unclear", s) for log, v, s in judged]
    right = sum(v in log.label["acceptable"] for log, v, _ in judged)
    print(f"\n{title}: {len(judged)} logs, {100 * right / len(judged):.1f}% acceptable\n")
    answers = VERDICTS + ["unclear"]
    table = collections.Counter((log.label["truth"], v) for log, v, _ in judged)
    print("| log | logs | " + " | ".join(f"`{v}`" for v in answers) + " |\n" + "|---" * (len(answers) + 2) + "|")
    for truth in answers:
        row = [table[truth, v] for v in answers]
        if any(row):
            print(f"| of `{truth}` | {sum(row)} | " + " | ".join(map(str, row)) + " |")
    of_rate = [(log, v) for log, v, _ in judged if log.label["truth"] == "learning_rate"]
    other = sum(v not in log.label["acceptable"] + ["unclear"] for log, v in of_rate)
    blamed = sum(v == "learning_rate" and v not in log.label["acceptable"] for log, v, _ in judged)
    print(f"\nrate named: {table['learning_rate', 'learning_rate']} of {len(of_rate)}, called else: {other}, "
          f"falsely blamed: {blamed} of {len(judged) - len(of_rate)}\n")
    print("| score | answers | mean score | acceptable |\n|---|---|---|---|")
    for low, high in [(0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1)]:
        inside = [(log, v, s) for log, v, s in judged if low <= s < high and v != "unclear"]
        if inside:
            mean = sum(s for _, _, s in inside) / len(inside)
            good = sum(v in log.label["acceptable"] for log, v, _ in inside) / len(inside)
            print(f"| {low:g} to {high:g} | {len(inside)} | {100 * mean:.0f}% | {100 * good:.0f}% |")


def tables():
    return sorted((pathlib.Path(__file__).parents[2] / "etamax/diagnose").glob("evidence_*.cpp"))


def write(weights):
    texts = {path: path.read_text() for path in tables()}
    for name, row in weights.items():
        numbers = ", ".join(f"{w:.2f}".replace("-0.00", "0.00") for w in row)
        count = 0
        for path, text in texts.items():
            texts[path], n = re.subn(r'(\{"' + name + r'",\s*\{)[^}]*\}', lambda m: m.group(1) + numbers + "}", text)
            count += n
        if count != 1:
            raise SystemExit(f"there are {count} rows {name}")
    for path, text in texts.items():
        path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("generated", type=pathlib.Path)
    parser.add_argument("real", type=pathlib.Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="put the weights into evidence_*.cpp")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--ridge", type=float, default=1.3)
    parser.add_argument("--mistakes", action="store_true", help="list the real logs that cross-validation gets wrong")
    options = parser.parse_args()
    real = [log for folder in options.real for log in read(options.program, folder)]
    generated = read(options.program, options.generated)
    balance(real, generated)
    logs = real + generated
    names = [name for path in tables() for name in re.findall(r'\{"(\w+)",\s*\{', path.read_text())]
    sources = sorted({log.source for log in logs})
    random.Random(1).shuffle(sources)
    fold = {source: i % max(options.folds, 1) for i, source in enumerate(sources)}
    judged = []
    for k in range(options.folds if options.folds > 1 else 0):
        weights = fit([log for log in logs if fold[log.source] != k], names, options.ridge)
        judged += [(log, *judge(weights, log)) for log in logs if fold[log.source] == k]
    if judged:
        of_real = set(map(id, real))
        report("real, cross-validated", [j for j in judged if id(j[0]) in of_real])
        report("generated, cross-validated", [j for j in judged if id(j[0]) not in of_real])
    for log, verdict, score in judged if options.mistakes else []:
        if "cause" not in log.label and verdict not in log.label["acceptable"]:
            print(f"{log.label['file']}: {log.label['truth']} -> {verdict} {score:.2f}: {log.label['why']}")
            print("    " + ", ".join(name for name, _ in log.shown))
    weights = fit(logs, names, options.ridge)
    report("real, as fitted", [(log, *judge(weights, log)) for log in real])
    report("generated, as fitted", [(log, *judge(weights, log)) for log in generated])
    if options.write:
        write(weights)


if __name__ == "__main__":
    main()
