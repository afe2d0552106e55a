"""What is known of one wrong gradient: the claim, the differences, and what went in.

An explanation is a hypothesis about the claimed gradient. It holds for a case where it equals the
claim to what the differences resolve; it *decides* there only if the claim without it would be
off by a thousand times more. So nothing that merely resembles the right gradient explains a
discrepancy, and a case whose differences are blunt (a kink, saturation) convinces nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradcheck.axes import axis_size
from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, evaluate
from gradcheck.checks.gradients import differences
from gradcheck.diagnosis.jacobian import derivatives
from gradcheck.errors import SignatureError
from gradcheck.numerics.rounding import Bools, Floats
from gradcheck.subject import Arrays, Subject

FITS = 1e-6
"""A fit is off by no more than this, relative to the largest element."""
_EXPLAINS = 1e-3  # of the discrepancy may be left over
_SHARP = 1e-5  # error bound of the differences, relative to the gradient


@dataclass(frozen=True)
class Evidence:
    """One case: the claimed and the numerical gradient of one array, and what went in."""

    subject: Subject
    case: Case
    array: str
    claimed: Floats
    numeric: Floats
    error: Floats

    @property
    def terms(self) -> tuple[str, ...]:
        """The axis terms of the array, one for each of its axes."""
        terms = self.case.signature.by_name[self.array].axes
        return terms if len(terms) == self.numeric.ndim else ()

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Axis terms and their sizes: named axes, compound terms, whole-number options."""
        known = {
            name: value
            for name, value in {**self.case.options, **_axes(self.case)}.items()
            if isinstance(value, int) and not isinstance(value, bool)
        }
        signature = self.case.signature
        for one in (*signature.arrays, *signature.outputs):
            for term in one.axes if not one.open else ():
                try:
                    known.setdefault(term, axis_size(term, known))
                except SignatureError:
                    continue
        return {name: size for name, size in known.items() if not name.isdigit()}

    @cached_property
    def outputs(self) -> dict[str, Floats]:
        """The outputs by name."""
        found = evaluate(self.subject, self.case).outputs
        return {name: one.astype(np.float64) for name, one in found.items()}

    @cached_property
    def upstream(self) -> dict[str, Floats]:
        """The upstream gradients by name of the output."""
        given = cotangents(self.subject, self.case, evaluate(self.subject, self.case).outputs)
        return {name: one.astype(np.float64) for name, one in given.items()}

    @cached_property
    def discrepancy(self) -> Floats:
        """How far the claim is from the differences."""
        return self.claimed - self.numeric

    @cached_property
    def wrong(self) -> Bools:
        """The elements that are off by more than the differences are."""
        slack = 4 * self.error + 1e-9 * np.abs(self.numeric).max(initial=0.0)
        return np.asarray(np.abs(self.discrepancy) > slack)

    @cached_property
    def jacobian(self) -> Floats | None:
        """The derivative of every output by every element, (outputs, elements), or None.

        None where it does not contract to the numerical gradient: a kink is near.
        """
        found = derivatives(self.subject, self.case, self.array)
        if found is None or not self.near(self.contracted(found, self.upstream), self.numeric):
            return None
        return found

    def aligned(self, name: str) -> Floats | None:
        """Return an array or an output in the axes of the gradient, by their terms; or None."""
        known = {**self.case.primals, **self.outputs}
        spec = self.case.signature.by_name.get(name)
        if name not in known or spec is None or spec.open:
            return None
        value = np.asarray(known[name], dtype=np.float64)
        terms = [term for term in spec.axes if term != "1"]
        distinct = len(set(terms)) == len(terms) and len(set(self.terms)) == len(self.terms)
        if value.ndim != len(spec.axes) or not distinct or not set(terms) <= set(self.terms):
            return None
        order = sorted(range(len(terms)), key=lambda at: self.terms.index(terms[at]))
        value = value.reshape([s for s, t in zip(value.shape, spec.axes, strict=True) if t != "1"])
        sizes = zip(self.numeric.shape, self.terms, strict=True)
        moved: Floats = value.transpose(order)
        return moved.reshape([size if term in terms else 1 for size, term in sizes])

    def contracted(self, jacobian: Floats, upstream: Arrays) -> Floats:
        """Return the gradient that another upstream gradient gives."""
        laid = np.concatenate([np.ravel(upstream[name]) for name in self.outputs])
        return (laid @ jacobian).reshape(self.numeric.shape)

    def near(self, one: Floats, other: Floats) -> bool:
        """Return whether two gradients are equal to what the differences resolve."""
        return one.shape == other.shape and self._gap(one, other) <= 1.0

    def equals(self, hypothesis: Floats | None) -> bool:
        """Return whether the claim is what a hypothesis says."""
        return hypothesis is not None and self.near(self.claimed, hypothesis)

    def decides(self, hypothesis: Floats) -> bool:
        """Return whether the claim without the hypothesis would be off by much more."""
        left = np.abs(self.claimed - hypothesis).max(initial=0.0)
        left = max(left, 4 * float(self.error.max(initial=0.0)))
        return bool(left <= _EXPLAINS * np.abs(self.discrepancy).max(initial=0.0))

    def _gap(self, one: Floats, other: Floats) -> float:
        largest = max(np.abs(one).max(initial=0.0), np.abs(other).max(initial=0.0))
        usual = np.abs(self.numeric).max(initial=0.0)
        grown = max(1.0, largest / usual) if usual else 1.0
        slack = FITS * largest + 4 * grown * float(self.error.max(initial=0.0))
        gap = float(np.abs(one - other).max(initial=0.0))
        if not np.isfinite(gap):
            return np.inf
        return gap / slack if slack else (np.inf if gap else 0.0)


Hypothesis = Callable[[Evidence], "Floats | None"]


def evidence_of(subject: Subject, case: Case, array: str) -> Evidence | None:
    """Return the evidence of one case, or None where the differences are blunt."""
    claim = evaluate(subject, case).gradients.get(array)
    if claim is None or claim.shape != case.primals[array].shape or not np.isfinite(claim).all():
        return None
    told = differences(subject, case, array)
    largest = np.abs(told.gradient).max(initial=0.0)
    if not np.isfinite(largest) or not (told.error <= _SHARP * largest).all() or not largest:
        return None
    return Evidence(subject, case, array, claim.astype(np.float64), told.gradient, told.error)


def _axes(case: Case) -> Mapping[str, int]:
    """Return the sizes of the axes; those of concrete arrays follow from their shapes."""
    if case.axes:
        return case.axes
    try:
        return case.signature.bind({name: one.shape for name, one in case.primals.items()})
    except SignatureError:
        return {}


def spread(found: Sequence[Evidence], name: str) -> str:
    """Return how the size of an axis or the value of an option varied, in words."""
    values = sorted({value_of(one, name) for one in found})
    told = ", ".join(f"{value:g}" for value in values)
    return (
        f"{name} was {values[0]:g} to {values[-1]:g}" if len(values) > 3 else f"{name} was {told}"
    )


def value_of(one: Evidence, name: str) -> float:
    """Return the size of an axis or the value of an option."""
    known: Mapping[str, float] = {**one.case.options, **one.sizes}
    return float(known[name])
