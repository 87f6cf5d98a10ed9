"""What needs no torch: explain, diagnose, certify, their answers and refusals; and how the extension is linked.

Usage: package_test.py EXTENSION [PROGRAM]. The package is found by PYTHONPATH.
"""

import contextlib
import html
import inspect
import io
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import numpy

import etamax

extension, *program = sys.argv[1:]
sys.argv[1:] = []


def printed(answer):
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out):
        print(answer)
    out.flush()
    return out.buffer.getvalue().decode()


def run_program(*arguments):
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "80", "TERM": "xterm"}
    return subprocess.run([program[0], *arguments], capture_output=True, text=True, check=True, env=environment).stdout


def without_cost(document):
    if isinstance(document, list):
        return [without_cost(part) for part in document]
    if isinstance(document, dict):
        return {key: without_cost(value) for key, value in document.items() if key != "cost"}
    return document


class Answers(unittest.TestCase):
    log = "step,loss\n" + "".join(f"{i},{0.5 * 1.3**i if i > 20 else 1 / (i + 1)}\n" for i in range(40))

    def both(self):
        """An answer of each function, and the program's arguments for the same."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "train.csv")
            with open(path, "w") as file:
                file.write(self.log)
            yield etamax.explain("x^2", start=-1, lr=[0.8, 1.0, 1.2]), [
                "explain",
                "x^2",
                "--from=-1",
                "--lr=0.8,1.0,1.2",
            ]
            yield (
                etamax.explain("x^2 + 10 y^2", start={"x": -1, "y": 2}, lr=0.05, optimizer=["gd", "adam"], steps=5),
                ["explain", "x^2 + 10 y^2", "--from=x=-1,y=2", "--lr=0.05", "--optimizer=gd,adam", "--steps=5"],
            )
            yield etamax.diagnose(path, lr=0.1, optimizer="sgd"), ["diagnose", path, "--lr=0.1", "--optimizer=sgd"]

    @unittest.skipUnless(program, "the program was not built")
    def test_json_text_and_page_are_the_programs(self):
        for answer, arguments in self.both():
            with self.subTest(arguments[0]):
                theirs = json.loads(run_program(*arguments, "--json"))
                self.assertEqual(without_cost(answer.to_dict()), without_cost(theirs))
                self.assertEqual(answer.cost.keys(), theirs["cost"].keys())
                lines = [
                    [line for line in text.splitlines() if "seconds" not in line and "memory" not in line]
                    for text in (printed(answer), run_program(*arguments) + "\n")
                ]
                self.assertEqual(*lines)

    def test_fields_are_attributes(self):
        answer = etamax.explain("x^2", start=-1, lr=[0.8, 1.0, 1.2])
        self.assertEqual([run.verdict for run in answer.runs], ["converges", "cycles", "diverges"])
        self.assertAlmostEqual(answer.stability.lr_edge, 1)
        self.assertEqual(answer["stability"]["lr_edge"], answer.stability.lr_edge)
        with self.assertRaisesRegex(AttributeError, "has no field 'edge'; it has "):
            answer.stability.edge
        with self.assertRaises(TypeError):
            answer["runs"] = []
        for record, name in ((answer, "runs"), (answer, "partial"), (answer.stability, "lr_edge")):
            with self.assertRaisesRegex(AttributeError, f"read only: '{name}' cannot be set"):
                setattr(record, name, 1)
        with self.assertRaisesRegex(TypeError, "to_dict"):
            pickle.dumps(answer)

    def test_files(self):
        for answer, _ in self.both():
            with tempfile.TemporaryDirectory() as folder:
                for ending in ".html", ".csv", ".json", ".svg":
                    path = os.path.join(folder, "answer" + ending)
                    answer.save(path)
                    self.assertGreater(os.path.getsize(path), 100, ending)
                if isinstance(answer, etamax.Explanation):
                    answer.save(os.path.join(folder, "answer.html"), static=True)
                with open(os.path.join(folder, "answer.html")) as file:
                    shown = re.fullmatch(r'<iframe srcdoc="([^"]*)" .*></iframe>', answer._repr_html_(), re.S)
                    self.assertEqual(file.read(), html.unescape(shown[1]))
                with self.assertRaises(etamax.InputError) as caught:
                    answer.save(os.path.join(folder, "answer.doc"))
                self.assertEqual(caught.exception.field, "output")
                with self.assertRaises(etamax.InputError):
                    answer.save(os.path.join(folder, "there is none", "answer.html"))
                with self.assertRaisesRegex(etamax.InputError, "^output: '' is not a name that ends in .html"):
                    answer.save("")
                kept = os.path.join(folder, "kept")
                open(kept, "w").close()
                with self.assertRaisesRegex(etamax.InputError, r"kept\\x00.html' names no file: it holds a byte of value 0"):
                    answer.save(kept + "\0.html")
                self.assertEqual(os.path.getsize(kept), 0)

    def test_the_page_of_a_function_holds_the_lab(self):
        for optimizer in "gd", ["gd", "adam"]:
            answer = etamax.explain("x^2", start=-1, lr=1.2, optimizer=optimizer)
            with self.subTest(optimizer), tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "answer.html")
                answer.save(path)
                with open(path, encoding="utf-8") as file:
                    lab = re.search(r'<script type="application/json" id="lab-page">(.*?)</script>', file.read(), re.S)
                with open(os.path.join(os.path.dirname(etamax.__file__), "lab.html"), encoding="utf-8") as file:
                    self.assertEqual(json.loads(lab[1]), file.read())
                answer.save(path, static=True)
                with open(path, encoding="utf-8") as file:
                    self.assertNotIn("<script", file.read())

    def test_names_that_are_no_text(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.fsdecode(os.path.join(os.fsencode(folder), b"\xff.csv"))
            etamax.explain("x^2", start=1, lr=0.1, steps=50).save(path)
            self.assertEqual(os.listdir(os.fsencode(folder)), [b"\xff.csv"])
            self.assertEqual(etamax.diagnose(path).verdict, "healthy")

    def test_plot(self):
        try:
            import matplotlib
        except ImportError:
            self.skipTest("no matplotlib here")
        matplotlib.use("svg")
        ax = etamax.explain("x^2", start=-1, lr=[0.8, 1.0, 1.2]).plot()
        self.assertEqual(
            [line.get_label() for line in ax.lines], ["lr 0.8 converges", "lr 1 cycles", "lr 1.2 diverges"]
        )
        self.assertEqual(len(ax.lines[0].get_xdata()), 4)
        ax = etamax.diagnose([{"step": i, "loss": 0.5 * 1.3**i if i > 20 else 1 / (i + 1)} for i in range(40)]).plot()
        self.assertEqual([len(line.get_xdata()) for line in ax.lines], [40, 2])

    def test_rows_of_a_log(self):
        rows = [{"step": numpy.int64(i), "loss": numpy.float32(1 / (i + 1))} for i in range(30)]
        self.assertEqual(etamax.diagnose(rows).verdict, "healthy")
        with self.assertRaisesRegex(etamax.InputError, "^log: a row is a dictionary"):
            etamax.diagnose([1, 2, 3])


class Arguments(unittest.TestCase):
    def refused(self, call, field, value, constraint):
        with self.assertRaises(etamax.InputError) as caught:
            call()
        error = caught.exception
        self.assertIsInstance(error, ValueError)
        self.assertNotIn("\n", str(error))
        self.assertEqual((error.field, error.value), (field, value), str(error))
        self.assertIn(constraint, error.constraint)
        self.assertEqual(pickle.loads(pickle.dumps(error)).field, field)

    def test_refusals(self):
        def explain(**options):
            return lambda: etamax.explain(**{"expression": "x^2", "start": 1, "lr": 0.1, **options})

        self.refused(explain(lr=-1), "lr", "-1", "positive")
        self.refused(explain(lr=[0.1, float("nan")]), "lr", "nan", "number")
        self.refused(explain(lr=[]), "lr", "", "is required")
        self.refused(explain(start="q"), "start", "q", "a number")
        self.refused(explain(start=object), "start", repr(object), "this option")
        self.refused(explain(start=numpy.ones((1, 2))), "start", "array([1., 1.])", "a number")
        self.refused(explain(start={"\ud800": 1}), "start", r"'\ud800'", "a text of characters")
        self.refused(explain(expression="x\ud800"), "expression", r"'x\ud800'", "a text of characters")
        self.refused(explain(expression="x\0"), "expression", r"x\x00", "byte of value 0")
        for many in range(1, 10**9), {f"x{i}": 1 for i in range(5001)}:
            self.refused(explain(start=many), "start", "", f"{len(many)} values are more than 5000")
        self.refused(explain(lr=range(1, 10**9)), "lr", "", "999999999 values are more than 5000")
        self.refused(explain(max_steps=0.5), "max_steps", "0.5", "whole number")
        self.refused(explain(optimizer="adm"), "optimizer", "adm", "adam")
        self.refused(explain(momentum=1.5), "momentum", "1.5", "[0, 1)")
        self.refused(lambda: etamax.diagnose("/there/is/none"), "log", "", "there is no")
        self.refused(lambda: etamax.diagnose(__file__ + "\0.csv"), "log", "", "byte of value 0")
        for log in None, 5, object:
            self.refused(lambda: etamax.diagnose(log), "log", "", f"{log!a} is neither a path nor rows")
        self.refused(lambda: etamax.diagnose("\ud800"), "log", "", r"'\ud800' names no file")
        answer = explain()()
        for path in None, 5:
            self.refused(lambda: answer.save(path), "output", "", f"{path} is not a path")
        self.refused(lambda: answer.save("\ud800.csv"), "output", "", r"'\ud800.csv' names no file")
        for figure in None, "\ud800":
            self.refused(lambda: answer.save("a.svg", figure), "figure", "", f"{figure!a} is not the name of a picture")
        self.refused(lambda: answer.save("a.html", static="no"), "static", "", "'no' is neither True nor False")
        tuner = etamax.Tuner(steps=100)
        for trial in None, 5, (1, 2), ("a", 0, 0, 4):
            self.refused(lambda: tuner.tell(trial, 1.0), "trial", "", f"{trial!a} is not one that `ask` gave")
        self.refused(lambda: tuner.tell(tuner.ask(), [1]), "loss", "[1]", "a number")
        self.refused(lambda: tuner.tell(tuner.ask(), 1, "x"), "start_loss", "'x'", "a number")
        self.refused(lambda: etamax.certify(lambda v: v, 0), "n", "0", "positive")
        self.refused(lambda: etamax.certify(lambda v: v[:1], 3), "matvec", "", "shape (1,)")
        self.refused(lambda: etamax.certify(lambda v: v, 3, gap=2), "gap", "2", "between 0 and 1")
        with self.assertRaisesRegex(
            TypeError, r"explain\(\) got an unexpected keyword argument 'step'; did you mean 'steps'"
        ):
            etamax.explain("x^2", start=1, lr=0.1, step=3)

    def test_many_kinds_of_numbers(self):
        expected = etamax.explain("x^2", start=-1, lr=[0.5, 0.25], steps=4).runs
        for lr in [0.5, 0.25], (0.5, 0.25), numpy.array([0.5, 0.25]), "0.5,0.25", numpy.array([0.5, 0.25], "float32"):
            for start in -1, -1.0, "-1", [-1], {"x": -1}, numpy.int32(-1), numpy.array(-1.0):
                self.assertEqual(etamax.explain("x^2", start=start, lr=lr, steps=numpy.int64(4)).runs, expected)

    def test_signatures_tell_the_options(self):
        for function in etamax.explain, etamax.diagnose, etamax.certify:
            names = set(inspect.signature(function).parameters)
            self.assertLessEqual({"optimizer", "momentum", "beta1"}, names)
            self.assertNotIn("{options}", function.__doc__)
            for name in names:
                self.assertRegex(function.__doc__, rf"(?m)^{name}( :|$)")


class Certify(unittest.TestCase):
    def test_known_spectrum(self):
        entries = numpy.linspace(-3, 10, 500)
        products = []

        def product(v):
            products.append(v)
            return entries * v

        found = etamax.certify(product, 500, gap=0.02, momentum=0.9, seed=3)
        self.assertLessEqual(found.lambda_max.lower, 10)
        self.assertGreaterEqual(found.lambda_max.upper, 10)
        self.assertLessEqual(found.lambda_min.lower, -3)
        self.assertGreaterEqual(found.lambda_min.upper, -3)
        self.assertLess(found.lambda_max.upper / found.lambda_max.lower - 1, 0.03)
        self.assertEqual(len(products), found.products + 1)  # one to see what it gives
        self.assertAlmostEqual(found.lr_edge.lower, 2 * 1.9 / found.lambda_max.upper)
        self.assertEqual(products[0].dtype, numpy.float64)
        for v in products[1:]:
            self.assertAlmostEqual(float(v @ v), 1)

    def test_32_bit_is_allowed_for(self):
        entries = numpy.linspace(0.5, 1, 300).astype("float32")
        found = etamax.certify(lambda v: entries * v, 300, like=entries, gap=1e-3)
        self.assertGreater(found.lambda_max.upper - 1, 1e-5)

    def test_bounds_hold_at_any_scale(self):
        for entries in numpy.arange(10.0), numpy.ones(7), numpy.arange(-3.0, 5.0), numpy.array([2.0]):
            for scale in 1e-135, 1e-100, 1e-40, 1e-20, 1.0, 1e100:
                with self.subTest(entries=entries, scale=scale):
                    found = etamax.certify(lambda v: scale * entries * v, len(entries))
                    for bounds, true in (found.lambda_max, max(entries)), (found.lambda_min, min(entries)):
                        self.assertLessEqual(bounds.lower, scale * true)
                        self.assertGreaterEqual(bounds.upper, scale * true)
                    width = found.lambda_max.upper - found.lambda_max.lower
                    self.assertLessEqual(width, (0.1 + 1e-12) * found.lambda_max.upper)
                    if found.lr_edge.upper is not None:
                        self.assertLessEqual(found.lr_edge.lower * scale, 2 / max(entries))
                        self.assertGreaterEqual(found.lr_edge.upper * scale, 2 / max(entries))
            for scale in 1e-145, 1e-200, 1e-320:
                with self.assertRaisesRegex(etamax.InputError, "^matvec: its products are of the size"):
                    etamax.certify(lambda v: scale * entries * v, len(entries))
        self.assertAlmostEqual(etamax.certify(lambda v: 0 * v, 3).lambda_max.upper, 0, 300)

    def test_numbers_are_real(self):
        for product in lambda v: 1j * v, lambda v: v.astype(str), lambda v: v > 0:
            with self.assertRaisesRegex(etamax.InputError, "^matvec: gives an array of .*, which holds no real numbers"):
                etamax.certify(product, 3)

    def test_not_symmetric(self):
        stray = numpy.diag([1.0, 2.0, 3.0, 4.0])
        stray[0, 3] = 5
        for entries in numpy.roll(numpy.eye(4), 1, 0), stray, stray.astype("float32"):
            for options in {}, {"confidence": None}:
                with self.assertRaisesRegex(etamax.InputError, "^matvec: is not symmetric: for two vectors u and v, .*"):
                    etamax.certify(lambda v: entries @ v, 4, like=entries[0], **options)
        # A Hessian's products by differences of gradients, of a function that is not quadratic.
        scale = numpy.linspace(0.5, 2, 50)
        step = 1e-5
        found = etamax.certify(lambda v: scale * (numpy.exp(scale * step * v) - numpy.exp(-scale * step * v)) / (2 * step), 50)
        self.assertLessEqual(found.lambda_max.lower, 4 * (1 + 1e-6))
        self.assertGreaterEqual(found.lambda_max.upper, 4 * (1 - 1e-6))

    def test_exceptions_come_through(self):
        def product(v):
            raise LookupError("mine")

        with self.assertRaisesRegex(LookupError, "mine"):
            etamax.certify(product, 10)


class Interruption(unittest.TestCase):
    def after(self, seconds):
        timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        self.addCleanup(timer.join)

    def test_ctrl_c_gives_what_is_known(self):
        entries = numpy.linspace(0, 1, 1000)

        def product(v):
            time.sleep(0.02)
            return entries * v

        handler = signal.getsignal(signal.SIGINT)
        self.after(0.5)
        found = etamax.certify(product, 1000, gap=1e-9, max_products=100000)
        self.assertTrue(found.partial)
        self.assertGreater(found.products, 2)
        self.assertGreaterEqual(found.lambda_max.upper, 1)
        self.assertIs(signal.getsignal(signal.SIGINT), handler)


class Linking(unittest.TestCase):
    def test_shows_its_entry_alone(self):
        said = subprocess.run(
            ["nm", "-D", "--defined-only", extension], capture_output=True, text=True, check=True
        ).stdout
        self.assertEqual([line.split()[-1] for line in said.splitlines()], ["PyInit__engine"])

    def test_links_no_tensor_library(self):
        said = subprocess.run(["ldd", extension], capture_output=True, text=True, check=True).stdout
        for library in "torch", "libc10", "blas", "python":
            self.assertNotIn(library, said)

    def test_works_without_torch(self):
        code = (
            "import sys; sys.modules['torch'] = None\n"
            "import etamax\n"
            "assert etamax.explain('x^2', start=1, lr=0.1).runs[0].verdict == 'converges'\n"
            "try: etamax.analyze\n"
            "except ImportError as error: print(error)\n"
        )
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        self.assertEqual(said, "etamax.analyze needs PyTorch 1.13 or newer, which is not installed here\n")


if __name__ == "__main__":
    unittest.main()
