"""Another case of the same layer: what it was called with before, or beside, the case at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gradcheck.batch import batch_axis
from gradcheck.case import Case, make_case
from gradcheck.sizes import legal
from gradcheck.subject import Array, Arrays, Forward, Subject

_OTHER_SEED = 1 << 16  # drawn cases have smaller ones


def sibling(
    subject: Subject, case: Case, *, parameters: bool = False, resized: bool = True, turn: int = 1
) -> Case:
    """Return a case with the same options and other values, of another batch size where it can be.

    Parameters and constants are the case's own, unless other ``parameters`` are wanted; the batch
    size is where it is not to be ``resized``; another ``turn`` gives other values.
    """
    if not case.axes:  # concrete inputs: their sizes have no names
        return _shuffled(case, turn)
    axes = dict(case.axes)
    batch = batch_axis(case.signature)
    held = [] if parameters else [one.name for one in case.signature.held]
    kept = {name: case.primals[name] for name in held}
    if resized and batch in axes and batch not in subject.fixed_axes and batch not in case.options:
        larger = _drawn(case, {**axes, batch: axes[batch] + 1}, kept, turn)
        if legal(case.signature, subject.constraints, _sizes(case, larger.axes)) and _taken(
            subject, case, larger
        ):
            return larger
    return _drawn(case, axes, kept, turn)


def in_regime(case: Case, regime: str) -> Case | None:
    """Return a case of the same sizes and options with values of another regime.

    None where it has that regime already, or its sizes have no names. The same one every time, so
    that checks share what is known of it.
    """
    if not case.axes or not case.generic:
        return None
    key = ("regime", regime)
    if key not in case.memory:
        sizes = _sizes(case, case.axes)
        case.memory[key] = make_case(
            case.signature, sizes, case.options, regime=regime, seed=case.seed, dtype=_dtype(case)
        )
    known: Case = case.memory[key]
    return known


def _drawn(case: Case, axes: Mapping[str, int], kept: Arrays, turn: int) -> Case:
    sizes, seed = _sizes(case, axes), case.seed + turn * _OTHER_SEED
    drawn = make_case(case.signature, sizes, case.options, seed=seed, dtype=_dtype(case))
    return replace(drawn, primals={**drawn.primals, **kept}, memory={})


def _sizes(case: Case, axes: Mapping[str, int]) -> dict[str, int]:
    return dict(axes) | {name: one for name, one in case.options.items() if isinstance(one, int)}


def _taken(subject: Subject, case: Case, resized: Case) -> bool:
    """Return whether one instance takes both sizes, where shapes were found by trying.

    Such a layer may have been made for the size of its first batch, by an argument that holds it.
    """
    key = ("takes another batch size", id(subject))
    if key not in case.memory:
        script = Forward(case.primals), Forward({**resized.primals, **_held(case)})
        case.memory[key] = not subject.probed or not subject.run(script, case.options)[-1].raised
    taken: bool = case.memory[key]
    return taken


def _held(case: Case) -> dict[str, Array]:
    return {one.name: case.primals[one.name] for one in case.signature.held}


def _shuffled(case: Case, turn: int) -> Case:
    """Return the case with its real inputs in another order; labels stay legal as they are."""
    free = {one.name for one in case.signature.differentiable if one.role == "input"}
    rng = case.rng("sibling", str(turn))
    primals = {
        name: _permuted(array, rng.permutation(array.size)) if name in free else array
        for name, array in case.primals.items()
    }
    seed = case.seed + turn * _OTHER_SEED
    return replace(case, primals=primals, seed=seed, upstream=None, memory={})


def _permuted(array: Array, order: Array) -> Array:
    return array.ravel()[order].reshape(array.shape)


def _dtype(case: Case) -> str:
    single = any(one.dtype == "float32" for one in case.primals.values())
    return "float32" if single else "float64"
