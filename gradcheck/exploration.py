"""Draw cases, run every check on each, and shrink each fault on its own.

One pass draws the cases and runs all checks on each, so no fault hides another. Then each fault
is searched again, alone, from the same seed: the search meets the same cases, and Hypothesis
shrinks towards the smallest one in which *this* fault persists.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, Phase, Verbosity, given
from hypothesis import seed as seeded
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from gradcheck.case import Case
from gradcheck.checks.check import Check
from gradcheck.checks.needs import foresee
from gradcheck.checks.state import evaluates
from gradcheck.errors import LayerLost
from gradcheck.findings import Finding, Outcome
from gradcheck.seen import KEPT, Exploration, FaultKey, Judged, Tally, faults
from gradcheck.simplifying import simplified
from gradcheck.subject import Evaluation, Subject

_DRAW = Phase.generate
_LARGE = 1 << 20  # bytes of outputs and gradients


class _Fault(Exception):
    """What Hypothesis shrinks on."""


def explore(
    subject: Subject,
    checks: Sequence[Check],
    strategy: st.SearchStrategy[Case],
    *,
    examples: int,
    seed: int,
    fail: tuple[str, ...] = (),
    judged: Sequence[Judged] = (),
) -> Exploration:
    """Run ``checks`` on ``examples`` drawn cases; ``fail`` names those whose remarks count.

    What was ``judged`` before is booked first.
    """
    seen = _begun(checks, fail, judged)
    _drive(lambda case: _visit(seen, subject, checks, case), strategy, examples, seed, (_DRAW,))
    return seen


def draw_cases(strategy: st.SearchStrategy[Case], *, examples: int, seed: int) -> list[Case]:
    """Return the different cases among ``examples`` drawn ones: those that a check would see."""
    drawn: dict[object, Case] = {}
    _drive(lambda case: drawn.update({case.key: case}), strategy, examples, seed, (_DRAW,))
    return list(drawn.values())


def explore_one(
    subject: Subject,
    checks: Sequence[Check],
    case: Case,
    fail: tuple[str, ...] = (),
    judged: Sequence[Judged] = (),
) -> Exploration:
    """Run ``checks`` on one given case; nothing is drawn, so Hypothesis has no part in it."""
    seen = _begun(checks, fail, judged)
    _visit(seen, subject, checks, case)
    return seen


def _begun(checks: Sequence[Check], fail: tuple[str, ...], judged: Sequence[Judged]) -> Exploration:
    seen = Exploration({check.name: Tally() for check in checks}, fail=fail)
    for check, case, found in judged:
        seen.take(check, case, found, KEPT)
    return seen


def shrink(
    subject: Subject,
    check: Check,
    key: FaultKey,
    strategy: st.SearchStrategy[Case],
    *,
    first: int,
    examples: int,
    seed: int,
    seconds: float,
) -> tuple[Case, Finding] | None:
    """Return the smallest and simplest case found in which the fault ``key`` persists.

    ``first`` is the number of the first case that showed it. The search stops trying new cases
    after ``seconds``, other values a quarter of them later; None if the fault was not met again.
    """
    known: dict[object, Finding | None] = {}
    visited = 0
    smallest: tuple[Case, Finding] | None = None
    deadline = time.monotonic() + seconds

    def visit(case: Case) -> None:
        nonlocal visited, smallest
        visited += 1
        if visited <= first:
            return
        if case.key not in known:  # judged once, so that a repeated case cannot change its mind
            late = smallest is not None and time.monotonic() > deadline
            known[case.key] = None if late else _fault(check, subject, case, key)
        found = known[case.key]
        if found is not None:
            smallest = case, found
            raise _Fault

    # A fault that was seen stays one, whatever the layer does while a smaller case is looked for.
    with contextlib.suppress(_Fault, LayerLost):
        _drive(visit, strategy, examples, seed, (_DRAW, Phase.shrink))
    if smallest is None:
        return None
    left = max(deadline - time.monotonic(), seconds / 4)
    with contextlib.suppress(LayerLost):
        return simplified(subject, *smallest, lambda case: _fault(check, subject, case, key), left)
    return smallest


def run_check(check: Check, subject: Subject, case: Case) -> list[Finding | Outcome]:
    """Return all that ``check`` says of ``case``: nothing of one that is not fit for it."""
    return list(check.function(subject, case)) if check.function and check.suits(case) else []


def _visit(seen: Exploration, subject: Subject, checks: Sequence[Check], case: Case) -> None:
    only = subject.probed and evaluates(case)
    checks = [one for one in checks if one.in_evaluation or not only]

    def wanted(check: Check) -> bool:
        return check.suits(case) and not (seen.settled(check) or seen.explains(check))

    foresee(subject, [one for one in checks if wanted(one)], case)
    for check in checks:
        if wanted(check):
            seen.take(check, case, run_check(check, subject, case))
    seen.cases += 1
    if _is_large(case):  # some cases are kept for the diagnosis: it can ask again
        case.memory.clear()


def _is_large(case: Case) -> bool:
    """Whether what is remembered of a case would add up to gigabytes."""
    known = (one for one in case.memory.values() if isinstance(one, Evaluation))
    arrays = (array for one in known for array in (*one.outputs.values(), *one.gradients.values()))
    return sum(array.nbytes for array in arrays) > _LARGE


def _fault(check: Check, subject: Subject, case: Case, key: FaultKey) -> Finding | None:
    """Return what shows the fault ``key`` in a case, if anything does."""
    foresee(subject, [check], case)
    found = faults(run_check(check, subject, case))
    return next((one for one in found if (one.check, one.array) == key), None)


def _drive(
    visit: Callable[[Case], None],
    strategy: st.SearchStrategy[Case],
    examples: int,
    seed: int,
    phases: tuple[Phase, ...],
) -> None:
    """Let Hypothesis call ``visit``; its own database and output stay out of it.

    A layer whose process ended is none that Hypothesis could ask again, so it does not hear of it.

    Raises
    ------
    LayerLost
        The layer ended its process.
    """
    lost: list[LayerLost] = []

    def visited(case: Case) -> None:
        if not lost:
            try:
                visit(case)
            except LayerLost as error:
                lost.append(error)

    controlled = hypothesis_settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=phases,
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow],  # layers may be slow
    )
    try:
        seeded(seed)(controlled(given(strategy)(visited)))()
    except Flaky:  # a fault that was met before the process ended, and cannot be met again
        if not lost:
            raise
    if lost:
        raise lost[0]
