"""A regression as text: JSON with one row of numbers a line, so that a diff can be read."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from gradcheck.errors import UsageError
from gradcheck.findings import json_builtins
from gradcheck.regressions.record import SCHEMA, Regression, restored_arrays
from gradcheck.settings import MODES

_WIDTH = 100
_INDENT = "  "


def document_of(regression: Regression) -> str:
    """Return the text of a regression file."""
    return laid_out(json_builtins(msgspec.to_builtins(regression))) + "\n"


def regression_from(text: str, name: str) -> Regression:
    """Return what a regression file says; ``name`` is how the file is called in messages.

    Raises
    ------
    UsageError
        It is no regression, or one of another version; the message says what to do.
    """
    mend = "mend it, or remove it and check the layer again"
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not JSON ({error}); {mend}") from None
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if schema != SCHEMA:
        said = f"its schema is {schema!r}" if schema else "it names no schema"
        newer = " by the version of gradcheck that wrote it" if schema else ""
        raise UsageError(
            f"{name}: {said}, and this gradcheck reads {SCHEMA!r}; replay it{newer}, or remove it "
            "and check the layer again"
        )
    try:
        regression = msgspec.convert(plain, Regression)
        restored_arrays(regression.case.primals | regression.case.upstream)
        if regression.case.mode not in MODES:
            raise ValueError(f"mode {regression.case.mode!r}; known are {', '.join(MODES)}")
    except (msgspec.ValidationError, ValueError) as error:
        raise UsageError(f"{name}: no regression as {SCHEMA!r} has it: {error}; {mend}") from None
    return regression


def laid_out(value: Any, before: str = "") -> str:
    """Return JSON text in which a list of plain values is one line, whatever its length."""
    short = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, (dict, list)) or not value:
        return short
    inner = value.values() if isinstance(value, dict) else value
    flat = not any(isinstance(one, (dict, list)) for one in inner)
    if flat and before and (isinstance(value, list) or len(before) + len(short) <= _WIDTH):
        return short
    deeper = before + _INDENT
    if isinstance(value, dict):
        pairs = value.items()
        lines = [
            f"{json.dumps(key, ensure_ascii=False)}: {laid_out(one, deeper)}" for key, one in pairs
        ]
        opening, closing = "{}"
    else:
        lines = [laid_out(one, deeper) for one in value]
        opening, closing = "[]"
    body = ",\n".join(deeper + line for line in lines)
    return f"{opening}\n{body}\n{before}{closing}"
