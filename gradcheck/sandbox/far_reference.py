"""The reference layers, out of reach of the worker: their forward can be asked for, no more.

To find out what a layer is, its forward is compared with those of the kinds. That happens in the
worker, which must not hold the references; so it asks the grader for their outputs at small
arrays. Their gradients cannot be asked for, and once a layer is read nothing can.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.kinds import Kind, catalogue, find_kind
from gradcheck.sandbox.packing import NAME, Malformed, Reader, Writer
from gradcheck.sandbox.plain_values import pack_value, unpack_value
from gradcheck.subject import Array

_LARGEST = 1 << 15  # bytes of one array: recognition tries sizes up to seven
_LONGEST, _MOST = 64, 4096  # elements of an axis, and of an array
_LARGEST_OPTION = 64

Ask = Callable[[bytes], bytes]


def kinds_without_references() -> tuple[Kind, ...]:
    """Return the catalogue as a worker may know it: names, signatures and options."""
    return tuple(
        replace(one, reference=None, approximations=dict.fromkeys(one.approximations, _nothing))
        for one in catalogue()
    )


def kinds_that_ask(kinds: tuple[Kind, ...], ask: Ask) -> list[Kind]:
    """Return the kinds with references that ask for their outputs."""
    return [
        replace(
            one,
            reference=lambda kind=one, **held: _FarLayer(kind, held, ask),
            approximations={name: _far_value(one, name, ask) for name in one.approximations},
        )
        for one in kinds
    ]


def _nothing(*inputs: Array, **options: Any) -> None:
    """Stand for a function that has stayed with the grader."""


class _FarLayer:
    """An instance of a reference layer that lives with the grader."""

    def __init__(self, kind: Kind, held: Mapping[str, Any], ask: Ask) -> None:
        self._kind, self._held, self._ask = kind, held, ask

    def forward(self, *inputs: Array) -> Any:
        """Return the outputs.

        Raises
        ------
        ValueError
            The reference does not take this.
        """
        return _asked(self._kind, "", self._held, inputs, self._ask)

    def backward(self, *cotangents: Array) -> None:
        """Return nothing: gradients of references are not told."""


def _far_value(kind: Kind, name: str, ask: Ask) -> Callable[..., Any]:
    return lambda *inputs, **options: _asked(kind, name, options, inputs, ask)


def _asked(
    kind: Kind, approximation: str, held: Mapping[str, Any], inputs: tuple[Array, ...], ask: Ask
) -> Any:
    writer = Writer()
    writer.text(kind.name, NAME)
    writer.text(approximation, NAME)
    arrays = {name: one for name, one in held.items() if name in kind.parameters}
    writer.number(len(arrays))
    for name, one in arrays.items():
        writer.text(name, NAME)
        writer.array(np.asarray(one))
    writer.number(len(held) - len(arrays))
    try:
        for name, one in held.items():
            if name not in arrays:
                writer.text(name, NAME)
                pack_value(writer, one)
        writer.number(len(inputs))
        for one in inputs:
            writer.array(np.asarray(one))
    except (KeyError, TypeError) as error:  # an option or a dtype that no reference has
        raise ValueError(f"cannot be asked for: {error}") from None
    reader = Reader(ask(writer.done()))
    outputs = tuple(reader.array() for _ in range(reader.number(0, 16)))
    if not outputs:
        raise ValueError("the reference does not take this")
    return outputs if len(outputs) > 1 else outputs[0]


def answer(question: bytes) -> bytes:
    """Return what the reference gives for a worker's question, in the grader; nothing if refused.

    Raises
    ------
    Malformed
        It is no question that a worker of ours asks.
    """
    reader = Reader(question, _LARGEST)
    kind = _known(reader.text(NAME))
    approximation = reader.text(NAME)
    held = {reader.text(NAME): reader.array() for _ in range(reader.number(0, 16))}
    options = {reader.text(NAME): unpack_value(reader) for _ in range(reader.number(0, 16))}
    inputs = tuple(reader.array() for _ in range(reader.number(0, 16)))
    reader.end()
    arrays = (*held.values(), *inputs)
    if any(max(one.shape, default=0) > _LONGEST or one.size > _MOST for one in arrays):
        raise Malformed("a reference at arrays larger than any that is tried")
    if set(held) - set(kind.parameters) or any(map(_is_large, options.values())):
        raise Malformed("a reference with other arrays or options than it has")
    writer = Writer()
    try:
        outputs = _outputs(kind, approximation, held, options, inputs)
        several = outputs if isinstance(outputs, tuple) else (outputs,)
        writer.number(len(several))
        for one in several:
            writer.array(np.asarray(one))
    except Exception:  # noqa: BLE001 - whatever the reference says of such arrays, it is a no
        writer = Writer()
        writer.number(0)
    return writer.done()


def _outputs(
    kind: Kind,
    approximation: str,
    held: Mapping[str, Array],
    options: Mapping[str, Any],
    inputs: tuple[Array, ...],
) -> Any:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if approximation:
            return kind.approximations[approximation](*inputs, **options)
        assert kind.reference is not None
        return kind.reference(**held, **options).forward(*inputs)


def _known(name: str) -> Kind:
    if name not in {one.name for one in catalogue()}:
        raise Malformed("a kind that does not exist")
    return find_kind(name)


def _is_large(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_is_large, value))
    return type(value) is int and abs(value) > _LARGEST_OPTION
