"""The exception that refuses what a caller gave."""

from __future__ import annotations

import os
from typing import Any, Optional


class InputError(ValueError):
    """What was given is wrong; the message is one line that says what would be right.

    Attributes
    ----------
    field : str
        The argument at fault; ``""`` where it is none in particular.
    value : str
        What it was given, as text; ``""`` where the refusal is not of one value.
    constraint : str
        What would be right, to follow "must be"; without a value, the message behind the field.
    """

    def __init__(self, message: str, field: str = "", value: str = "", constraint: str = "") -> None:
        super().__init__(message)
        self.field = field
        self.value = value
        self.constraint = constraint or message

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str, str]]:
        return type(self), (str(self), self.field, self.value, self.constraint)


InputError.__module__ = "etamax"  # as users know it


def shown(value: Any) -> str:
    """In one line that is no page."""
    line = ascii(value)
    return line if len(line) <= 100 else line[:100] + "..."


def path_of(field: str, value: Any) -> bytes:
    """A path as the system has it; else a refusal."""
    try:
        return os.fsencode(value)
    except TypeError:
        raise refusal(field, f"{shown(value)} is not a path") from None
    except UnicodeEncodeError:
        raise refusal(field, f"{shown(value)} names no file: it holds half of a character") from None


def number_or_none(field: str, value: Any) -> Optional[float]:
    """A number of any library as Python's; else a refusal."""
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        raise InputError(f"{field}: {shown(value)} is not a number", field, shown(value), "a number") from None


def refusal(field: str, message: str) -> InputError:
    """An InputError that is more than a range."""
    return InputError(f"{field}: {message}", field, "", message)
