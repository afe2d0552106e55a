"""Arrays that a layer was only lent, and arrays that it has handed out."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, deterministic, evaluate, finding
from gradcheck.checks.rehearsal import rehearse
from gradcheck.checks.sameness import first_unlike
from gradcheck.checks.state import changed_constants, evaluates
from gradcheck.findings import Finding
from gradcheck.subject import Backward, Evaluation, Forward, Mutation, Spoil, Subject


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


def result_overwritten(subject: Subject, case: Case) -> Iterator[Finding]:
    """A later call changes a result that was handed out before.

    What it finds: an output, or the gradient of an input, that holds other values after a later
    call of forward or backward.
    Why it matters: whoever keeps the result (for a second use, a residual, a log) reads another
    one later.
    A wrong layer: ``np.dot(x, W, out=self.buffer); return self.buffer``.
    How to repair it: return a fresh array, or a copy of the buffer.
    Limits: gradients of parameters may lie in buffers of the layer's own; where backward is given
    the inputs again (``updateOutput``, ``updateGradInput``), so may results: there it is a remark.
    """
    lived = rehearse(subject, case)
    # But for what a second backward after one forward does: that is backward-twice-differs.
    answers = (evaluate(subject, case), *(lived.answers[:7] if lived else ()))
    told = [one for answer in answers for one in answer.mutated]
    words = subject.identity.words
    for mutation in told:
        if mutation.role in ("output", "gradient"):
            name = mutation.array
            what = words.gradient(name) if mutation.role == "gradient" else "the output"
            headline = f"{subject.identity.symbol}.{mutation.during} overwrites {what} of before"
            detail = "the array that an earlier call returned holds other values now"
            found = finding(subject, case, "result-overwritten", headline, name, detail)
            buffers = subject.identity.convention == "explicit-inputs"
            yield replace(found, verdict="pass", case={}) if buffers else found
            return


def output_is_cache(subject: Subject, case: Case) -> Iterator[Finding]:
    """Backward reads the very array that forward returned.

    What it finds: gradients that change when the caller writes into the output before backward.
    Why it matters: a next layer that works in place (``x *= mask``) destroys what this one needs.
    A wrong layer: ``self.y = y; return y``, with ``self.y`` in backward.
    How to repair it: return a copy, or store one; or agree that nobody works in place.
    Limits: usual and right among layers that never work in place, so asked for by name only.
    """
    base = evaluate(subject, case)
    if base.raised or base.mutated or not base.gradients or not deterministic(subject, case):
        return
    upstream = Backward(cotangents(subject, case, base.outputs))
    answers = subject.run((Forward(case.primals), Spoil(), upstream), case.options)
    if len(answers) < 3 or answers[2].raised:
        return
    unlike = first_unlike(subject, case, answers[2], Evaluation({}, base.gradients))
    if unlike is not None:
        headline = f"{subject.identity.symbol}: {unlike.array} is wrong once the output is reused"
        yield finding(subject, case, "output-is-cache", headline, unlike.name, unlike.detail)


def result_is_view(subject: Subject, case: Case) -> Iterator[Finding]:
    """A result lies in the memory of an array that the layer was lent.

    What it finds: an output that is a view of an input or of a parameter, or a gradient that is
    one of the upstream gradient.
    Why it matters: whoever writes into one of them changes the other.
    A wrong layer: ``return x.reshape(len(x), -1)``, or ``return dout`` for both terms of a sum.
    How to repair it: ``.copy()``, or agree that nobody works in place.
    Limits: usual and right among layers that never work in place, so asked for by name only.
    """
    words = subject.identity.words
    for alias in evaluate(subject, case).aliases:
        what = words.gradient(alias.result) if alias.role == "gradient" else "the output"
        of = words.upstream if alias.of_role == "cotangent" else words.array(alias.of)
        headline = f"{subject.identity.symbol}: {what} lies in the memory of {of}"
        yield finding(subject, case, "result-is-view", headline, alias.result)


def _mutations(subject: Subject, case: Case, role: str, check: str) -> Iterator[Finding]:
    told = changed_constants(subject, case) if evaluates(case) else []
    for mutation in evaluate(subject, case).mutated:
        if mutation.role == role and mutation.array not in told:
            yield finding(subject, case, check, _headline(subject, mutation), mutation.array)


def _headline(subject: Subject, mutation: Mutation) -> str:
    words = subject.identity.words
    symbol = subject.identity.symbol
    if mutation.role == "cotangent":
        return f"{symbol}.backward writes into {words.upstream}, the upstream gradient it was lent"
    return f"{symbol}.{mutation.during} changes {words.array(mutation.array)} in place"
