"""The same call, the same answer: without that there is no difference to take."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, deterministic, evaluate, finding
from gradcheck.checks.foreseeing import both_ways
from gradcheck.checks.sameness import first_unlike
from gradcheck.findings import Finding
from gradcheck.subject import Arrays, Evaluation, Forward, Script, Subject, merged


def not_deterministic(subject: Subject, case: Case) -> Iterator[Finding]:
    """Forward gives another answer when it is asked the same again.

    What it finds: outputs that change from call to call on fresh instances with the same inputs,
    although NumPy's global generator starts from the same state each time.
    Why it matters: a difference of two calls then measures the noise and not the slope, so
    nothing can be said of the gradients; and a run of the layer cannot be repeated.
    A wrong layer: a dropout that makes an unseeded ``np.random.default_rng()`` in forward.
    How to repair it: pass the generator, or the seed, to the constructor.
    Limits: no failure; the checks that need a repeatable forward are inconclusive.
    """
    if deterministic(subject, case):
        return
    first = evaluate(subject, case).outputs
    again = subject.forward(case.primals, case.options).outputs
    noise = [
        np.abs(again[name] - value).max(initial=0.0)
        for name, value in first.items()
        if name in again and again[name].shape == value.shape
    ]
    headline = f"{subject.identity.symbol}.forward gives another answer every time"
    detail = f"the same call differs by up to {max(noise, default=np.inf):.2g}"
    found = finding(subject, case, "not-deterministic", headline, None, detail)
    yield replace(found, verdict="inconclusive", case={})


def backward_not_deterministic(subject: Subject, case: Case) -> Iterator[Finding]:
    """Backward gives another answer when it is asked the same again.

    What it finds: gradients that change from one fresh instance to the next, although the inputs
    and the outputs are the same.
    Why it matters: backward draws what forward should have kept, so it is the gradient of
    another forward.
    A wrong layer: a dropout whose backward draws its own mask, or ``np.empty`` never filled.
    How to repair it: store in forward what was drawn there.
    Limits: draws from NumPy's global generator are the same each time and show as a wrong
    gradient.
    """
    base = evaluate(subject, case)
    if base.raised or not base.gradients or not deterministic(subject, case):
        return
    upstream = cotangents(subject, case, base.outputs)
    again = merged(subject.run(both_ways(case, upstream), case.options))
    unlike = first_unlike(subject, case, again, Evaluation({}, base.gradients))
    if unlike is not None and not again.raised:
        headline = f"{subject.identity.symbol}.backward gives another {unlike.array} every time"
        yield finding(
            subject, case, "backward-not-deterministic", headline, unlike.name, unlike.detail
        )


def second_backward_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield the same call once more."""
    yield both_ways(case, upstream)


def generator_reseeded(subject: Subject, case: Case) -> Iterator[Finding]:
    """Forward sets the seed of NumPy's global generator.

    What it finds: a generator that gives the same number after forward, wherever it stood before.
    Why it matters: every mask is the same one, and so is every draw of the rest of the program
    after it: shuffles, other dropouts, augmentation.
    A wrong layer: ``np.random.seed(42)`` in forward, to make a run repeatable.
    How to repair it: a generator of the layer's own, ``self.rng = np.random.default_rng(seed)``.
    Limits: a remark, since no gradient is wrong by it.
    """
    if evaluate(subject, case).raised:
        return
    script = tuple(Forward(case.primals, instance=one, start=one + 1) for one in range(2))
    first, *others = (one.next_draw for one in subject.run(script, case.options))
    if first and others == [first]:
        symbol = subject.identity.symbol
        headline = f"{symbol}.forward sets the seed of NumPy's global generator"
        yield finding(subject, case, "generator-reseeded", headline, None)
