"""What the functions of the package return: answers with the fields of the program's JSON."""

from __future__ import annotations

import html
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator, Mapping

from ._errors import path_of, refusal, shown

if TYPE_CHECKING:
    from . import _engine


class Record(Mapping[str, Any]):
    """Named values, read only: ``record.lower`` is ``record["lower"]``."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # of a copy that is not finished yet, among others
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no field '{name}'; it has {', '.join(self)}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} is read only: '{name}' cannot be set")
        super().__setattr__(name, value)

    def __getitem__(self, name: str) -> Any:
        return _as_records(self._values[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._values]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={self[name]!r}' for name in self)})"

    def __eq__(self, other: object) -> bool:
        return self._values == other._values if isinstance(other, Record) else self._values == other

    __hash__ = None  # type: ignore[assignment]

    def to_dict(self) -> dict[str, Any]:
        """The values as plain dictionaries, lists, numbers, texts and None."""
        copy: dict[str, Any] = json.loads(json.dumps(self._values))
        return copy


def _as_records(value: Any) -> Any:
    if isinstance(value, dict):
        return Record(value)
    if isinstance(value, list):
        return [_as_records(part) for part in value]
    return value


class Answer(Record):
    """An answer of etamax.

    Its attributes are the fields of the JSON that the program prints (``docs/json.md`` has them all); a value that
    does not exist is None, and ``NAME_reason`` beside it says why.

    ``print(answer)`` writes what the program prints; in a notebook an answer shows itself with its pictures.
    """

    def __init__(self, answer: _engine.Answer) -> None:
        super().__init__(json.loads(answer.json()))
        self._answer = answer

    @property
    def partial(self) -> bool:
        """Whether the work was interrupted (Ctrl-C): then the answer is what was known by that time."""
        return bool(self._values.get("partial", False))

    def __str__(self) -> str:
        encoding = getattr(sys.stdout, "encoding", None) or ""
        width = shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else 80
        return self._answer.text(False, encoding.lower().replace("-", "").startswith("utf"), min(max(width, 40), 400))

    def __repr__(self) -> str:
        return f"<etamax {self['verb']}: {' '.join(self._values.get('answer', [])) or 'see print()'}>"

    def _repr_html_(self) -> str:
        """For notebooks: the page in a frame of its own, so that its styles are not the notebook's."""
        page = html.escape(self._answer.content(".html").decode())
        grows = "this.style.height=(this.contentDocument.documentElement.scrollHeight+20)+'px'"
        return f'<iframe srcdoc="{page}" onload="{grows}" style="width:100%;height:700px;border:0"></iframe>'

    def save(self, path: str | os.PathLike[str], figure: str = "") -> None:
        """Write the answer to a file.

        Parameters
        ----------
        path
            The ending is the format: ``.html`` (a page that needs nothing else), ``.csv``, ``.json``, ``.svg``,
            ``.png``, ``.pdf``.
        figure
            The one picture that the file shall hold; ``""`` takes all. For pictures only.

        Raises
        ------
        InputError
            Where the ending is no format, the folder is not there, or the answer has no such picture.
        OSError
            Where the machine cannot do it.
        """
        self._save(path, figure)

    def _save(self, path: str | os.PathLike[str], figure: str, lab: bytes = b"") -> None:
        if not isinstance(figure, str) or not figure.isprintable():
            raise refusal("figure", f"{shown(figure)} is not the name of a picture")
        self._answer.save(path_of("output", path), figure, lab)

    def __reduce__(self) -> Any:
        raise TypeError("an answer cannot be pickled; answer.to_dict() can")


def _lab_page() -> bytes:
    """The lab, one page that holds the engine for browsers: ``docs/lab.html``, which the package has a copy of."""
    return (Path(__file__).parent / "lab.html").read_bytes()


def axes_or_new(ax: Any) -> Any:
    """Those; else, of a new figure."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots()[1]


class AnswerWithRuns(Answer):
    """An answer that has runs in it."""

    def plot(self, ax: Any = None) -> Any:
        """Draw the losses of the runs over their steps, one line for each learning rate.

        Parameters
        ----------
        ax
            Axes of matplotlib; None: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        ax = axes_or_new(ax)
        for run in self["runs"]:
            stride = run.get("losses_stride", 1)
            shown = [(k * stride, loss) for k, loss in enumerate(run.losses) if loss is not None and loss > 0]
            style = "--" if run.verdict == "diverges" else "-"
            ax.plot(*zip(*shown), style, label=f"lr {run.lr:.3g} {run.verdict}")
        ax.set(xlabel="step", ylabel="loss", yscale="log")
        ax.legend(fontsize="small")
        return ax


class Explanation(AnswerWithRuns):
    """What :func:`etamax.explain` found; of several optimizers, their comparison."""

    def save(self, path: str | os.PathLike[str], figure: str = "", static: bool = False) -> None:
        """Write the answer to a file: as :meth:`Answer.save`.

        Parameters
        ----------
        path, figure
            As there.
        static
            Leave the lab out of ``.html``: then its ruler is no slider, and the page is small and without scripts.
        """
        if not isinstance(static, bool):
            raise refusal("static", f"{shown(static)} is neither True nor False")
        self._save(path, figure, b"" if static else _lab_page())


class Diagnosis(Answer):
    """What :func:`etamax.diagnose` found."""

    def plot(self, ax: Any = None) -> Any:
        """Draw the loss over the steps, with where its trouble begins; as :meth:`Analysis.plot`."""
        ax = axes_or_new(ax)
        shown = [(at.step, at.value) for at in self["losses"] if at.value is not None]
        ax.plot(*zip(*shown), label=self["log"].column)
        if self["onset_step"] is not None:
            ax.axvline(self["onset_step"], linestyle="--", color="gray", label=f"{self['verdict']}: begins here")
        positive = all(value > 0 for _, value in shown)
        ax.set(xlabel=self["log"].step_column or "step", ylabel="loss", yscale="log" if positive else "linear")
        ax.legend(fontsize="small")
        return ax


class Analysis(AnswerWithRuns):
    """What :func:`etamax.analyze` found."""

    @property
    def largest_trainable(self) -> Any:
        """Between which rates training ends to work: ``lr_max_trainable`` of the JSON, ``.lower`` and ``.upper``."""
        return self["lr_max_trainable"]

    @property
    def recommended(self) -> float | None:
        """The learning rate to use: ``lr_recommended`` of the JSON."""
        value: float | None = self["lr_recommended"]
        return value


class Tuning(Answer):
    """What :func:`etamax.tune` found."""

    def plot(self, ax: Any = None) -> Any:
        """Draw the loss of the longest runs over their learning rates; as :meth:`Analysis.plot`."""
        ax = axes_or_new(ax)
        by_steps: dict[int, list[tuple[float, float]]] = {}
        for trial in self["trials"]:
            if trial.loss is not None:
                by_steps.setdefault(trial.steps, []).append((trial.lr, trial.loss))
        for steps in sorted(by_steps)[-3:]:
            ax.plot(*zip(*sorted(by_steps[steps])), "o", label=f"after {steps} steps")
        if self["lr_recommended"] is not None:
            ax.axvline(self["lr_recommended"], linestyle="--", color="gray", label="recommended")
        ax.set(xlabel="learning rate", ylabel="loss", xscale="log")
        ax.legend(fontsize="small")
        return ax


class Spectra(Answer):
    """What :func:`etamax.spectrum` found."""

    def plot(self, ax: Any = None) -> Any:
        """Draw the eigenvalues at the ends with their bounds; as :meth:`Analysis.plot`."""
        ax = axes_or_new(ax)
        for name in ("top", "bottom"):
            found = self[name]
            if found is None:
                continue
            values = [e.value for e in found.eigenvalues]
            below = [0.0 if e.lower is None else e.value - e.lower for e in found.eigenvalues]
            above = [0.0 if e.upper is None else e.upper - e.value for e in found.eigenvalues]
            ax.errorbar(range(1, len(values) + 1), values, [below, above], fmt="o", label=name)
        ax.set(xlabel="number from the end", ylabel="eigenvalue")
        ax.legend(fontsize="small")
        return ax


class Following(Answer):
    """What :func:`etamax.follow` found."""

    def plot(self, ax: Any = None) -> Any:
        """Draw the sharpness over the steps, with the line where the rate is at the edge; as :meth:`Analysis.plot`."""
        ax = axes_or_new(ax)
        for run in self["runs"]:
            steps = [look.step for look in run.looks]
            (line,) = ax.plot(steps, [look.sharpness for look in run.looks], "o-", label=f"lr {run.lr:.3g}")
            critical = [float("nan") if look.critical_sharpness is None else look.critical_sharpness for look in run.looks]
            ax.plot(steps, critical, "--", color=line.get_color())
        ax.set(xlabel="step", ylabel="sharpness")
        ax.legend(fontsize="small")
        return ax


class Certificate(Record):
    """What :func:`etamax.certify` found.

    Attributes
    ----------
    lambda_max, lambda_min : Record
        ``.lower`` and ``.upper`` bounds of the largest and the smallest eigenvalue; None where there is none yet.
    confidence : float or None
        With which all bounds hold together, over the random start; None: a point estimate.
    reached_gap : bool
        Whether lambda_max is known as well as was asked for.
    products : int
        How many products it took.
    lr_edge : Record
        The stability edge of the optimizer at these eigenvalues, ``.lower`` and ``.upper``; ``lr_edge_reason`` says why
        there is none.
    partial : bool
        Whether it was interrupted: the bounds hold, but are as wide as they were then.
    """
