"""What an optimizer remembers, as bytes and back, to the bit; and nothing in such bytes is ever run."""

from __future__ import annotations

import io
import json
import pickle
from typing import Any

import torch

from .._errors import refusal


def dumps(value: Any) -> bytes:
    """Dicts, lists, tuples, tensors, numbers, texts and None. Raises InputError for anything else."""
    tensors: list[torch.Tensor] = []
    text = json.dumps(_written(value, tensors))
    file = io.BytesIO()
    torch.save({"text": text, "tensors": tensors}, file)
    return file.getvalue()


def loads(saved: bytes) -> Any:
    """Raises ValueError where that is not what `dumps` gives."""
    try:
        # Of 1.13 on; there it takes nothing but tensors in lists and dicts.
        found = torch.load(io.BytesIO(saved), weights_only=True)
        return _read(json.loads(found["text"]), found["tensors"])
    except (pickle.UnpicklingError, RuntimeError, EOFError, LookupError, TypeError, AttributeError) as error:
        raise ValueError("not what was saved") from error


def _written(value: Any, tensors: list[torch.Tensor]) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, torch.Tensor):
        tensors.append(value.detach())
        return {"tensor": len(tensors) - 1}
    if isinstance(value, dict):
        return {"dict": [[_written(k, tensors), _written(v, tensors)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [_written(v, tensors) for v in value]}
    raise refusal("state", f"cannot keep what this optimizer remembers: a {type(value).__name__}")


def _read(written: Any, tensors: list[torch.Tensor]) -> Any:
    if not isinstance(written, dict):
        return written
    ((kind, value),) = written.items()
    if kind == "tensor":
        return tensors[value]
    if kind == "dict":
        return {_read(k, tensors): _read(v, tensors) for k, v in value}
    return {"list": list, "tuple": tuple}[kind](_read(v, tensors) for v in value)
