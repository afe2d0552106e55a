"""A forward that is right at the cases and another one next to them.

Differences are taken from points near to a case. Code that knows such points when it sees them
could forge there what its wrong backward needs. So at each of them the forward is held against the
reference of its kind; where it agreed at the case and does not agree next to it, it is forged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck.case import Case, given_case, plain_case
from gradcheck.checks.evaluation import agree, reference_outputs
from gradcheck.errors import LayerForged
from gradcheck.signature import Signature
from gradcheck.subject import Array, Arrays, Evaluation, Subject

_DIGITS = 2.0**-44  # a formula that is written in another way differs by less, mostly
# Of a clip, which honest layers have and a reference has not, one side differs and one does not.
_MOST = 0.75  # of the points next to a case differ where forward is forged there
_FEWEST = 4  # points tell anything
_LATEST = 4  # cases among which points are looked for
_TOGETHER = 64  # points are looked at at once
_AHEAD = 1 << 20  # bytes of the reference's outputs that are computed ahead
_CLOSE = 0.1  # of the largest value: as far as differences are taken

_Case = tuple[Arrays, Arrays, Mapping[str, Any]]
"""Primals, outputs and options."""


@dataclass
class Beside:
    """The points of a difference next to a case, ``here``, and what the reference gives there.

    ``near`` are the numbers of those that are near; it is known once that was computed.
    """

    subject: Subject
    here: _Case
    form: Signature
    points: Sequence[Arrays]
    near: list[int] = field(default_factory=list)
    _case: Case = field(init=False)
    _wanted: dict[int, dict[str, Array] | None] | None = field(default=None, init=False)

    def compute(self) -> None:
        """Compute what does not depend on the answers: while the layer computes these, say."""
        if self._wanted is not None:
            return
        primals, outputs, options = self.here
        self._case = given_case(self.form, primals, 0, options=options)
        for start in range(0, len(self.points), _TOGETHER):
            near = _near(self.here, self.points[start : start + _TOGETHER], options)
            self.near += [number for number, is_near in enumerate(near, start) if is_near]
        size = sum(one.nbytes for one in outputs.values())
        kept = self.near[: _AHEAD // max(size, 1)]
        self._wanted = {number: self._reference(number) for number in kept}

    def wanted(self, number: int) -> dict[str, Array] | None:
        """Return what the reference gives at a point, None where it says nothing."""
        known = self._wanted or {}
        return known[number] if number in known else self._reference(number)

    def _reference(self, number: int) -> dict[str, Array] | None:
        return reference_outputs(self.subject, self._case, self.points[number], self.here[1])


class Nearby:
    """Remembers the forward at the latest cases, and looks at those next to one of them."""

    def __init__(self) -> None:
        self._cases: deque[_Case] = deque(maxlen=_LATEST)
        self.forged: LayerForged | None = None

    def still(self) -> None:
        """Raise again what was found: a layer that forged once has nothing more to say."""
        if self.forged is not None:
            raise self.forged

    def note(self, primals: Arrays, answer: Evaluation, options: Mapping[str, Any]) -> None:
        """Remember what forward gave at a case."""
        if answer.outputs:
            self._cases.append((primals, answer.outputs, options))

    def beside(
        self, subject: Subject, points: Sequence[Arrays], options: Mapping[str, Any]
    ) -> Beside | None:
        """Return which case these points are next to, None where there is nothing to be seen."""
        if not subject.repeatable or subject.identity.kind is None or not points:
            return None
        # The points may be those of a case that was left in the meantime.
        here = next(
            (one for one in reversed(self._cases) if any(_near(one, points[:1], options))), None
        )
        form = here and _form(subject, here[0], options)
        return Beside(subject, here, form, points) if here and form else None

    def see(self, beside: Beside, answers: Sequence[Evaluation]) -> None:
        """Hold what forward gave next to a case against the reference.

        Raises
        ------
        LayerForged
            It differs there, and did not at the case.
        """
        subject, form, here = beside.subject, beside.form, beside.here
        beside.compute()
        near = len(beside.near)
        other = [
            (beside.points[number], answers[number].outputs)
            for number in beside.near
            if not _plainly_same(answers[number].outputs, beside.wanted(number))
        ]
        few = near < _FEWEST or len(other) < _MOST * near
        if few or _differing(subject, form, *here) is not None:
            return
        off = _offsets(subject, form, *here)
        found = [
            _differing(subject, form, primals, _shifted(outputs, off), here[2])
            for primals, outputs in other
        ]
        names = [name for name in found if name is not None]
        if len(names) >= _MOST * near:
            self._judge(subject, form, names[0])

    def _judge(self, subject: Subject, form: Signature, name: str) -> None:
        """Tell a forged forward from one that is honest, and another function everywhere.

        At a case with zeros in it that may agree by chance; at an ordinary point it does not.
        """
        plain = plain_case(subject, form)
        far = subject.forward(plain.primals, plain.options)
        if (
            far.outputs
            and _differing(subject, form, plain.primals, far.outputs, plain.options) is None
        ):
            self.forged = _forged(subject, name)
            raise self.forged


def _near(one: _Case, points: Sequence[Arrays], options: Mapping[str, Any]) -> list[bool]:
    """Whether each point is next to a case; in another precision no digits are comparable."""
    base, _, chosen = one
    look = _look(base)
    alike = [chosen == options and _look(primals) == look for primals in points]
    rows = [row for row, is_alike in enumerate(alike) if is_alike]
    near = np.ones(len(rows), bool)
    for name, array in base.items() if rows else ():
        # All at once: one by one they cost as much as the calls of a small layer.
        moved = np.array([points[row][name] for row in rows]).reshape(len(rows), -1)
        if array.dtype.kind == "f" and array.size:
            with np.errstate(invalid="ignore"):  # nan is far from everything
                apart = np.abs(moved - array.reshape(-1)).max(axis=1)
            near &= apart <= _CLOSE * (1 + np.abs(array).max())
        else:
            near &= (moved == array.reshape(-1)).all(axis=1)
    for row, is_near in zip(rows, near, strict=True):
        alike[row] = bool(is_near)
    return alike


def _offsets(
    subject: Subject, form: Signature, primals: Arrays, outputs: Arrays, options: Mapping[str, Any]
) -> dict[str, Array]:
    """Return by how much the outputs at the case are off, within what counts as the same.

    An epsilon of the layer's own, which is off as much next to the case.
    """
    case = given_case(form, primals, 0, options=options)
    wanted = reference_outputs(subject, case, primals, outputs) or {}
    return {
        name: value - wanted[name]
        for name, value in outputs.items()
        if name in wanted and wanted[name].shape == value.shape and np.isfinite(value).all()
    }


def _shifted(outputs: Arrays, off: Arrays) -> dict[str, Array]:
    return {
        name: value - off[name] if name in off and off[name].shape == value.shape else value
        for name, value in outputs.items()
    }


def _forged(subject: Subject, name: str) -> LayerForged:
    symbol, kind = subject.identity.symbol, subject.identity.kind
    return LayerForged(
        "forward-differs",
        f"{symbol}.forward is another function next to the points at which it was seen",
        f"{name} is that of a {kind} at the cases, and is not at points close to them, from which "
        "the gradient is computed; so nothing that backward gives can be right",
    )


def told_apart(subject: Subject) -> LayerForged:
    """Return the error for a forward that is another one where many points are asked for."""
    symbol = subject.identity.symbol
    return LayerForged(
        "forward-differs",
        f"{symbol}.forward gives another value at the same point when it is asked again",
        "the points from which a gradient is computed got other values than each of them alone, "
        "and the same call gave the same values otherwise",
    )


def _plainly_same(outputs: Arrays, values: Arrays | None) -> bool:
    """Return whether nothing but a few last digits is other than what the reference gives.

    What :func:`agree` takes at its first look: it costs a sixth of that, for every point of every
    difference.
    """
    if values is None:
        return True
    for name, value in outputs.items():
        wanted = values.get(name)
        if wanted is None:  # the reference has no such output
            continue
        if value.shape != wanted.shape:
            return False
        with np.errstate(invalid="ignore"):  # nan is no difference that is small
            close = np.abs(value - wanted) <= _DIGITS * np.abs(wanted)
        if not (close | (value == wanted)).all():
            return False
    return True


def _differing(
    subject: Subject,
    form: Signature,
    primals: Arrays,
    outputs: Arrays,
    options: Mapping[str, Any],
) -> str | None:
    """Return the output that is not that of the reference, None where all are."""
    case = given_case(form, primals, 0, options=options)
    for name, value in outputs.items():
        if not agree(value, _Reference(subject, case, outputs, name), case):
            return name
    return None


class _Reference:
    """One output of the reference, as a function of the primals; the layer's where it has none."""

    def __init__(self, subject: Subject, case: Case, outputs: Arrays, name: str) -> None:
        self._subject, self._case, self._outputs, self._name = subject, case, outputs, name

    def __call__(self, primals: Arrays) -> Array | None:
        values = reference_outputs(self._subject, self._case, primals, self._outputs)
        own = self._outputs[self._name]
        value = own if values is None else values.get(self._name, own)
        return value if value.shape == own.shape else own


def _form(subject: Subject, primals: Arrays, options: Mapping[str, Any]) -> Signature | None:
    """Return the form under which arrays go in."""
    ranks = {name: array.ndim for name, array in primals.items()}
    for form in subject.forms:
        if form.holds_for(options) and ranks == {one.name: len(one.axes) for one in form.arrays}:
            return form
    return None


def _look(primals: Arrays) -> dict[str, tuple[Any, ...]]:
    return {name: (array.shape, array.dtype) for name, array in primals.items()}
