"""Where a gradient is wrong: only in the last row, the border, one block, off the diagonal.

Said only where chance cannot be the reason: the probability that as many wrong elements, thrown
at random, all fall into the region is below one in a million.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import Evidence
from gradcheck.findings import Diagnosis
from gradcheck.numerics.rounding import Bools

_CHANCE = 1e-6
_LEAST = 3  # size of an axis at which a place on it is one among several
_BLOCKS = re.compile(r"^([2-6])\*(\w+)$")


def place(wrong: Discrepancy) -> Diagnosis | None:
    """The smallest named region that holds all wrong elements of all cases."""
    if len(wrong.failing) < 3:
        return None
    forms = list(wrong.by_terms)
    terms = tuple(term for term in forms[0] if all(form.count(term) == 1 for form in forms))
    held = [region for region in _regions(terms) if _holds(wrong, region[2])]
    if not held:
        return None
    name, text, inside = min(held, key=lambda region: _share(wrong, region[2]))
    count = sum(int(one.wrong.sum()) for one in wrong.failing)
    total = sum(int(inside(one).sum()) for one in wrong.failing)
    return Diagnosis(
        name=f"only-{name}",
        text=f"{wrong.word} is wrong only {text}, and right elsewhere",
        evidence=f"all {count} wrong elements are among these {total}, in all "
        f"{len(wrong.failing)} failing cases seen",
    )


Region = Callable[[Evidence], Bools]


def _holds(wrong: Discrepancy, inside: Region) -> bool:
    chance, wide = 1.0, 0
    for one in wrong.failing:
        region = inside(one)
        if (one.wrong & ~region).any():
            return False
        chance *= _by_chance(int(region.sum()), region.size, int(one.wrong.sum()))
        wide += not region.all()
    return chance < _CHANCE and wide >= 3


def _by_chance(inside: int, total: int, count: int) -> float:
    """Return how likely ``count`` of ``total`` elements are all inside."""
    left = [(inside - number) / (total - number) for number in range(count)]
    return float(np.prod(left))


def _share(wrong: Discrepancy, inside: Region) -> float:
    return float(np.mean([inside(one).mean() for one in wrong.failing]))


def _regions(terms: tuple[str, ...]) -> Iterator[tuple[str, str, Region]]:
    """Yield name, text and region, the simplest first."""
    ends = (("last", (-1,)), ("first", (0,)), ("second", (1,)), ("border", (0, -1)))
    for which, indices in ends:
        for count in (1, 2):
            for some in combinations(terms, count):
                told = list(some)
                text = f"at the {which} index of {' and '.join(told)}"
                yield f"{which}-{'-'.join(told)}", text, _at(some, indices)
    for term in terms:
        text = f"away from the last index of {term}"
        yield f"before-last-{term}", text, _outside(_at((term,), (-1,)))
        yield (
            f"after-first-{term}",
            f"after the first index of {term}",
            _outside(_at((term,), (0,))),
        )
        yield from _blocks(term)
    for a, b in combinations(terms, 2):
        pair = f"{a}-{b}"
        text = f"in the ring at the border of {a} and {b}"
        yield f"ring-{pair}", text, _ring(a, b)
        yield f"diagonal-{pair}", f"on the diagonal of {a}, {b}", _compared(a, b, 0)
        text = f"above the diagonal of {a}, {b}"
        yield f"above-diagonal-{pair}", text, _compared(a, b, 1)
        text = f"below the diagonal of {a}, {b}"
        yield f"below-diagonal-{pair}", text, _compared(a, b, -1)


def _at(some: tuple[str, ...], indices: tuple[int, ...]) -> Region:
    """Return the elements at one of the indices of every axis; all where an axis is short."""

    def inside(one: Evidence) -> Bools:
        region = np.ones(one.numeric.shape, dtype=bool)
        for term in some:
            at = one.terms.index(term)
            size = one.numeric.shape[at]
            wanted = {index % size for index in indices if index < size}
            kept = [number in wanted or size < _LEAST for number in range(size)]
            region &= _along(one, at, kept)
        return region

    return inside


def _outside(region: Region) -> Region:
    def inside(one: Evidence) -> Bools:
        found = region(one)
        return found if found.all() else ~found

    return inside


def _ring(a: str, b: str) -> Region:
    either = [_at((term,), (0, -1)) for term in (a, b)]
    return lambda one: np.logical_or(*(region(one) for region in either))


def _compared(a: str, b: str, sign: int) -> Region:
    def inside(one: Evidence) -> Bools:
        shape = one.numeric.shape
        row, column = one.terms.index(a), one.terms.index(b)
        rows = np.arange(shape[row]).reshape([-1 if at == row else 1 for at in range(len(shape))])
        columns = np.arange(shape[column]).reshape(
            [-1 if at == column else 1 for at in range(len(shape))]
        )
        if min(shape[row], shape[column]) < 2:
            return np.ones(shape, dtype=bool)
        return np.broadcast_to(np.sign(columns - rows) == sign, shape)

    return inside


def _blocks(term: str) -> Iterator[tuple[str, str, Region]]:
    match = _BLOCKS.match(term)
    for number in range(int(match[1])) if match else ():
        text = f"in block {number} of {term}, counted from 0"
        yield f"block-{number}-{term}", text, _block(term, int(match[1] if match else 1), number)


def _block(term: str, count: int, number: int) -> Region:
    def inside(one: Evidence) -> Bools:
        at = one.terms.index(term)
        size = one.numeric.shape[at]
        return _along(one, at, [index * count // size == number for index in range(size)])

    return inside


def _along(one: Evidence, at: int, kept: list[bool]) -> Bools:
    shape = [-1 if axis == at else 1 for axis in range(one.numeric.ndim)]
    return np.broadcast_to(np.array(kept).reshape(shape), one.numeric.shape)
