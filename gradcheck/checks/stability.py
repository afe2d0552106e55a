"""Large, saturated and constant values: finite where the reference is, and quietly so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.evaluation import deterministic, evaluate, finding, reference
from gradcheck.checks.foreseeing import evaluation_scripts
from gradcheck.checks.sibling import in_regime
from gradcheck.findings import Finding, decimal
from gradcheck.subject import Arrays, Script, Subject

_WORDS = ("overflow", "invalid value", "divide by zero")


def output_not_finite(subject: Subject, case: Case) -> Iterator[Finding]:
    """Forward gives nan or infinity where the right answer is a finite number.

    What it finds: non-finite outputs for finite inputs at which the reference layer of the kind
    is finite: rows of equal values, exact zeros, inputs in the hundreds and thousands.
    Why it matters: one large activation, and every number of the network is nan.
    A wrong layer: ``np.exp(x) / np.exp(x).sum()``, which overflows at 710.
    How to repair it: subtract the maximum first, use log1p, expm1 or a clip, add an epsilon.
    Limits: a remark at inputs in the thousands, as much taught code overflows there; where no
    reference is known, nan is a remark and infinity is not told.
    """
    for one in _extremes(case):
        yield from _not_finite(subject, one)


def _extremes(case: Case) -> list[Case]:
    """Return the case, and one of its sizes with extreme values: both kinds over the cases."""
    other = in_regime(case, ("huge", "constant")[case.seed % 2])
    return [case] if other is None else [case, other]


def extremes_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what the case of extreme values will be asked."""
    for one in _extremes(case)[1:]:
        yield from evaluation_scripts(subject, one)


def _not_finite(subject: Subject, case: Case) -> Iterator[Finding]:
    outputs = evaluate(subject, case).outputs
    bad = {name: one[~np.isfinite(one)] for name, one in outputs.items() if one.dtype.kind == "f"}
    bad = {name: one for name, one in bad.items() if one.size}
    if not bad or not all(np.isfinite(one).all() for one in case.primals.values()):
        return
    wanted = reference(subject, case)
    name, values = next(iter(bad.items()))
    if wanted is not None and not np.isfinite(wanted.outputs[name]).all():
        return
    if wanted is None and not np.isnan(values).any():
        return
    right = "a finite number is right" if wanted is not None else "the inputs are finite"
    headline = f"{subject.identity.symbol}.forward gives {values[0]} where {right}"
    found = finding(subject, case, "output-not-finite", headline, name, _where(case))
    certain = wanted is not None and case.regime != "huge"
    yield found if certain else replace(found, verdict="pass", case={})


def warns_at_values(subject: Subject, case: Case) -> Iterator[Finding]:
    """NumPy warns inside the layer, although all that comes out is finite.

    What it finds: warnings of overflow, of division by zero or of invalid values at finite inputs,
    where outputs and gradients are finite all the same.
    Why it matters: a run buries its real warnings under these; with ``np.seterr(all="raise")``
    the layer stops.
    A wrong layer: ``1 / (1 + np.exp(-x))``, which overflows for large negative x and is right.
    How to repair it: a formula that stays in range, such as 0.5 * (1 + np.tanh(x / 2)).
    Limits: a remark.
    """
    for one in _extremes(case):
        yield from _warning(subject, one)


def _warning(subject: Subject, case: Case) -> Iterator[Finding]:
    answer = evaluate(subject, case)
    told = [one for one in answer.warnings if any(word in one for word in _WORDS)]
    arrays = (*answer.outputs.values(), *answer.gradients.values())
    if not told or answer.raised or not arrays or not deterministic(subject, case):
        return
    if all(np.isfinite(one).all() for one in arrays):
        text = told[0].partition(": ")[2]
        headline = f"{subject.identity.symbol} warns of {text}"
        yield finding(subject, case, "warns-at-values", headline, None, _where(case))


def _where(case: Case) -> str:
    floats = [one for one in case.primals.values() if one.dtype.kind == "f" and one.size]
    largest = max((float(np.abs(one).max()) for one in floats), default=0.0)
    if case.regime == "constant":
        return "where whole rows are equal"
    return f"where the largest value is {decimal(float(f'{largest:.2g}'))}"
