"""The right numbers in the wrong places: transposed, reversed, shifted, in the order of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, permutations

import numpy as np

from gradcheck.axes import axis_size
from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import Evidence, Hypothesis
from gradcheck.errors import SignatureError
from gradcheck.findings import Diagnosis
from gradcheck.numerics.rounding import Floats

_BLOCKS = re.compile(r"^([2-6])\*(\w+)$")


def rearranged(wrong: Discrepancy) -> Diagnosis | None:
    """The numerical gradient with its elements in another order, the same one in all cases."""
    if not wrong.failing or not (terms := wrong.failing[0].terms):
        return None
    alike = all(one.terms == terms for one in wrong.failing)
    for name, text, hypothesis in _orders(terms) if alike else _of_matrices(wrong):
        if wrong.holds(hypothesis):
            return Diagnosis(name=name, text=f"{wrong.word} {text}", evidence=_evidence(wrong))
    return _shifted(wrong, terms) if alike else None


def _evidence(wrong: Discrepancy) -> str:
    return f"so rearranged it equals the numerical gradient; {wrong.count()}"


def _of_matrices(wrong: Discrepancy) -> Iterator[tuple[str, str, Hypothesis]]:
    """Yield the transpose, of which one can speak whatever the axes are called."""
    if all(one.numeric.ndim == 2 for one in wrong.failing):
        yield from _transpositions(wrong.failing[0].terms)


def _orders(terms: tuple[str, ...]) -> Iterator[tuple[str, str, Hypothesis]]:
    yield from _transpositions(terms)
    yield from _reversals(terms)
    yield from _blocks(terms)


def _transpositions(terms: tuple[str, ...]) -> Iterator[tuple[str, str, Hypothesis]]:
    places = tuple(range(len(terms)))
    for order in permutations(places) if 2 <= len(terms) <= 4 else ():
        if order == places:
            continue
        moved = [terms[a] for a, b in zip(places, order, strict=True) if a != b]
        if len(terms) == 2:
            yield "transposed", "is the transpose of the right gradient", _ordered(order)
        else:
            text = f"has its axes {' and '.join(moved)} exchanged"
            yield f"axes-exchanged-{'-'.join(moved)}", text, _ordered(order)


def _ordered(order: tuple[int, ...]) -> Hypothesis:
    return lambda one: one.numeric.transpose(order).reshape(one.numeric.shape)


def _reversals(terms: tuple[str, ...]) -> Iterator[tuple[str, str, Hypothesis]]:
    places = range(len(terms))
    for count in (2, 1, 3):
        for some in combinations(places, count):
            told = [terms[at] for at in some]
            text = f"is reversed along {' and '.join(told)}: flipped, or once too often"
            yield f"reversed-{'-'.join(told)}", text, _flipped(some)


def _flipped(some: tuple[int, ...]) -> Hypothesis:
    return lambda one: np.flip(one.numeric, some)


def _blocks(terms: tuple[str, ...]) -> Iterator[tuple[str, str, Hypothesis]]:
    """Yield the orders of the blocks of an axis such as ``4*H`` (the gates of a recurrence)."""
    for at, term in enumerate(terms):
        match = _BLOCKS.match(term)
        count = int(match[1]) if match else 0
        for order in permutations(range(count)) if 2 <= count <= 4 else ():
            if order != tuple(range(count)):
                told = ", ".join(str(one) for one in order)
                text = f"has the {count} blocks of {term} in the order {told}"
                yield f"blocks-exchanged-{term}", text, _in_blocks(at, count, order)


def _in_blocks(at: int, count: int, order: tuple[int, ...]) -> Hypothesis:
    def hypothesis(one: Evidence) -> Floats | None:
        if one.numeric.shape[at] % count:
            return None
        parts = np.split(one.numeric, count, axis=at)
        return np.concatenate([parts[number] for number in order], axis=at)

    return hypothesis


def _shifted(wrong: Discrepancy, terms: tuple[str, ...]) -> Diagnosis | None:
    """The right gradient moved along one or two axes, where both overlap."""
    for count in (1, 2):
        for some in combinations(range(len(terms)), count):
            for amount in ("1", "-1", "pad", "-pad", "2", "-2"):
                if all(_overlaps(one, some, amount) for one in wrong.failing) and (
                    sum(_shift(one, some, amount) is not None for one in wrong.failing) >= 3
                ):
                    told = " and ".join(terms[at] for at in some)
                    return Diagnosis(
                        name=f"shifted-{'-'.join(terms[at] for at in some)}",
                        text=f"{wrong.word} is the right gradient moved by {amount} along {told}",
                        evidence=f"so moved it equals the numerical gradient wherever the two "
                        f"overlap; {wrong.count()}",
                    )
    return None


def _overlaps(one: Evidence, some: tuple[int, ...], amount: str) -> bool:
    """Return whether the claim is the moved gradient, or nothing is left to compare."""
    if (parts := _shift(one, some, amount)) is None:
        return True
    claimed, moved = parts
    return one.near(claimed, moved)


def _shift(one: Evidence, some: tuple[int, ...], amount: str) -> tuple[Floats, Floats] | None:
    """Return claim and moved gradient on their overlap, None where that says little."""
    try:
        by = axis_size(amount.lstrip("-"), one.sizes) * (-1 if amount.startswith("-") else 1)
    except SignatureError:
        return None
    here: list[slice] = [slice(None)] * one.numeric.ndim
    there = list(here)
    for at in some:
        size = one.numeric.shape[at]
        here[at] = slice(max(by, 0), size + min(by, 0))
        there[at] = slice(max(-by, 0), size + min(-by, 0))
    claimed, moved = one.claimed[tuple(here)], one.numeric[tuple(there)]
    if not by or (moved != 0).sum() < 3 or one.near(claimed, one.numeric[tuple(here)]):
        return None
    return claimed, moved
