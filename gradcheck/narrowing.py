"""Smaller cases beside a case: one axis smaller and values drawn anew, or a part of its arrays.

Hypothesis shrinks one choice at a time, so two things are left to do. Unequal axes are one choice:
without it the axis that must be larger is too small. And it draws other values for other sizes, so
a fault that shows at a rare value keeps the sizes at which that value was met: in a part the values
stay, and what is not needed around them goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from gradcheck.axes import names_of
from gradcheck.case import Case, make_case
from gradcheck.signature import Signature
from gradcheck.sizes import legal, usual_ranges
from gradcheck.subject import Array
from gradcheck.values import REGIMES

_WHOLE_ROWS = ("one-hot", "probabilities", "mask")  # whose last axis says something as a whole


def resized(
    case: Case, fixed: Iterable[str] = (), constraints: Iterable[str] = ()
) -> Iterator[Case]:
    """Yield the case with one axis smaller, its values drawn anew: the smallest first."""
    if case.regime not in REGIMES:  # concrete inputs
        return
    free = [name for name in case.axes if name not in {*fixed, *case.options}]
    ranges = usual_ranges(case.signature, free, 2)
    floats = [one.dtype.name for one in case.primals.values() if one.dtype.kind == "f"]
    for name in free:
        for size in range(ranges[name][0], case.axes[name]):
            axes = {**_sizes(case), name: size}
            if not legal(case.signature, constraints, axes):
                continue
            smaller = make_case(
                case.signature,
                axes,
                case.options,
                regime=case.regime,
                seed=case.seed,
                dtype=floats[0] if floats else "float64",
            )
            yield replace(smaller, mode=case.mode)


def separable(signature: Signature, fixed: Iterable[str] = ()) -> list[str]:
    """Return the axes of which any indices may be left out: each a plain name wherever it is."""
    names = dict.fromkeys(term for one in signature.arrays for term in one.axes)
    bound = set(fixed)
    for one in signature.arrays:
        bound |= {name for term in (one.below, one.least) for name in names_of(term)}
        bound |= {name for term in one.axes if not term.isidentifier() for name in names_of(term)}
        bound |= {one.axes[-1]} if one.domain in _WHOLE_ROWS and one.axes else set()
    return [name for name in names if name.isidentifier() and name not in bound]


def parts(case: Case, name: str) -> Iterator[Case]:
    """Yield the case with a single index of an axis, and then with one index less."""
    size = case.axes[name]
    if size > 1:
        yield from (part(case, name, [index]) for index in range(size))
    if size > 2:
        for index in reversed(range(size)):
            yield part(case, name, [one for one in range(size) if one != index])


def part(case: Case, name: str, indices: Sequence[int]) -> Case:
    """Return the case with these indices of an axis only, in all of its arrays."""
    primals = {
        one.name: _taken(case.primals[one.name], one.axes, name, indices)
        for one in case.signature.arrays
    }
    upstream = {
        one.name: _taken((case.upstream or {})[one.name], one.axes, name, indices)
        for one in case.signature.outputs
        if one.name in (case.upstream or {})
    }
    axes = {**case.axes, name: len(indices)}
    return replace(case, axes=axes, primals=primals, upstream=upstream or None, memory={})


def allowed(case: Case, constraints: Iterable[str]) -> bool:
    """Return whether the sizes of a part are legal ones of the layer."""
    return legal(case.signature, constraints, _sizes(case))


def _sizes(case: Case) -> dict[str, int]:
    return {
        **{name: one for name, one in case.options.items() if isinstance(one, int)},
        **case.axes,
    }


def _taken(array: Array, terms: Sequence[str], name: str, indices: Sequence[int]) -> Array:
    """Return an array with fewer indices; an output whose axes are open stays as it is."""
    for position, term in enumerate(terms):
        if term == name and position < array.ndim:
            array = np.take(array, indices, axis=position)
    array = np.array(array)
    array.flags.writeable = False
    return array
