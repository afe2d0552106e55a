"""What lies inside an object of an autodiff class: its value and its gradient, and new objects."""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any

import numpy as np

from gradcheck.conventions.methods import text_of

VALUES = ("data", "value", "val", "_data", "_value", "_val", "v", "x", "array", "arr", "values")
GRADIENTS = (
    *("grad", "_grad", "gradient", "_gradient", "grads", "derivative", "deriv", "adjoint"),
    *("grad_value", "_derivative", "diff", "d"),
)
"""What people call the two attributes, likeliest first."""

_TRACKED = ("requires_grad", "require_grad", "requires_gradient", "autograd", "track_grad")


def works_on_arrays(cls: type[Any]) -> bool:
    """Return whether the objects hold arrays rather than single numbers."""
    found: Any = cls
    return _speaks_of_arrays(found)


@cache
def _speaks_of_arrays(cls: Any) -> bool:
    tensors = ("__matmul__", "matmul", "dot", "sum", "mean", "reshape", "transpose", "T")
    if any(inspect.getattr_static(cls, name, None) is not None for name in tensors):
        return True
    return re.search(r"zeros|ones_like|\.shape|\.ndim|unbroadcast", text_of(cls)) is not None


def wrapped(cls: type[Any], value: Any, *, tracked: bool = True) -> Any:
    """Return an object around an array, around a float where the class is one of numbers."""
    plain = np.asarray(value) if np.ndim(value) or works_on_arrays(cls) else float(value)
    found: Any = cls
    return cls(plain, **dict.fromkeys(_switches(found), tracked))


@cache
def _switches(cls: Any) -> tuple[str, ...]:
    """Return the arguments of a constructor that say whether a gradient is wanted."""
    known = inspect.signature(cls.__init__).parameters
    return tuple(name for name in _TRACKED if name in known)


def value_of(thing: Any) -> Any:
    """Return the number or array inside an object, the thing itself where it has none."""
    if isinstance(thing, (tuple, list)) and thing and not is_plain(thing[0]):
        thing = thing[0]  # max gives the values and where they were
    if is_plain(thing) or thing is None:
        return _floating(thing)
    for name in VALUES:
        inner = getattr(thing, name, None)
        if is_plain(inner):
            return _floating(inner)
        if type(inner) is type(thing):
            return value_of(inner)
    return thing


def gradient_of(thing: Any) -> Any:
    """Return the gradient that an object holds, None where it holds none."""
    for name in GRADIENTS:
        found = getattr(thing, name, None)
        if found is not None and not callable(found):
            return value_of(found)
        if found is not None and type(found) is type(thing):
            return value_of(found)
    return None


def gradient_attributes(thing: Any) -> list[str]:
    """Return the attributes in which an object keeps its gradient, properties not counted."""
    names = []
    for name in GRADIENTS:
        found = inspect.getattr_static(thing, name, inspect)
        kept = not isinstance(found, property) and not inspect.isroutine(found)
        if found is not inspect and kept:
            names.append(name)
    return names


def is_plain(value: Any) -> bool:
    """Return whether this is a number or an array of numbers."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "fiub"
    if isinstance(value, list):
        return bool(value) and is_plain(value[0])
    return isinstance(value, (int, float))


def _floating(value: Any) -> Any:
    """Return numbers as floats: relu of a negative float is a plain ``0`` in much code."""
    if value is None:
        return None
    array = np.asarray(value)
    return array if array.dtype.kind == "f" else array.astype(np.float64)
