"""The functions that need no tensor library."""

from __future__ import annotations

import os
from typing import Any, Callable, Iterable, Mapping, Sequence

from . import _engine
from ._answer import Certificate, Diagnosis, Explanation
from ._documented import with_options
from ._errors import path_of, refusal, shown


@with_options(_engine.explain_options(), leave_out=("expression", "start", "lr"))
def explain(
    expression: str,
    start: float | Sequence[float] | Mapping[str, float],
    lr: float | Sequence[float] | str,
    **options: Any,
) -> Explanation:
    """Why does this learning rate converge or diverge on this function?

    Parameters
    ----------
    expression
        The function to minimize, such as ``"x^2"``, or a named one such as ``"rosenbrock"``.
    start
        Where to start: a number for every variable, numbers in the variables' order, or ``{"x": -1, "y": 2}``.
    lr
        One learning rate or several; or a range as text, ``"0.1:2:0.1"``.
    {options}

    Returns
    -------
    Explanation
        ``stability`` has the edges, ``runs`` one entry for each rate with its ``verdict`` and the ``reason``.

    Raises
    ------
    InputError
        A ValueError whose message is one line.

    Examples
    --------
    >>> import etamax
    >>> answer = etamax.explain("x^2", start=-1, lr=[0.8, 1.0, 1.2])
    >>> [run.verdict for run in answer.runs]
    ['converges', 'periodic', 'diverges']
    >>> answer.stability.lr_edge
    1.0
    """
    return Explanation(_engine.explain({"expression": expression, "start": start, "lr": lr, **options}))


@with_options(_engine.diagnose_options())
def diagnose(log: str | os.PathLike[str] | Iterable[Mapping[str, Any]], **options: Any) -> Diagnosis:
    """This run went wrong: was it the learning rate?

    Parameters
    ----------
    log
        A training log: the path of a CSV file, of JSON lines, of a TensorBoard event file or of text with the losses
        in it; or its rows, dictionaries such as ``{"step": 10, "loss": 2.3}``.
    {options}

    Returns
    -------
    Diagnosis
        ``verdict``, ``reason``, ``onset_step``, ``lr_suggested`` and the evidence.

    Raises
    ------
    InputError
        A ValueError whose message is one line.
    """
    if isinstance(log, (str, os.PathLike)):
        return Diagnosis(_engine.diagnose(path_of("log", log), None, options))
    return Diagnosis(_engine.diagnose("", _json_lines(log), options))


def _json_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    import json

    def plain(value: Any) -> Any:
        if hasattr(value, "item"):  # a scalar of NumPy, a tensor of one element
            return value.item()
        raise TypeError

    if not isinstance(rows, Iterable):
        raise refusal("log", f"{shown(rows)} is neither a path nor rows")
    rows = list(rows)
    if not rows:
        raise refusal("log", "has no rows")
    try:
        return "".join(json.dumps(dict(row), default=plain) + "\n" for row in rows)
    except (TypeError, ValueError):
        raise refusal("log", "a row is a dictionary of names and numbers, such as {'step': 10, 'loss': 2.3}") from None


@with_options(_engine.certify_options())
def certify(
    matvec: Callable[[Any], Any], n: int, *, like: Any = None, group: Any = False, **options: Any
) -> Certificate:
    """Bounds of the extreme eigenvalues of a symmetric operator, which hold with a confidence that is chosen.

    Parameters
    ----------
    matvec
        The operator: takes a vector of shape ``(n,)`` and returns its product with it, of the same shape. Pure, linear
        and symmetric.
    n
        The dimension.
    like
        A vector of the library that `matvec` works with, such as ``torch.zeros(1, device="cuda")`` or
        ``jax.numpy.zeros(1)``: vectors are handed to `matvec` as such, in its type and on its device. None: NumPy, in
        64 bit. Or a list of torch's tensors: vectors are then such lists, and are never copied into one.
    group
        With such a list: processes of torch.distributed that each have a part of every vector, as FSDP shares
        parameters out; None: its default group. `n` counts the entries of all. False: this process alone.
    {options}

    Returns
    -------
    Certificate
        ``lambda_max``, ``lambda_min``, and the ``lr_edge`` of the optimizer that was named.

    Raises
    ------
    InputError
        A ValueError whose message is one line, among others where a product is of another shape or not finite, or
        where the second one shows that the operator is not symmetric.

    Notes
    -----
    Memory is three vectors in 64 bit besides what `matvec` needs. ``docs/theory.md``, section 8, derives the bounds.

    Examples
    --------
    >>> import numpy
    >>> entries = numpy.linspace(0, 10, 1000)
    >>> found = etamax.certify(lambda v: entries * v, 1000, gap=0.01)
    >>> found.lambda_max.lower <= 10 <= found.lambda_max.upper
    True
    """
    if isinstance(like, (list, tuple)):
        from ._torch.operator import certify_lists

        return Certificate(certify_lists(matvec, n, like, group, options))
    if group is not False:
        raise refusal("group", "shares vectors out that are lists of tensors: `like` must be one")
    from ._arrays import ArrayProduct

    product = ArrayProduct(matvec, n, like)
    return Certificate(_engine.certify(product, n, product.roundoff(), options))
