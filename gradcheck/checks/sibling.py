"""Another case of the same layer: what it was called with before, or beside, the case at hand."""

from __future__ import annotations

from dataclasses import replace

from gradcheck.batch import batch_axis
from gradcheck.cases import Case, legal, make_case
from gradcheck.subject import Array, Subject

_OTHER_SEED = 1 << 16  # drawn cases have smaller ones


def sibling(subject: Subject, case: Case, *, parameters: bool = False) -> Case:
    """Return a case with the same options and other values, of another batch size where it can be.

    Parameters and constants are the case's own, unless other ``parameters`` are wanted.
    """
    if not case.axes:  # concrete inputs: their sizes have no names
        return _shuffled(case)
    axes = dict(case.axes)
    batch = batch_axis(case.signature)
    if batch in axes and batch not in subject.fixed_axes and batch not in case.options:
        resized = {**axes, batch: axes[batch] + 1}
        sizes = resized | {k: v for k, v in case.options.items() if isinstance(v, int)}
        axes = resized if legal(case.signature, subject.constraints, sizes) else axes
    sizes = axes | {k: v for k, v in case.options.items() if isinstance(v, int)}
    seed = case.seed + _OTHER_SEED
    drawn = make_case(case.signature, sizes, case.options, seed=seed, dtype=_dtype(case))
    held = [] if parameters else [one.name for one in case.signature.held]
    kept = {name: case.primals[name] for name in held}
    return replace(drawn, primals={**drawn.primals, **kept}, memory={})


def _shuffled(case: Case) -> Case:
    """Return the case with its real inputs in another order; labels stay legal as they are."""
    free = {one.name for one in case.signature.differentiable if one.role == "input"}
    rng = case.rng("sibling")
    primals = {
        name: _permuted(array, rng.permutation(array.size)) if name in free else array
        for name, array in case.primals.items()
    }
    return replace(case, primals=primals, seed=case.seed + _OTHER_SEED, memory={})


def _permuted(array: Array, order: Array) -> Array:
    return array.ravel()[order].reshape(array.shape)


def _dtype(case: Case) -> str:
    single = any(one.dtype == "float32" for one in case.primals.values())
    return "float32" if single else "float64"
