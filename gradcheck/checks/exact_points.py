"""Single points at which a gradient that is right everywhere else is none."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.evaluation import deterministic, evaluate, finding
from gradcheck.checks.gradients import accepted_jointly, compared, worst_element
from gradcheck.checks.line import Line
from gradcheck.checks.textbook import departs_from_reference, gradient_explained
from gradcheck.findings import Finding
from gradcheck.subject import Subject


def wrong_at_a_point(subject: Subject, case: Case) -> Iterator[Finding]:
    """A gradient is wrong at one exact value only, mostly zero.

    What it finds: a gradient outside the slopes on both sides of a point, though right beside it.
    Why it matters: exact zeros are everywhere after a ReLU, a dropout or a padding.
    A wrong layer: ``dout * (x > 0) + dout * a * np.exp(x) * (x < 0)``, which is zero at zero.
    How to repair it: make one of the comparisons ``>=`` or ``<=``.
    Limits: a remark, since a layer may treat such a value apart on purpose (masked steps). At a
    kink every slope between those of the two sides is accepted.
    """
    if not case.smooth or not deterministic(subject, case):
        return
    words = subject.identity.words
    for name, gradient in evaluate(subject, case).gradients.items():
        if gradient.shape != case.primals[name].shape or name in accepted_jointly(subject, case):
            continue
        if (
            not _judged(subject, case, name)
            or compared(subject, case, name).outcome != "point-only"
        ):
            continue
        numbers = worst_element(Line(subject, case, name), case.rng("elements", name))
        if not numbers.wrong or gradient_explained(subject, case, name):
            continue
        value = float(case.primals[name][numbers.index])
        headline = (
            f"{subject.identity.symbol}: {words.gradient(name)} is wrong where "
            f"{words.array(name)} is exactly {value:.15g}"
        )
        found = finding(subject, case, "wrong-at-a-point", headline, words.gradient(name))
        yield replace(found, numbers=numbers)
        return


def _judged(subject: Subject, case: Case, name: str) -> bool:
    """Whether the gradient of an array is held against differences at all."""
    known = case.signature.by_name.get(name)
    return known is not None and known.differentiable and not departs_from_reference(subject, case)
