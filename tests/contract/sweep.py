#!/usr/bin/env python3
"""Runs the program with random options and checks what it says against what it knows.

    sweep.py PROGRAM COUNT SEED [VERB ...]

For each of COUNT random invocations: it ends with 0, 2 or 4, with no fault of its own; its document is JSON; every number
in a sentence is a number of the document, to the digits that are shown; and what sentences claim of those numbers
(below, above, falls, rises, lowest, trains from all) is derived again from them. Prints what does not hold; exits with
the number of such invocations, at most 99.
"""
import json
import math
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
SENTENCES = ("reason", "sentence", "_reason")


# --- what is asked -----------------------------------------------------------------------------------------------

OPTIMIZERS = [
    ["--optimizer", "gd"],
    ["--optimizer", "sgd", "--momentum", "0.9"],
    ["--optimizer", "sgd", "--momentum", "0.8", "--nesterov"],
    ["--optimizer", "sgd", "--weight-decay", "0.01"],
    ["--optimizer", "adam"],
    ["--optimizer", "adamw", "--beta1", "0.8"],
    ["--optimizer", "rmsprop"],
    ["--optimizer", "rmsprop", "--centered", "--momentum", "0.5"],
    ["--optimizer", "adagrad", "--lr-decay", "0.01"],
    ["--optimizer", "lion"],
    ["--optimizer", "signsgd"],
]
FUNCTIONS = [
    ("x^2", 1), ("x^4", 1), ("3*(x-2)^2+1", 1), ("-x^2", 1), ("x^3", 1), ("sin(x)", 1), ("exp(x)", 1), ("log(x)", 1),
    ("1/x", 1), ("abs(x)", 1), ("x^4-3*x^2+x", 1), ("sqrt(x)", 1), ("tanh(x)", 1), ("x^2+sin(5*x)", 1), ("cosh(x)", 1),
    ("1e6*x^2", 1), ("1e-9*x^2", 1), ("x^2*exp(-x)", 1), ("log(1+x^2)", 1), ("5", 1), ("2*x", 1),
    ("x^2+y^2", 2), ("0.5*(x^2+100*y^2)", 2), ("x*y", 2), ("x^2*y^2", 2), ("rosenbrock", 2), ("beale", 2),
    ("quadratic(condition=50)", 2), ("sin(x)*cos(y)", 2),
]


def rate(r):
    return f"{10 ** r.uniform(-4, 1.5):.3g}"


def explain(r, folder):
    expression, variables = r.choice(FUNCTIONS)
    start = [f"{r.uniform(-3, 3):.3g}" for _ in range(variables)]
    if variables == 2 and r.random() < 0.9:
        start = [f"{name}={value}" for name, value in zip("xy", start)]
    args = ["explain", expression, "--from=" + ",".join(start), "--lr", ",".join(rate(r) for _ in range(r.randint(1, 3)))]
    chosen = r.random()
    args += ["--optimizer", "gd,adam"] if chosen < 0.1 else r.choice(OPTIMIZERS) if chosen < 0.7 else []
    if r.random() < 0.3:
        args += ["--steps", str(r.randint(0, 12))]
    if r.random() < 0.3:
        args += ["--max-steps", str(r.choice([1, 10, 100, 3000]))]
    return args


def diagnose(r, folder):
    path = folder / "log.csv"
    kind = r.choice(["grows", "falls", "noise", "nan", "steps"])
    loss, lines = r.uniform(0.1, 10), ["step,loss"]
    for step in range(r.randint(3, 60)):
        lines.append(f"{step},{'nan' if kind == 'nan' and step > 8 else format(loss, '.5g')}")
        loss *= {"grows": 1.4, "falls": 0.9, "noise": 1, "nan": 0.95, "steps": 0.97}[kind] * r.uniform(0.9, 1.1)
    path.write_text("\n".join(lines) + "\n")
    args = ["diagnose", str(path)]
    if r.random() < 0.5:
        args += ["--lr", rate(r)]
    return args


def problem(r):
    data, models = r.choice([
        ("digits", ["linear", "mlp:64-12-10:tanh", "mlp:64-12-10:relu", "mlp:64-8-8-10:gelu", "mlp:64-10-10:silu"]),
        ("breast_cancer", ["linear", "mlp:30-8-2:relu", "mlp:30-6-2:tanh"]),
        ("copying:length=4,vocabulary=4,examples=40", ["transformer:width=8,layers=1,heads=2"]),
    ])
    args = ["--model", r.choice(models), "--data", data]
    if data == "digits" and r.random() < 0.2:
        args += ["--loss", "mse"]
    if data == "breast_cancer" and r.random() < 0.7:
        args += ["--standardize"]
    return args + r.choice(OPTIMIZERS)


def analyze(r, folder):
    args = ["analyze"] + problem(r) + ["--steps", str(r.choice([0, 8, 30])), "--seed", str(r.randint(0, 99))]
    if "copying" not in " ".join(args):
        args += ["--samples", str(r.choice([60, 120]))]
    if r.random() < 0.6:
        args += ["--lr", rate(r)]
    if r.random() < 0.4:
        args += ["--batch-size", str(r.choice([1, 7, 20]))]
    if r.random() < 0.4:
        args += ["--starts", str(r.choice([1, 2]))]
    if r.random() < 0.3:
        args += ["--dtype", "float64"]
    if r.random() < 0.2:
        args += ["--confidence", "none"]
    if r.random() < 0.2:
        args += ["--no-culprits"]
    if r.random() < 0.2:
        args += ["--gap", r.choice(["0.01", "0.5"])]
    if r.random() < 0.1:
        args += ["--check"]
    if r.random() < 0.2:
        args += ["--schedule", r.choice(["cosine", "linear"]), "--warmup", str(r.randint(0, 8))]
    if r.random() < 0.2:
        args += ["--clip", r.choice(["0.1", "1"])]
    return args


def tune(r, folder):
    args = ["tune"] + problem(r) + ["--steps", str(r.choice([40, 64])), "--seed", str(r.randint(0, 99))]
    if r.random() < 0.5:
        args += ["--batch-size", str(r.choice([10, 25]))]
    if r.random() < 0.5:
        args += ["--schedule", r.choice(["constant", "cosine", "linear"])]
    return args


def smaller(args):
    return args if "copying" in " ".join(args) else args + ["--samples", "60"]


def spectrum(r, folder):
    args = smaller(["spectrum"] + problem(r)) + ["--seed", str(r.randint(0, 99)), "--top", str(r.choice([0, 1, 3, 8]))]
    if r.random() < 0.5:
        args += ["--bottom", str(r.choice([1, 3]))]
    if r.random() < 0.4:
        args += ["--matrix", r.choice(["ggn", "fisher", "sampled_fisher", "preconditioned"])]
    if r.random() < 0.4:
        args += ["--density", "--starts", "2", "--density-steps", str(r.choice([2, 15]))]
    if r.random() < 0.3:
        args += ["--trace", "--trace-products", "30"]
    if r.random() < 0.3:
        args += ["--tolerance", r.choice(["0.1", "1e-6"])]
    if r.random() < 0.3:
        args += ["--dtype", "float64"]
    return args


def follow(r, folder):
    args = smaller(["follow"] + problem(r)) + ["--seed", str(r.randint(0, 99)), "--steps", str(r.choice([20, 60, 150]))]
    args += ["--lr", ",".join(rate(r) for _ in range(r.choice([1, 1, 2]))), "--budget", r.choice(["0.15", "1", "4"])]
    if r.random() < 0.4:
        args += ["--batch-size", str(r.choice([7, 20]))]
    if r.random() < 0.3:
        args += ["--schedule", r.choice(["cosine", "linear"]), "--warmup", str(r.randint(0, 8))]
    if r.random() < 0.2:
        args += ["--clip", r.choice(["0.1", "1"])]
    if r.random() < 0.3:
        args += ["--certify", str(r.choice([0, 1, 4]))]
    return args


def map_of(r, folder):
    if r.random() < 0.15:
        return ["map", f"network:tanh:{r.choice([2, 5])}", "--size", "12x8", "--steps", "20", "--seed", str(r.randint(0, 99))]
    expression, variables = r.choice(FUNCTIONS)
    args = ["map", expression, "--size", r.choice(["24x16", "40x9"]), "--max-steps", r.choice(["60", "500"])]
    args += ["--x", r.choice(["lr=0.01:3:log", "lr=0.001:1"])]
    starts = [f"{name}={r.uniform(-3, 3):.3g}" for name in "xy"[:variables]]
    if r.random() < 0.3:
        return args + ["--optimizer", "sgd", "--y", "momentum=0:0.95", "--from=" + ",".join(starts)]
    args += r.choice(OPTIMIZERS) + ["--y", "x=-3:3"]
    return args + ["--from=" + starts[1]] if variables == 2 else args


# --- what is said ------------------------------------------------------------------------------------------------

def walk(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, path)
    else:
        yield path, value


def sentences(document):
    """Prose of the document: where it stands, and the text."""
    for path, value in walk(document):
        if isinstance(value, str) and (path.endswith(SENTENCES) or path in (".answer", ".sentence")):
            yield path, value


def names(document):
    """Texts that a sentence may repeat, with the numbers in them."""
    for path, value in walk(document):
        if isinstance(value, str) and not path.endswith(SENTENCES) and path not in (".answer", ".sentence", ".code"):
            yield value


def shown_as(text, value):
    """Whether `text` is `value` to the digits shown, or rounded outwards by one in the last."""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    decimals = len(mantissa.partition(".")[2])
    unit = 10.0 ** (int(exponent or 0) - decimals)
    if "." not in mantissa and not exponent:  # 32200: the zeros at its end may be rounding
        unit *= 10 ** max(0, len(mantissa) - max(2, len(mantissa.rstrip("0"))))
    return abs(float(text) - value) <= unit * 1.0001 + 1e-12 * abs(value)


def numbers_unsaid(document):
    known = [float(v) for _, v in walk(document) if isinstance(v, (int, float)) and not isinstance(v, bool)]
    known = [v for v in known if math.isfinite(v)]
    known += [len(v) for v in lists(document)] + [0, 1, 2] + derived(document)
    known += [95] if document["verb"] == "spectrum" else []  # percent: of the traces' intervals
    known += [100 * v for v in known]  # percent
    known += [-v for v in known]
    known = sorted(set(known))
    texts = sorted(set(names(document)), key=len, reverse=True)
    for path, text in sentences(document):
        rest = text
        for name in texts:
            if any(c.isdigit() for c in name):
                rest = rest.replace(name, " ")
        for match in NUMBER.finditer(rest.replace(",0", "0")):
            if not any(shown_as(match.group(), v) for v in known):
                yield f"{match.group()} in {path}: {text}"


def derived(d):
    """What a sentence may say beside the document's numbers, made from them by one step."""
    more = []
    if d["verb"] == "explain":
        curvatures = [d["stability"].get("lambda_max"), d["stability"].get("lambda_min")]
        for run in d["runs"]:
            factors = [run["rate"]] + [1 - run["lr"] * h for h in curvatures if h is not None]
            more += factors + [abs(f) - 1 for f in factors if f is not None]
            if run["lyapunov"] is not None:
                more.append(math.exp(run["lyapunov"]))
    if d["verb"] == "analyze" and d.get("failing_run"):
        failing, looks = d["failing_run"], d["failing_run"]["looks"]
        more += [5] + [x["change_along_top_eigenvector"] / x["change_predicted"] for x in looks if x["change_predicted"]]
        lengths = [x["step_length"] for x in looks if x["step"] < (failing["onset_step"] or 0)]
        if lengths:
            median = sorted(lengths)[len(lengths) // 2]
            more += [len(lengths)] + [x["step_length"] / median for x in looks]
    if d["verb"] == "spectrum":
        for end in ("top", "bottom"):
            values = (d[end] or {"eigenvalues": []})["eigenvalues"]
            more += range(len(values) + 1)  # their ordinals
            more += [e["value"] - e["gauss_newton"] for e in values if e["gauss_newton"] is not None]
            beyond = [e["upper"] for e in values[1:]] + [(d[end] or {}).get("others")]
            more += [e["lower"] / next for e, next in zip(values, beyond) if e["lower"] is not None and next]
    if d["verb"] == "follow":
        late = [late_looks(run) for run in d["runs"]]
        more += [bound for looks in late if looks for bound in (min(looks), max(looks))]
        more += [sum(len(run["looks"]) for run in d["runs"])] + [looks_cost(d)]
    if d["verb"] == "map" and d.get("axes"):
        axes = list(d["axes"].values())
        more += [math.prod(axis["pixels"] for axis in axes)] + [value for axis in axes for value in values_of(axis)]
    return [x for x in more if x is not None]


def values_of(axis):
    """Of each pixel."""
    start, end, count = axis["from"], axis["to"], axis["pixels"]
    for i in range(count):
        part = i / (count - 1)
        yield start * (end / start) ** part if axis["log"] else start + part * (end - start)


def late_looks(run):
    """Rate over edge, at the looks in the second half of the steps."""
    return [x["of_edge"] for x in run["looks"] if x["of_edge"] is not None and 2 * x["step"] >= run["steps"]]


def looks_cost(d):
    training = sum(run["training_gradients"] for run in d["runs"])
    return sum(run["looking_gradients"] for run in d["runs"]) / training if training else None


def lists(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from lists(inner)
    elif isinstance(value, list):
        yield value
        for inner in value:
            yield from lists(inner)


VALUE = r"(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)"
FROM_TO = re.compile(rf"(falls|rises)[a-z ,]*from {VALUE} to {VALUE}")


def contradictions(d):
    for path, text in sentences(d):
        for word, start, end in FROM_TO.findall(text):
            a, b = float(start), float(end)
            if word == "falls" and not b <= a or word == "rises" and not b >= a:
                yield f"{word} from {a} to {b}: {text}"
    if d["verb"] == "analyze":
        yield from analyze_contradictions(d)
    more = {"explain": explain_contradictions, "spectrum": spectrum_contradictions, "follow": follow_contradictions,
            "map": map_contradictions}.get(d["verb"])
    if more:
        yield from more(d)


def spectrum_contradictions(d):
    answer = " ".join(d["answer"])
    for end, sign in (("top", -1), ("bottom", 1)):
        found = (d[end] or {"eigenvalues": []})["eigenvalues"]
        values = [e["value"] for e in found]
        if values != sorted(values, key=lambda x: sign * x):
            yield f"not in order: {values}"
        for e in found:
            slack = 1e-4 * (abs(e["value"]) + abs(values[0]))
            low, high = e["lower"], e["upper"]
            if low is not None and low > e["value"] + slack or high is not None and high < e["value"] - slack:
                yield f"{e['value']} is not in {low} to {high}"
        which = {"top": "largest", "bottom": "smallest"}[end]
        if any(e["cluster"] is not None for e in found) != (f"of the {which} are a cluster" in answer):
            yield f"clusters of the {which}: {answer}"
        if found and d[end]["reached_tolerance"] == (f"The {which} eigenvalues are not all as exact" in answer):
            yield f"reached_tolerance is {d[end]['reached_tolerance']}: {answer}"
    if (d["lambda_max"]["lower"] or 0) > (d["lambda_max"]["upper"] or math.inf):
        yield f"bounds the wrong way round: {d['lambda_max']}"


def follow_contradictions(d):
    for run in d["runs"]:  # a look that has to begin anew may be beyond the budget
        share = d["data"]["looked_at"] / d["data"]["examples"]
        dearest = max((5 + 2 * look["products"] + 5 for look in run["looks"]), default=0) * share
        if not run["lost"] and run["looking_gradients"] - dearest > d["budget"] * run["training_gradients"] * 1.0001:
            yield f"looks cost {run['looking_gradients']} gradients, the steps {run['training_gradients']}, the budget is {d['budget']}"
    for run, text in zip(d["runs"], d["answer"]):
        over = [(x["step"], x["of_edge"]) for x in run["looks"] if x["of_edge"] is not None]
        beyond = [step for step, of in over if of > 1]
        if "below the edge at every look" in text and beyond:
            yield f"beyond it at {beyond}: {text}"
        if (m := re.search(r"beyond the edge for the first time at step (\d+)", text)) and beyond[:1] != [int(m.group(1))]:
            yield f"beyond it at {beyond}: {text}"
        if "from the first look on" in text and (not beyond or beyond[0] != run["looks"][0]["step"]):
            yield f"beyond it at {beyond}: {text}"
        if ("blew up" in text) != run["lost"]:
            yield f"lost is {run['lost']}: {text}"
        if "hovers" in text and not (beyond and 0.8 <= run["late_of_edge"] <= 1.25):
            yield f"hovers, but is {run['late_of_edge']} of the edge: {text}"


def map_contradictions(d):
    shares = [area["share"] for area in d.get("areas", [])]
    if shares and (abs(sum(shares) - 1) > 1e-9 or min(shares) < 0):
        yield f"shares {shares}"


def explain_contradictions(d):
    s = d["stability"]
    for run in d["runs"]:
        text = run["reason"]
        if run["verdict"] == "converges" and "updates diverge" in text or run["verdict"] == "diverges" and "updates converge" in text:
            yield f"{run['verdict']}: {text}"
        if run["kind"] not in ("minimum", None) and "to the minimum" in text.split(".")[0] and run["verdict"] == "converges":
            yield f"limit is a {run['kind']}: {text}"
        numbers = [x for x in run["losses"] if x is not None]
        if run["verdict"] == "converges" and run["limit"] is None:
            yield f"converges to no point: {text}"
    if s.get("lr_max_from_start_bracket"):
        low, high = s["lr_max_from_start_bracket"]
        for run in d["runs"]:
            if low is not None and high is not None and high < run["lr"] < high * 1.0001 and run["verdict"] == "converges":
                yield f"{run['lr']} converges just above {high}"


def analyze_contradictions(d):
    edge, answer = d["lr_edge"] or {}, " ".join(d["answer"])
    low, high = edge.get("lower"), edge.get("upper")
    yours, all_runs = d.get("yours"), d["runs"] + d["other_starts"]
    at = lambda lr: [r for r in all_runs if abs(r["lr"] / lr - 1) < 1e-9]
    trained = lambda lr: [r["verdict"] == "trains" for r in at(lr)]
    if yours:
        text, lr = yours["sentence"], yours["lr"]
        if "is below the stability edge" in text and not (low and lr < low):
            yield f"not below {low}: {text}"
        if "times the stability edge" in text and not (high and lr > high):
            yield f"not above {high}: {text}"
        if (m := re.search(r"In a run of (\d+) steps? it (is unclear whether it trains|\w+)", text)):
            verdict = "unclear" if m.group(2).startswith("is unclear") else m.group(2)
            mine = [r for r in d["runs"] if abs(r["lr"] / lr - 1) < 1e-9]
            if not mine or mine[0]["verdict"] != verdict or mine[0]["steps"] > int(m.group(1)):
                yield f"run at {lr} is {mine and mine[0]['verdict']}: {text}"
        if (m := re.search(r"trains from (all|none of|(\d+) of) (\d+) starts", text)):
            count = {"all": int(m.group(3)), "none of": 0}.get(m.group(1), int(m.group(2) or 0))
            if (sum(trained(lr)), len(trained(lr))) != (count, int(m.group(3))):
                yield f"{sum(trained(lr))} of {len(trained(lr))} train at {lr}: {text}"
    limit = d["lr_max_trainable"] or {}
    lower, upper = limit.get("lower"), limit.get("upper")
    if lower and not all(trained(lower)):
        yield f"not every start trains at {lower}"
    if upper and any(trained(upper)):
        yield f"some start trains at {upper}"
    if lower and upper and not lower < upper:
        yield f"{lower} trains, {upper} does not"
    if "Largest trainable:" in answer and not lower and "No rate that trains" not in answer and "no upper end" not in answer:
        yield "a largest trainable without a rate that trains"
    use = d["lr_recommended"]
    if use:
        if not all(trained(use)):
            yield f"recommended {use}, which not every start trains at"
        if upper and use > lower / math.sqrt(2) * 1.001:
            yield f"recommended {use} above half an octave below {lower}"
        mean = lambda lr: sum(r["final_loss"] for r in at(lr)) / len(at(lr))
        for lr in {r["lr"] for r in all_runs}:
            if len(at(lr)) == len(at(use)) and all(trained(lr)) and (not upper or lr <= lower / math.sqrt(2)) and mean(lr) < mean(use) * (1 - 1e-9):
                yield f"recommended {use}, but {lr} ends lower"
    if "t fails below the initial edge" in answer and not (upper and high and upper < high):
        yield f"fails at {upper}, which is not below {low}"
    failing = d.get("failing_run")
    if failing and failing["cause"] == "curvature":
        held = failing["rate_held_from_start"] or failing["rate_held"]
        if not held or held["verdict"] != "trains":
            yield "curvature is the cause, but the held run does not train"


# --- the sweep ---------------------------------------------------------------------------------------------------

def main():
    program, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    verbs = {"explain": explain, "diagnose": diagnose, "analyze": analyze, "tune": tune, "spectrum": spectrum, "follow": follow, "map": map_of}
    asked = sys.argv[4:] or list(verbs)
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        for i in range(count):
            r = random.Random(seed * 1000003 + i)
            args = verbs[asked[i % len(asked)]](r, Path(name))
            faults = check([program] + args)
            if not faults and r.random() < 0.25:
                faults = check_file([program] + args, Path(name) / ("answer." + r.choice(FORMATS)))
            bad += bool(faults)
            for fault in faults:
                print(" ".join(args[:1] + [repr(a) if " " in a or "*" in a else a for a in args[1:]]), "\n   ", fault)
    print(f"{count - bad} of {count} hold")
    sys.exit(min(bad, 99))


def check(command):
    done = subprocess.run(command + ["--json", "--quiet"], capture_output=True, text=True, timeout=600)
    if done.returncode == 2:
        return [] if done.stderr.strip() and not done.stdout else [f"refused without a reason: {done.stderr!r}"]
    if done.returncode not in (0, 4):
        return [f"exit {done.returncode}: {done.stderr.strip()[-300:]}"]
    document = json.loads(done.stdout)
    faults = []
    for answer in document.get("explanations", [document]):
        faults += list(numbers_unsaid(answer)) + list(contradictions(answer))
    return faults


FORMATS = ["html", "svg", "png", "pdf", "csv", "json"]


def check_file(command, path):
    """The same answer as text, and as a file: both are there, and nothing is said on standard error."""
    more = ["--plain"] if command[1] == "explain" and path.suffix == ".html" else []
    done = subprocess.run(command + more + ["--output", str(path)], capture_output=True, text=True, timeout=600)
    if done.returncode not in (0, 2, 4):
        return [f"with {path.name}: exit {done.returncode}: {done.stderr.strip()[-300:]}"]
    if done.returncode == 2:
        return []
    size = path.stat().st_size if path.exists() else 0
    path.unlink(missing_ok=True)
    return [] if size and done.stdout.strip() else [f"{path.name} has {size} bytes, the text {len(done.stdout)}"]


if __name__ == "__main__":
    main()
