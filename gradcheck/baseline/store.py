"""A baseline as a file: readable lines of JSON, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from gradcheck.baseline.contents import SCHEMA, Baseline, array_of, noise_of
from gradcheck.errors import UsageError
from gradcheck.whole_files import write_whole

_FAMILY = SCHEMA.partition("/")[0]
_ANEW = "record it anew with 'gradcheck snapshot'"


def read_baseline(path: str | Path) -> Baseline:
    """Return the baseline in a file.

    Raises
    ------
    UsageError
        The file is missing, damaged, no baseline, or one of another version.
    """
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        told = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        schema = msgspec.json.decode(told.get("schema", b"null"))
    except msgspec.DecodeError as error:
        raise UsageError(f"{path}: no baseline, or a damaged one: {_line(error)}") from None
    if schema != SCHEMA:
        if str(schema).partition("/")[0] != _FAMILY:
            raise UsageError(f"{path}: no baseline (its schema is {schema!r}, not {SCHEMA!r})")
        raise UsageError(
            f"{path}: a baseline of another version, {schema!r}; this gradcheck reads {SCHEMA!r}: "
            f"{_ANEW}"
        )
    try:
        baseline = msgspec.json.decode(text, type=Baseline)
        for place, problem in _contradictions(baseline):
            raise UsageError(f"{path}: damaged: {place}: {problem}: {_ANEW}")
    except msgspec.DecodeError as error:
        raise UsageError(f"{path}: damaged: {_line(error)}: {_ANEW}") from None
    return baseline


def write_baseline(baseline: Baseline, path: str | Path) -> None:
    """Write a baseline, in one step: a kill leaves the old file or the new one.

    Raises
    ------
    UsageError
        It cannot be written, or what is there now is no baseline.
    """
    if not _replaceable(Path(path)):
        raise UsageError(f"{path}: exists and is no baseline; it was left as it is")
    write_told(path, baseline_text(baseline))


def write_told(path: str | Path, text: str) -> None:
    """Write a text to a file whole.

    Raises
    ------
    UsageError
        It cannot be written.
    """
    try:
        write_whole(Path(path), text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None


def baseline_text(baseline: Baseline) -> str:
    """Return the text of a baseline: one line for each array, so that a diff can be read."""
    return "\n".join(_rendered(msgspec.to_builtins(baseline), 0)) + "\n"


def _contradictions(baseline: Baseline) -> Iterator[tuple[str, str]]:
    """Yield place and problem of what no snapshot writes."""
    for layer in baseline.layers:
        for number, case in enumerate(layer.cases):
            where = f"{layer.symbol}, case {number + 1}"
            if not 0 <= case.form < len(layer.forms):
                yield where, f"there is no form {case.form}"
            results = {**case.outputs, **{f"gradient {n}": a for n, a in case.gradients.items()}}
            for name, record in {**case.primals, **case.cotangents, **results}.items():
                try:
                    array_of(record)
                    if name in results:
                        noise_of(record)
                except (ValueError, OverflowError) as error:
                    yield f"{where}, {name}", str(error)


def _rendered(value: Any, depth: int) -> list[str]:
    """Return the lines of a JSON value; what holds no other table has one line."""
    indent = " " * depth
    nested = any(_holds_tables(one) for one in _members(value))
    if not nested:
        return [msgspec.json.encode(value).decode()]
    lines = []
    entries = value.items() if isinstance(value, dict) else (("", one) for one in value)
    for name, one in entries:
        label = f"{msgspec.json.encode(name).decode()}: " if isinstance(value, dict) else ""
        first, *rest = _rendered(one, depth + 1)
        lines.append([f"{indent} {label}{first}", *rest])
    for block in lines[:-1]:
        block[-1] += ","
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return [opening, *(line for block in lines for line in block), f"{indent}{closing}"]


def _members(value: Any) -> list[Any]:
    """Return what a table or a list holds, nothing of a plain value."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _holds_tables(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(one, dict) for one in value)
    )


def _replaceable(path: Path) -> bool:
    """Whether a file is a baseline (perhaps a damaged one), or not there at all."""
    try:
        with path.open("rb") as file:
            start = file.read(200)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None
    return not start or f'"{_FAMILY}/'.encode() in start


def _line(error: Exception) -> str:
    return str(error).splitlines()[0]
