"""Kept values as Python source, as a person would write them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from gradcheck.regressions.record import KeptArray

_WIDTH = 100
_SPECIAL = {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}


def literal(value: Any) -> str:
    """Return a plain value as source, texts in double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{literal(key)}: {literal(one)}" for key, one in value.items()) + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(literal, value)) + "]"
    return repr(value)


def array_literal(array: KeptArray, before: int) -> str:
    """Return ``np.array(...)`` for an array; ``before`` is how far the line is indented."""
    if not math.prod(array.shape):
        return f"np.zeros({array.shape}, dtype=np.{_dtype(array)})"
    usual = array.dtype in ("float64", "bool")
    ending = "" if usual else f", dtype=np.{_dtype(array)}"
    short = f"np.array({_nested(array.values)}{ending})"
    if before + len(short) <= _WIDTH or not array.shape:
        return short
    return f"np.array(\n{_rows(array.values, before + 4)}{ending}\n{' ' * before})"


def mapping_literal(values: Mapping[str, str], before: int) -> str:
    """Return a dict of which the values are source already; one entry a line if it must."""
    entries = [f"{literal(name)}: {value}" for name, value in values.items()]
    short = "{" + ", ".join(entries) + "}"
    if "\n" not in short and before + len(short) <= _WIDTH:
        return short
    inner = " " * (before + 4)
    return "{\n" + "".join(f"{inner}{one},\n" for one in entries) + " " * before + "}"


def _dtype(array: KeptArray) -> str:
    return "bool_" if array.dtype == "bool" else array.dtype


def _nested(values: Any) -> str:
    if isinstance(values, list):
        return "[" + ", ".join(map(_nested, values)) + "]"
    return _SPECIAL.get(values, repr(values)) if isinstance(values, str) else repr(values)


def _rows(values: Any, before: int) -> str:
    """Return nested lists with one row of numbers a line."""
    space = " " * before
    if not any(isinstance(one, list) for one in values):
        return space + _nested(values)
    inner = "".join(f"{_rows(one, before + 4)},\n" for one in values)
    return f"{space}[\n{inner}{space}]"
