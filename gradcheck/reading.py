"""What the way of writing leaves open is settled by trying, and told as an assumption.

Which of the forms of its kind a layer supports, and whether its backward knows any other
upstream gradient than 1.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.case import Case, plain_case
from gradcheck.checks.evaluation import (
    agree,
    deterministic,
    evaluate,
    is_strict,
    reference,
    reference_at,
)
from gradcheck.checks.state import evaluates
from gradcheck.checks.textbook import approximation
from gradcheck.errors import AdaptError
from gradcheck.meaning import Meaning
from gradcheck.signature import Signature
from gradcheck.subject import Array, Arrays, Raised, Subject
from gradcheck.unit_upstream import assumes_unit_upstream, ignored_upstream


def settle(subject: Subject, given: Case | None = None) -> Subject:
    """Return ``subject`` with its forms and its upstream settled by trying.

    At a ``given`` case the form is settled already.
    """
    settled = copy.copy(subject)
    assumptions = dict(subject.identity.assumptions)
    if given is None:
        settled.forms = _supported(subject)
        assumptions |= _told(subject, settled.forms)
        settled.options = _supported_options(settled)
        settled.meanings = _meanings(settled)
    case = replace(given, memory={}) if given else plain_case(settled, settled.forms[0])
    settled.repeatable = deterministic(settled, case)
    settled.unit_upstream = assumes_unit_upstream(settled, case)
    if settled.unit_upstream:
        assumptions["upstream"] = "1, whatever backward is given"
    settled.identity = replace(subject.identity, assumptions=assumptions)
    return settled


def shares_meaning(subject: Subject, given: Case | None = None) -> bool:
    """Return whether the layer is what its name says, as far as its forward shows.

    Under most names different layers are taught (other factors, shapes, orders of arguments), so
    such a name is believed only where the forward gives what the reference gives, in one of the
    forms. Of a strict kind everybody means the same: there a forward that differs is a fault.
    """
    if subject.identity.defects:  # it does not run at all, which is a fault under any name
        return True
    return is_strict(subject) or forward_fits(subject, given)


def forward_fits(subject: Subject, given: Case | None = None) -> bool:
    """Return whether forward gives what the reference gives, in one of the forms."""
    tried = [given] if given else [plain_case(subject, form) for form in subject.forms]
    return any(_fits(subject, replace(case, memory={})) for case in tried)


def without_reference(subject: Subject) -> Subject:
    """Return the subject as one of no kind, whose outputs may have any shape."""
    bare = copy.copy(subject)
    told = {"reference": f"none: its forward is not that of {subject.identity.kind}"}
    assumptions = {**subject.identity.assumptions, **told}
    bare.identity = replace(subject.identity, kind=None, assumptions=assumptions)
    bare.forms = tuple(_with_open_outputs(form) for form in subject.forms)
    return bare


def _fits(subject: Subject, case: Case) -> bool:
    """Whether forward is right here, and nothing in how backward answers speaks of another layer.

    That backward is wrong, raises or gives too little is a fault and no sign of another layer;
    that it is called otherwise, or gives the gradients of the inputs in another order, is one.
    """
    evaluation = evaluate(subject, case)
    if evaluation.raised and evaluation.raised.type == "TypeError":
        return False
    wanted = [case.primals[one.name].shape for one in case.signature.differentiable]
    given = [
        evaluation.gradients[one.name].shape
        for one in case.signature.differentiable
        if one.name in evaluation.gradients
    ]
    swapped = wanted != given and sorted(wanted) == sorted(given)
    return not swapped and _right_forward(subject, case)


def _supported_options(subject: Subject) -> dict[str, tuple[Any, ...]]:
    """Return the options with those values, beside the default, that mean what the kind means.

    A value under which the layer breaks down stays: the layer offers it. One that it refuses in
    its own words goes.
    """
    if is_strict(subject) or subject.meanings:
        return dict(subject.options)

    modes = _conditions([one for one in subject.forms if evaluates(plain_case(subject, one))])

    def works(name: str, value: Any) -> bool:
        if (name, value) in modes:  # of a supported form, be it one that makes no difference
            return True
        try:
            case = _with_option(subject, name, value)
        except AdaptError:  # it goes only with other options than the default ones
            return True
        if case is None:
            return False
        raised = evaluate(subject, case).raised
        return _fits(subject, case) or (raised is not None and not _refused(raised))

    return {
        name: (values[0], *(value for value in values[1:] if works(name, value)))
        for name, values in subject.options.items()
    }


def _with_option(subject: Subject, name: str, value: Any) -> Case | None:
    """Return a plain case with one option at another value; None where no form has it."""
    forms = [form for form in subject.forms if form.holds_for({name: value})]
    one = copy.copy(subject)
    one.options = {**subject.options, name: (value,)}
    return plain_case(one, forms[0]) if forms else None


def _refused(raised: Raised) -> bool:
    """Return whether an exception was raised on purpose, by the layer's own text."""
    last = raised.frames[-1].partition(": ")[2] if raised.frames else ""
    return raised.type == "NotImplementedError" or last.startswith(("raise ", "assert "))


def _meanings(subject: Subject) -> dict[Signature, Meaning]:
    """Return the meanings without the options under which forward is not that of the kind."""
    found: dict[Signature, Meaning] = {}
    for form, meaning in subject.meanings.items():
        excluded: dict[str, tuple[Any, ...]] = {}
        for name, values in subject.options.items():
            if name not in meaning.options:
                others = ((value, _with_option(subject, name, value)) for value in values[1:])
                excluded[name] = tuple(v for v, case in others if case and not _fits(subject, case))
        found[form] = replace(meaning, excluded=excluded)
    return found


def _with_open_outputs(form: Signature) -> Signature:
    opened = tuple(replace(one, axes=("...",)) for one in form.outputs)
    return replace(form, outputs=opened)


def _told(subject: Subject, kept: tuple[Signature, ...]) -> dict[str, str]:
    """Return what to say about the forms that were dropped."""
    dropped = [form for form in subject.forms if form not in kept]
    if not dropped or not evaluate(subject, plain_case(subject, kept[0])).gradients:
        return {}
    told = {"inputs": "; ".join(_inputs(form) for form in kept)}
    half = [form for form in dropped if _forward_works(subject, form)]
    if half:
        told["forward alone takes"] = "; ".join(_inputs(form) for form in half)
    left = [one for one in _conditions(dropped) if one not in _conditions((*kept, *half))]
    if left:
        chosen = " or ".join(f"{name} = {value}" for name, value in left)
        told["not checked"] = f"{chosen}, where forward is not that of {subject.identity.kind}"
    return told


def _conditions(forms: Sequence[Signature]) -> list[tuple[str, Any]]:
    """Return the options, each with a value, under which the forms hold."""
    pairs = [(name, one) for form in forms for name, values in form.when for one in values]
    return list(dict.fromkeys(pairs))


def _supported(subject: Subject) -> tuple[Signature, ...]:
    """Return the usual form, and those others for which forward and backward both work.

    A layer need not support every form of its kind (one row, images, one-hot labels), and NumPy
    runs many forwards on shapes that nobody thought of. The usual form is dropped only where it
    does not run and another one does; a mode that makes no difference stays, to be told.
    """
    usual, *others = subject.forms
    working = [
        form
        for form in others
        if (_forward_works(subject, form) or _ignores_mode(subject, form))
        and _backward_works(subject, form)
    ]
    runs = evaluate(subject, plain_case(subject, usual)).raised is None
    return (usual, *working) if runs or not working else tuple(working)


def _forward_works(subject: Subject, form: Signature) -> bool:
    return _right_forward(subject, plain_case(subject, form))


def _ignores_mode(subject: Subject, form: Signature) -> bool:
    """Whether forward gives in the mode of a form, bit for bit, what it gives in the usual one."""
    usual = subject.forms[0]
    if not form.when or {name for name, _ in form.when} != {name for name, _ in usual.when}:
        return False
    case, options = plain_case(subject, form), plain_case(subject, usual).options
    if not evaluates(case):  # of another option a form that is not supported means nothing
        return False
    outputs = evaluate(subject, case).outputs
    primals = {name: case.primals[name] for name in usual.by_name if name in case.primals}
    answer = subject.forward(primals, options).outputs
    return bool(outputs) and all(
        name in answer and np.array_equal(answer[name], one) for name, one in outputs.items()
    )


def _right_forward(subject: Subject, case: Case) -> bool:
    """Whether the outputs have the shapes of the form and the values of the reference, if any."""
    evaluation = evaluate(subject, case)
    sizes = {**case.axes, **case.options}
    for spec in case.signature.outputs:
        output = evaluation.outputs.get(spec.name)
        if output is None or not (spec.open or output.shape == spec.shape(sizes)):
            return False
    if reference(subject, case) is None:
        return True
    return all(_agrees(subject, case, spec.name) for spec in case.signature.outputs)


def _backward_works(subject: Subject, form: Signature) -> bool:
    case = plain_case(subject, form)
    evaluation = evaluate(subject, case)
    shaped = evaluation.raised is None and all(
        spec.name in evaluation.gradients
        and evaluation.gradients[spec.name].shape == case.primals[spec.name].shape
        for spec in form.differentiable
    )
    return shaped and (_rank(form) >= _rank(subject.forms[0]) or _gradients_right(subject, case))


def _gradients_right(subject: Subject, case: Case) -> bool:
    """Whether all gradients are those of the reference, for a form with an axis less.

    A single sample runs through many layers that were written for a batch, and what comes back
    is nobody's claim. So such a form counts as supported only where it is right.
    """
    wanted = reference(subject, case)
    claimed = evaluate(subject, case).gradients
    upstream = 1.0 if wanted is None else ignored_upstream(subject, case)
    return wanted is None or all(
        name in wanted.gradients
        and np.allclose(gradient * upstream, wanted.gradients[name], rtol=1e-3, atol=1e-9)
        for name, gradient in claimed.items()
    )


def _rank(form: Signature) -> int:
    return max(len(one.axes) for one in form.inputs)


def _agrees(subject: Subject, case: Case, name: str) -> bool:
    def right(primals: Arrays) -> Array | None:
        evaluation = reference_at(subject, case, primals)
        return evaluation.outputs[name] if evaluation else None

    value = evaluate(subject, case).outputs[name]
    wanted = right(case.primals)
    if wanted is None or wanted.shape != value.shape:
        return False
    if agree(value, right, case) or approximation(subject, case) is not None:
        return True
    # Of a strict kind a rough look is enough: the exact one is a check of its own.
    return is_strict(subject) and np.allclose(value, wanted, rtol=1e-3, atol=1e-3)


def _inputs(form: Signature) -> str:
    return ", ".join(str(one) for one in form.inputs)
