"""State: what a layer keeps from one call to the next, and what it must not keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from msgspec.structs import replace as message_replace

from gradcheck.case import Case
from gradcheck.checks.accumulation import is_sum
from gradcheck.checks.evaluation import cotangents, evaluate, finding, is_strict
from gradcheck.checks.rehearsal import leaking, learned, rehearse, run, steady
from gradcheck.checks.sameness import Unlike, first_unlike, raises
from gradcheck.checks.sibling import sibling
from gradcheck.findings import Finding
from gradcheck.subject import Backward, Evaluation, Forward, Look, Subject

_EVALUATES: Mapping[str, tuple[object, ...]] = {
    **dict.fromkeys(("training", "train", "is_training", "train_flg", "trainable"), (False,)),
    **dict.fromkeys(("evaluation", "eval", "inference", "testing"), (True,)),
    "mode": ("test", "eval", "evaluation", "inference"),
}
"""Options by their usual names, and the values under which a layer only evaluates."""


def stale_cache(subject: Subject, case: Case) -> Iterator[Finding]:
    """Backward answers for an earlier batch.

    What it finds: after a forward with another batch (of another size, too) and a forward with
    this one, gradients that are not those of a fresh layer, or an exception.
    Why it matters: in training every batch but the first gets the wrong gradient.
    A wrong layer: ``if self.x is None: self.x = x``, or a mask made for the first batch size.
    How to repair it: store in every forward all that backward needs, and nothing in between.
    Limits: layers that draw anew in every call are not compared. One that keeps its inputs in a
    queue, so that each backward answers the oldest forward, is told as a remark.
    """
    found = leaking(subject, case)
    if found is None:
        return
    upstream = Backward(found.upstream)
    for resized in (True, False):
        before = sibling(subject, case, resized=resized)
        told = _after(subject, case, before, upstream)
        if told is not None:
            queued = _answers_in_order(subject, case, before, upstream)
            yield _queue(subject, case) if queued else told
            return


def _queue(subject: Subject, case: Case) -> Finding:
    headline = f"{subject.identity.symbol}: each backward answers the oldest forward, as in a queue"
    detail = "a forward without a backward, as in evaluation, shifts all gradients after it"
    found = finding(subject, case, "stale-cache", headline, None, detail)
    return message_replace(found, verdict="pass", case={})


def _answers_in_order(subject: Subject, case: Case, before: Case, upstream: Backward) -> bool:
    """Whether two forwards are answered by two backwards in the same order."""
    wanted = evaluate(subject, before), evaluate(subject, case)
    if wanted[0].raised or not wanted[0].outputs:
        return False
    theirs = Backward(cotangents(subject, before, wanted[0].outputs))
    answers = run(subject, case, Forward(before.primals), Forward(case.primals), theirs, upstream)
    if len(answers) < 4 or answers[-1].raised:
        return False
    first, second = answers[2:]
    alone = {
        name: one
        for name, one in wanted[1].gradients.items()
        if not is_sum(second.gradients.get(name), wanted[0].gradients.get(name, one), one)
    }
    return (
        first_unlike(subject, before, first, _gradients_only(wanted[0])) is None
        and first_unlike(subject, case, second, Evaluation({}, alone)) is None
    )


def _after(subject: Subject, case: Case, before: Case, upstream: Backward) -> Finding | None:
    """Return what goes wrong in a batch after another one."""
    answers = run(subject, case, Forward(before.primals), Forward(case.primals), upstream)
    symbol = subject.identity.symbol
    if len(answers) < 3 or answers[-1].raised:
        raised = answers[-1].raised
        accident = raised is not None and not raised.refused and len(answers) > 1
        if accident and not evaluate(subject, before).raised:
            headline = f"{symbol} raises on a second batch"
            why = raises(subject.identity.words, answers[-1])
            return finding(subject, case, "stale-cache", headline, None, why)
        return None
    unlike = first_unlike(subject, case, answers[2], _gradients_only(evaluate(subject, case)))
    told = "in the second batch, backward kept the first"
    if unlike is None:
        unlike, told = _in_third(subject, case, before), "in the third batch"
    if unlike is None or first_unlike(subject, case, answers[1]) is not None:
        return None
    headline = f"{symbol}: {unlike.array} is wrong {told}"
    words = subject.identity.words
    inputs = (one.name for one in before.signature.inputs)
    shapes = (f"{words.array(name)} of shape {before.primals[name].shape}" for name in inputs)
    detail = f"after a forward with {', '.join(shapes)}: {unlike.detail}"
    return finding(subject, case, "stale-cache", headline, unlike.name, detail)


def backward_twice_differs(subject: Subject, case: Case) -> Iterator[Finding]:
    """A second backward with the same upstream gradient gives other gradients.

    What it finds: gradients that change when backward is called twice after one forward.
    Why it matters: backward destroys what forward left for it, so two losses on one layer, or a
    gradient check, get a wrong answer without a word.
    A wrong layer: ``self.y *= 1 - self.y`` in backward.
    How to repair it: compute with copies; write nothing that forward has stored.
    Limits: a remark; parameters whose gradients add up are another matter (gradient-accumulates); a
    second backward that raises is taken as a refusal.
    """
    found = leaking(subject, case)
    if found is None or subject.updates:
        return
    up = Backward(found.upstream)
    answers = run(subject, case, Forward(case.primals), up, up)
    if len(answers) < 3 or answers[-1].raised:
        return
    base = evaluate(subject, case)
    once = {
        name: one
        for name, one in base.gradients.items()
        if not is_sum(answers[2].gradients.get(name), one, one)
    }
    unlike = first_unlike(subject, case, answers[2], Evaluation({}, once))
    if unlike is not None:
        headline = f"{subject.identity.symbol}: a second backward gives another {unlike.array}"
        yield finding(subject, case, "backward-twice-differs", headline, unlike.name, unlike.detail)


def state_shared(subject: Subject, case: Case) -> Iterator[Finding]:
    """Two instances of the layer share state.

    What it finds: gradients that change when another instance runs forward in between, or runs
    backward before they are used.
    Why it matters: a network with two layers of the class computes wrong gradients in both.
    A wrong layer: ``cache = {}`` in the body of the class, or a global variable.
    How to repair it: create what a layer stores in ``__init__`` or in forward, on ``self``.
    Limits: none.
    """
    found = leaking(subject, case)
    if found is None:
        return
    mine, theirs = Forward(case.primals), Forward(found.other.primals, instance=1)
    answers = run(subject, case, mine, theirs, Backward(found.upstream))
    symbol = subject.identity.symbol
    if answers[-1].raised and len(answers) == 3:
        headline = f"{symbol}: backward raises after a forward of another {symbol}"
        why = raises(subject.identity.words, answers[-1])
        yield finding(subject, case, "state-shared", headline, None, why)
        return
    told, base = "a forward", _gradients_only(evaluate(subject, case))
    unlike = first_unlike(subject, case, answers[-1], base)
    if unlike is None:
        told, up, others = (
            "a backward",
            Backward(found.upstream),
            Backward(found.others, instance=1),
        )
        answers = run(subject, case, mine, up, theirs, others, Look())
        unlike = first_unlike(subject, case, answers[-1], learned(case, base))
    if unlike is not None:
        headline = f"{symbol}: {unlike.array} is wrong after {told} of another {symbol}"
        yield finding(subject, case, "state-shared", headline, unlike.name, unlike.detail)


def history_matters(subject: Subject, case: Case) -> Iterator[Finding]:
    """Forward depends on what the layer was called with before.

    What it finds: outputs that change after a forward and backward with another batch.
    Why it matters: the loss of a batch then depends on the order of the batches.
    A wrong layer: scales by the largest value that it has ever seen.
    How to repair it: compute the output from the input and the parameters alone.
    Limits: layers that draw, or carry a state over on purpose, give another answer to the very
    same batch as well; of them nothing is said, unless their kind does neither.
    """
    lived = rehearse(subject, case)
    if evaluates(case) or lived is None or lived.clean:
        return
    strict = subject.identity.kind is not None and is_strict(subject)
    if strict or steady(subject, case):
        told = "forward depends on the batch before"
        yield from _history(subject, case, "history-matters", told)


def evaluation_changes_state(subject: Subject, case: Case) -> Iterator[Finding]:
    """In evaluation mode the layer changes what it keeps.

    What it finds: with ``training=False`` (or its like) the output changes when another batch
    was evaluated before.
    Why it matters: results on test data depend on their order, and leak into the model.
    A wrong layer: updates running statistics whether it trains or not.
    How to repair it: update them under ``if training`` only.
    Limits: seen only where the mode is an option of the layer.
    """
    lived = rehearse(subject, case)
    if not evaluates(case):
        return
    for name in changed_constants(subject, case):
        own = subject.identity.words.array(name)
        headline = f"{subject.identity.symbol}.forward changes {own} while it only evaluates"
        yield finding(subject, case, "evaluation-changes-state", headline, name)
        return
    if lived is None or lived.clean:
        return
    if not _steady_in_training(subject, case):
        return  # it draws, or carries a state over, in either mode
    told = "evaluation changes what the layer keeps"
    yield from _history(subject, case, "evaluation-changes-state", told)


def changed_constants(subject: Subject, case: Case) -> list[str]:
    """Return the arrays that the layer holds and does not learn, and changed all the same."""
    held = {one.name for one in case.signature.arrays if one.role == "constant"}
    return [one.array for one in evaluate(subject, case).mutated if one.array in held]


def evaluates(case: Case) -> bool:
    """Return whether the options of a case say that the layer does not train."""
    return any(case.options.get(name) in values for name, values in _EVALUATES.items())


def _steady_in_training(subject: Subject, case: Case) -> bool:
    trains = {
        name: next((one for one in subject.options.get(name, ()) if one not in values), None)
        for name, values in _EVALUATES.items()
        if case.options.get(name) in values
    }
    options = {**case.options, **trains}
    if not case.signature.holds_for(options):
        return True  # it trains with other arrays, those of another form
    return steady(subject, replace(case, options=options, memory={}))


def _in_third(subject: Subject, case: Case, before: Case) -> Unlike | None:
    """Return the input gradient that is wrong after two whole passes with another batch."""
    outputs = evaluate(subject, before).outputs
    passed = Forward(before.primals), Backward(cotangents(subject, before, outputs))
    base = evaluate(subject, case)
    mine = Forward(case.primals), Backward(cotangents(subject, case, base.outputs))
    answers = run(subject, case, *passed, *passed, *mine)
    if len(answers) < 6 or answers[-1].raised:
        return None
    if first_unlike(subject, case, answers[4]) is not None:
        return None  # forward has moved on, and backward with it
    inputs = {one.name for one in case.signature.inputs}
    once = {name: one for name, one in base.gradients.items() if name in inputs}
    return first_unlike(subject, case, answers[5], Evaluation({}, once))


def _history(subject: Subject, case: Case, check: str, told: str) -> Iterator[Finding]:
    before = sibling(subject, case)
    answers = run(subject, case, Forward(before.primals), Forward(case.primals))
    if len(answers) < 2 or answers[-1].raised:
        return
    unlike = first_unlike(subject, case, answers[1])
    strict = subject.identity.kind is not None and is_strict(subject)
    if unlike is None or not (strict or evaluates(case) or _moves_on(subject, case, answers[1])):
        return
    headline = f"{subject.identity.symbol}: {told}"
    yield finding(subject, case, check, headline, unlike.name, unlike.detail)


def _moves_on(subject: Subject, case: Case, after: Evaluation) -> bool:
    """Return whether what forward remembers changes with every batch, and with its values.

    What is fixed at the first batch (a normalisation that is fitted once, a table or a mask drawn
    for a shape) is meant to be.
    """
    first, third = sibling(subject, case), sibling(subject, case, turn=2)
    inputs = {one.name for one in case.signature.inputs}
    others = {
        name: array * 4 if name in inputs and array.dtype.kind == "f" else array
        for name, array in third.primals.items()
    }
    mine, moved = Forward(case.primals), Forward(others)
    later = run(subject, case, Forward(first.primals), moved, mine)
    instead = run(subject, case, moved, mine)
    return all(
        not answers[-1].raised and first_unlike(subject, case, answers[-1], after) is not None
        for answers in (later, instead)
    )


def _gradients_only(base: Evaluation) -> Evaluation:
    return Evaluation({}, base.gradients)
