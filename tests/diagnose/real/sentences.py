"""What the sentences of a diagnosis say of the log, held against the log's own records.

    sentences.py ETAMAX DIAGNOSE_TEST CORPUS

fails where one contradicts them in an answer to a log of the unit tests, or of the folders log_* of the fuzzing CORPUS.
"""
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

NUMBER = r"(-?(?:nan|inf|\d+(?:\.\d+)?(?:e[+-]?\d+)?))"
PLACE = NUMBER + r" at (?:step|record) " + NUMBER


def value(text):
    return float(text)


def same(printed, exact):
    """Equal to four digits; the answer does not tell apart what is not finite."""
    if not (math.isfinite(printed) and math.isfinite(exact)):
        return not (math.isfinite(printed) or math.isfinite(exact))
    return abs(printed - exact) <= 6e-4 * max(abs(exact), abs(printed))


def number_of(json_value):
    """JSON has neither NaN nor infinity: they stand as null."""
    return math.nan if json_value is None else float(json_value)


class Course:
    def __init__(self, answer):
        self.whole = all(s.get("records", 1) == 1 for s in answer["losses"])
        self.steps = [float(s["step"]) for s in answer["losses"]]
        self.values = [number_of(s["value"]) for s in answer["losses"]]
        self.finite = [v for v in self.values if math.isfinite(v)]

    def at(self, step):
        near = [v for s, v in zip(self.steps, self.values) if abs(s - step) <= 1e-9 * max(1, abs(step))]
        return near[0] if near else None

    def between(self, first, last):
        return sum(first < s <= last for s in self.steps)


def faults(answer):
    """A line for each claim that the records contradict."""
    if answer["log"]["format"] == "" or answer["shown"] == {}:
        return
    course = Course(answer)
    if not course.whole:
        return
    sentences = [answer["reason"]] + answer["evidence"]
    for cause in answer["causes"]:
        sentences += cause["evidence"] + cause["against"]
    for sentence in dict.fromkeys(sentences):
        text = sentence.split("the program itself says")[0].split("the norm of the weights")[0]
        for fault in sentence_faults(text, course):
            yield f"{fault}: {sentence}"


def sentence_faults(text, course):
    for printed, step in re.findall(PLACE, text):
        exact = course.at(value(step))
        if exact is None or not same(value(printed), exact):
            yield f"the loss at {step} is {exact}, not {printed}"
    for a, s, b, t in re.findall(r"(?:rose|grew|rising,|the loss rises:)(?: over \d+ records)? from " + PLACE + " to " + PLACE, text):
        if not (value(a) < value(b) and value(s) < value(t)):
            yield f"{a} to {b} is no rise"
    for a, s, b, t in re.findall(r"(?:falls:|come down) from " + PLACE + " to " + PLACE, text):
        if not (value(a) > value(b) and value(s) < value(t)):
            yield f"{a} to {b} is no fall"
    for s, t, n in re.findall(r"grew from \S+ at (?:step|record) (\S+) to \S+ at (?:step|record) " + NUMBER + r", over (\d+) records", text):
        if course.between(value(s), value(t)) != int(n):
            yield f"there are {course.between(value(s), value(t))} records"
    for a, s, b, t in re.findall(PLACE + r", on each record is higher than the one before, up to " + PLACE, text):
        after = [v for step, v in zip(course.steps, course.values) if value(s) <= step <= value(t)]
        if not all(x < y for x, y in zip(after, after[1:])):
            yield "not each one is"
    for n, x in re.findall(r"the last (\d+) records are all " + NUMBER, text):
        if not all(same(value(x), v) for v in course.values[-int(n):]):
            yield "they are not"
    for low, high in re.findall(r"went from [^,]*, between " + NUMBER + " and " + NUMBER, text):
        if not (same(value(low), min(course.finite)) and same(value(high), max(course.finite))):
            yield f"they lie between {min(course.finite)} and {max(course.finite)}"
    for x in re.findall(r"the loss goes as high as " + NUMBER, text):
        if not same(value(x), max(course.finite)):
            yield f"the highest is {max(course.finite)}"
    for x in re.findall(r"(?:ends|ended) at " + NUMBER, text):
        if not same(value(x), [v for v in course.values][-1]) and not same(value(x), course.finite[-1]):
            yield f"it ends at {course.values[-1]}"
    for x in re.findall(r"and began at " + NUMBER, text):
        if not same(value(x), course.values[0]):
            yield f"it began at {course.values[0]}"
    for x, step in re.findall(NUMBER + r" from (?:step|record) " + NUMBER + " on", text):
        if not same(value(x), course.at(value(step))):
            yield f"the loss at {step} is {course.at(value(step))}"
    if "in every record" in text and not all(same(v, course.values[0]) for v in course.values):
        yield "not in every one"
    if "no loss of the log is finite" in text and course.finite:
        yield f"{len(course.finite)} are"
    for n in re.findall(r"there are (\d+) records before it", text):
        if int(n) >= len(course.values):
            yield f"there are {len(course.values)} in all"


def answers_of_tests(program):
    """Of every log that a unit test diagnoses but does not change in thousands of ways."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([program, "--gtest_filter=-Corpus.*:*Interruption*"], stdout=subprocess.DEVNULL,
                             env=dict(os.environ, ETAMAX_ANSWERS=folder))
        if run.returncode != 0:
            raise SystemExit(f"{program} fails by itself")
        for file in sorted(pathlib.Path(folder).iterdir()):
            yield f"an answer of {program}", json.loads(file.read_text())


def answers_of_corpus(program, corpus):
    for log in sorted(corpus.glob("log_*/*")):
        for rate in [], ["--lr", "0.1"]:
            command = [program, "diagnose", str(log), "--format", log.parent.name[4:], "--json", "--quiet"] + rate
            run = subprocess.run(command, capture_output=True)
            if run.returncode == 0:
                yield log, json.loads(run.stdout)


def main():
    _, program, tests, corpus = sys.argv
    count = wrong = 0
    for answers in answers_of_tests(tests), answers_of_corpus(program, pathlib.Path(corpus)):
        for name, answer in answers:
            count += 1
            for fault in faults(answer):
                wrong += 1
                print(f"FAILED: {name}: {fault}")
    print(f"{count} answers")
    return 1 if wrong or count < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
