#!/usr/bin/env python3
"""Runs the program on mutated invocations: its command line, the files that it names and what it runs in.

    invocations.py PROGRAM COUNT SEED [VERB ...] [--from NUMBER] [--keep DIR] [--sanitized]

What must hold, whatever is given: it ends by itself, within 20 s of processor time and a budget of memory, with a documented status;
it touches no file but those that --output, --state, --vectors and --diagonal name; what it refuses is one line on standard error, and leaves no file;
JSON is JSON; nothing that a terminal would obey is printed. Prints what does not hold, with the command, and keeps the files in
DIR/NUMBER where that is asked for. `--from NUMBER` begins with that one: `1 SEED --from NUMBER` runs it again, with the same
verbs. `--sanitized`: the program is built with AddressSanitizer, whose own memory and time
do not count. Exits with the number of such invocations, at most 99.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree

sys.dont_write_bytecode = True
import generate  # noqa: E402
import made_files  # noqa: E402
import run  # noqa: E402

BUDGET = {verb: 1500 for verb in generate.LEARNING}  # MiB, LibTorch among them; others:
OTHERS = 400


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=lambda name: pathlib.Path(name).resolve())
    parser.add_argument("count", type=int)
    parser.add_argument("seed")
    parser.add_argument("verbs", nargs="*", default=list(generate.VERBS))
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--sanitized", action="store_true")
    asked = parser.parse_args()
    if asked.sanitized:
        run.LIMITS.pop("RLIMIT_DATA")
        run.CPU_SECONDS, run.WALL_SECONDS = 5 * run.CPU_SECONDS, 4 * run.WALL_SECONDS
        BUDGET.update({verb: 4000 for verb in generate.VERBS})
    statuses, kinds, bad = collections.Counter(), collections.Counter(), 0
    with tempfile.TemporaryDirectory() as name:
        states = States(asked.program, pathlib.Path(name))
        for number in range(asked.first, asked.first + asked.count):
            invocation = generate.invocation(asked.seed, number, asked.verbs, states)
            if asked.sanitized:
                invocation.limits.pop("RLIMIT_AS", None)
            result, faults = tried(asked.program, invocation, pathlib.Path(name))
            statuses[asked.verbs[number % len(asked.verbs)], result.status] += 1
            if not faults:
                continue
            bad += 1
            kinds.update(kind_of(fault) for fault in faults)
            print(f"{asked.seed} {number}: {run.as_shell(asked.program.name, invocation)[:2000]}")
            for fault in faults:
                print("   ", fault[:600])
            sys.stdout.flush()
            if asked.keep:
                run.keep(asked.program, invocation, asked.keep / str(number))
    for (verb, status), count in sorted(statuses.items()):
        print(f"{verb}: {count} ended with {status}")
    for kind, count in kinds.most_common():
        print(f"{count} times: {kind}")
    print(f"{asked.count - bad} of {asked.count} hold")
    sys.exit(min(bad, 99))


def kind_of(fault):
    return re.sub(r"\d+(\.\d+)?", "N", fault.partition(": ")[0])


class States:
    """The state file of a small job of a verb, written by the program when it is first asked for."""

    def __init__(self, program, folder):
        self.program, self.folder, self.contents = program, folder, {}

    def __call__(self, verb):
        if verb not in self.contents:
            folder = self.folder / verb
            folder.mkdir()
            (folder / "d.csv").write_bytes(made_files.csv())
            job = [text for part in generate.STATES[verb] for text in part]
            subprocess.run([self.program, verb, *job, "--state", "state.json", "--quiet"], cwd=folder, check=True)
            self.contents[verb] = (folder / "state.json").read_bytes()
        return self.contents[verb]


def tried(program, invocation, folder):
    with tempfile.TemporaryDirectory(dir=folder) as name:
        inner = pathlib.Path(name) / "all"
        inner.mkdir()
        result = run.run(program, invocation, inner)
        faults = list(faults_of(invocation, result, inner))
    if 2 in invocation.streams and 1 not in invocation.streams and not faults:
        # Standard error is for people: where it leads nowhere, nothing else changes.
        streams = invocation.streams
        invocation.streams = {number: what for number, what in streams.items() if number != 2}
        with tempfile.TemporaryDirectory(dir=folder) as name:
            inner = pathlib.Path(name) / "all"
            inner.mkdir()
            status = run.run(program, invocation, inner).status
        invocation.streams = streams
        if status != result.status and not invocation.limits:
            faults.append(f"the status depends on standard error: {result.status}, and {status} with it")
    return result, faults


def faults_of(invocation, result, folder):
    yield from ending_faults(invocation, result)
    yield from text_faults(invocation, result)
    yield from file_faults(invocation, result, folder)


def ending_faults(invocation, result):
    budget = BUDGET.get(invocation.verb, OTHERS)
    said = result.err.decode("utf-8", "replace")
    if result.hung:
        yield f"does not end within {run.WALL_SECONDS} s"
    elif result.status < 0:
        yield f"signal {-result.status}: {said[-300:]}"
    elif result.status == 127 and "shared librar" in said and invocation.limits:
        return  # the system could not start it
    elif result.status == 3 and "RLIMIT_CPU" in invocation.limits:
        return
    elif result.status not in (0, 2, 4) and not (result.status == 1 and invocation.hostile()):
        yield f"status {result.status}: {said[-300:]}"
    if result.status == 4 and not any("check" in text for text in invocation.arguments()) and b"check" not in config(invocation):
        yield "status 4 without --check"
    if result.cpu > run.CPU_SECONDS:
        yield f"takes {result.cpu:.1f} s of processor time"
    if result.peak > budget << 20:
        yield f"takes {result.peak >> 20} MiB of memory"


def text_faults(invocation, result):
    if result.status in (1, 2) and 2 not in invocation.streams and not result.hung:
        lines = result.err.decode("utf-8", "replace").split("\n")
        while re.fullmatch(r"etamax: .*\d:\d\d", lines[0]):  # how far it is, twice a minute: on a machine that is busy
            lines = lines[1:]
        if lines[0].startswith("wrote "):  # a file, before standard output had no room
            lines = lines[1:]
        # Below a fault in an expression stand the expression and a mark at the place.
        marked = len(lines) == 4 and set(lines[2]) <= set(" ^")
        if not lines[0].startswith("etamax: ") or lines[-1] or len(lines) != 2 and not marked:
            yield f"not one line: {result.err[:400]!r}"
        if "internal error" in lines[0]:
            yield f"called an internal error: {lines[0]}"
        if len(result.err) > 2000:
            yield f"a message of {len(result.err)} bytes"
        # A file that cannot be written does not take the printed answer with it, nor a picture that this answer has not.
        if result.status == 2 and result.out and not lines[0].startswith(("etamax: --output: ", "etamax: --figure: ")):
            yield f"refused, and yet an answer: {result.out[:200]!r}"
    for name, raw in (("standard output", result.out), ("standard error", result.err)):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as e:
            yield f"no UTF-8 on {name}: {raw[max(0, e.start - 60):e.end + 20]!r}"
            continue
        obeyed = [c for c in text if unicodedata.category(c) == "Cc" and c != "\n" or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]
        if obeyed and "CLICOLOR_FORCE" not in invocation.environment:
            at = text.index(obeyed[0])
            yield f"raw control characters on {name}: {text[max(0, at - 60):at + 20]!r}"
    if "--json" in invocation.arguments() and result.status in (0, 3, 4) and 1 not in invocation.streams and result.out:
        if not {"--help", "-h", "--version", "-V", "help"} & set([invocation.verb, *invocation.arguments()]):
            yield from json_faults("standard output", result.out)


def json_faults(name, raw):
    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")
    try:
        json.loads(raw, parse_constant=refuse)
    except ValueError as e:
        yield f"no JSON in {name}: {e}: {raw[:200]!r}"


def config(invocation):
    return b"".join(content for name, content in invocation.files.items() if name.endswith(".toml"))


def named(invocation):
    """The files that the invocation asks to be written."""
    arguments = [os.fsencode(text) for text in invocation.arguments()]
    found = []
    for i, text in enumerate(arguments):
        if re.match(rb"--(out|output|state|vectors|diagonal)=", text):
            found.append(text.partition(b"=")[2])
        elif text in (b"--out", b"--output", b"--state", b"--vectors", b"--diagonal"):
            found += arguments[i + 1:i + 2]
    if re.search(rb"out|state|vectors|diagonal", config(invocation)):
        found += [a or b for a, b in re.findall(rb'"([^"\n]*)"|\'([^\'\n]*)\'', config(invocation))]
    names = [os.path.normpath(os.fsdecode(name)) for name in found if name]
    return names + ["linked.json"] * ("link.json" in names)


def file_faults(invocation, result, folder):
    names = named(invocation)
    touched = [name for name in {**result.before, **result.after} if result.before.get(name) != result.after.get(name)]
    for name in touched:
        was, now = result.before.get(name, "nothing"), result.after.get(name, "nothing")
        ours = name.removeprefix("run/")
        if ours not in names:
            yield f"touches a file that was not named: {name} was {was[:12]}, is {now[:12]}"
        elif (result.status == 2 or result.status == 1 and 1 not in invocation.streams) and not ours.startswith("state"):
            yield f"status {result.status}, and yet a file: {name} was {was[:12]}, is {now[:12]}"
        elif was[0] == "l" or was[0].isdigit() and was.split()[0] != now.split()[0]:
            yield f"another kind of file than before: {name} was {was[:12]}, is {now[:12]}"
        elif (folder / name).is_file():
            yield from content_faults(name, (folder / name).read_bytes())


def content_faults(name, content):
    if re.match(rb"etamax (follow|map) \d", content):  # a state, whatever its name is
        return
    if name.endswith(".json"):
        yield from json_faults(name, content)
    elif name.endswith(".svg"):
        try:
            xml.etree.ElementTree.fromstring(content)
        except xml.etree.ElementTree.ParseError as e:
            yield f"no XML in {name}: {e}"
    elif name.endswith(".html"):
        if not content.rstrip().endswith(b"</html>"):
            yield f"no whole page in {name}: {content[-60:]!r}"
    elif not content:
        yield f"empty: {name}"


if __name__ == "__main__":
    main()
