"""Record one layer: draw its cases, and keep what it gives with the rounding seen in it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace

from gradcheck.baseline.contents import (
    ArrayRecord,
    CaseRecord,
    LayerRecord,
    Status,
    array_record,
    form_record,
)
from gradcheck.baseline.noise import Results, called, measured_noise, results_of
from gradcheck.baseline.reading import readable
from gradcheck.case import Case
from gradcheck.cases import cases
from gradcheck.checks.evaluation import cotangents, evaluate
from gradcheck.conventions.candidates import Candidate
from gradcheck.errors import AdaptError
from gradcheck.exploration import draw_cases
from gradcheck.settings import Settings
from gradcheck.sources import SourceModule
from gradcheck.subject import Array, Arrays, Evaluation, Subject

_LARGEST = 4  # the largest drawn axis: what a layer does shows on small ones, and a file is kept

_DRAWN = 4  # times as many cases are drawn as are kept
_OFTEN = 3


class _Unsteady(Exception):
    """The layer gave another answer when it was asked the same again."""


def record_layer(candidate: Candidate, module: SourceModule, settings: Settings) -> LayerRecord:
    """Return the record of one layer; where there is nothing to record it says why."""
    bare = LayerRecord(module.path, candidate.symbol, "not-read")
    try:
        subject = readable(candidate, module, settings)
        drawn = draw_cases(
            cases(subject, dtypes=settings.dtypes, largest=_LARGEST),
            examples=_DRAWN * settings.examples,
            seed=settings.seed,
        )
        drawn = varied(drawn, settings.examples)
    except AdaptError as error:
        return _because(bare, "not-read", _reason(error, candidate.symbol))
    identity = subject.identity
    bare = LayerRecord(
        module.path,
        candidate.symbol,
        "recorded",
        kind=identity.kind,
        convention=identity.convention,
        forms=[form_record(form) for form in subject.forms],
    )
    if not subject.repeatable:
        return _because(bare, "not-deterministic", "forward gives another answer every time")
    try:
        return replace(bare, cases=list(_records(subject, drawn)))
    except _Unsteady as unsteady:
        return _because(bare, "not-deterministic", str(unsteady))
    except AdaptError as error:
        return _because(bare, "not-read", _reason(error, candidate.symbol))


def varied(drawn: Sequence[Case], count: int) -> list[Case]:
    """Return ``count`` of the cases: first those that show a form, a regime or an option value.

    A few cases that are merely drawn leave out most of the extreme values, each of which is rare;
    and once or twice is not enough where a value shows something in some cases only (an overflow).
    """
    seen: Counter[object] = Counter()
    telling: list[Case] = []
    others: list[Case] = []
    for case in drawn:
        marks = {str(case.signature), case.regime, *case.options.items()}
        (telling if any(seen[one] < _OFTEN for one in marks) else others).append(case)
        seen.update(marks)
    return [*telling, *others][:count]


def unlike(first: Results, second: Results) -> str:
    """Return the name of a result that is not the same bit for bit, empty where all are."""
    if first.keys() != second.keys():
        return "what is there"
    for (role, name), one in first.items():
        other = second[role, name]
        if one.shape != other.shape or one.dtype != other.dtype:
            return f"{role} {name}"
        if not np.array_equal(one, other, equal_nan=one.dtype.kind == "f"):
            return f"{role} {name}"
    return ""


def _records(subject: Subject, drawn: list[Case]) -> Iterator[CaseRecord]:
    for case in sorted(drawn, key=_size):
        case = dataclasses.replace(case, primals=_row_major(case.primals), memory={})
        upstream = cotangents(subject, case, evaluate(subject, case).outputs)
        upstream = _row_major(upstream)
        seen = called(subject, case.primals, upstream, case.options)
        base = results_of(seen)
        again = results_of(called(subject, case.primals, upstream, case.options))
        if other := unlike(base, again):
            raise _Unsteady(f"{other} is another one every time")
        noise = measured_noise(subject, case.signature, case.primals, upstream, case.options, base)
        yield _record(subject, case, upstream, seen, noise)


def _row_major(arrays: Arrays) -> dict[str, Array]:
    """Return copies that lie in memory as they will when they are read from the file.

    A sum over another layout is another sum.
    """
    return {name: np.array(one, order="C") for name, one in arrays.items()}


def _record(
    subject: Subject, case: Case, upstream: Arrays, seen: Evaluation, noise: Results
) -> CaseRecord:
    def kept(role: str, name: str, array: Array) -> ArrayRecord:
        return array_record(array, noise[role, name])

    return CaseRecord(
        form=subject.forms.index(case.signature),
        primals={name: array_record(one) for name, one in case.primals.items()},
        cotangents={name: array_record(one) for name, one in upstream.items()},
        outputs={name: kept("output", name, one) for name, one in seen.outputs.items()},
        gradients={name: kept("gradient", name, one) for name, one in seen.gradients.items()},
        axes={name: int(one) for name, one in case.axes.items() if not isinstance(one, bool)},
        options={name: _plain(one, name) for name, one in case.options.items()},
        regime=case.regime,
        raised=str(seen.raised or ""),
    )


def _plain(value: Any, name: str) -> Any:
    """Return the value of an option as a file can hold it."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, (tuple, list)):
        return [_plain(one, name) for one in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise AdaptError(f"its option {name} may be {value!r}, which no file can hold")


def _size(case: Case) -> int:
    return sum(one.size for one in case.primals.values())


def _reason(error: AdaptError, symbol: str) -> str:
    return str(error).splitlines()[0].removeprefix(f"{symbol}: ")


def _because(layer: LayerRecord, status: Status, why: str) -> LayerRecord:
    return replace(layer, status=status, why=why, forms=[])
