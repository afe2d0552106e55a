"""Arrays that a layer was only lent."""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck.cases import Case
from gradcheck.checks.evaluation import evaluate, finding
from gradcheck.findings import Finding
from gradcheck.subject import Mutation, Subject


def input_mutated(subject: Subject, case: Case) -> Iterator[Finding]:
    """Forward or backward changes its input.

    What it finds: an input array that holds other values after the call.
    Why it matters: the layer before keeps that very array for its own backward.
    A wrong layer: ``x[x <= 0] = 0; return x``.
    How to repair it: work on a copy, ``out = x.copy()``, or with ``np.where``.
    Limits: a change that writes back the same values is not seen.
    """
    yield from _mutations(subject, case, "input", "input-mutated")


def upstream_mutated(subject: Subject, case: Case) -> Iterator[Finding]:
    """Backward writes into the upstream gradient.

    What it finds: an upstream gradient that holds other values after backward.
    Why it matters: where a value is used twice, the same array goes to the other branch, which
    then propagates a gradient that is already masked. Alone, the layer looks right.
    A wrong layer: ``dout[self.mask] = 0; return dout``.
    How to repair it: ``dx = dout.copy()`` first, or ``np.where(mask, 0, dout)``.
    Limits: a case in which nothing is masked changes nothing.
    """
    yield from _mutations(subject, case, "cotangent", "upstream-mutated")


def parameter_mutated(subject: Subject, case: Case) -> Iterator[Finding]:
    """Forward or backward changes a parameter.

    What it finds: a parameter that holds other values after forward or backward.
    Why it matters: an update hidden in backward is applied again by every optimiser.
    A wrong layer: ``self.W -= lr * self.dW`` inside backward.
    How to repair it: leave the update to the optimiser.
    Limits: courses whose convention is to update inside backward need that convention.
    """
    yield from _mutations(subject, case, "parameter", "parameter-mutated")


def _mutations(subject: Subject, case: Case, role: str, check: str) -> Iterator[Finding]:
    for mutation in evaluate(subject, case).mutated:
        if mutation.role == role:
            yield finding(subject, case, check, _headline(subject, mutation), mutation.array)


def _headline(subject: Subject, mutation: Mutation) -> str:
    words = subject.identity.words
    symbol = subject.identity.symbol
    if mutation.role == "cotangent":
        return f"{symbol}.backward writes into {words.upstream}, the upstream gradient it was lent"
    return f"{symbol}.{mutation.during} changes {words.array(mutation.array)} in place"
