"""Where each array of a signature goes: into the constructor, or into forward.

The same kind is written in many ways (``MatMul(W).forward(x)`` and ``MatMul().forward(x, W)``),
so the role of an array follows from the constructor's own arguments, by name first.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradcheck.conventions.instance import accepts
from gradcheck.conventions.layer_object import PARAMETER_ALIASES, wire
from gradcheck.conventions.making import MakeFromClass
from gradcheck.conventions.vocabulary import SIZES_IN, SIZES_OUT, is_switch, is_upstream, plain
from gradcheck.conventions.wiring import Wiring
from gradcheck.errors import AdaptError
from gradcheck.kinds import Kind
from gradcheck.signature import ArraySpec, Signature

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NAMED = (*_POSITIONAL, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, slots=True)
class Placement:
    """How one class is constructed and called.

    ``parameters`` pairs constructor arguments with arrays, ``options`` are the options of the
    kind that the constructor takes, ``sizes`` the usual values of whole-number options that it
    does not take, ``wirings`` how each form that fits is called.
    """

    parameters: tuple[tuple[str, str], ...]
    options: Mapping[str, tuple[Any, ...]]
    sizes: Mapping[str, int] = field(default_factory=dict)
    wirings: Mapping[Signature, Wiring] = field(default_factory=dict)


def place(cls: type[Any], kind: Kind, source: str) -> Placement:
    """Decide where the arrays of ``kind`` go in ``cls``.

    Raises
    ------
    AdaptError
        A required argument of the constructor is no array and no option of the kind, or forward
        takes another number of arrays.
    """
    arguments = _constructor_arguments(cls)
    parameters = _match_parameters(cls, arguments, kind)
    taken = {own for own, _ in parameters}
    options = {
        name: values
        for name, values in kind.options.items()
        if name in arguments and name not in taken
    }
    options |= {
        name: (argument.default, not argument.default)
        for name, argument in arguments.items()
        if isinstance(argument.default, bool) and is_switch(name) and name not in options
    }
    unmet = [
        name
        for name, argument in arguments.items()
        if argument.default is argument.empty and name not in taken and name not in options
    ]
    if unmet:
        raise AdaptError(_cannot_construct(cls, kind, unmet))
    wirings = _wirings(cls, kind, parameters, (source,) if source else ())
    if not wirings:
        raise AdaptError(_cannot_call(cls, kind, parameters))
    usual = {name: values[0] for name, values in kind.options.items() if name not in options}
    sizes = {name: value for name, value in usual.items() if isinstance(value, int)}
    wirings = {form: wiring for form, wiring in wirings.items() if form.holds_for(usual)} or wirings
    return Placement(parameters, options, sizes, wirings)


TARGETS = frozenset(
    {"t", "target", "targets", "label", "labels", "truth", "true"}
    | {"ytrue", "actual", "expected", "gold", "groundtruth"}
)
"""What the targets of a loss are called, without underscores."""


def in_order(inputs: Sequence[ArraySpec], names: Sequence[str]) -> tuple[ArraySpec, ...]:
    """Return the inputs as forward takes them: ``forward(y_true, y_pred)`` has the target first."""
    first_is_target = [name.lower().replace("_", "") in TARGETS for name in names[:2]]
    if len(inputs) == 2 and first_is_target == [True, False] and inputs[1].role == "label":
        return inputs[1], inputs[0]
    return tuple(inputs)


def _constructor_arguments(cls: type[Any]) -> Mapping[str, inspect.Parameter]:
    if cls.__init__ is object.__init__:
        return {}
    arguments = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return {one.name: one for one in arguments if one.kind in _NAMED}


def _match_parameters(
    cls: type[Any], arguments: Mapping[str, inspect.Parameter], kind: Kind
) -> tuple[tuple[str, str], ...]:
    arrays = dict.fromkeys(
        one.name for form in kind.forms for one in form.arrays if one.role != "label"
    )
    named = {
        own: name
        for own in arguments
        for name in arrays
        if own in PARAMETER_ALIASES.get(name, (name,))
    }
    required = [
        own
        for own, one in arguments.items()
        if one.default is one.empty and own not in named and own not in kind.options
    ]
    if any(plain(own) in SIZES_IN | SIZES_OUT for own in required):
        return tuple((own, name) for own, name in named.items())
    learned = {one.name for one in kind.forms[0].parameters}
    rest = [name for name in kind.parameters if name in learned and name not in named.values()]
    if required and len(required) == len(rest):  # other names, same number: by order
        named.update(zip(required, rest, strict=True))
    return tuple((own, name) for own, name in named.items())


def _wirings(
    cls: type[Any],
    kind: Kind,
    parameters: Sequence[tuple[str, str]],
    source: tuple[str, ...],
) -> dict[Signature, Wiring]:
    own = {name: argument for argument, name in parameters}
    make = MakeFromClass(cls, tuple(parameters))
    taken = list(inspect.signature(cls.forward).parameters)[1:]
    wirings = {}
    for form in kind.forms:
        signature = form.with_parameters(frozenset(own))
        upstream = accepts(cls.backward, 1 + len(form.outputs)) and _asks_upstream(cls)
        if not upstream and not _may_ignore_upstream(cls, form):
            continue
        inputs = in_order(signature.inputs, taken)
        if accepts(cls.forward, 1 + len(inputs)):
            wirings[signature] = wire(
                signature, make, inputs, own, passes_upstream=upstream, source=source
            )
    return wirings


def _asks_upstream(cls: type[Any]) -> bool:
    """Whether the first argument of backward may be the upstream gradient: not ``state=None``."""
    taken = list(inspect.signature(cls.backward).parameters.values())[1:2]
    return all(one.default is not None or is_upstream(one.name) for one in taken)


def _may_ignore_upstream(cls: type[Any], form: Signature) -> bool:
    """Whether a backward without an upstream argument can be right: at the end of a network.

    Elsewhere it gives the local derivative, for the caller to multiply, or it takes more than the
    upstream gradient; neither is called as this convention calls.
    """
    return accepts(cls.backward, 1) and all(one.open or not one.axes for one in form.outputs)


def _cannot_construct(cls: type[Any], kind: Kind, unmet: Sequence[str]) -> str:
    offered = [f"{one}" for one in kind.forms[0].arrays if one.role != "label"]
    names = ", ".join(repr(name) for name in unmet)
    known = f"{called(kind)} has the arrays {', '.join(offered)}"
    if kind.options:
        known += f" and the options {', '.join(kind.options)}"
    return (
        f"{cls.__name__}.__init__{inspect.signature(cls.__init__)} needs {names}, and nothing is "
        f"known to pass there: {known}. Give the argument a default, rename it, or check an "
        "instance from Python: check_layer(instance, *inputs)"
    )


def called(kind: Kind) -> str:
    """Return the kind of layer in words, for a message."""
    return f"a layer of the kind {kind.name}" if kind.reference else "a layer of no known kind"


def takes_no_upstream(cls: type[Any]) -> str:
    """Return what to say of a backward that is called otherwise than with the upstream gradient."""
    return (
        f"{cls.__name__}.backward{inspect.signature(cls.backward)} is not called with the "
        "upstream gradient alone: expected backward(dout), which multiplies the local "
        "derivative by dout (chain rule) and returns the gradient of the input"
    )


def _cannot_call(cls: type[Any], kind: Kind, parameters: Sequence[tuple[str, str]]) -> str:
    names = frozenset(name for _, name in parameters)
    inputs = [str(one) for one in kind.forms[0].with_parameters(names).inputs]
    if not accepts(cls.backward, 2) and accepts(cls.forward, 1 + len(inputs)):
        return takes_no_upstream(cls)
    return (
        f"{cls.__name__}.forward{inspect.signature(cls.forward)} does not take the inputs of "
        f"{called(kind)} ({', '.join(inputs)}). If it is another kind of layer, say which "
        f"signature it has: check_layer({cls.__name__}, signature='x: N D -> y: N D')"
    )
