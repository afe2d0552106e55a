"""Record one layer: draw its cases, and keep what it gives with the rounding seen in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck.baseline.contents import (
    ArrayRecord,
    CaseRecord,
    LayerRecord,
    array_record,
    form_record,
)
from gradcheck.baseline.noise import Results, called, measured_noise, results_of
from gradcheck.baseline.reading import readable
from gradcheck.cases import Case, cases
from gradcheck.checks.evaluation import cotangents, evaluate
from gradcheck.conventions.candidates import Candidate
from gradcheck.errors import AdaptError
from gradcheck.exploration import draw_cases
from gradcheck.settings import Settings
from gradcheck.sources import SourceModule
from gradcheck.subject import Evaluation, Subject


class _Unsteady(Exception):
    """The layer gave another answer when it was asked the same again."""


def record_layer(candidate: Candidate, module: SourceModule, settings: Settings) -> LayerRecord:
    """Return the record of one layer; where there is nothing to record it says why."""
    bare = LayerRecord(module.path, candidate.symbol, "not-read")
    try:
        subject = readable(candidate, module, settings)
        drawn = draw_cases(
            cases(subject, dtypes=settings.dtypes, mode=settings.mode),
            examples=settings.examples,
            seed=settings.seed,
        )
    except AdaptError as error:
        return _because(bare, "not-read", str(error).splitlines()[0])
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
        return _with_cases(bare, list(_records(subject, drawn)))
    except _Unsteady as unsteady:
        return _because(bare, "not-deterministic", str(unsteady))


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
        upstream = cotangents(subject, case, evaluate(subject, case).outputs)
        seen = called(subject, case.primals, upstream, case.options)
        base = results_of(seen)
        again = results_of(called(subject, case.primals, upstream, case.options))
        if other := unlike(base, again):
            raise _Unsteady(f"{other} is another one every time")
        noise = measured_noise(
            subject, case.signature, case.primals, upstream, case.options, base
        )
        yield _record(subject, case, upstream, seen, noise)


def _record(
    subject: Subject, case: Case, upstream: dict[str, np.ndarray], seen: Evaluation, noise: Results
) -> CaseRecord:
    def kept(role: str, name: str, array: np.ndarray) -> ArrayRecord:
        return array_record(array, noise[role, name])

    return CaseRecord(
        form=subject.forms.index(case.signature),
        primals={name: array_record(one) for name, one in case.primals.items()},
        cotangents={name: array_record(one) for name, one in upstream.items()},
        outputs={name: kept("output", name, one) for name, one in seen.outputs.items()},
        gradients={name: kept("gradient", name, one) for name, one in seen.gradients.items()},
        axes=dict(case.axes),
        options=dict(case.options),
        regime=case.regime,
        raised=str(seen.raised or ""),
    )


def _size(case: Case) -> int:
    return sum(one.size for one in case.primals.values())


def _because(layer: LayerRecord, status: str, why: str) -> LayerRecord:
    return LayerRecord(
        layer.source,
        layer.symbol,
        "not-read" if status == "not-read" else "not-deterministic",
        why,
        layer.kind,
        layer.convention,
    )


def _with_cases(layer: LayerRecord, recorded: list[CaseRecord]) -> LayerRecord:
    return LayerRecord(
        layer.source,
        layer.symbol,
        layer.status,
        "",
        layer.kind,
        layer.convention,
        layer.forms,
        recorded,
    )
