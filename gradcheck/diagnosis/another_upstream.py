"""The right gradient for another upstream gradient than the one that was given.

Backward is linear in the upstream, so the numerical Jacobian tells what any other would give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import Evidence, Hypothesis
from gradcheck.findings import Diagnosis
from gradcheck.numerics.rounding import Floats

Upstream = Mapping[str, Floats]

_FEW = 0.25  # of the failing cases may say nothing


@dataclass(frozen=True)
class Replaced:
    """Another upstream: the name of the mistake, what it is, and how it is had."""

    name: str
    text: str
    repair: str
    change: Callable[[Evidence], Upstream | None]


def another_upstream(wrong: Discrepancy) -> Diagnosis | None:
    """The claim is what the layer's own Jacobian gives for a changed upstream gradient."""
    if not wrong.failing or wrong.subject.unit_upstream:
        return None
    wrong = _away_from_kinks(wrong)
    upstream = wrong.subject.identity.words.upstream
    for one in _replacements(wrong.failing, upstream):
        if wrong.holds(_contracted(one.change)):
            return Diagnosis(
                name=one.name,
                text=f"{wrong.word} {one.text}",
                evidence=f"it equals the numerical gradient for that upstream; {wrong.count()}",
                repair=one.repair,
            )
    return None


def _away_from_kinks(wrong: Discrepancy) -> Discrepancy:
    """Leave out the few cases with a kink so near that their Jacobian is not to be had."""
    smooth = [one.case for one in wrong.failing if one.jacobian is not None]
    few = len(wrong.failing) - len(smooth) <= _FEW * len(wrong.failing)
    return (
        replace(wrong, failing_cases=smooth) if few and len(smooth) < len(wrong.failing) else wrong
    )


def _contracted(change: Callable[[Evidence], Upstream | None]) -> Hypothesis:
    def hypothesis(one: Evidence) -> Floats | None:
        changed = change(one)
        if changed is None or one.jacobian is None:
            return None
        return one.contracted(one.jacobian, changed)

    return hypothesis


def _each(change: Callable[[Floats], Floats]) -> Callable[[Evidence], Upstream | None]:
    return lambda one: {name: change(u) for name, u in one.upstream.items()}


def _replacements(forms: Sequence[Evidence], word: str) -> Iterator[Replaced]:
    factor, first = f"let {word} enter as a factor", forms[0]
    yield Replaced("upstream-ignored", f"does not use {word}: it is right for ones", factor, _ones)
    for name, told, change in _PARTS:
        yield Replaced(f"upstream-{name}", f"uses {told.format(u=word)}", factor, _each(change))
    yield from _outputs_left_out(first, word)
    yield from _repeated(first)
    for name in first.upstream:
        for term in dict.fromkeys(t for one in forms for t in _output_terms(one, name)):
            yield from _along(name, term, word)
    yield from _rows(word)


_PARTS: tuple[tuple[str, str, Callable[[Floats], Floats]], ...] = (
    ("masked-by-its-sign", "only the positive elements of {u}", lambda u: np.maximum(u, 0.0)),
    ("absolute", "the absolute value of {u}", np.abs),
    ("signs-only", "the signs of {u}", np.sign),
    ("twice", "{u} twice, as its square", np.square),
    ("clipped", "{u} clipped to [-1, 1]", lambda u: np.clip(u, -1.0, 1.0)),
)


def _ones(one: Evidence) -> Upstream:
    return {name: np.ones(u.shape) for name, u in one.upstream.items()}


def _outputs_left_out(first: Evidence, word: str) -> Iterator[Replaced]:
    for left in first.upstream if len(first.upstream) > 1 else ():
        yield Replaced(
            f"upstream-of-{left}-ignored",
            f"leaves the upstream gradient of {left} out",
            f"add what comes back through {left}",
            partial(_without, left),
        )


def _without(left: str, one: Evidence) -> Upstream:
    return {name: u * (name != left) for name, u in one.upstream.items()}


def _output_terms(one: Evidence, name: str) -> tuple[str, ...]:
    spec = one.case.signature.by_name.get(name)
    terms = spec.axes if spec is not None and not spec.open else ()
    return terms if name in one.upstream and len(terms) == one.upstream[name].ndim else ()


def _along(output: str, term: str, word: str) -> Iterator[Replaced]:
    """Yield what keeps one step of an axis only, and what sums or averages over it."""
    for index, which in ((-1, "last"), (0, "first")):
        yield Replaced(
            f"only-{which}-upstream-{term}",
            f"uses {word} of the {which} index of {term} only",
            f"add the contributions of all indices of {term}",
            _changed(output, term, partial(_kept, index)),
        )
    yield Replaced(
        f"upstream-reversed-{term}",
        f"uses {word} reversed along {term}",
        f"take {word} in the order of forward",
        _changed(output, term, np.flip),
    )
    for name, reduce in (("summed", np.sum), ("averaged", np.mean)):
        yield Replaced(
            f"upstream-{name}-over-{term}",
            f"uses {word} {name} over {term}",
            f"keep {term} apart",
            _changed(output, term, partial(_spread, reduce)),
        )


def _changed(
    output: str, term: str, change: Callable[[Floats, int], Floats]
) -> Callable[[Evidence], Upstream | None]:
    """Return the change along a named axis; a form without that axis is right as it is."""

    def replaced(one: Evidence) -> Upstream | None:
        if output not in one.upstream:
            return None
        terms = _output_terms(one, output)
        if term not in terms:
            return one.upstream
        return {**one.upstream, output: change(one.upstream[output], terms.index(term))}

    return replaced


def _rows(word: str) -> Iterator[Replaced]:
    """Yield what keeps one row only, of all that lie along the axes before the last."""
    for index, which in ((-1, "last"), (0, "first")):
        yield Replaced(
            f"only-{which}-upstream-row",
            f"uses {word} of the {which} row only",
            "add the contributions of all rows",
            _each(partial(_one_row, index)),
        )


def _one_row(index: int, u: Floats) -> Floats:
    rows = u.reshape(-1, u.shape[-1]) if u.ndim else u.reshape(1, 1)
    return _kept(index, rows, 0).reshape(u.shape)


def _kept(index: int, u: Floats, at: int) -> Floats:
    kept = np.zeros(u.shape)
    place: list[slice | int] = [slice(None)] * u.ndim
    place[at] = index
    kept[tuple(place)] = u[tuple(place)]
    return kept


def _spread(reduce: Callable[..., Floats], u: Floats, at: int) -> Floats:
    return np.broadcast_to(reduce(u, axis=at, keepdims=True), u.shape)


def _repeated(first: Evidence) -> Iterator[Replaced]:
    """Yield the last, and the first, occurrence of each label only: ``=`` for ``+=``."""
    terms = first.terms
    for spec in first.case.signature.arrays:
        if spec.domain == "labels" and spec.below in terms:
            for which in ("last", "first"):
                yield Replaced(
                    "repeated-ids-overwritten",
                    f"keeps only the {which} of the gradients of a repeated {spec.name}",
                    "add with np.add.at: indexed += and = keep one contribution for each id",
                    partial(_unique, spec.name, which),
                )


def _unique(labels: str, which: str, one: Evidence) -> Upstream | None:
    ids = one.case.primals[labels]
    flat = ids.ravel()[::-1] if which == "last" else ids.ravel()
    kept = np.zeros(flat.size)
    kept[np.unique(flat, return_index=True)[1]] = 1.0
    mask = (kept[::-1] if which == "last" else kept).reshape(ids.shape)
    if any(u.shape[: ids.ndim] != ids.shape for u in one.upstream.values()):
        return None
    return {
        name: u * mask.reshape(ids.shape + (1,) * (u.ndim - ids.ndim))
        for name, u in one.upstream.items()
    }
