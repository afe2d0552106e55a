"""The batch: its order, its size, and rows that must not see each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck.batch import batch_axis
from gradcheck.case import Case
from gradcheck.checks.evaluation import (
    cotangents,
    deterministic,
    evaluate,
    finding,
    is_strict,
    reference_at,
)
from gradcheck.checks.sameness import alike, difference, raises
from gradcheck.checks.sibling import sibling
from gradcheck.findings import Finding
from gradcheck.subject import Array, Arrays, Backward, Evaluation, Forward, Script, Subject

_OPERATIONS = ("autodiff", "variable-function", "operation")  # of tensors, without a batch
_SAMPLES = ("N", "m", "B", "batch")  # a single sample without its axis has another one first


def batch_order_matters(subject: Subject, case: Case) -> Iterator[Finding]:
    """Another order of the samples gives other answers for them.

    What it finds: outputs or gradients that do not follow when the samples of the batch are
    put in another order.
    Why it matters: the order of a batch is random; what a sample gets must not depend on it.
    A wrong layer: multiplies by ``np.arange(len(x))``, or divides by the first row.
    How to repair it: treat every row alike.
    Limits: only where the kind of layer is known, and its reference treats all samples alike.
    """
    axis = _batch(subject, case)
    if axis is None or case.axes[axis] < 2 or not _known(subject):
        return
    order = _rolled(case, axis)
    base = evaluate(subject, case)
    upstream = cotangents(subject, case, base.outputs)
    outputs = _specs(subject, case, axis, base)
    moved = {name: _taken(one, outputs.get(name), order) for name, one in upstream.items()}
    answer = subject.vjp(_rows(case, axis, order), moved, case.options)
    if answer.raised or not _reference_follows(subject, case, axis, order, outputs):
        return
    found = _unfollowed(subject, case, axis, order, base, answer, outputs)
    if found is None:
        return
    name, detail = found
    headline = f"{subject.identity.symbol}: the order of the samples matters to {name}"
    yield finding(subject, case, "batch-order-matters", headline, name, detail)


def rows_differ_from_batch(subject: Subject, case: Case) -> Iterator[Finding]:
    """A sample alone gets another answer than in a batch.

    What it finds: outputs of single rows that are not those of the batch, for kinds of layers
    whose rows are independent (as the reference shows), and an output that loses its batch axis
    where the batch is one sample.
    Why it matters: prediction for one sample differs from training, or fails.
    A wrong layer: ``np.squeeze`` of the output, or a softmax over the whole batch.
    How to repair it: name the axes that are reduced, and keep that of the batch.
    Limits: of layers of no known kind only the shape is compared.
    """
    axis = _batch(subject, case)
    if axis is None or case.axes[axis] < 2 or axis in subject.fixed_axes:
        return
    base = evaluate(subject, case)
    outputs = _specs(subject, case, axis, base)
    one = _one_of(case, axis)
    answer = subject.forward(_rows(case, axis, one), case.options)
    symbol = subject.identity.symbol
    if answer.raised:
        if not (subject.probed and answer.raised.refused) and _known(subject):
            headline = f"{symbol} raises {answer.raised.type} for a batch of one"
            why = raises(subject.identity.words, answer)
            yield finding(subject, case, "rows-differ-from-batch", headline, None, why)
        return
    independent = _reference_rows(subject, case, axis, one, outputs)
    for name, spec in outputs.items():
        if name not in answer.outputs or spec is None:
            continue
        value, wanted = answer.outputs[name], np.take(base.outputs[name], one, axis=spec)
        if value.shape != wanted.shape:
            headline = f"{symbol}: a batch of one gives an output of shape {value.shape}"
            detail = f"{wanted.shape} belongs to it, as one row of {base.outputs[name].shape}"
            yield finding(subject, case, "rows-differ-from-batch", headline, name, detail)
        elif independent and not alike(value, wanted, float(np.abs(base.outputs[name]).max())):
            headline = f"{symbol}: a sample alone gets another output than in the batch"
            detail = f"of sample {one[0]} alone {name}{difference(value, wanted)}"
            yield finding(subject, case, "rows-differ-from-batch", headline, name, detail)


def empty_batch_fails(subject: Subject, case: Case) -> Iterator[Finding]:
    """A batch of no samples raises, or loses its shape.

    What it finds: an exception, or an output of another shape than that of no rows, for arrays
    with zero samples.
    Why it matters: filters and splits produce empty batches, and a long run stops at one.
    A wrong layer: ``x.reshape(x.shape[0], -1)``, which cannot infer -1 from nothing.
    How to repair it: compute sizes from the other axes.
    Limits: a remark, and only where the reference of the kind takes such a batch.
    """
    axis = _batch(subject, case)
    if axis is None or axis in subject.fixed_axes:
        return
    none = np.zeros(0, dtype=int)
    primals = _rows(case, axis, none)
    wanted = reference_at(subject, case, primals)
    if wanted is None or not all(np.isfinite(one).all() for one in wanted.outputs.values()):
        return
    answer = subject.forward(primals, case.options)
    symbol = subject.identity.symbol
    told = None
    if answer.raised:
        why = raises(subject.identity.words, answer)
        headline = f"{symbol} raises {answer.raised.type} for a batch of none"
        told = finding(subject, case, "empty-batch-fails", headline, None, why)
    for name, right in wanted.outputs.items():
        if name in answer.outputs and answer.outputs[name].shape != right.shape:
            headline = f"{symbol}: a batch of none gives shape {answer.outputs[name].shape}"
            detail = f"expected {right.shape}"
            told = finding(subject, case, "empty-batch-fails", headline, name, detail)
    if told is not None:
        yield told


def order_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what is asked of the samples in another order."""
    axis = _samples(subject, case)
    if axis is not None and case.axes[axis] > 1 and _known(subject):
        order, moved = _rolled(case, axis), dict(upstream)
        for spec in case.signature.outputs:
            if axis in spec.axes:
                moved[spec.name] = np.take(upstream[spec.name], order, axis=spec.axes.index(axis))
        yield Forward(_rows(case, axis, order)), Backward(moved)


def row_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what is asked of one sample alone."""
    axis = _samples(subject, case)
    if axis is not None and case.axes[axis] > 1 and axis not in subject.fixed_axes:
        yield (Forward(_rows(case, axis, _one_of(case, axis))),)


def _samples(subject: Subject, case: Case) -> str | None:
    """Return the axis of a case that counts samples, if it makes a difference."""
    axis = batch_axis(case.signature)
    if axis not in _SAMPLES or axis not in case.axes or not case.generic:
        return None
    return None if subject.unit_upstream else axis


def _batch(subject: Subject, case: Case) -> str | None:
    """Return the batch axis of a case at which there is something to compare."""
    base, axis = evaluate(subject, case), _samples(subject, case)
    usable = axis and not base.raised and base.outputs and not base.mutated
    return axis if usable and deterministic(subject, case) else None


def _rolled(case: Case, axis: str) -> Array:
    return np.roll(np.arange(case.axes[axis]), 1)


def _one_of(case: Case, axis: str) -> Array:
    return np.array([case.seed % case.axes[axis]])


def _known(subject: Subject) -> bool:
    return subject.identity.kind is not None and is_strict(subject)


def _rows(case: Case, axis: str, order: Array) -> dict[str, Array]:
    """Return the arrays with these samples only."""
    return {
        one.name: np.take(case.primals[one.name], order, axis=one.axes.index(axis))
        if axis in one.axes
        else case.primals[one.name]
        for one in case.signature.arrays
    }


def _specs(subject: Subject, case: Case, axis: str, base: Evaluation) -> dict[str, int | None]:
    """Return for each output the position of the batch axis, None where it has none."""
    more: dict[str, Array] | None = None
    found: dict[str, int | None] = {}
    for spec in case.signature.outputs:
        if spec.name not in base.outputs:
            continue
        if not spec.open:
            found[spec.name] = spec.axes.index(axis) if axis in spec.axes else None
            continue
        if more is None:
            more = _with_more_samples(subject, case, axis)
        found[spec.name] = _grown(base.outputs[spec.name], more.get(spec.name))
    return found


def _with_more_samples(subject: Subject, case: Case, axis: str) -> dict[str, Array]:
    """Return the outputs for one sample more, nothing where the layer has no say in it."""
    if subject.identity.convention in _OPERATIONS:
        return {}
    larger = sibling(subject, case)
    if larger.axes.get(axis) != case.axes[axis] + 1:
        return {}
    return dict(evaluate(subject, larger).outputs)


def _grown(output: Array, more: Array | None) -> int | None:
    """Return the one axis that is larger by one where there is one sample more, if only that is."""
    if more is None or more.ndim != output.ndim:
        return None
    changed = [
        at
        for at, pair in enumerate(zip(output.shape, more.shape, strict=True))
        if pair[0] != pair[1]
    ]
    single = len(changed) == 1 and more.shape[changed[0]] == output.shape[changed[0]] + 1
    return changed[0] if single else None


def _taken(array: Array, position: int | None, order: Array) -> Array:
    return array if position is None else np.take(array, order, axis=position)


def _unfollowed(
    subject: Subject,
    case: Case,
    axis: str,
    order: Array,
    base: Evaluation,
    answer: Evaluation,
    outputs: dict[str, int | None],
) -> tuple[str, str] | None:
    """Return the array that does not follow the samples to their new places, and how it differs."""
    words = subject.identity.words
    scale = _scale(case, base.outputs)
    for name, position in outputs.items():
        wanted = _taken(base.outputs[name], position, order)
        if name in answer.outputs and not alike(answer.outputs[name], wanted, scale):
            return "the output", f"{name}{difference(answer.outputs[name], wanted)}"
    for spec in case.signature.differentiable:
        if spec.name in answer.gradients and spec.name in base.gradients:
            at = spec.axes.index(axis) if axis in spec.axes else None
            if at is not None and at >= base.gradients[spec.name].ndim:
                continue
            wanted = _taken(base.gradients[spec.name], at, order)
            if not alike(answer.gradients[spec.name], wanted, scale):
                told = words.gradient(spec.name)
                return told, f"{told}{difference(answer.gradients[spec.name], wanted)}"
    return None


def _scale(case: Case, outputs: Arrays) -> float:
    arrays = [one for one in (*case.primals.values(), *outputs.values()) if one.size]
    return max((float(np.abs(one).max()) for one in arrays), default=0.0)


def _reference_follows(
    subject: Subject, case: Case, axis: str, order: Array, outputs: dict[str, int | None]
) -> bool:
    """Return whether the reference's outputs go with the samples."""
    here = reference_at(subject, case, case.primals)
    moved = reference_at(subject, case, _rows(case, axis, order))
    return _same_outputs(here, moved, order, outputs)


def _reference_rows(
    subject: Subject, case: Case, axis: str, one: Array, outputs: dict[str, int | None]
) -> bool:
    """Return whether the reference gives a sample alone what it gives it in the batch."""
    if not _known(subject):
        return False
    here = reference_at(subject, case, case.primals)
    alone = reference_at(subject, case, _rows(case, axis, one))
    positioned = {name: at for name, at in outputs.items() if at is not None}
    return bool(positioned) and _same_outputs(here, alone, one, dict(positioned))


def _same_outputs(
    here: Evaluation | None,
    other: Evaluation | None,
    order: Array,
    outputs: dict[str, int | None],
) -> bool:
    if here is None or other is None:
        return False
    return all(
        name in here.outputs
        and name in other.outputs
        and alike(other.outputs[name], _taken(here.outputs[name], position, order))
        for name, position in outputs.items()
    )
