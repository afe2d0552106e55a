"""The smallest part and the simplest values of a case in which a fault persists.

Hypothesis finds the smallest axes; values come from a seed and are whatever it gives. So what is
left of the case is cut down where it can be, and its values are replaced, by 1, 0.5, -2 and the
like: all at once, then array by array, then one by one, as long as the *same* fault (its check and
its array) persists, and as clearly as before. Elements of an array stay different from each other:
equal ones are ties, and rows without a variance.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, evaluate
from gradcheck.findings import Finding, Numbers
from gradcheck.narrowing import allowed, parts, resized, separable
from gradcheck.signature import ArraySpec
from gradcheck.subject import Array, Arrays, Subject
from gradcheck.values import SIMPLE, simplest

TRIES = 64
_ALTERNATIVES = (*SIMPLE[:3], 0.0, *SIMPLE[3:5])  # for a single element
_MOST_ELEMENTS = 24  # of one array, tried one by one
_CLEAR = 1e4  # times its error bound: a discrepancy that nobody takes for rounding
_SIZEABLE = 0.05  # of the larger of both values

Persists = Callable[[Case], Finding | None]
"""Whether the same fault shows in a case: its finding, or None."""


def simplified(
    subject: Subject, case: Case, found: Finding, persists: Persists, seconds: float
) -> tuple[Case, Finding]:
    """Return the simplest case in which ``found`` persists, and the finding there.

    Ends after ``TRIES`` parts and as many other values, or ``seconds``.
    """
    deadline = time.monotonic() + seconds
    search = _Search(case, found, persists, deadline)
    _shrink(search, subject)
    if not subject.unit_upstream:
        outputs = evaluate(subject, search.case).outputs
        upstream = cotangents(subject, search.case, outputs)
        search.case = replace(search.case, upstream=upstream)
    _cut(search, subject)
    search.tries = 0
    for attempt in _attempts(search):
        if search.over:
            break
        search.take(attempt)
    return search.case, search.found


def _shrink(search: _Search, subject: Subject) -> None:
    """Make axes smaller, one by one, as far as the fault persists with other values."""
    while any(
        search.offer(one)
        for one in resized(search.case, subject.fixed_axes, subject.constraints)
        if not search.over
    ):
        pass


def _cut(search: _Search, subject: Subject) -> None:
    """Leave parts of the arrays out, axis by axis, as far as the fault persists in the rest."""
    free = separable(search.case.signature, {*subject.fixed_axes, *search.case.options})
    for name in free if search.case.axes else ():
        while any(
            search.offer(one)
            for one in parts(search.case, name)
            if not search.over and allowed(one, subject.constraints)
        ):
            pass


class _Search:
    """The best case so far; an attempt is other values for some of its arrays."""

    def __init__(self, case: Case, found: Finding, persists: Persists, deadline: float) -> None:
        self.case, self.found, self.persists = case, found, persists
        self.first, self.deadline, self.tries = found.numbers, deadline, 0

    @property
    def over(self) -> bool:
        """Whether enough was tried."""
        return self.tries >= TRIES or time.monotonic() > self.deadline

    @property
    def arrays(self) -> dict[str, Array]:
        """The arrays and the upstream gradients by name, which ``_Upstream`` tells apart."""
        return {**self.case.primals, **_marked(self.case.upstream or {})}

    def take(self, values: Arrays) -> None:
        """Make these values those of the case, if the fault persists with them."""
        arrays = self.arrays
        if all(np.array_equal(values[name], arrays[name]) for name in values):
            return
        for array in values.values():
            array.flags.writeable = False
        primals = {name: values.get(name, one) for name, one in self.case.primals.items()}
        upstream = self.case.upstream and {
            name: values.get(_mark(name), one) for name, one in self.case.upstream.items()
        }
        self.offer(replace(self.case, primals=primals, upstream=upstream, memory={}))

    def offer(self, case: Case) -> bool:
        """Take this case for the best one, if the fault persists in it."""
        self.tries += 1
        found = self.persists(case)
        if found is None or not _as_clear(found.numbers, self.first):
            return False
        self.case, self.found = case, found
        return True


def _attempts(search: _Search) -> Iterator[Mapping[str, Array]]:
    """Yield other values, those that change most first; each looks at the best case so far."""
    specs = {one.name: one for one in search.case.signature.arrays}
    names = list(search.arrays)
    for chosen in (names, *([name] for name in names)):
        yield {
            name: _simplest(specs.get(name), search.case, search.arrays[name]) for name in chosen
        }
    for name in names:
        if search.arrays[name].dtype.kind == "f" and _is_real(specs.get(name)):
            yield {name: _rounded(search.arrays[name])}
    for name in names:
        if search.arrays[name].size <= _MOST_ELEMENTS:
            yield from _elements(search, name, specs.get(name))


def _is_real(spec: ArraySpec | None) -> bool:
    return spec is None or spec.domain in ("real", "positive", "nonzero")


def _elements(search: _Search, name: str, spec: ArraySpec | None) -> Iterator[dict[str, Array]]:
    """Yield the array with one simpler element."""
    domain = spec.domain if spec else "real"
    if search.arrays[name].dtype.kind != "f" or domain == "probabilities":
        return
    for index in np.ndindex(search.arrays[name].shape):
        for value in _alternatives(float(search.arrays[name][index]), domain):
            array = np.array(search.arrays[name])
            array[index] = value
            yield {name: array}
            if search.arrays[name][index] == value:
                break


def _alternatives(value: float, domain: str) -> Iterator[float]:
    """Yield simpler values than ``value`` in a domain, the simplest first."""
    if value in SIMPLE or value == 0:
        return
    shorter = (float(f"{value:.{digits}e}") for digits in (0, 1))
    yield from (one for one in (*_ALTERNATIVES, *shorter) if one != value and _fits(one, domain))


def _fits(value: float, domain: str) -> bool:
    if domain == "unit":
        return 0 < value < 1
    if domain == "positive":
        return value > 0
    return domain != "nonzero" or value != 0


def _simplest(spec: ArraySpec | None, case: Case, array: Array) -> Array:
    """Return the simplest values of an array of the case; of an upstream gradient without spec."""
    if spec is None:
        return np.resize(SIMPLE, array.size).reshape(array.shape).astype(array.dtype)
    sizes = {name: one for name, one in case.options.items() if isinstance(one, int)}
    values = simplest(spec, {**case.axes, **sizes})
    fits = values.shape == array.shape  # of concrete inputs, the sizes have no names
    return values.astype(array.dtype) if fits else np.array(array)


def _rounded(array: Array) -> Array:
    """Return the multiples of 1/8 next to the values, none of them zero that was not."""
    eighths = np.round(array * 8) / 8
    return np.where((eighths == 0) & (array != 0), array, eighths).astype(array.dtype)


def _as_clear(numbers: Numbers | None, first: Numbers | None) -> bool:
    """Return whether a discrepancy is as clear as the first one, so that it is no marginal one."""
    if numbers is None or first is None:
        return True
    (ratio, size), (least, relative) = map(_clearness, (numbers, first))
    return ratio >= min(least, _CLEAR) and size >= min(relative / 2, _SIZEABLE)


def _clearness(numbers: Numbers) -> tuple[float, float]:
    """Return a discrepancy over its bound, and over the larger of both values."""
    apart = abs(numbers.analytic - numbers.numeric)
    larger = max(abs(numbers.analytic), abs(numbers.numeric))
    return apart / max(numbers.error_bound, 1e-300), apart / max(larger, 1e-300)


def _mark(name: str) -> str:
    return f"d/{name}"


def _marked(arrays: Arrays) -> dict[str, Array]:
    return {_mark(name): array for name, array in arrays.items()}
