"""Runs the blocks of docs/python.md, in their order: `python` as a script, `pycon` as a dialogue with its answers.

Usage: page_test.py PAGE
"""

import contextlib
import doctest
import io
import os
import re
import sys
import tempfile

try:
    import torch  # noqa: F401
except ImportError:
    sys.exit(77)

with open(sys.argv[1]) as file:
    page = file.read()
os.chdir(tempfile.mkdtemp())
blocks = re.findall(r"^```(python|pycon)\n(.*?)^```$", page, flags=re.M | re.S)
assert len(blocks) > 8, "the page has few blocks"
names, parser, runner = (
    {"__name__": "page"},
    doctest.DocTestParser(),
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS),
)
said = io.StringIO()
for i, (kind, text) in enumerate(blocks):
    if kind == "python":
        with contextlib.redirect_stdout(said):
            exec(compile(text, f"{sys.argv[1]}, block {i + 1}", "exec"), names)
    else:
        test = parser.get_doctest(text, names, f"block {i + 1}", sys.argv[1], 0)
        runner.run(test, clear_globs=False)
        names.update(test.globs)
assert "The learning-rate ruler" in said.getvalue(), said.getvalue()[:500]
sys.exit(1 if runner.summarize().failed else 0)
