"""Which kind of layer is it: by alias and signature, or by what its forward gives.

The layer's own signature is laid over the forms of a kind: every array of the kind is one of the
layer's, with its axes in another order and axes of size one in between. The kind is believed where
the reference then gives what the layer gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, permutations, product
from typing import Any

import numpy as np

from gradcheck.axes import axis_size, names_of
from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.outcome import Trial
from gradcheck.errors import SignatureError
from gradcheck.kinds import Kind, catalogue
from gradcheck.meaning import Meaning
from gradcheck.signature import ArraySpec, Signature
from gradcheck.subject import Array, Arrays

_MOST = 48
_SQUARE = frozenset("KLHVW")  # axes that may be equal: windows and images can be square
_CLOSE = 1e-6
_SIZES = ((2, 3, 5, 7, 11, 13, 17, 19), (3, 5, 2, 11, 7, 17, 13, 23))

OPTION_SYNONYMS: Mapping[str, frozenset[str]] = {
    "stride": names.STRIDES,
    "pad": names.PADDINGS,
    "size": names.WINDOWS,
    "factor": names.FACTORS,
    "groups": names.GROUPS,
    "heads": names.HEADS,
    "eps": frozenset({"eps", "epsilon"}),
    "alpha": frozenset({"alpha", "slope", "negativeslope"}),
}
_SMALL = (1e-5, 1e-8, 1e-7, 1e-6, 1e-10, 1e-12, 1e-3, 1e-2, 0.0)


def meaning_of(
    trial: Trial,
    signature: Signature,
    kinds: Sequence[Kind],
    values: Arrays,
    sure: Kind | None = None,
) -> tuple[Meaning | None, str]:
    """Return the meaning of a layer and how it was found: ``name`` or ``behaviour``.

    Of a strict kind that the name says outright (``sure``) the meaning stands although forward
    differs: that is a fault. Otherwise there is none.
    """
    if not values:
        return None, ""
    trial = replace(trial, values=dict(values))
    structured: Meaning | None = None
    for kind in kinds:
        for meaning in islice(_meanings(kind, signature, trial), _MOST):
            if structured is None and kind is sure and kind.strict and signature.parameters:
                structured = _with_outputs(meaning, kind, trial)
            found = _agreeing(meaning, kind, trial)
            if found is not None:
                return found, "name"
    if structured is not None:
        return structured, "name"
    for kind in catalogue():
        if kind in kinds or kind.name in ("dropout", "dropout2d", "positional-encoding"):
            continue
        for meaning in islice(_meanings(kind, signature, trial), 4):
            found = _agreeing(meaning, kind, trial)
            if found is not None:
                return Meaning(
                    found.kind, found.arrays, found.outputs, found.options, found.fixed, True
                ), "behaviour"
    return None, ""


def _meanings(kind: Kind, signature: Signature, trial: Trial) -> Iterator[Meaning]:
    """Yield the ways in which a signature may be that of a kind, with options to be settled."""
    for form in kind.forms:
        for arrays in _laid_over(signature, form):
            for own, fixed in _options(kind, form, trial):
                yield Meaning(kind.name, arrays, {}, own, fixed)


def _laid_over(own: Signature, form: Signature) -> Iterator[dict[str, tuple[str, tuple[int, ...]]]]:
    """Yield own array -> (the kind's array, order of its axes) for every way that fits."""
    for pairs in _paired(own, form):
        yield from _aligned(pairs, {}, {})


def _paired(own: Signature, form: Signature) -> Iterator[list[tuple[ArraySpec, ArraySpec]]]:
    fixed: list[tuple[ArraySpec, ArraySpec]] = []
    for differentiable in (True, False):
        role = "input" if differentiable else "label"
        mine = [one for one in own.arrays if one.role == role]
        theirs = [one for one in form.arrays if one.role == role]
        if len(mine) != len(theirs):
            return
        fixed += zip(mine, theirs, strict=True)
    if any((a.domain == "labels") != (b.domain == "labels") for a, b in fixed):
        return
    learned, wanted = list(own.parameters), list(form.parameters)
    if len(learned) != len(wanted) or any(one.role == "constant" for one in form.held):
        return
    for one in tuple(wanted):
        named = [mine for mine in learned if names.means(mine.name, one.name)]
        if named:
            fixed.append((named[0], one))
            learned.remove(named[0])
            wanted.remove(one)
    for order in islice(permutations(learned), 6):
        yield [*fixed, *zip(order, wanted, strict=True)]


def _aligned(
    pairs: Sequence[tuple[ArraySpec, ArraySpec]],
    axes: Mapping[str, str],
    done: Mapping[str, tuple[str, tuple[int, ...]]],
) -> Iterator[dict[str, tuple[str, tuple[int, ...]]]]:
    """Yield the orders of axes under which every array of the kind is one of the layer's."""
    if not pairs:
        yield dict(done)
        return
    (mine, theirs), *rest = pairs
    own = [term for term in mine.axes if term != "1"]
    wanted = [term.removeprefix("groups*") for term in theirs.axes if term != "1"]
    if len(own) != len(wanted) or "1" in theirs.axes:
        return
    for order in permutations(range(len(own))):
        extended = dict(axes)
        fits = all(
            _same_axis(own[at], term, extended) for at, term in zip(order, wanted, strict=True)
        )
        if fits:
            yield from _aligned(rest, extended, {**done, mine.name: (theirs.name, order)})


def _same_axis(own: str, term: str, axes: dict[str, str]) -> bool:
    """Whether an own axis may be a term of the kind; a name met for the first time is taken."""
    if term.isidentifier() and term not in axes:
        if own in axes.values() and term not in _SQUARE:
            return False
        axes[term] = own
        return True
    if any(name not in axes for name in names_of(term)):
        return False
    known = list(dict.fromkeys(n for one in (own, *axes.values()) for n in names_of(one)))
    for sizes in _SIZES:
        numbers = dict(zip(known, sizes, strict=False))
        try:
            theirs = {name: axis_size(one, numbers) for name, one in axes.items()}
            if axis_size(own, numbers) != axis_size(term, theirs):
                return False
        except SignatureError:
            return False
    return True


def _options(
    kind: Kind, form: Signature, trial: Trial
) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """Yield (own option -> the kind's option, the kind's options with a value of their own)."""
    needed = dict(form.when)
    own: dict[str, str] = {}
    open_: dict[str, tuple[Any, ...]] = {}
    for name, values in kind.options.items():
        mine = [o for o in trial.options if names.plain(o) == name or _is_synonym(o, name)]
        if mine:
            own |= dict.fromkeys(mine, name)
        elif name in needed:
            open_[name] = needed[name]
        else:
            open_[name] = _candidates(name, values, trial)
    for chosen in islice(product(*open_.values()), _MOST):
        yield own, dict(zip(open_, chosen, strict=True))


def _is_synonym(own: str, option: str) -> bool:
    return names.plain(own) in OPTION_SYNONYMS.get(option, frozenset())


def _candidates(name: str, values: tuple[Any, ...], trial: Trial) -> tuple[Any, ...]:
    """Return the values that an option may have: what the layer shows, then what is usual."""
    if name in ("truncate", "ignore_index", "ignore_label", "label_smoothing", "momentum", "rng"):
        return values[:1]
    shown = [
        value
        for key, value in (vars(trial.layer) if hasattr(trial.layer, "__dict__") else {}).items()
        if (names.plain(key) == name or _is_synonym(key, name)) and isinstance(value, (int, float))
    ]
    if name == "eps":
        return tuple(dict.fromkeys((*shown, *_SMALL)))
    if isinstance(values[0], float):
        return tuple(dict.fromkeys((*shown, *values)))
    if isinstance(values[0], (bool, str)):
        return values
    return tuple(dict.fromkeys((*shown, *values[:3])))


def _agreeing(meaning: Meaning, kind: Kind, trial: Trial) -> Meaning | None:
    """Return the meaning with its outputs, where the reference gives what the layer gives."""
    settled = _with_outputs(meaning, kind, trial)
    if settled is None:
        return None
    given = reference_values(settled, kind, trial.arrays, trial.options)
    if given is None:
        return None
    alike = all(
        _alike(trial.values[name], _placed(given, settled, name, trial)) for name in settled.outputs
    )
    return settled if alike or _approximately(settled, kind, trial) else None


def _with_outputs(meaning: Meaning, kind: Kind, trial: Trial) -> Meaning | None:
    """Return the meaning with the order of the output's axes; None where no order fits."""
    given = reference_values(meaning, kind, trial.arrays, trial.options)
    if given is None or len(given) < len(trial.proposal.outputs):
        return None
    outputs: dict[str, tuple[int, tuple[int, ...]]] = {}
    for number, name in enumerate(trial.proposal.outputs):
        value = trial.values.get(name)
        if value is None:
            return None
        orders = [
            order
            for order in permutations(range(given[number].ndim))
            if _squeezed(given[number].transpose(order).shape) == _squeezed(value.shape)
        ]
        if not orders:
            return None
        close = [
            o for o in orders if _alike(value, given[number].transpose(o).reshape(value.shape))
        ]
        outputs[name] = (number, (close or orders)[0])
    return Meaning(meaning.kind, meaning.arrays, outputs, meaning.options, meaning.fixed)


def reference_values(
    meaning: Meaning, kind: Kind, arrays: Arrays, options: Mapping[str, Any]
) -> list[Array] | None:
    """Return the outputs of the reference for a layer's own arrays, None where it refuses."""
    if kind.reference is None:
        return None
    theirs = meaning.arranged(arrays)
    held = {name: theirs[name] for name in kind.parameters if name in theirs}
    inputs = [
        theirs[name]
        for name in dict.fromkeys(one.name for form in kind.forms for one in form.arrays)
        if name in theirs and name not in kind.parameters
    ]
    with np.errstate(all="ignore"):
        try:
            layer = kind.reference(**held, **meaning.chosen(options))
            value = layer.forward(*inputs)
        except (TypeError, ValueError, IndexError):
            return None
    return [np.asarray(one) for one in (value if isinstance(value, tuple) else (value,))]


def _approximately(meaning: Meaning, kind: Kind, trial: Trial) -> bool:
    """Whether the layer computes a textbook approximation of the kind."""
    theirs = meaning.arranged(trial.arrays)
    inputs = [
        theirs[name]
        for name in dict.fromkeys(one.name for form in kind.forms for one in form.arrays)
        if name in theirs and name not in kind.parameters
    ]
    for approximate in kind.approximations.values():
        with np.errstate(all="ignore"):
            try:
                value = np.asarray(approximate(*inputs, **meaning.chosen(trial.options)))
            except (TypeError, ValueError, IndexError):
                continue
        name = trial.proposal.outputs[0]
        if value.size == trial.values[name].size and _alike(
            trial.values[name], value.reshape(trial.values[name].shape), 1e-9
        ):
            return True
    return False


def _placed(given: Sequence[Array], meaning: Meaning, name: str, trial: Trial) -> Array:
    number, order = meaning.outputs[name]
    return given[number].transpose(order).reshape(trial.values[name].shape)


def _alike(value: Array, other: Array, close: float = _CLOSE) -> bool:
    if value.shape != other.shape:
        return False
    rough = 1e-4 if np.float32 in (value.dtype.type, other.dtype.type) else close
    return bool(np.allclose(value, other, rtol=rough, atol=rough * 1e-3))


def _squeezed(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)
