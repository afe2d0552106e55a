"""A forward that is not that of its kind: what it is instead, where that can be shown exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from msgspec.structs import replace as with_fields

from gradcheck.case import Case
from gradcheck.checks.evaluation import evaluate, reference, reference_at
from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import Evidence, Hypothesis
from gradcheck.diagnosis.factors import factor
from gradcheck.diagnosis.rearranged import rearranged
from gradcheck.findings import Diagnosis
from gradcheck.kinds import find_kind
from gradcheck.numerics.rounding import Floats
from gradcheck.subject import Array, Subject


class Outputs(Discrepancy):
    """The outputs of a layer in the place of a gradient: the claim, and the reference's."""

    @property
    def word(self) -> str:
        """How the text calls what is wrong."""
        return "forward"

    @property
    def failing(self) -> tuple[Evidence, ...]:
        """The outputs of the failing cases."""
        return tuple(one for case in self.failing_cases if (one := _outputs(self.subject, case)))


def explain_forward(subject: Subject, failing: Sequence[Case]) -> Diagnosis | None:
    """Return what a forward computes in the place of its kind's, or None."""
    wrong = Outputs(subject, failing[0].signature.outputs[0].name, failing)
    found = factor(wrong) or rearranged(wrong)
    if found is not None:
        text = found.text.replace("the right gradient", "the right value")
        evidence = found.evidence.replace("the numerical gradient", "the right value")
        return with_fields(found, name=f"forward-{found.name}", text=text, evidence=evidence)
    for name, text, hypothesis in _hypotheses(wrong):
        if wrong.holds(hypothesis):
            return Diagnosis(
                name=f"forward-{name}",
                text=f"forward {text}",
                evidence=f"so the reference layer gives the very same values; {wrong.count()}",
                repair=_intended(wrong) if name == "over-other-axis" else "",
            )
    return None


def _intended(wrong: Outputs) -> str:
    """Return how to say that examples are columns: some courses have it so."""
    signature = wrong.failing[0].case.signature
    sides = [
        ", ".join(f"{one.name}: {' '.join(reversed(one.axes))}" for one in side)
        for side in (signature.arrays, signature.outputs)
    ]
    return (
        "take the axis of the classes, or, where examples are meant to be columns, say so: "
        f"--assume signature='{' -> '.join(sides)}'"
    )


def _hypotheses(wrong: Outputs) -> Iterator[tuple[str, str, Hypothesis]]:
    first = wrong.failing[0].case if wrong.failing else None
    for spec in first.signature.parameters if first else ():
        own = wrong.own(spec.name)
        for value, text in ((0.0, "does not add {own}"), (1.0, "does not multiply by {own}")):
            yield f"without-{spec.name}", text.format(own=own), _filled(spec.name, value)
        if len(spec.axes) == 2:
            yield f"transposed-{spec.name}", f"uses {own} transposed", _transposed(spec.name)
    for name, values in wrong.subject.options.items():
        for value in values:
            text = f"is that of {name} = {value}, whatever {name} is"
            yield f"option-ignored-{name}", text, _under(name, value)
    yield "over-other-axis", "runs along the other axis", _called(_turned)
    yield "over-all-axes", "runs over the whole array, not over each row apart", _called(_flat)


def _outputs(subject: Subject, case: Case) -> Evidence | None:
    right, name = reference(subject, case), case.signature.outputs[0].name
    value = evaluate(subject, case).outputs.get(name)
    if right is None or value is None or value.shape != right.outputs[name].shape:
        return None
    wanted = right.outputs[name].astype(np.float64)
    if not np.any(wanted) or not np.isfinite(value).all() or not np.isfinite(wanted).all():
        return None
    error = np.zeros(wanted.shape)
    return Evidence(subject, case, name, value.astype(np.float64), wanted, error)


def _filled(name: str, value: float) -> Hypothesis:
    return _changed(lambda one: {name: np.full_like(one.case.primals[name], value)})


def _transposed(name: str) -> Hypothesis:
    def primals(one: Evidence) -> Mapping[str, Array]:
        matrix = one.case.primals[name]
        return {name: matrix.T.reshape(matrix.shape)}

    return _changed(primals)


def _changed(primals: Callable[[Evidence], Mapping[str, Array]]) -> Hypothesis:
    def hypothesis(one: Evidence) -> Floats | None:
        try:
            changed = {**one.case.primals, **primals(one)}
        except KeyError:  # a form without this parameter
            return None
        return _value(one, one.case, changed)

    return hypothesis


def _under(name: str, value: Any) -> Hypothesis:
    def hypothesis(one: Evidence) -> Floats | None:
        if name not in one.case.options:
            return None
        case = replace(one.case, options={**one.case.options, name: value})
        return _value(one, case, one.case.primals)

    return hypothesis


def _value(one: Evidence, case: Case, primals: Mapping[str, Array]) -> Floats | None:
    found = reference_at(one.subject, case, primals)
    if found is None or one.array not in found.outputs:
        return None
    return found.outputs[one.array].astype(np.float64)


Call = Callable[[Callable[[Array], Any], Array], Array]


def _called(call: Call) -> Hypothesis:
    """Return what the reference of a layer of one array gives for that array laid otherwise."""

    def hypothesis(one: Evidence) -> Floats | None:
        kind = find_kind(one.subject.identity.kind or "")
        if one.subject.meanings or len(one.case.primals) != 1 or kind.reference is None:
            return None
        (x,) = one.case.primals.values()
        try:
            found = call(kind.reference(**one.case.options).forward, x)
        except (TypeError, ValueError, IndexError):  # how it refuses what it does not take
            return None
        return np.asarray(found, dtype=np.float64)

    return hypothesis


def _turned(forward: Callable[[Array], Any], x: Array) -> Array:
    return np.asarray(forward(x.T)).T


def _flat(forward: Callable[[Array], Any], x: Array) -> Array:
    return np.asarray(forward(x.ravel())).reshape(x.shape)
