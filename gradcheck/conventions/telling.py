"""What was assumed in reading a layer, in words: found by looking at it and by asking it.

Nothing here decides how a layer is checked; it only says how it was read, so that a person can
object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gradcheck.batch import batch_of
from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.outcome import Trial
from gradcheck.conventions.wired_subject import WiredSubject
from gradcheck.kinds import find_kind
from gradcheck.meaning import Meaning
from gradcheck.signature import Signature
from gradcheck.subject import Arrays, Backward, Forward

_EQUAL = 1e-6
_SHARE = 400  # samples that show how often a random mask keeps an element


def told_of(
    subject: WiredSubject, trial: Trial, meaning: Meaning | None, how: str
) -> dict[str, str]:
    """Return the assumptions of a reading, one short text each."""
    signature = subject.forms[0]
    told = dict(_looks(trial, signature))
    told |= _kind(meaning, how)
    told |= dict(_layouts(signature, meaning))
    arrays = {one.name: trial.arrays[one.name] for one in signature.arrays}
    told |= dict(_losses(subject, trial, arrays))
    told |= dict(_behaviour(subject, trial, arrays))
    return told


def _looks(trial: Trial, signature: Signature) -> Iterator[tuple[str, str]]:
    yield "arrays", ", ".join(str(one) for one in signature.arrays)
    if trial.parameters:
        yield "parameters", ", ".join(str(place) for place in trial.parameters.values())
    if trial.constants:
        yield "held fixed", f"{', '.join(trial.constants)}: no gradient of it was found"
    if trial.lazy:
        yield "made", "parameters at the first forward"
    if trial.proposal.rate is not None:
        yield "gradients", "what the parameters lose in backward"
    sources = trial.construction.arguments if trial.construction is not None else {}
    given = [f"{name}={one.told}" for name, one in sources.items() if one.told]
    if given:
        yield "given", ", ".join(given)
    if trial.template.single:
        yield "batch", "one sample at a time"


def _kind(meaning: Meaning | None, how: str) -> dict[str, str]:
    """Return what to say of the kind, and of options that only the reference has."""
    if meaning is None:
        return {"kind": "unknown, so its forward has no reference"}
    told = {"kind": f"{meaning.kind}, by its {how}"}
    usual = find_kind(meaning.kind).options
    chosen = {
        name: value
        for name, value in meaning.fixed.items()
        if usual[name][0] != value and name != "reduction"
    }
    if chosen:
        told["as"] = ", ".join(f"{name}={value}" for name, value in chosen.items())
    return told


def _layouts(signature: Signature, meaning: Meaning | None) -> Iterator[tuple[str, str]]:
    """Yield how weights, biases, images and batches lie."""
    inputs = [one for one in signature.inputs if one.role == "input"]
    first = inputs[0].axes if inputs else ()
    batch = batch_of(signature)
    if batch and len(first) == 2 and batch[1] == 1 and "1" not in first:
        yield "batch", "the last axis: examples are columns"
    if meaning is None:
        return
    for one in signature.parameters:
        theirs, order = meaning.arrays.get(one.name, ("", ()))
        if theirs == "W" and meaning.kind == "affine":
            yield "weights", "(in, out)" if order == (0, 1) else "(out, in)"
        if theirs == "b" and len(one.axes) > 1:
            yield "bias", f"({', '.join(one.axes)})"
    theirs, order = meaning.arrays.get(inputs[0].name, ("", ())) if inputs else ("", ())
    if len(first) == 4 and len(order) == 4 and "1" not in first:
        layouts = {(0, 1, 2, 3): "NCHW", (0, 3, 1, 2): "NHWC"}
        if order in layouts:
            yield "images", layouts[order]


def _losses(subject: WiredSubject, trial: Trial, arrays: Arrays) -> Iterator[tuple[str, str]]:
    """Yield how labels are coded, in which order they are given, and what a loss is divided by."""
    signature = subject.forms[0]
    slots = trial.proposal.slots
    labels = [slot.name for slot in slots if slot.role == "label"]
    for name in labels[:1]:
        domain = signature.by_name[name].domain
        yield "labels", {"labels": "integers"}.get(domain, domain)
        if slots[0].name == name:
            yield "order", "(target, prediction)"
    ratio = _doubled(subject, trial, arrays) if labels else None
    if ratio is not None:
        for wanted, reduction in ((1.0, "mean over the batch"), (2.0, "sum over the batch")):
            if abs(ratio - wanted) < _EQUAL:
                yield "loss", reduction


def _doubled(subject: WiredSubject, trial: Trial, arrays: Arrays) -> float | None:
    """Return by how much a loss grows when every sample is there twice, None where it is zero."""
    signature = subject.forms[0]
    batch = batch_of(signature)
    if batch is None:
        return None
    axis = signature.by_name[batch[0]].axes[batch[1]]
    twice = {
        one.name: np.concatenate([arrays[one.name]] * 2, axis=one.axes.index(axis))
        if axis in one.axes
        else arrays[one.name]
        for one in signature.arrays
    }
    once = subject.forward(arrays, trial.options).outputs
    both = subject.forward(twice, trial.options).outputs
    (first, *others), (second, *_) = (list(one.values()) or [np.zeros(0)] for one in (once, both))
    if others or first.size != 1 or second.size != 1 or not float(first.ravel()[0]):
        return None
    return float(second.ravel()[0]) / float(first.ravel()[0])


def _behaviour(subject: WiredSubject, trial: Trial, arrays: Arrays) -> Iterator[tuple[str, str]]:
    """Yield whether gradients add up, the precision inside, and what a dropout's p means."""
    dtypes = {str(value.dtype) for value in trial.values.values()}
    if "float32" in dtypes:
        yield "precision", "float32 inside"
    if _accumulates(subject, trial, arrays):
        yield "accumulation", "gradients add up until they are reset"
    chance = _chance(trial)
    if chance is not None and (kept := _kept(subject, trial)) is not None:
        meaning = "keep" if abs(kept - chance) < abs(kept - (1 - chance)) else "drop"
        yield "p", f"the probability to {meaning} an element"


def _accumulates(subject: WiredSubject, trial: Trial, arrays: Arrays) -> bool:
    """Return whether a second backward doubles the gradient of every parameter."""
    learned = [one.name for one in subject.forms[0].parameters if one.name in trial.parameters]
    if not learned or trial.proposal.rate is not None:
        return False
    outputs = subject.forward(arrays, trial.options).outputs
    rng = np.random.default_rng(2)
    upstream = {name: np.asarray(rng.standard_normal(one.shape)) for name, one in outputs.items()}
    script = (Forward(arrays), Backward(upstream), Backward(upstream))
    steps = subject.run(script, trial.options)
    if len(steps) < 3 or steps[-1].raised:
        return False
    first, second = steps[1].gradients, steps[2].gradients
    return all(
        name in first
        and name in second
        and first[name].shape == second[name].shape
        and bool(np.any(first[name]))
        and np.allclose(second[name], 2 * first[name], rtol=1e-6)
        for name in learned
    )


def _chance(trial: Trial) -> float | None:
    """Return the probability that a layer was given, None without one."""
    sources = trial.construction.arguments if trial.construction is not None else {}
    values: Mapping[str, object] = {
        name: getattr(one, "content", None) for name, one in sources.items()
    }
    found = [
        value
        for name, value in values.items()
        if names.plain(name) in names.PROBABILITIES and isinstance(value, float)
    ]
    return found[0] if found else None


def _kept(subject: WiredSubject, trial: Trial) -> float | None:
    """Return the share of elements that a mask keeps, None where nothing is masked."""
    inputs = [one for one in subject.forms[0].inputs if one.role == "input"]
    if len(inputs) != 1 or subject.forms[0].parameters:
        return None
    shape = [trial.sizes.get(axis, 1) for axis in inputs[0].axes]
    large = {
        inputs[0].name: np.ones([max(1, _SHARE // max(1, int(np.prod(shape[1:])))), *shape[1:]])
    }
    outputs = list(subject.forward(large, trial.options).outputs.values())
    if not outputs or outputs[0].size < _SHARE // 2 or outputs[0].all():
        return None
    return float(np.mean(outputs[0] != 0))
