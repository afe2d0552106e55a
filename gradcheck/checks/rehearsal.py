"""One script in which a layer lives as it does in training: other batches before and beside.

Its last answer is that of a fresh layer, or some state leaks. So one script settles all checks of
state at once; only where it does not are they asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck.case import Case, make_case, plain_case
from gradcheck.checks.evaluation import cotangents, deterministic, evaluate
from gradcheck.checks.foreseeing import evaluation_scripts, expected_upstream
from gradcheck.checks.sameness import alike, first_unlike
from gradcheck.checks.sibling import sibling
from gradcheck.errors import AdaptError
from gradcheck.sizes import legal
from gradcheck.subject import (
    Arrays,
    Backward,
    Evaluation,
    Forward,
    Look,
    Script,
    Step,
    Subject,
    merged,
)


@dataclass(frozen=True)
class Rehearsal:
    """How a layer fared beside other calls; ``other`` is the case that it was called with before.

    ``upstream`` and ``others`` are the cotangents of the two cases. ``clean`` says that nothing
    leaked.
    """

    other: Case
    upstream: Arrays
    others: Arrays
    clean: bool
    answers: tuple[Evaluation, ...]


def rehearse(subject: Subject, case: Case) -> Rehearsal | None:
    """Return the rehearsal of a layer at ``case``; None where it has nothing to compare with."""
    key = ("rehearsal", id(subject))
    if key not in case.memory:
        case.memory[key] = _rehearsed(subject, case)
    found: Rehearsal | None = case.memory[key]
    return found


def leaking(subject: Subject, case: Case) -> Rehearsal | None:
    """Return the rehearsal of a layer in which state leaks at ``case``."""
    found = rehearse(subject, case)
    return found if found is not None and not found.clean and steady(subject, case) else None


def steady(subject: Subject, case: Case) -> bool:
    """Return whether forward, asked the same again on one instance, gives the same.

    Not of a layer that draws anew in every call, or carries a state over. Asked at generic sizes
    too, since a mask of one element is the same by luck.
    """
    return all(_repeats(subject, one) for one in (case, *_roomy(subject, case)))


def _roomy(subject: Subject, case: Case) -> list[Case]:
    """Return a case of the same form and options that is large enough to tell."""
    try:
        plain = plain_case(subject, case.signature)
    except AdaptError:
        return []
    axes = {name: max(size, plain.axes.get(name, 0)) for name, size in case.axes.items()}
    sizes = axes | {name: one for name, one in case.options.items() if isinstance(one, int)}
    if not case.axes or not legal(case.signature, subject.constraints, sizes):
        return []
    return [make_case(case.signature, sizes, case.options, seed=case.seed)]


def _repeats(subject: Subject, case: Case) -> bool:
    first, *others = subject.run((Forward(case.primals),) * 4, case.options)
    return not any(
        name in one.outputs and not alike(one.outputs[name], value)
        for one in others
        for name, value in first.outputs.items()
    )


def learned(case: Case, answer: Evaluation) -> Evaluation:
    """Return the gradients of the parameters alone."""
    names = {one.name for one in case.signature.parameters}
    return Evaluation({}, {name: one for name, one in answer.gradients.items() if name in names})


def run(subject: Subject, case: Case, *script: Step) -> tuple[Evaluation, ...]:
    """Run a script under the options of ``case``."""
    return subject.run(script, case.options)


def _rehearsed(subject: Subject, case: Case) -> Rehearsal | None:
    base = evaluate(subject, case)
    if base.raised or not base.gradients or not case.generic or not deterministic(subject, case):
        return None
    other = _beside(subject, case)
    theirs = evaluate(subject, other)
    if theirs.raised or not theirs.outputs:
        return None
    upstream = cotangents(subject, case, base.outputs)
    others = cotangents(subject, other, theirs.outputs)
    script = _script(subject, case, upstream, other, others)
    answers = subject.run(script, case.options)
    own = answers[6 : len(script) - 2]
    clean = len(answers) == len(script) and not answers[-1].raised
    clean = clean and all(
        first_unlike(subject, case, merged((answers[4], one)), base) is None for one in own
    )
    clean = clean and first_unlike(subject, case, answers[-1], learned(case, own[-1])) is None
    return Rehearsal(other, upstream, others, clean, answers)


def _script(subject: Subject, case: Case, upstream: Arrays, other: Case, others: Arrays) -> Script:
    """Return the steps: another batch before, a third one, this one, and one beside it."""
    inputs = {one.name for one in case.signature.inputs}
    near = sibling(subject, case, resized=False, turn=2).primals
    near = {**other.primals, **{name: near[name] for name in inputs}}
    # Another upstream gradient, too, or a buffer would be filled with the same values again.
    turned = {name: -2 * one for name, one in upstream.items()}
    before = Forward(other.primals), Backward(others), Forward(near), Backward(turned)
    after = (Backward(upstream),) if subject.updates else (Backward(upstream),) * 2
    beside = Forward(other.primals, instance=1)
    last = Backward(others, instance=1), Look()
    return *before, Forward(case.primals), beside, *after, *last


def _beside(subject: Subject, case: Case) -> Case:
    """Return the case with which the layer was called before; the same one every time."""
    key = ("rehearsed beside", id(subject))
    if key not in case.memory:
        case.memory[key] = sibling(subject, case, parameters=True)
    known: Case = case.memory[key]
    return known


def rehearsal_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what the rehearsal asks, where no question decides how it goes."""
    if not case.generic or subject.probed:
        return
    other = _beside(subject, case)
    others = expected_upstream(subject, other)
    if others is not None:
        yield from evaluation_scripts(subject, other)
        yield _script(subject, case, upstream, other, others)
