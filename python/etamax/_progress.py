"""How far the work is, for somebody who waits."""

from __future__ import annotations

import sys
from typing import Any, Optional


class Progress:
    """A bar of tqdm: in a notebook, and where standard error is a terminal. Nothing where tqdm is not installed."""

    def __init__(self, shown: Optional[bool] = None) -> None:
        self._bar: Any = None
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return
        in_notebook = "ipykernel" in sys.modules
        if shown or (shown is None and (in_notebook or (sys.stderr is not None and sys.stderr.isatty()))):
            self._bar = tqdm(total=1.0, leave=False, bar_format="etamax: {desc} {bar:20} {elapsed} {postfix}")

    def __bool__(self) -> bool:
        """Whether anybody wants to be told."""
        return self._bar is not None

    def stage(self, name: str) -> None:
        """What is done from now on: "curvature"."""
        self._bar.set_description_str(name, refresh=False)
        self.told(0.0, "")

    def told(self, part: float, words: str) -> None:
        """How much of that is done, from 0 to 1, and in words: "9 products"."""
        self._bar.n = part
        self._bar.set_postfix_str(words, refresh=False)
        self._bar.refresh()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()
