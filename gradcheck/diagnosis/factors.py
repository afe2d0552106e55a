"""A gradient that is the right one times a number: which size, option or constant it follows.

The number must follow what it is named after: that axis or option took two values among the
cases, those that pass included (there the factor must be one). Where two names fit, none is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, permutations

import numpy as np

from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import FITS, Evidence, spread
from gradcheck.findings import Diagnosis

Known = Mapping[str, float]


@dataclass(frozen=True)
class Factor:
    """One formula: how it is written, what it follows, what it means, and its value."""

    name: str
    follows: tuple[str, ...]
    meaning: str
    value: Callable[[Known], float]


def _same(value: float, _: Known) -> float:
    return value


CONSTANTS: tuple[Factor, ...] = tuple(
    Factor(f"{value:g}", (), meaning, partial(_same, value))
    for value, meaning in (
        (-1.0, "the sign is wrong"),
        (2.0, "a factor 2 too many, or a division by 2 is missing"),
        (0.5, "a factor 1/2 too many, or a factor 2 is missing"),
        (4.0, "a factor 4 too many"),
        (0.25, "a factor 1/4 too many"),
        (-2.0, "the sign is wrong, and a factor 2 too many"),
        (-0.5, "the sign is wrong, and a factor 1/2 too many"),
        (0.1, "is it multiplied by a learning rate already? That is the optimiser's part"),
        (0.01, "is it multiplied by a learning rate already? That is the optimiser's part"),
        (0.001, "is it multiplied by a learning rate already? That is the optimiser's part"),
        (-0.1, "is it the step of gradient descent, with its learning rate and sign?"),
        (-0.01, "is it the step of gradient descent, with its learning rate and sign?"),
        (-0.001, "is it the step of gradient descent, with its learning rate and sign?"),
    )
)


def scale_of(one: Evidence) -> float | None:
    """Return s with claimed = s * numeric, if one number does it for all elements."""
    size = float(np.square(one.numeric).sum())
    s = float((one.claimed * one.numeric).sum()) / size if size else 0.0
    return s if s and one.equals(s * one.numeric) else None


def factor(wrong: Discrepancy) -> Diagnosis | None:
    """A constant factor that follows an axis, an option, or nothing at all."""
    scales = [scale_of(one) for one in wrong.failing]
    if len(scales) < 2 or any(s is None for s in scales):
        return None
    cases = [(_known(one), s) for one, s in zip(wrong.failing, scales, strict=True) if s]
    cases += [(_known(one), 1.0) for one in wrong.comparable]
    for candidates in (_plain, _compound):
        fitting = [one for one in candidates(cases) if _fits(one, cases)]
        found = [one for one in fitting if _varied(one, cases)]
        # A constant may be that of an axis that had one size in all cases: who knows?
        if len(found) == 1 and (found[0].follows or len(fitting) == 1):
            return _named(found[0], wrong)
        if fitting:
            return None
    return None


def _known(one: Evidence) -> Known:
    options = {
        name: float(value) for name, value in one.case.options.items() if isinstance(value, float)
    }
    return {**options, **{name: float(size) for name, size in one.sizes.items()}}


def _fits(candidate: Factor, cases: Sequence[tuple[Known, float]]) -> bool:
    with np.errstate(all="ignore"):
        wanted = [float(candidate.value(known)) for known, _ in cases]
    return bool(np.allclose(wanted, [s for _, s in cases], rtol=4 * FITS, atol=0))


def _varied(candidate: Factor, cases: Sequence[tuple[Known, float]]) -> bool:
    """Return whether all that the formula follows took at least two values."""
    return all(len({known[name] for known, _ in cases}) > 1 for name in candidate.follows)


def _plain(cases: Sequence[tuple[Known, float]]) -> Iterator[Factor]:
    """Yield the formulas of one axis or option, and the constants."""
    yield from CONSTANTS
    for name in _names(cases):
        for written, meaning, value in _OF_ONE:
            yield Factor(
                written.format(a=_bracketed(name)),
                (name,),
                meaning.format(a=name),
                _of(value, name),
            )


def _compound(cases: Sequence[tuple[Known, float]]) -> Iterator[Factor]:
    """Yield the formulas of two and three axes or options."""
    names = _names(cases)
    for count, forms in ((2, _OF_TWO), (3, _OF_THREE)):
        for some in combinations(names, count):
            for written, meaning, value in forms:
                letters = dict(zip("abc", map(_bracketed, some), strict=False))
                text, told = written.format(**letters), meaning.format(**letters)
                yield Factor(text, some, told, _of(value, *some))
    for a, b in permutations(names, 2):
        text = f"{_bracketed(a)}/{_bracketed(b)}"
        meaning = f"divided by {b} where {a} belongs"
        yield Factor(text, (a, b), meaning, _of(lambda x, y: x / y, a, b))


def _names(cases: Sequence[tuple[Known, float]]) -> list[str]:
    return [name for name in cases[0][0] if all(name in known for known, _ in cases)]


def _of(value: Callable[..., float], *names: str) -> Callable[[Known], float]:
    def at(known: Known) -> float:
        try:
            found = value(*(known[name] for name in names))
        except ZeroDivisionError:
            return np.nan
        return found if isinstance(found, float) else np.nan  # the root of a negative number

    return at


def _bracketed(term: str) -> str:
    return term if term.isidentifier() else f"({term})"


Form = tuple[str, str, Callable[..., float]]
_OF_ONE: tuple[Form, ...] = (
    ("1/{a}", "divided by {a} once too often", lambda a: 1 / a),
    ("{a}", "multiplied by {a}, or a division by {a} is missing", lambda a: a),
    ("1/{a}^2", "divided by {a} twice too often", lambda a: a**-2),
    ("{a}^2", "multiplied by {a} twice, or two divisions are missing", lambda a: a**2),
    ("sqrt({a})", "a division by the square root of {a} is missing", lambda a: a**0.5),
    ("1/sqrt({a})", "divided by the square root of {a} once too often", lambda a: a**-0.5),
    ("1-{a}", "multiplied by 1 - {a} once too often", lambda a: 1 - a),
    ("1/(1-{a})", "divided by 1 - {a} once too often", lambda a: 1 / (1 - a)),
    ("{a}/({a}-1)", "divided by {a} - 1 where {a} belongs", lambda a: a / (a - 1)),
    ("({a}-1)/{a}", "divided by {a} where {a} - 1 belongs", lambda a: (a - 1) / a),
    ("1/({a}+1)", "divided by {a} + 1", lambda a: 1 / (a + 1)),
    ("-{a}", "the sign is wrong, and a division by {a} is missing", lambda a: -a),
    ("-1/{a}", "the sign is wrong, and divided by {a} once too often", lambda a: -1 / a),
    ("2*{a}", "a division by {a} is missing, and a factor 2 too many", lambda a: 2 * a),
    ("2/{a}", "divided by {a}, and a factor 2 too many", lambda a: 2 / a),
    ("{a}/2", "a division by {a} is missing, and a factor 2", lambda a: a / 2),
    ("1/(2*{a})", "divided by {a} and by 2 once too often", lambda a: 0.5 / a),
    ("4/{a}", "divided by {a}, and a factor 4 too many", lambda a: 4 / a),
)
_OF_TWO: tuple[Form, ...] = (
    ("1/({a}*{b})", "divided by {a} and by {b} once too often", lambda a, b: 1 / (a * b)),
    ("{a}*{b}", "a division by {a} and by {b} is missing", lambda a, b: a * b),
    ("1/sqrt({a}*{b})", "divided by the square root of {a}*{b}", lambda a, b: (a * b) ** -0.5),
    ("-1/({a}*{b})", "the sign is wrong, and divided by {a}*{b}", lambda a, b: -1 / (a * b)),
    ("-{a}*{b}", "the sign is wrong, and not divided by {a}*{b}", lambda a, b: -a * b),
)
_OF_THREE: tuple[Form, ...] = (
    ("1/({a}*{b}*{c})", "divided by {a}, {b} and {c} too often", lambda a, b, c: 1 / (a * b * c)),
    ("{a}*{b}*{c}", "a division by {a}, {b} and {c} is missing", lambda a, b, c: a * b * c),
)


def _named(found: Factor, wrong: Discrepancy) -> Diagnosis:
    name = "sign" if found.name == "-1" else f"factor-{found.name}"
    told = ", ".join(spread((*wrong.failing, *wrong.comparable), axis) for axis in found.follows)
    return Diagnosis(
        name=name,
        text=f"{wrong.word} is {found.name} times the right gradient: {found.meaning}",
        evidence=f"{wrong.count()}; {told}" if told else wrong.count(),
    )
