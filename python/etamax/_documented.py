"""Puts the options of the engine's tables into a function's documentation and signature."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any, Callable, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def with_options(
    described: list[tuple[str, str, str, str]], leave_out: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """For a function whose last parameter is ``**options``, and whose docstring has the line ``{options}``."""

    def document(function: Function) -> Function:
        rows = [row for row in described if row[0] not in leave_out]
        text = "\n".join(
            f"{name} : {type_}{f' ({facts})' if facts else ''}\n"
            + textwrap.fill(help_ + ".", 100, initial_indent="    ", subsequent_indent="    ")
            for name, type_, facts, help_ in rows
        )
        function.__doc__ = inspect.cleandoc(function.__doc__ or "").replace("{options}", text)
        signature = inspect.signature(function)
        fixed = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
        options = [inspect.Parameter(row[0], inspect.Parameter.KEYWORD_ONLY, default=...) for row in rows]
        function.__signature__ = signature.replace(parameters=[*fixed, *options])  # type: ignore[attr-defined]
        return function

    return document
