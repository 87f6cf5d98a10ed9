"""The exception that refuses what a caller gave."""

from __future__ import annotations


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


def refusal(field: str, message: str) -> InputError:
    """An InputError that is more than a range."""
    return InputError(f"{field}: {message}", field, "", message)
