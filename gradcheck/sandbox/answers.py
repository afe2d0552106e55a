"""Evaluations as bytes: what a worker answers to scripts or at many points.

Arrays that do not fit (of objects, of more than 8 axes) are told as missing. The names that arrays
may have go with every question, in an order; what comes back says which by its number.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from gradcheck.sandbox.packing import NAME, SENTENCE, SEVERAL, Malformed, Reader, Writer, fits
from gradcheck.subject import (
    Alias,
    Array,
    Arrays,
    Evaluation,
    Forward,
    Mutation,
    Phase,
    Raised,
    Script,
)

_HEAD = struct.Struct("<HHB")  # outputs, gradients, what else there is
_UNKNOWN = 0xFFFF  # a name that is none of those
_PHASES: tuple[Any, ...] = get_args(Phase)
_ROLES: tuple[Any, ...] = ("input", "parameter", "cotangent", "output", "gradient")


def pack_points(evaluations: Sequence[Evaluation], names: Sequence[str]) -> bytes:
    """Return the evaluations at many points as bytes."""
    return pack_scripts((evaluations,), names)


def pack_scripts(scripts: Sequence[Sequence[Evaluation]], names: Sequence[str]) -> bytes:
    """Return the evaluations of several scripts as bytes."""
    writer = Writer()
    numbers = {name: number for number, name in enumerate(names)}
    for evaluations in scripts:
        writer.number(len(evaluations))
        for one in evaluations:
            _pack(writer, one, numbers)
    return writer.done()


def unpack_scripts(
    data: bytes, scripts: Sequence[Script], names: Sequence[str], largest: int
) -> list[tuple[Evaluation, ...]]:
    """Return the evaluations of scripts, one for each step, or fewer where the last one raised.

    Raises
    ------
    Malformed
        They are no answer to these scripts.
    """
    reader = Reader(data, largest)
    answers = [_unpack_script(reader, script, names) for script in scripts]
    reader.end()
    return answers


def _unpack_script(reader: Reader, script: Script, names: Sequence[str]) -> tuple[Evaluation, ...]:
    found = [_unpack(reader, names) for _ in range(reader.number(1, len(script)))]
    if any(one.raised for one in found[:-1]) or (len(found) < len(script) and not found[-1].raised):
        raise Malformed(f"{len(found)} answers to {len(script)} steps")
    return tuple(_asked(one, step) for one, step in zip(found, script, strict=False))


def unpack_points(data: bytes, count: int, names: Sequence[str], largest: int) -> list[Evaluation]:
    """Return the evaluations at many points.

    Raises
    ------
    Malformed
        They are no answers to as many points.
    """
    reader = Reader(data, largest)
    if reader.number(0, count) != count:
        raise Malformed(f"no {count} answers to as many points")
    found = [_unpack(reader, names) for _ in range(count)]
    reader.end()
    return found


def _asked(found: Evaluation, step: Any) -> Evaluation:
    """Return what a step of this sort can give, and nothing else."""
    if isinstance(step, Forward):
        alien = found.gradients or found.forward_calls
        return replace(found, gradients={}, forward_calls=0) if alien else found
    return replace(found, outputs={}) if found.outputs else found


def _pack(writer: Writer, one: Evaluation, numbers: Mapping[str, int]) -> None:
    outputs, gradients, missing = one.outputs, one.gradients, one.missing
    for name, array in (*outputs.items(), *gradients.items()):
        if why := fits(array):
            missing = {**missing, name: f"it is {why}"}
            outputs, gradients = _without(outputs, array), _without(gradients, array)
    told = (one.mutated, one.warnings, one.raised, one.aliases, one.packages, one.unset)
    extra = bool(missing or any(told) or one.forward_calls or one.next_draw)
    flags = extra + 2 * one.resettable
    writer.raw(_HEAD.pack(len(outputs), len(gradients), flags))
    for arrays in (outputs, gradients):
        for name, array in arrays.items():
            writer.array(array, numbers.get(name, _UNKNOWN))
    if extra:
        _pack_extra(writer, one, missing)


def _without(arrays: Arrays, array: Array) -> dict[str, Array]:
    return {name: one for name, one in arrays.items() if one is not array}


def _pack_extra(writer: Writer, one: Evaluation, missing: Mapping[str, str]) -> None:
    writer.number(min(len(missing), SEVERAL))
    for name, why in list(missing.items())[:SEVERAL]:
        writer.text(name, NAME)
        writer.text(why, SENTENCE)
    writer.number(min(len(one.mutated), SEVERAL))
    for mutation in one.mutated[:SEVERAL]:
        writer.text(mutation.array, NAME)
        writer.number(_ROLES.index(mutation.role))
        writer.number(_PHASES.index(mutation.during))
    writer.texts(one.warnings, 16, SENTENCE)
    writer.number(min(len(one.aliases), SEVERAL))
    for alias in one.aliases[:SEVERAL]:
        writer.text(alias.result, NAME)
        writer.number(_ROLES.index(alias.role))
        writer.text(alias.of, NAME)
        writer.number(_ROLES.index(alias.of_role))
    writer.number(min(one.forward_calls, 2**31))
    writer.texts(one.packages, 16, NAME)
    writer.texts(one.unset, SEVERAL, NAME)
    writer.number(one.next_draw)
    _pack_raised(writer, one.raised)


def _pack_raised(writer: Writer, raised: Raised | None) -> None:
    writer.number(int(raised is not None))
    if raised is not None:
        writer.number(_PHASES.index(raised.during))
        writer.text(raised.type, NAME)
        writer.text(raised.message, SENTENCE)
        writer.texts(raised.frames[-24:], 24, 400)


def _unpack(reader: Reader, names: Sequence[str]) -> Evaluation:
    outputs_given, gradients_given, flags = reader.fixed(_HEAD)
    if max(outputs_given, gradients_given) > len(names) or flags > 3:
        raise Malformed(f"{outputs_given} outputs and {gradients_given} gradients")
    outputs = _unpack_arrays(reader, outputs_given, names)
    gradients = _unpack_arrays(reader, gradients_given, names)
    resettable = flags >= 2
    if not flags % 2:
        return Evaluation(outputs, gradients, resettable=resettable)
    missing = {
        _name(reader, names): reader.text(SENTENCE) for _ in range(reader.number(0, SEVERAL))
    }
    mutated = tuple(
        Mutation(_name(reader, names), _ROLES[reader.number(0, 4)], _PHASES[reader.number(0, 2)])
        for _ in range(reader.number(0, SEVERAL))
    )
    warnings = reader.texts(16, SENTENCE)
    aliases = tuple(
        Alias(
            _name(reader, names),
            _ROLES[reader.number(3, 4)],
            _name(reader, names),
            _ROLES[reader.number(0, 2)],
        )
        for _ in range(reader.number(0, SEVERAL))
    )
    calls, packages = reader.number(0, 2**31), reader.texts(16, NAME)
    unset, drawn = reader.texts(SEVERAL, NAME), reader.number(0, 2**31)
    raised = _unpack_raised(reader) if reader.number(0, 1) else None
    return Evaluation(
        outputs, gradients, missing, mutated, warnings, raised, aliases, calls, packages, unset,
        resettable, drawn,
    )  # fmt: skip


def _unpack_raised(reader: Reader) -> Raised:
    during = _PHASES[reader.number(0, len(_PHASES) - 1)]
    return Raised(during, reader.text(NAME), reader.text(SENTENCE), reader.texts(24, 400))


def _unpack_arrays(reader: Reader, count: int, names: Sequence[str]) -> dict[str, Array]:
    found = {}
    for _ in range(count):
        number, array = reader.labelled()
        if number >= len(names):
            raise Malformed(f"the array {number}, of which nobody asked")
        found[names[number]] = array
    return found


def _name(reader: Reader, names: Sequence[str]) -> str:
    name = reader.text(NAME)
    if name not in names:
        raise Malformed(f"an array {name!r}, of which nobody asked")
    return name
