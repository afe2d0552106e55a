"""Layer objects that exist already: their parameters are found on them, by their gradients."""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcheck.conventions import layer_object
from gradcheck.conventions.arguments import Lent
from gradcheck.conventions.instance import accepts
from gradcheck.conventions.layer_object import (
    PARAMETER_ALIASES,
    gradient_names,
    wire,
)
from gradcheck.conventions.making import MakeFromObject
from gradcheck.conventions.placement import called, in_order, takes_no_upstream
from gradcheck.conventions.places import Place
from gradcheck.conventions.wired_subject import WiredSubject
from gradcheck.conventions.wiring import Wiring
from gradcheck.errors import AdaptError, SignatureError
from gradcheck.kinds import UNKNOWN, Kind, match_kind
from gradcheck.signature import ArraySpec, Role, Signature
from gradcheck.subject import Array, Arrays, Identity, Words


class ObjectSubject(WiredSubject):
    """A layer object; ``primals`` are its parameters as they are and, if given, its inputs."""

    primals: Arrays


def adapt_object(layer: Any, inputs: Sequence[Array], kind: Kind | None) -> ObjectSubject:
    """Return the subject of ``layer``, at concrete inputs or for inputs drawn for its kind.

    Raises
    ------
    AdaptError
        Without inputs, where the kind is unknown or the parameters do not fit it.
    """
    known = kind or match_kind(type(layer).__name__)
    own = _own_parameters(layer, inputs, known)
    parameters = {name: np.asarray(getattr(layer, attribute)) for name, attribute in own.items()}
    if inputs:
        wirings, primals = _concrete(layer, inputs, own, parameters, known)
        fixed: dict[str, int] = {}
    else:
        wirings, fixed = _drawn(layer, known or UNKNOWN, own, parameters)
        primals = parameters
    words = _words(layer, next(iter(wirings.values())), own)
    identity = Identity(
        type(layer).__name__,
        layer_object.NAME,
        kind=known.name if known and known.reference else None,
        assumptions={"read as": "object with forward(x) and backward(dout)"},
        words=words,
    )
    options = _options(layer, known or UNKNOWN)
    constraints = known.constraints if known else ()
    subject = ObjectSubject(identity, wirings, options, fixed, constraints)
    subject.primals = primals
    return subject


def _options(layer: Any, kind: Kind) -> dict[str, tuple[Any, ...]]:
    """Return the options that the object was made with, as far as it shows them."""
    return {
        name: (getattr(layer, name),)
        for name, values in kind.options.items()
        if hasattr(layer, name) and type(getattr(layer, name)) in {type(one) for one in values}
    }


def _own_parameters(layer: Any, inputs: Sequence[Array], kind: Kind | None) -> dict[str, str]:
    """Return array name -> attribute of every parameter."""
    if kind is not None and kind.parameters:
        own = {}
        for name in kind.parameters:
            held = [one for one in PARAMETER_ALIASES.get(name, (name,)) if _is_array(layer, one)]
            if held:
                own[name] = held[0]
        return own
    ran = layer
    if inputs:  # many layers make their gradients only when backward runs
        ran = copy.deepcopy(layer)
        with contextlib.suppress(Exception):  # the check runs it again, and tells what it raises
            value = ran.forward(*[np.array(one) for one in inputs])
            several = value if isinstance(value, tuple) else (value,)
            ones = [np.ones_like(np.asarray(one), dtype=float) for one in several]
            ran.backward(*(ones if accepts(layer.backward, len(ones)) else []))
    return {
        name: name
        for name in vars(layer)
        if _is_array(layer, name) and _has_gradient(ran, name, getattr(layer, name).shape)
    }


def _has_gradient(layer: Any, name: str, shape: tuple[int, ...]) -> bool:
    held = (getattr(layer, one, None) for one in gradient_names(name, name))
    return any(one is not None and np.shape(one) == shape for one in held)


def _concrete(
    layer: Any,
    inputs: Sequence[Array],
    own: dict[str, str],
    parameters: Arrays,
    kind: Kind | None,
) -> tuple[dict[Signature, Wiring], Arrays]:
    names = list(inspect.signature(layer.forward).parameters)[: len(inputs)]
    if len(names) < len(inputs):  # forward(*inputs)
        names = [f"x{number}" for number in range(len(inputs))]
    count, gradients, single = _tried(layer, inputs)
    roles = _input_roles(kind, own, names, inputs, gradients)
    arrays = [
        _as_is(name, array, role) for name, array, role in zip(names, inputs, roles, strict=True)
    ]
    constants = _constants(kind)
    arrays += [
        _as_is(name, array, "constant" if name in constants else "parameter")
        for name, array in parameters.items()
    ]
    free = next(name for name in ("y", "output", "result", "y_") if name not in names)
    outputs = [free] if count == 1 else [f"{free}{number}" for number in range(count)]
    specs = tuple(ArraySpec(name, ("...",), "output") for name in outputs)
    signature = Signature(tuple(arrays), specs)
    primals = {**dict(zip(names, inputs, strict=True)), **parameters}
    upstream = accepts(layer.backward, count)
    if not upstream and not single and accepts(layer.backward, 0):
        raise AdaptError(takes_no_upstream(type(layer)))
    wiring = wire(signature, _maker(layer, own), signature.inputs, own, passes_upstream=upstream)
    return {signature: wiring}, primals


def _input_roles(
    kind: Kind | None,
    own: dict[str, str],
    names: Sequence[str],
    inputs: Sequence[Array],
    gradients: int,
) -> list[Role]:
    """Return which of the inputs have a gradient: as the kind has it, else those that may."""
    shapes = [array.ndim for array in inputs]
    for form in kind.forms if kind and kind.reference else ():
        taken = in_order(form.with_parameters(frozenset(own)).inputs, names)
        if [len(one.axes) for one in taken] == shapes:
            return [
                "label" if array.dtype.kind != "f" else one.role
                for one, array in zip(taken, inputs, strict=True)
            ]
    floating = [array.dtype.kind == "f" for array in inputs]
    # A loss of y and t returns the gradient of y alone.
    targets = gradients == 1 and sum(floating) > 1
    first = floating.index(True) if True in floating else 0
    return [
        "input" if real and not (targets and position > first) else "label"
        for position, real in enumerate(floating)
    ]


def _tried(layer: Any, inputs: Sequence[Array]) -> tuple[int, int, bool]:
    """Return how many arrays forward and backward return, and whether the output is one number.

    One and none where they do not run; the check runs them again, and tells what they raise.
    """
    count, single = 1, True
    with contextlib.suppress(Exception):
        ran = copy.deepcopy(layer)
        value = ran.forward(*[np.array(one) for one in inputs])
        several = value if isinstance(value, tuple) and value else (value,)
        count, single = len(several), all(np.size(one) == 1 for one in several)
        ones = [np.ones(np.shape(one)) for one in several]
        returned = ran.backward(*(ones if accepts(layer.backward, count) else []))
        return count, len(returned) if isinstance(returned, (tuple, list)) else 1, single
    return count, 0, single


def _as_is(name: str, array: Array, role: Role) -> ArraySpec:
    return ArraySpec(name, tuple(str(size) for size in array.shape), role)


def _drawn(
    layer: Any, kind: Kind, own: dict[str, str], parameters: Arrays
) -> tuple[dict[Signature, Wiring], dict[str, int]]:
    usual = {name: values[0] for name, values in kind.options.items()}
    usual |= {name: value for name, (value,) in _options(layer, kind).items()}
    sizes = {name: value for name, value in usual.items() if isinstance(value, int)}
    wirings: dict[Signature, Wiring] = {}
    fixed: dict[str, int] = dict(sizes)
    for form in kind.forms:
        signature = form.with_parameters(frozenset(own))
        shapes = {one.name: parameters[one.name].shape for one in signature.held}
        fits = signature.holds_for(usual) and set(own) <= {*shapes, *_constants(kind)}
        if not fits or not accepts(layer.forward, len(signature.inputs)):
            continue
        try:
            fixed |= signature.bind(shapes, sizes)
        except SignatureError:
            continue
        upstream = accepts(layer.backward, len(signature.outputs))
        names = list(inspect.signature(layer.forward).parameters)
        inputs = in_order(signature.inputs, names)
        wirings[signature] = wire(
            signature, _maker(layer, own), inputs, own, passes_upstream=upstream
        )
    if not wirings:
        raise AdaptError(
            f"{type(layer).__name__} does not fit {called(kind)} ({kind.forms[0]}); "
            "give concrete inputs: check_layer(layer, x)"
        )
    return wirings, fixed


def _maker(layer: Any, own: dict[str, str]) -> Any:
    return MakeFromObject(layer, {name: Place(((".", one),)) for name, one in own.items()})


def _constants(kind: Kind | None) -> set[str]:
    """Return the arrays that a layer of the kind may hold and does not learn."""
    if kind is None:
        return set()
    return {one.name for form in kind.forms for one in form.held if one.role == "constant"}


def _words(layer: Any, wiring: Wiring, own: dict[str, str]) -> Words:
    taken = [one.name for one in wiring.forward[0].arguments if isinstance(one, Lent)]
    inputs = dict(zip(taken, inspect.signature(layer.forward).parameters, strict=False))
    names = {**own, **inputs}
    upstream = list(inspect.signature(layer.backward).parameters)
    return Words(
        names,
        {name: f"d{attribute}" for name, attribute in names.items()},
        upstream[0] if upstream else "the upstream gradient",
    )


def _is_array(layer: Any, name: str) -> bool:
    held = getattr(layer, name, None)
    return isinstance(held, np.ndarray) and held.dtype.kind == "f"
