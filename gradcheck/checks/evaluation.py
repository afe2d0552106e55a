"""What every check starts from: forward and backward of one case, run once and shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.foreseeing import foreseen, learn, same_outputs
from gradcheck.findings import Finding
from gradcheck.kinds import Kind, find_kind
from gradcheck.meaning import Meaning
from gradcheck.subject import Array, Arrays, Evaluation, Subject


def evaluate(subject: Subject, case: Case) -> Evaluation:
    """Return outputs and gradients of ``case``; only forward where it gave no output."""
    remembered: Evaluation | None = case.memory.get(("evaluation", id(subject)))
    if remembered is None:
        remembered = foreseen(subject, case)
        if remembered is None:
            remembered = subject.forward(case.primals, case.options)
        if remembered.outputs and remembered.raised is None and not remembered.gradients:
            upstream = cotangents(subject, case, remembered.outputs)
            remembered = subject.vjp(case.primals, upstream, case.options)
        case.memory["evaluation", id(subject)] = remembered
        learn(subject, case, remembered.outputs)
    return remembered


def deterministic(subject: Subject, case: Case) -> bool:
    """Return whether a second forward at ``case`` gives the same bits.

    Never of a layer that did not at its first case: a mask of one element is the same by luck.
    """
    if not subject.repeatable:
        return False
    key = ("deterministic", id(subject))
    first = evaluate(subject, case).outputs
    if key not in case.memory:
        again = subject.forward(case.primals, case.options).outputs
        case.memory[key] = same_outputs(first, again)
    known: bool = case.memory[key]
    return known


def cotangents(subject: Subject, case: Case, outputs: Arrays) -> dict[str, Array]:
    """Return the upstream gradient of ``case``."""
    return case.cotangents(outputs, subject.unit_upstream)


def is_strict(subject: Subject) -> bool:
    """Return whether everybody means the same by the name of the layer, or nothing is meant."""
    if any(one.loose for one in subject.meanings.values()):
        return False
    return subject.identity.kind is None or find_kind(subject.identity.kind).strict


def reference(subject: Subject, case: Case) -> Evaluation | None:
    """Return what the reference layer of the kind gives for ``case``, or None without one."""
    return reference_at(subject, case, case.primals)


def reference_at(subject: Subject, case: Case, primals: Arrays) -> Evaluation | None:
    """Return the reference's outputs and gradients at other primals of the same case.

    None where the reference has nothing to say: about concrete inputs of a shape that it does not
    take, or without one of its parameters.
    """
    kind = _kind_with_reference(subject, case)
    if kind is None:
        return None
    outputs = evaluate(subject, case).outputs
    ran = _reference_run(subject, case, kind, primals, outputs)
    if ran is None:
        return None
    values, theirs, layer, returned = ran
    gradients: dict[str, Array] = {}
    shapes = {name: value.shape for name, value in values.items()}
    if shapes == {name: value.shape for name, value in outputs.items()}:
        meaning = subject.meanings.get(case.signature)
        upstream = cotangents(subject, case, outputs)
        with np.errstate(all="ignore"):
            answered = layer.backward(*_kinds_cotangents(meaning, upstream, returned))
        gradients = _named_gradients(theirs, layer, kind, answered)
        gradients = own_gradients(meaning, gradients, primals)
    return Evaluation(values, gradients)


def reference_outputs(
    subject: Subject, case: Case, primals: Arrays, outputs: Arrays
) -> dict[str, Array] | None:
    """Return what the reference gives where the layer gave ``outputs``, None as above."""
    kind = _kind_with_reference(subject, case)
    ran = kind and _reference_run(subject, case, kind, primals, outputs)
    return ran[0] if ran else None


def _kind_with_reference(subject: Subject, case: Case) -> Kind | None:
    if subject.identity.kind is None:
        return None
    meaning = subject.meanings.get(case.signature)
    if subject.meanings and (meaning is None or not meaning.holds_for(case.options)):
        return None
    kind = find_kind(subject.identity.kind)
    return None if kind.reference is None else kind


def _reference_run(
    subject: Subject, case: Case, kind: Kind, primals: Arrays, outputs: Arrays
) -> tuple[dict[str, Array], dict[str, Array], Any, Any] | None:
    """Return own outputs, arrays of the kind, the reference that ran, and what it returned."""
    assert kind.reference is not None
    try:
        with np.errstate(all="ignore"):
            theirs, options = in_kinds_order(subject, case, primals)
            held = {name: theirs[name] for name in kind.parameters if name in theirs}
            layer = kind.reference(**held, **options)
            returned = layer.forward(*(theirs[name] for name in theirs if name not in held))
            values = _own_outputs(case, subject.meanings.get(case.signature), outputs, returned)
    except (TypeError, ValueError, IndexError):  # how it refuses what it does not take
        return None
    return values, theirs, layer, returned


def in_kinds_order(
    subject: Subject, case: Case, primals: Arrays
) -> tuple[dict[str, Array], dict[str, object]]:
    """Return primals and options as the kind of the layer has them."""
    meaning = subject.meanings.get(case.signature)
    if meaning is None:
        names = [one.name for one in case.signature.arrays]
        return {name: primals[name] for name in names}, dict(case.options)
    theirs = meaning.arranged(primals)
    forms = find_kind(meaning.kind).forms
    order = dict.fromkeys(one.name for form in forms for one in form.arrays if one.name in theirs)
    return {name: theirs[name] for name in order}, meaning.chosen(case.options)


def _own_outputs(
    case: Case, meaning: Meaning | None, outputs: Arrays, returned: object
) -> dict[str, Array]:
    """Return what the reference returned under the names, and in the axes, of the layer."""
    if meaning is None:
        return _named(case, returned)
    several = returned if isinstance(returned, tuple) else (returned,)
    values = {}
    for name, (number, order) in meaning.outputs.items():
        value = np.asarray(several[number]).transpose(order)
        shape = outputs[name].shape if name in outputs else value.shape
        values[name] = value.reshape(shape) if value.size == np.prod(shape) else value
    return values


def _kinds_cotangents(meaning: Meaning | None, upstream: Arrays, returned: object) -> list[Array]:
    """Return the upstream gradients for the reference's outputs, zero where the layer has none."""
    several = returned if isinstance(returned, tuple) else (returned,)
    if meaning is None:
        return list(upstream.values())
    given = [np.zeros_like(np.asarray(one)) for one in several]
    for name, (number, order) in meaning.outputs.items():
        shape = np.asarray(several[number]).transpose(order).shape
        given[number] = upstream[name].reshape(shape).transpose(np.argsort(order))
    return given


def kinds_upstream(subject: Subject, case: Case, primals: Arrays) -> dict[str, Array]:
    """Return the upstream gradients of ``case`` under the names of the kind's outputs.

    Empty where the layer's outputs are not those of the kind.
    """
    kind, outputs = find_kind(subject.identity.kind or ""), evaluate(subject, case).outputs
    ran = _reference_run(subject, case, kind, primals, outputs) if kind.reference else None
    if ran is None:
        return {}
    returned = ran[-1]
    upstream = cotangents(subject, case, outputs)
    given = _kinds_cotangents(subject.meanings.get(case.signature), upstream, returned)
    several = returned if isinstance(returned, tuple) else (returned,)
    if any(np.shape(a) != np.shape(b) for a, b in zip(given, several, strict=False)):
        return {}
    names = [one.name for one in kind.forms[0].outputs]
    return dict(zip(names, given, strict=False)) if len(given) == len(names) else {}


def own_gradients(
    meaning: Meaning | None, gradients: dict[str, Array], primals: Arrays
) -> dict[str, Array]:
    """Return gradients of the kind's arrays under the names, and in the axes, of the layer."""
    if meaning is None:
        return gradients
    own: dict[str, Array] = {}
    for mine, (name, order) in meaning.arrays.items():
        if name in gradients:
            array = gradients[name].transpose(np.argsort(order))
            if array.size == np.size(primals[mine]):
                own[mine] = array.reshape(np.shape(primals[mine]))
    return own


def _named(case: Case, returned: object) -> dict[str, Array]:
    """Pair what the reference returned with the outputs of the signature, in order."""
    several = returned if isinstance(returned, tuple) else (returned,)
    names = [one.name for one in case.signature.outputs]
    return {name: np.asarray(value) for name, value in zip(names, several, strict=False)}


def agree(value: Array, at: Callable[[Arrays], Array | None], case: Case) -> bool:
    """Return whether ``value`` is ``at(case.primals)`` to half of the digits that it has.

    How many digits it has follows from its conditioning: the reference is asked again at inputs
    moved by half of their own digits. So cancellation and saturation widen the bound, and
    nothing else does.
    """
    wanted = at(case.primals)
    if wanted is None or wanted.shape != value.shape:
        return False
    single = any(one.dtype == np.float32 for one in (value, *case.primals.values()))
    half = 2.0**-12 if single else 2.0**-26
    # What a straightforward formula computes on the way is of the size of its inputs, so a tail
    # (sigmoid at -30) may carry the rounding of that size.
    sizes = [wanted, *(one for one in case.primals.values() if one.dtype.kind == "f")]
    largest = max(float(np.abs(one).max(initial=0.0)) for one in sizes)
    bound = half * np.abs(wanted) + half**1.75 * largest
    if _within(value, wanted, bound):
        return True
    rng = case.rng("conditioning")
    for _ in range(4):
        moved = {
            name: array * (1 + half * rng.choice([-1.0, 1.0], array.shape)).astype(array.dtype)
            if array.dtype.kind == "f"
            else array
            for name, array in case.primals.items()
        }
        other = at(moved)
        if other is not None:
            with np.errstate(invalid="ignore"):  # both may be infinite
                bound = bound + 4 * np.abs(other - wanted)
        if _within(value, wanted, bound):  # the bound only grows
            return True
    return False


def _within(value: Array, wanted: Array, bound: Array) -> bool:
    with np.errstate(invalid="ignore"):
        close = np.abs(value - wanted) <= bound
    same = (value == wanted) | (np.isnan(value) & np.isnan(wanted))
    return bool((close | same | ~np.isfinite(bound)).all())


def finding(
    subject: Subject,
    case: Case,
    check: str,
    headline: str,
    array: str | None = None,
    detail: str = "",
) -> Finding:
    """Return the finding of a check, with the shape context and the case filled in.

    The runner adds code, replay and page, which a check need not know.
    """
    evaluation = evaluate(subject, case)
    shapes = {name: tuple(one.shape) for name, one in case.primals.items()}
    shapes |= {name: tuple(one.shape) for name, one in evaluation.outputs.items()}
    upstream = cotangents(subject, case, evaluation.outputs)
    words = subject.identity.words
    values = {words.array(name): one.tolist() for name, one in case.primals.items()}
    single = len(upstream) == 1
    for name, one in upstream.items():
        told = words.upstream if single else f"d{name}"
        values[f"{told} (upstream)" if told in values else told] = one.tolist()
    values |= {f"option {name}": value for name, value in case.options.items()}
    return Finding(
        check=check,
        code="",
        headline=headline,
        array=array,
        detail=detail,
        axes=dict(case.axes),
        shapes={words.array(name): shape for name, shape in shapes.items()},
        case=values,
    )


def _named_gradients(
    theirs: Arrays, layer: object, kind: Kind, returned: object
) -> dict[str, Array]:
    constant = {
        one.name for form in kind.forms for one in form.arrays if one.role in ("label", "constant")
    }
    inputs = [name for name in theirs if name not in kind.parameters and name not in constant]
    several = returned if isinstance(returned, tuple) else (returned,)
    values = [value for value in several if value is not None]
    gradients = {name: np.asarray(value) for name, value in zip(inputs, values, strict=False)}
    learned = {name: getattr(layer, f"d{name}", None) for name in kind.parameters}
    return gradients | {name: np.asarray(one) for name, one in learned.items() if one is not None}
