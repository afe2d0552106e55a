"""What a baseline holds, as records: layers, their cases, arrays with the rounding seen in them.

Inputs are kept in full, so a baseline does not depend on how gradcheck draws cases.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np

from gradcheck.signature import Signature
from gradcheck.subject import Array, Arrays

SCHEMA = "gradcheck.baseline/1"
_DTYPE_KINDS = "fiub"
_USUAL = "float64"

Number = int | float | bool | Literal["nan", "inf", "-inf"]


class ArrayRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One array: its elements in row-major order, exactly; JSON has no non-finite numbers.

    ``noise`` says for each element of a result how far rounding moved it.
    """

    shape: tuple[int, ...]
    values: list[Number]
    dtype: str = _USUAL
    noise: list[Number] = []


class FormRecord(msgspec.Struct, frozen=True):
    """One form in which a layer is called: as text, and what must stay to call it so again.

    ``arrays`` gives for each array that goes in its role and number of axes.
    """

    text: str
    arrays: dict[str, str]
    outputs: list[str]


class CaseRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One case: what went in and what came out; ``raised`` is what the layer raised there."""

    form: int
    primals: dict[str, ArrayRecord]
    cotangents: dict[str, ArrayRecord] = {}
    outputs: dict[str, ArrayRecord] = {}
    gradients: dict[str, ArrayRecord] = {}
    axes: dict[str, int] = {}
    options: dict[str, Any] = {}
    regime: str = ""
    raised: str = ""

    @property
    def size(self) -> int:
        """The number of elements that go in: what a small case has few of."""
        return sum(len(one.values) for one in self.primals.values())


Status = Literal["recorded", "not-deterministic", "not-read"]


class LayerRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One layer: how it was read, and its cases; ``why`` there are none."""

    source: str
    symbol: str
    status: Status
    why: str = ""
    kind: str | None = None
    convention: str = ""
    forms: list[FormRecord] = []
    cases: list[CaseRecord] = []


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """All layers of one snapshot, and how it was asked for; schema ``gradcheck.baseline/1``."""

    schema: str = SCHEMA
    version: str
    targets: list[str]
    seed: int
    examples: int
    dtypes: list[str]
    run_module: bool = False
    assume: dict[str, Any] = {}
    assumed_layers: dict[str, dict[str, Any]] = {}
    layers: list[LayerRecord]

    @property
    def recorded(self) -> int:
        """How many layers have recorded cases."""
        return sum(one.status == "recorded" for one in self.layers)

    @property
    def cases(self) -> int:
        """How many cases are recorded, over all layers."""
        return sum(len(one.cases) for one in self.layers)


def form_record(form: Signature) -> FormRecord:
    """Return the record of one form."""
    arrays = {one.name: f"{one.role} {len(one.axes)}" for one in form.arrays}
    return FormRecord(str(form), arrays, [one.name for one in form.outputs])


def array_record(array: Array, noise: Array | None = None) -> ArrayRecord:
    """Return the record of an array; ``noise`` of the same shape is kept to two digits."""
    array = np.asarray(array)
    kept = [] if noise is None else [float(f"{one:.1e}") for one in np.ravel(noise).tolist()]
    dtype = _USUAL if str(array.dtype) == _USUAL else str(array.dtype)  # left out where usual
    return ArrayRecord(tuple(array.shape), _numbers(array.ravel().tolist()), dtype, _numbers(kept))


def array_of(record: ArrayRecord) -> Array:
    """Return the array of a record, read-only.

    Raises
    ------
    ValueError
        The record contradicts itself.
    """
    try:
        dtype = np.dtype(record.dtype)
    except TypeError:
        raise ValueError(f"{record.dtype!r} is no dtype") from None
    if dtype.kind not in _DTYPE_KINDS:
        raise ValueError(f"{record.dtype!r} is no dtype of real numbers")
    wanted = math.prod(record.shape)
    if min(record.shape, default=0) < 0 or wanted != len(record.values):
        raise ValueError(f"{len(record.values)} values for the shape {record.shape}")
    if dtype.kind != "f" and any(isinstance(one, (str, float)) for one in record.values):
        raise ValueError(f"a value is none of {record.dtype}")
    plain = [float(one) if isinstance(one, str) else one for one in record.values]
    array = np.array(plain, dtype=dtype).reshape(record.shape)
    array.flags.writeable = False
    return array


def noise_of(record: ArrayRecord) -> Array:
    """Return the rounding seen in each element of a recorded result.

    Raises
    ------
    ValueError
        There is not one number for each element.
    """
    if len(record.noise) != len(record.values):
        raise ValueError(f"{len(record.noise)} noise levels for {len(record.values)} values")
    return np.array([float(one) for one in record.noise]).reshape(record.shape)


def arrays_of(records: Mapping[str, ArrayRecord]) -> Arrays:
    """Return the arrays of records, by name."""
    return {name: array_of(one) for name, one in records.items()}


def options_of(case: CaseRecord) -> dict[str, Any]:
    """Return the options of a case; JSON has lists for tuples."""
    return {name: _tuples(value) for name, value in case.options.items()}


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _numbers(values: Sequence[Any]) -> list[Number]:
    kept: list[Number] = list(values)
    for at, one in enumerate(values):
        if isinstance(one, float) and not math.isfinite(one):
            kept[at] = "nan" if math.isnan(one) else "inf" if one > 0 else "-inf"
    return kept
