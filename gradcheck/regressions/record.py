"""What a regression file holds: the layer, the fault, and the case down to the last bit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
import numpy as np

from gradcheck.subject import Array

SCHEMA = "gradcheck.regression/1"
_SPECIAL = ("nan", "inf", "-inf")


class KeptLayer(msgspec.Struct, frozen=True, kw_only=True):
    """The layer as it was named and read."""

    source: str = ""
    symbol: str
    kind: str | None = None
    convention: str = ""


class KeptArray(msgspec.Struct, frozen=True, kw_only=True):
    """An array as nested lists; each float in the fewest digits that give it back exactly."""

    dtype: str
    shape: tuple[int, ...]
    values: Any


class KeptCase(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A case with all its arrays; ``held`` names those that the layer holds itself."""

    signature: str
    held: tuple[str, ...] = ()
    axes: dict[str, int] = {}
    options: dict[str, Any] = {}
    regime: str
    seed: Annotated[int, msgspec.Meta(ge=0)]
    mode: str
    primals: dict[str, KeptArray]
    upstream: dict[str, KeptArray] = {}

    @property
    def size(self) -> int:
        """How many numbers the case has."""
        arrays = (*self.primals.values(), *self.upstream.values())
        return sum(math.prod(one.shape) for one in arrays)


class Regression(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fault of one layer at its smallest case; schema ``gradcheck.regression/1``.

    ``diagnosis`` is which mistake it looked like, ``assumptions`` how the layer was read,
    ``assume`` what the user said of it; ``strict`` says that it is a fault only where remarks are.
    """

    schema: str
    version: str = ""
    layer: KeptLayer
    check: str
    code: str
    array: str | None = None
    headline: str
    diagnosis: str = ""
    case: KeptCase
    assumptions: dict[str, str] = {}
    assume: dict[str, Any] = {}
    run_module: bool = False
    strict: bool = False

    @property
    def fault(self) -> tuple[str, str, str | None]:
        """What tells this fault from another one of the same source."""
        return self.layer.symbol, self.check, self.array

    @property
    def told(self) -> str:
        """The fault in a few words."""
        of = f" of {self.array}" if self.array else ""
        return f"{self.check} ({self.code}){of} in {self.layer.symbol}"


def kept(array: Array) -> KeptArray:
    """Return an array as a file holds it.

    Raises
    ------
    ValueError
        It holds what JSON numbers cannot give back: complex numbers, objects, long doubles.
    """
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise ValueError(f"an array of dtype {array.dtype} cannot be written as JSON numbers")
    values = _nested(array.tolist(), array.dtype.type)
    return KeptArray(dtype=array.dtype.name, shape=tuple(array.shape), values=values)


def restored(one: KeptArray, name: str) -> Array:
    """Return the array, read-only as those of every case.

    Raises
    ------
    ValueError
        Dtype, shape and values do not belong together; the message says what does not.
    """
    try:
        dtype = np.dtype(one.dtype)
    except TypeError:
        dtype = np.dtype(object)
    if dtype.kind not in "biuf":
        raise ValueError(f"{name} has the dtype {one.dtype!r}; expected one such as 'float64'")
    flat = list(_numbers(one.values, name))
    wanted = math.prod(one.shape)
    if len(flat) != wanted:
        raise ValueError(f"{name} has {len(flat)} values; its shape {one.shape} needs {wanted}")
    try:
        array: Array = np.array(flat, dtype).reshape(one.shape)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} is no array of {one.dtype}: {error}") from None
    array.flags.writeable = False
    return array


def plain_option(value: Any) -> Any:
    """Return the value of an option as JSON has it; a function or class by its name."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (list, tuple)):
        return [plain_option(one) for one in value]
    return str(getattr(value, "__name__", value))


def option_among(plain: Any, values: tuple[Any, ...]) -> Any:
    """Return that of ``values`` which JSON has as ``plain``, else what JSON says itself."""
    for value in values:
        if type(plain_option(value)) is type(plain) and plain_option(value) == plain:
            return value
    return tuple(plain) if isinstance(plain, list) else plain


def kept_arrays(arrays: Mapping[str, Array]) -> dict[str, KeptArray]:
    """Return arrays by name as a file holds them."""
    return {name: kept(np.asarray(one)) for name, one in arrays.items()}


def restored_arrays(arrays: Mapping[str, KeptArray]) -> dict[str, Array]:
    """Return arrays by name as a case holds them."""
    return {name: restored(one, name) for name, one in arrays.items()}


def _nested(values: Any, scalar: Any) -> Any:
    if isinstance(values, list):
        return [_nested(one, scalar) for one in values]
    if not isinstance(values, float):
        return values
    # The shortest digits that tell a float32 from its neighbours are fewer than those of a double.
    return float(str(scalar(values))) if math.isfinite(values) else str(values)


def _numbers(values: Any, name: str) -> Iterator[Any]:
    if isinstance(values, list):
        for one in values:
            yield from _numbers(one, name)
    elif isinstance(values, str) and values in _SPECIAL:
        yield float(values)
    elif isinstance(values, (bool, int, float)):
        yield values
    else:
        raise ValueError(f'{name} holds {values!r}; expected numbers, "nan", "inf" or "-inf"')
