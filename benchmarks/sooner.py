"""After how many cases a wrong layer is first seen to be wrong, for several ways of drawing them.

    python benchmarks/sooner.py [--every 1] [--seeds 3] [--first-seed 1] [--examples 60]

For each wrong layer of ``wrong_layers/`` (or one of ``--every`` so many) and each seed, cases are
drawn until a check fails the layer, at most ``--examples``. The ways: ``drawn`` is what gradcheck
does; ``generic first`` draws the first ten cases with ordinary values only; ``targeted`` tells
Hypothesis the ratio of discrepancy to error bound as a target (``hypothesis.target``); ``aimed
early`` does so with the search for larger ratios after ten cases instead of half of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, given, target
from hypothesis import seed as seeded
from hypothesis import settings as hypothesis_settings

# benchmarks/ is not installed: it is found beside this file.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.markdown import table
from benchmarks.records import Wrong
from benchmarks.wrong_layers import WRONG
from gradcheck import check_layer
from gradcheck.case import Case
from gradcheck.cases import planned
from gradcheck.checks.catalogue import fails, selected
from gradcheck.checks.check import Check
from gradcheck.checks.evaluation import evaluate
from gradcheck.checks.gradients import differences
from gradcheck.drawing import Plan
from gradcheck.errors import GradcheckError
from gradcheck.exploration import run_check
from gradcheck.reading import settle
from gradcheck.seen import faults
from gradcheck.subject import Subject

_GENERIC_FIRST = 10
_MANY = 64  # elements of an array: of a larger one no ratio is told
_ORDINARY = ("plain", *("generic",) * 9)


class _Found(Exception):
    """A check failed the layer."""


class _Read(Exception):
    """The layer is read; the rest of the way is not gone."""

    def __init__(self, subject: Subject) -> None:
        super().__init__()
        self.subject = subject


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=60)
    given_ = parser.parse_args()
    chosen = WRONG[:: given_.every]
    subjects = [one for one in map(read, chosen) if one is not None]
    seeds = range(given_.first_seed, given_.first_seed + given_.seeds)
    rows = []
    for name, way in WAYS.items():
        counts = [way(one, seed, given_.examples) for one in subjects for seed in seeds]
        found = [one for one in counts if one]
        within = [sum(one <= most for one in found) for most in (1, 2, 5, 10, 30, 60)]
        median, most = (np.quantile(found, share) for share in (0.5, 0.9))
        rows.append([name, len(counts), f"{median:g}", f"{most:g}", *within])
    print(f"{len(subjects)} wrong layers, seeds {list(seeds)}")
    title = "Cases until the first failure, and layers found within so many"
    table(title, ["drawn", "runs", "median", "90 %", "1", "2", "5", "10", "30", "60"], rows)


def read(wrong: Wrong) -> Subject | None:
    """Return the subject of a layer as ``check_layer`` reads it, None where it cannot."""

    def stop(subject: Subject, *_: Any) -> None:
        raise _Read(subject)

    with mock.patch("gradcheck.api.check_subject", stop):
        try:
            check_layer(wrong.layer, **wrong.how)
        except _Read as told:
            return None if told.subject.identity.defects else settle(told.subject, None)
        except GradcheckError:
            return None
    return None


def plan(subject: Subject) -> Plan:
    """Return the plan of cases that gradcheck has for a subject."""
    options, fixed = dict(subject.options), dict(subject.fixed_axes)
    return Plan(subject.forms, options, fixed, subject.constraints)


def drawn(subject: Subject, seed: int, examples: int) -> int:
    """Return the number of the first case that fails the layer, as it is drawn; 0 without one."""
    return _search(subject, plan(subject), seed, examples)


def generic_first(subject: Subject, seed: int, examples: int) -> int:
    """Return it where the first cases have ordinary values."""
    ordinary = replace(plan(subject), regimes=_ORDINARY)
    first = _search(subject, ordinary, seed, _GENERIC_FIRST)
    if first:
        return first
    later = _search(subject, plan(subject), seed + 1000, examples - _GENERIC_FIRST)
    return later and later + _GENERIC_FIRST


def targeted(subject: Subject, seed: int, examples: int) -> int:
    """Return it where Hypothesis searches for larger ratios in the second half."""
    return _search(subject, plan(subject), seed, examples, aim=_aim)


def aimed_early(subject: Subject, seed: int, examples: int) -> int:
    """Return it where Hypothesis searches for larger ratios after ten cases."""
    first = _search(subject, plan(subject), seed, 20, aim=_aim)
    if first:
        return first
    later = _search(subject, plan(subject), seed + 1000, examples - 20)
    return later and later + 20


WAYS: dict[str, Callable[[Subject, int, int], int]] = {
    "drawn": drawn,
    "generic first": generic_first,
    "targeted": targeted,
    "aimed early": aimed_early,
}


def _search(
    subject: Subject,
    plan: Plan,
    seed: int,
    examples: int,
    aim: Callable[[Subject, Case], None] | None = None,
) -> int:
    checks = [one for one in selected((), ()) if one.function]
    count = 0

    def visit(case: Case) -> None:
        nonlocal count
        count += 1
        if any(_failing(check, subject, case) for check in checks):
            raise _Found
        if aim:
            aim(subject, case)

    controlled = hypothesis_settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.target),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow],
    )
    strategy = planned(plan)
    try:
        seeded(seed)(controlled(given(strategy)(visit)))()
    except _Found:
        return count - 1  # it is shown once more
    return 0


def _failing(check: Check, subject: Subject, case: Case) -> bool:
    return fails(check, ()) and any(faults(run_check(check, subject, case)))


def _aim(subject: Subject, case: Case) -> None:
    """Tell Hypothesis the decimal logarithm of the largest ratio of discrepancy to bound."""
    evaluation = evaluate(subject, case)
    ratios = [0.0]
    for name, gradient in evaluation.gradients.items():
        if gradient.shape != case.primals[name].shape or gradient.size > _MANY:
            continue
        elements = differences(subject, case, name)
        with np.errstate(all="ignore"):
            ratio = np.abs(gradient - elements.gradient) / elements.error
        ratios.append(float(np.max(ratio[np.isfinite(ratio)], initial=0.0)))
    target(float(np.log10(max(max(ratios), 1e-9))))


if __name__ == "__main__":
    main()
