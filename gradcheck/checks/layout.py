"""Memory layout: a layer sees elements, wherever they lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, deterministic, evaluate, finding
from gradcheck.checks.sameness import first_unlike, raises
from gradcheck.findings import Finding
from gradcheck.subject import (
    Array,
    Arrays,
    Backward,
    Evaluation,
    Forward,
    Script,
    Subject,
    merged,
)

TURNS = (("Fortran-ordered", "strided"), ("reversed", "sliced"), ("read-only",))


def layout_matters(subject: Subject, case: Case) -> Iterator[Finding]:
    """The answer depends on how the arrays lie in memory.

    What it finds: outputs or gradients that change, or an exception, when the same values come
    as Fortran-ordered, strided, reversed, sliced, read-only or broadcast arrays.
    Why it matters: a transposed batch, every second row, the gradient of a sum: NumPy passes
    views, and the layer computes with other elements.
    A wrong layer: ``x.view(np.int64)`` for the sign bit, or ``x.ravel(order="K")``.
    How to repair it: index elements; where memory must be contiguous, np.ascontiguousarray(x).
    Limits: three or four layouts at each case, all of them over the cases.
    """
    base = evaluate(subject, case)
    if base.raised or base.mutated or not base.gradients or not deterministic(subject, case):
        return
    upstream = cotangents(subject, case, base.outputs)
    for layout in _turn(case):
        answer = _answer(subject, case, upstream, layout)
        if (found := _told(subject, case, answer, base, layout)) is not None:
            yield found
            return
    level = _level(upstream)
    wanted = _answer(subject, case, level, "given")
    answer = _answer(subject, case, level, "broadcast")
    if not wanted.raised and not wanted.mutated:
        found = _told(subject, case, answer, wanted, "broadcast")
        if found is not None:
            yield found


def may_matter(case: Case) -> bool:
    """Return whether there is more than one way to lay out the elements of a case."""
    return case.generic and any(one.size > 1 for one in case.primals.values())


def _answer(subject: Subject, case: Case, upstream: Arrays, layout: str) -> Evaluation:
    return merged(subject.run(_script(case, upstream, layout), case.options))


def layouts_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what a layer will be asked of which nothing is found."""
    yield from (_script(case, upstream, layout) for layout in _turn(case))
    level = _level(upstream)
    yield from (_script(case, level, layout) for layout in ("given", "broadcast"))


def _turn(case: Case) -> tuple[str, ...]:
    """Return the layouts that are tried at a case."""
    return TURNS[case.seed % len(TURNS)] + TURNS[(case.seed + 1) % len(TURNS)]


def _script(case: Case, upstream: Arrays, layout: str) -> Script:
    ahead = Forward(case.primals, layout="given" if layout == "broadcast" else layout)
    return ahead, Backward(upstream, layout=layout)


def _told(
    subject: Subject, case: Case, answer: Evaluation, base: Evaluation, layout: str
) -> Finding | None:
    symbol = subject.identity.symbol
    what = f"a {layout} upstream gradient" if layout == "broadcast" else f"{layout} arrays"
    if answer.raised:
        if answer.raised.refused or "read-only" in answer.raised.message:
            return None  # in its own words, or a mutation, told where it changes a value
        headline = f"{symbol} raises {answer.raised.type} for {what}"
        why = raises(subject.identity.words, answer)
        return finding(subject, case, "layout-matters", headline, None, why)
    unlike = first_unlike(subject, case, answer, base)
    if unlike is None:
        return None
    headline = f"{symbol}: {unlike.array} changes for {what} of the same values"
    detail = unlike.detail
    return finding(subject, case, "layout-matters", headline, unlike.name, detail)


def _level(upstream: Arrays) -> dict[str, Array]:
    """Return upstream gradients whose rows are all the first one."""
    return {
        name: np.array(np.broadcast_to(one[:1], one.shape)) if one.ndim else one
        for name, one in upstream.items()
    }
