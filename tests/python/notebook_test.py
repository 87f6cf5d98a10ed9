"""Runs the cells of a notebook in their order, and shows what each ends with as a notebook would.

Usage: notebook_test.py NOTEBOOK
"""

import ast
import contextlib
import io
import json
import sys

try:
    import torch  # noqa: F401
except ImportError:
    sys.exit(77)

with open(sys.argv[1]) as file:
    cells = [cell for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
assert len(cells) > 5, "few cells"
names, said, shown = {"__name__": "notebook"}, io.StringIO(), []
for i, cell in enumerate(cells):
    assert cell["outputs"] == [], "outputs are not kept in the file"
    tree = ast.parse("".join(cell["source"]), f"cell {i + 1}")
    last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(said):
        exec(compile(tree, f"cell {i + 1}", "exec"), names)
        if last is not None:
            value = eval(compile(last, f"cell {i + 1}", "eval"), names)
            shown.append(value._repr_html_() if hasattr(value, "_repr_html_") else value)
words = said.getvalue()
assert abs(shown[1] - 1) < 1e-9, shown[1]  # the edge of x^2
assert words.index("etamax: step") < words.index("blew up after"), words
assert "capped at" in words, words
assert sum("&lt;svg" in str(page) for page in shown) >= 4, "pictures are missing"
first, end = (float(x) for x in words.rsplit("loss ", 1)[1].split(" became "))
assert end < first, words
