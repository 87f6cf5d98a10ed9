"""Vectors of any array library, seen from NumPy."""

from __future__ import annotations

from typing import Any, Callable

import numpy

from ._errors import InputError, refusal


def _to_numpy(array: Any) -> Any:
    if hasattr(array, "detach"):  # of torch, perhaps on another device
        array = array.detach().cpu()
        array = array.float().numpy() if str(array.dtype) == "torch.bfloat16" else array.numpy()
    return numpy.asarray(array)


def _from_numpy(like: Any) -> Callable[[Any], Any]:
    """The function that makes a vector of the library that `like` is of, in its type."""
    if like is None or isinstance(like, numpy.ndarray):
        dtype = numpy.float64 if like is None else like.dtype
        return lambda v: v.astype(dtype)
    if hasattr(like, "new_tensor"):
        return lambda v: like.new_tensor(v)
    if hasattr(like, "__array_namespace__"):
        library = like.__array_namespace__()
        return lambda v: library.asarray(v, dtype=like.dtype)
    raise refusal(
        "like", f"is a {type(like).__name__}; an array of NumPy, a tensor of torch or an array of JAX will do"
    )


class ArrayProduct:
    """A product of vectors of some library, as one of NumPy's vectors in 64 bit."""

    def __init__(self, matvec: Callable[[Any], Any], n: int, like: Any) -> None:
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise InputError(f"n: {n!r} is not a positive whole number", "n", repr(n), "a positive whole number")
        self._matvec, self._n, self._make = matvec, n, _from_numpy(like)

    def _product(self, v: Any) -> Any:
        product = _to_numpy(self._matvec(self._make(v)))
        if product.shape != (self._n,):
            raise refusal("matvec", f"gives shape {product.shape} for a vector of shape ({self._n},)")
        if not numpy.issubdtype(product.dtype, numpy.number) or numpy.iscomplexobj(product):
            raise refusal("matvec", f"gives an array of {product.dtype}, which holds no real numbers")
        return product

    def __call__(self, entries: memoryview) -> Any:
        """The engine's: from and to 64-bit numbers one behind the other."""
        product = numpy.ascontiguousarray(self._product(numpy.frombuffer(entries).copy()), dtype=numpy.float64)
        if not numpy.isfinite(product).all():
            raise refusal("matvec", "a product is not finite")
        return product

    def roundoff(self) -> float:
        """The unit roundoff of the products, by the type of one of them."""
        dtype = self._product(numpy.ones(self._n)).dtype
        return float(numpy.finfo(dtype).eps) / 2 if numpy.issubdtype(dtype, numpy.floating) else 2.0**-53
