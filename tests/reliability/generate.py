"""Invocations of etamax: a command line, the files it names, and what it runs in; valid ones, and what mutators make of them."""
import dataclasses
import pathlib
import random
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "contract"))

import made_files  # noqa: E402
import mutators  # noqa: E402
import sweep  # noqa: E402

MEGABYTE = 1 << 20


@dataclasses.dataclass
class Invocation:
    verb: str
    parts: list  # of lists of texts: an option with its value, or a text alone
    files: dict = dataclasses.field(default_factory=dict)
    environment: dict = dataclasses.field(default_factory=dict)  # None: unset
    limits: dict = dataclasses.field(default_factory=dict)  # by the names of the module resource
    streams: dict = dataclasses.field(default_factory=dict)  # 0, 1, 2: "closed" or "full"
    in_deleted_folder: bool = False
    stdin: bytes = b""

    def arguments(self):
        return [text for part in self.parts for text in part]

    def hostile(self):
        """Whether the machine may fail: exit status 1."""
        return bool(self.limits or self.streams or self.in_deleted_folder)


def parts_of(arguments):
    """Options with their values."""
    parts = []
    for text in arguments:
        if parts and len(parts[-1]) == 1 and parts[-1][0].startswith("--") and "=" not in parts[-1][0] and not text.startswith("--"):
            parts[-1].append(text)
        else:
            parts.append([text])
    return parts


# --- valid invocations -----------------------------------------------------------------------------------------------

def corpus(folder):
    return [path.read_bytes() for path in sorted((TESTS / "fuzz/corpus" / folder).iterdir())]


CORPUS = {name: corpus(name) for name in ("expr", "log_csv", "log_json", "log_text", "log_tensorboard", "png", "npz")}
LOG_NAMES = {"log_csv": "log.csv", "log_json": "log.jsonl", "log_text": "train.log", "log_tensorboard": "events.out.tfevents.1"}


def explain(r):
    made = Invocation("explain", parts_of(sweep.explain(r, None)[1:]))
    if r.random() < 0.3:
        text = r.choice(CORPUS["expr"]).replace(b"\0", b"").replace(b"/", b"*").decode("utf-8", "surrogateescape")
        made.parts[0] = [text or "x"]
    return made


def diagnose(r):
    kind = r.choice(list(LOG_NAMES))
    name, log = LOG_NAMES[kind], r.choice(CORPUS[kind])
    made = Invocation("diagnose", [[name]], {name: log})
    if r.random() < 0.1:
        made = Invocation("diagnose", [["-"]], stdin=log)
    more = [["--lr", "0.1"], ["--column", "loss"], ["--step-column", "step"], ["--format", kind.removeprefix("log_")],
            ["--optimizer", "adam"], ["--expression", "x^2"]]
    made.parts += r.sample(more, r.choice([0, 0, 1, 2]))
    return made


def problem(r, made):
    kind, given, files = r.choice(list(made_files.data_files()))
    made.files.update(files)
    model = r.choice(["linear", "linear", "mlp", "mlp:4-5-2:tanh"])
    if kind == "csv" and r.random() < 0.4:
        model = "m.pt"
        made.files["m.pt"] = made_files.torchscript()
        made.parts.append(["--loss", "cross_entropy"])
    made.parts += [["--model", model], ["--data", given]]
    if r.random() < 0.3:
        made.parts += parts_of(r.choice(sweep.OPTIMIZERS))


def analyze(r):
    made = Invocation("analyze", [])
    problem(r, made)
    made.parts += [["--steps", r.choice(["0", "0", "4"])], ["--starts", "1"]]
    if r.random() < 0.3 and ["--model", "m.pt"] not in made.parts:
        kind = r.choice(["w.pt", "o.pt", "w.safetensors"])
        made.files[kind] = {"w.pt": made_files.torch_save, "o.pt": lambda: made_files.torch_save(optimizer=True),
                            "w.safetensors": made_files.weights_safetensors}[kind]()
        made.parts = [p for p in made.parts if p[0] not in ("--model", "--loss")]
        made.parts += [["--model", "linear"], ["--checkpoint", kind], ["--loss", "cross_entropy"]]
    more = [["--lr", "0.1"], ["--batch-size", "4"], ["--no-culprits"], ["--gap", "0.5"], ["--confidence", "none"], ["--check"],
            ["--dtype", "float64"], ["--samples", "8"], ["--chunk", "4"], ["--clip", "1"], ["--warmup", "2"]]
    made.parts += r.sample(more, r.choice([0, 1, 3]))
    return made


def tune(r):
    made = Invocation("tune", [])
    problem(r, made)
    made.parts += [["--steps", "16"], ["--budget", "8"], ["--seeds", "1"]]
    more = [["--batch-size", "8"], ["--schedule", "cosine"], ["--validation", "0"], ["--standardize"]]
    made.parts += r.sample(more, r.choice([0, 1, 2]))
    if r.random() < 0.5:
        made.parts.append(["--state", "state.json"])
    return made


STATES = {"tune": [["--model", "linear"], ["--data", "d.csv"], ["--steps", "16"], ["--budget", "8"], ["--seeds", "1"]],
          "follow": [["--model", "linear"], ["--data", "d.csv"], ["--steps", "12"], ["--budget", "12"], ["--lr", "0.1"]],
          "map": [["network:tanh:2"], ["--size", "8x6"], ["--steps", "10"]]}  # what each is kept of


def carried_on(verb, states):
    """One that goes on with a state file, which the program wrote: the first run of each job makes it."""
    return Invocation(verb, STATES[verb] + [["--state", "state.json"]], {"d.csv": made_files.csv(), "state.json": states(verb)})


def spectrum(r):
    made = Invocation("spectrum", [])
    problem(r, made)
    more = [["--top", "3"], ["--bottom", "2"], ["--density"], ["--density-steps", "5"], ["--starts", "2"], ["--trace"], ["--trace-products", "9"],
            ["--vectors", "top.npz"], ["--diagonal", r.choice(["diagonal.npz", "diagonal.csv"])], ["--diagonal-products", "8"], ["--matrix", r.choice(["hessian", "ggn", "fisher", "sampled_fisher", "preconditioned"])], ["--gap", "0.5"],
            ["--tolerance", "0.1"], ["--samples", "8"], ["--dtype", "float64"]]
    made.parts += r.sample(more, r.choice([0, 1, 3, 5]))
    return made


def follow(r):
    made = Invocation("follow", [])
    problem(r, made)
    made.parts += [["--steps", r.choice(["12", "40"])], ["--budget", "12"], ["--lr", r.choice(["0.1", "0.1,1"])]]
    more = [["--batch-size", "4"], ["--certify", "3"], ["--look-examples", "6"], ["--schedule", "cosine"], ["--warmup", "3"], ["--clip", "1"],
            ["--state", "state.bin"], ["--gap", "0.5"], ["--dtype", "float64"], ["--samples", "8"]]
    made.parts += r.sample(more, r.choice([0, 1, 3, 5]))
    return made


def map_of(r):
    made = Invocation("map", parts_of(sweep.map_of(r, None)[1:]))
    if made.parts[0][0].startswith("network") and r.random() < 0.5:
        made.parts.append(["--state", "state.bin"])
    more = [["--pixel", "3,2"], ["--bifurcation"], ["--threads", "2"], ["--output", "map.npz"]]
    made.parts += r.sample(more, r.choice([0, 0, 1]))
    return made


VERBS = {"map": map_of, "explain": explain, "diagnose": diagnose, "analyze": analyze, "tune": tune, "spectrum": spectrum, "follow": follow}
LEARNING = ("analyze", "tune", "spectrum", "follow")  # with LibTorch
OUTPUTS = ["answer.json", "answer.json", "answer.html", "answer.svg", "answer.csv", "answer.pdf", "answer.png", "answer.txt", "link.json",
           "d/answer.json", "no/such/answer.json", "answer.json", "é.html", "log.csv"]


def asked_for_more(r, made):
    if r.random() < 0.4:
        made.parts.append(["--json"])
    if r.random() < 0.15:
        made.parts.append(["--quiet"])
    if r.random() < 0.2:
        made.parts.append(["--output", r.choice(OUTPUTS)])
        if r.random() < 0.2:
            made.parts.append(["--figure", r.choice(["ruler", "curve", "course", "loss", "valley", "layers"])])
        if made.parts[-1][-1] == "answer.json" and r.random() < 0.3:
            made.files["answer.json"] = b"the one before\n"
    if r.random() < 0.15:
        into_config(r, made)


def toml(text):
    escaped = "".join(c if " " <= c and c not in '"\\' and not "\ud800" <= c <= "\udfff" else f"\\u{ord(c) & 0xff:04x}" for c in text)
    return f'"{escaped}"'


def into_config(r, made):
    """Some of the options in a TOML file."""
    lines, kept = [], []
    for part in made.parts:
        if len(part) == 2 and part[0].startswith("--") and r.random() < 0.6 and part[0] != "--figure":
            name, value = part[0][2:].replace("-", "_"), part[1]
            number = value.replace(".", "", 1).isdigit() and (value == "0" or not value.startswith("0") or value.startswith("0."))
            lines.append(f"{name} = {value if number and r.random() < 0.8 and value[-1] != '.' else toml(value)}")
        else:
            kept.append(part)
    if r.random() < 0.3:
        lines.insert(r.randrange(len(lines) + 1), f"[{made.verb}]")
    made.parts = kept + [["--config", "c.toml"]]
    made.files["c.toml"] = "\n".join(lines).encode() + b"\n"


# --- mutants ---------------------------------------------------------------------------------------------------------

def command_changed(r, made):
    for _ in range(r.choice([1, 1, 2, 3])):
        parts, i = made.parts, r.randrange(max(1, len(made.parts)))
        what = r.random()
        if what < 0.6 and parts:  # a value
            part = list(parts[i])
            part[-1] = mutators.text_changed(r, part[-1])
            parts[i] = part
        elif what < 0.7 and parts:  # a value that is missing, or joined
            made.parts[i:i + 1] = [part for part in [parts[i][:-1] if r.random() < 0.5 else ["=".join(parts[i])]] if part]
        else:
            made.parts = mutators.list_changed(r, parts, [r.choice(["--help", "--version", "--json", "--lr", "--output", "--steps", "--nothing",
                                                                    "--threads", "--plain", "--", "help", "explain", "tune"])])
    if r.random() < 0.03:
        made.parts *= r.choice([2, 40])
    if r.random() < 0.04:
        made.parts.append(["--lr", ",".join(["0.1"] * r.choice([100, 5000, 20000]))])
    if r.random() < 0.03:
        made.verb = mutators.text_changed(r, made.verb)


def files_changed(r, made):
    names = [name for name in made.files if name != "answer.json"]
    if made.stdin:
        made.stdin = mutators.file_changed(r, made.stdin)
    for name in r.sample(names, min(len(names), r.choice([1, 1, 2]))):
        made.files[name] = mutators.file_changed(r, made.files[name])
    if "c.toml" in made.files:  # a path in it must not lead away
        made.files["c.toml"] = made.files["c.toml"].replace(b"/", b"_")


def surroundings_changed(r, made):
    variables = {"LC_ALL": ["C", "POSIX", "de_DE.UTF-8", "tr_TR.UTF-8", "nonsense", "", None], "TERM": ["", "dumb", "xterm-256color", "\x1b[", None],
                 "COLUMNS": ["0", "1", "-5", "20", "99999999", "99999999999999999999", "abc", "", None], "HOME": ["", "no/such", None],
                 "PATH": ["", None], "TMPDIR": ["no/such", None], "NO_COLOR": ["1", ""], "CLICOLOR_FORCE": ["1"],
                 "OMP_NUM_THREADS": ["0", "-1", "abc", "2", "99999999999999999999", ""], "LANG": ["C.UTF-8", ""], "SOURCE_DATE_EPOCH": ["x"]}
    for name in r.sample(list(variables), r.choice([1, 2, 6])):
        made.environment[name] = r.choice(variables[name])
    what = r.random()
    if what < 0.35:
        for stream in r.sample([0, 1, 2], r.choice([1, 1, 2, 3])):
            made.streams[stream] = "closed" if stream == 0 else r.choice(["closed", "full"])
    elif what < 0.4:
        made.in_deleted_folder = True
    elif what < 0.6:
        heavy = made.verb in LEARNING
        made.limits = r.choice([{"RLIMIT_AS": r.choice([700, 900, 1200, 2000] if heavy else [60, 100, 200, 400]) * MEGABYTE},
                                {"RLIMIT_FSIZE": r.choice([0, 1, 100, 5000])}, {"RLIMIT_NOFILE": r.choice([4, 5, 6, 8, 16])}, {"RLIMIT_CPU": 1},
                                {"RLIMIT_STACK": r.choice([1, 2, 4]) * MEGABYTE}])


# Longer runs than these are what was asked for, and no finding.
LONGEST = {"--steps": {"analyze": 20, "tune": 32, "explain": 10000, "follow": 80, "map": 60}, "--max-steps": 20000, "--starts": 2, "--seeds": 2, "--budget": 12,
           "--preconditioner-steps": 100, "--threads": 100000, "--top": 20, "--bottom": 20, "--density-steps": 50, "--trace-products": 100, "--diagonal-products": 100}
LARGEST_MAP = 3000  # runs


def kept_small(made):
    sizes = [part for part in made.parts if part[0].partition("=")[0] == "--size"]
    if not sizes:
        made.parts.append(["--size", "24x16"])
    for part in sizes:
        digits = re.fullmatch(r"(?:--size=)?(\d{1,9})x(\d{1,9})", part[-1])
        if digits and LARGEST_MAP < int(digits[1]) * int(digits[2]) <= 64_000_000:
            part[:] = ["--size", "60x50"]


def kept_short(made):
    if made.verb == "map":
        kept_small(made)
    for part in made.parts:
        if made.verb == "follow" and part[0] == "--lr":  # a training for each
            part[1:] = [",".join(text.split(",")[:3]) for text in part[1:]]
        for option, longest in LONGEST.items():
            longest = longest.get(made.verb, 10) if isinstance(longest, dict) else longest
            name, equals, value = part[0].partition("=")
            if name != option:
                continue
            try:
                if longest < float(value if equals else part[-1]) <= 1e6:
                    part[:] = [option, str(longest)]
            except (ValueError, OverflowError):
                pass


def invocation(seed, number, verbs, states):
    """The one of that number; the same each time."""
    r = random.Random(f"{seed} {number}")
    verb = verbs[number % len(verbs)]
    made = carried_on(verb, states) if verb in STATES and r.random() < 0.3 else VERBS[verb](r)
    asked_for_more(r, made)
    changes = [command_changed, files_changed, surroundings_changed]
    for change in r.sample(changes, r.choice([1, 1, 2])):
        change(r, made)
    made.parts = [list(part) for part in made.parts]
    kept_short(made)
    return made
