"""Parameters from one batch to the next: gradients that add up, values that are updated."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, evaluate, finding
from gradcheck.checks.rehearsal import leaking, rehearse, run
from gradcheck.checks.sameness import alike, first_unlike
from gradcheck.checks.sibling import sibling
from gradcheck.findings import Finding
from gradcheck.subject import Array, Backward, Evaluation, Forward, Subject, merged


def gradient_accumulates(subject: Subject, case: Case) -> Iterator[Finding]:
    """Gradients of parameters add up where they should start anew.

    What it finds: the gradient of a parameter after two batches is the sum of both, although
    that of another parameter of the layer is the last one's, or ``accumulation = overwrite`` was
    said.
    Why it matters: every step of the optimiser also repeats all steps before.
    A wrong layer: ``self.dW += x.T @ dout`` beside ``self.db = dout.sum(axis=0)``.
    How to repair it: assign with ``=``, or add up all of them and reset them before each batch.
    Limits: a layer all of whose gradients add up is read as one that is reset from outside; that
    is a remark where it has no method of its own for it.
    """
    found = leaking(subject, case)
    if found is None or subject.accumulation == "add":
        return
    summed, anew = _added(subject, case)
    words = subject.identity.words
    if summed and not anew and not subject.accumulation:
        if not found.answers[0].resettable:
            gradients = ", ".join(map(words.gradient, summed))
            verb = "adds" if len(summed) == 1 else "add"
            headline = f"{subject.identity.symbol}: {gradients} {verb} up over batches"
            why = "no method of the layer sets them to zero: right if something else does"
            told = finding(subject, case, "gradient-accumulates", headline, None, why)
            yield replace(told, verdict="pass", case={})
        return
    for name in summed:
        headline = f"{subject.identity.symbol}: {words.gradient(name)} adds up over batches"
        beside = [words.gradient(one) for one in anew]
        alone = f"{', '.join(beside)}: that of the last batch alone"
        why = alone if beside else "it was said to be that of the last batch alone"
        yield finding(subject, case, "gradient-accumulates", headline, name, why)


def gradient_overwritten(subject: Subject, case: Case) -> Iterator[Finding]:
    """Gradients of parameters start anew where they should add up.

    What it finds: the gradient of a parameter after two batches is the last one's, although
    ``accumulation = add`` was said.
    Why it matters: with gradients of several batches, or a layer used twice, all but the last
    use is lost.
    A wrong layer: ``self.dW = x.T @ dout`` in a framework that calls ``zero_grad``.
    How to repair it: ``self.dW += x.T @ dout``.
    Limits: only where it was said (``--assume accumulation=add``).
    """
    if subject.accumulation != "add" or rehearse(subject, case) is None:
        return
    words = subject.identity.words
    base = evaluate(subject, case)
    up = Backward(cotangents(subject, case, base.outputs))
    answers = run(subject, case, Forward(case.primals), up, up)
    if len(answers) < 3 or answers[-1].raised:
        return
    for name in (one.name for one in case.signature.parameters):
        once, twice = base.gradients.get(name), answers[2].gradients.get(name)
        if once is None or twice is None or not once.any() or is_sum(twice, once, once):
            continue
        headline = f"{subject.identity.symbol}: {words.gradient(name)} does not add up"
        why = "after two calls of backward it is not twice that of one"
        yield finding(subject, case, "gradient-overwritten", headline, name, why)


def parameter_stale(subject: Subject, case: Case) -> Iterator[Finding]:
    """After an update of the parameters the layer goes on with the old ones.

    What it finds: outputs or gradients that are not those of the new parameters, when the arrays
    that the layer holds are updated between two calls.
    Why it matters: training has no effect, or backward uses other weights than forward.
    A wrong layer: keeps ``self.Wt = W.T.copy()`` from the constructor for its backward.
    How to repair it: derive it from the parameter in every call.
    Limits: parameters are updated in place, as optimisers do, where the layer shows them.
    """
    found = leaking(subject, case)
    if found is None or not case.signature.parameters:
        return
    moved = sibling(subject, case, parameters=True)
    held = {name: moved.primals[name] for name in (s.name for s in case.signature.parameters)}
    script = Forward({**case.primals, **held}), Forward(case.primals), Backward(found.upstream)
    answers = run(subject, case, *script)
    same = Forward(case.primals), Forward(case.primals), Backward(found.upstream)
    if len(answers) < 3 or answers[-1].raised or answers[1].unset:
        return
    if _differs(subject, case, run(subject, case, *same)):
        return
    unlike = first_unlike(subject, case, merged(answers[1:]))
    if unlike is not None:
        headline = f"{subject.identity.symbol}: {unlike.array} is that of the old parameters"
        why = f"after the parameters were updated in place {unlike.detail}"
        yield finding(subject, case, "parameter-stale", headline, unlike.name, why)


def _added(subject: Subject, case: Case) -> tuple[list[str], list[str]]:
    """Return the parameters whose gradients are the sum of two batches, and those of the last."""
    before = sibling(subject, case)
    first, base = evaluate(subject, before), evaluate(subject, case)
    if first.raised or not first.gradients:
        return [], []
    script = Forward(before.primals), Backward(cotangents(subject, before, first.outputs))
    mine = Forward(case.primals), Backward(cotangents(subject, case, base.outputs))
    answers = run(subject, case, *script, *mine)
    if len(answers) < 4 or answers[-1].raised:
        return [], []
    after, alone = answers[3].gradients, first.gradients
    summed, anew = [], []
    for name in (one.name for one in case.signature.parameters):
        if name in after and name in base.gradients and name in alone and alone[name].any():
            if is_sum(after[name], base.gradients[name], alone[name]):
                summed.append(name)
            elif alike(after[name], base.gradients[name]):
                anew.append(name)
    return summed, anew


def is_sum(value: Array | None, first: Array, second: Array) -> bool:
    """Return whether ``value`` is the sum of two gradients, the second of which is not zero."""
    if value is None or first.shape != second.shape or not second.any():
        return False
    return alike(value, first + second)


def _differs(subject: Subject, case: Case, answers: tuple[Evaluation, ...]) -> bool:
    return len(answers) < 3 or first_unlike(subject, case, merged(answers[1:])) is not None
