"""A layer's arrays by named axes: ``x: N D, W: D M, b: M -> y: N M``.

The language reads like the docstring that a person would write. Axis terms are names, whole
numbers, or arithmetic on them without spaces (``H*K``, ``(H+2*pad-K)//stride+1``); the name of
an option may stand for its value. Square brackets give the domain: ``[positive]``,
``[nonzero]``, ``[probabilities]`` (rows of the last axis sum to one), ``[int < C]`` (labels),
``[one-hot]``. An array without axes is 0-d; an output ``y: ...`` may have any shape.
"""

from __future__ import annotations

import ast
import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from gradcheck.errors import SignatureError

Role = Literal["input", "parameter", "label", "output"]
Domain = Literal["real", "positive", "nonzero", "probabilities", "labels", "one-hot"]
Axes = Mapping[str, int]

_ARRAY = re.compile(
    r"^\s*(?P<name>[^\W\d]\w*)\s*:\s*(?P<axes>[^\[\]]*?)\s*(\[(?P<domain>.*)\])?\s*$"
)
_LABELS = re.compile(r"^int\s*<\s*(?P<bound>\S+)$")
_PLAIN: dict[str, Domain] = {
    "real": "real",
    "positive": "positive",
    "nonzero": "nonzero",
    "probabilities": "probabilities",
    "one-hot": "one-hot",
}
_ARITHMETIC: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """One array: its name, axis terms in order, role and domain.

    ``below`` is the axis term that bounds integer labels.
    """

    name: str
    axes: tuple[str, ...]
    role: Role
    domain: Domain = "real"
    below: str = ""

    @property
    def open(self) -> bool:
        """Whether any shape will do (``...``)."""
        return self.axes == ("...",)

    @property
    def differentiable(self) -> bool:
        """Whether a gradient is asked for this array."""
        return self.role in ("input", "parameter")

    def shape(self, axes: Axes) -> tuple[int, ...]:
        """Return the shape for given axis sizes."""
        return tuple(axis_size(term, axes) for term in self.axes)

    def __str__(self) -> str:
        domain = {"real": "", "labels": f" [int < {self.below}]"}.get(
            self.domain, f" [{self.domain}]"
        )
        return f"{self.name}: {' '.join(self.axes)}".rstrip() + domain


@dataclass(frozen=True)
class Signature:
    """The arrays that go in and the arrays that come out, in the order of the declaration."""

    arrays: tuple[ArraySpec, ...]
    outputs: tuple[ArraySpec, ...]

    @cached_property
    def by_name(self) -> dict[str, ArraySpec]:
        """All arrays, inputs and outputs, by name."""
        return {one.name: one for one in (*self.arrays, *self.outputs)}

    @property
    def inputs(self) -> tuple[ArraySpec, ...]:
        """The arrays passed to forward, labels included."""
        return tuple(one for one in self.arrays if one.role != "parameter")

    @property
    def parameters(self) -> tuple[ArraySpec, ...]:
        """The arrays that the layer holds."""
        return tuple(one for one in self.arrays if one.role == "parameter")

    @property
    def differentiable(self) -> tuple[ArraySpec, ...]:
        """The arrays that have a gradient."""
        return tuple(one for one in self.arrays if one.differentiable)

    @cached_property
    def free_axes(self) -> tuple[str, ...]:
        """Axis names that the input arrays leave open, in order of appearance."""
        terms = (term for one in self.arrays for term in (*one.axes, one.below) if term)
        return tuple(dict.fromkeys(name for term in terms for name in _names(term)))

    def with_parameters(self, names: frozenset[str]) -> Signature:
        """Return the same signature with exactly these arrays as parameters."""
        arrays = []
        for one in self.arrays:
            role: Role = one.role
            if role != "label":
                role = "parameter" if one.name in names else "input"
            arrays.append(ArraySpec(one.name, one.axes, role, one.domain, one.below))
        return Signature(tuple(arrays), self.outputs)

    def bind(
        self, shapes: Mapping[str, tuple[int, ...]], known: Axes | None = None
    ) -> dict[str, int]:
        """Solve the axes from the shapes of the input arrays.

        Raises
        ------
        SignatureError
            A shape has another number of axes, or an axis has two sizes; both are named.
        """
        axes = dict(known or {})
        for one in self.arrays:
            if one.name in shapes:
                _bind_names(one, tuple(shapes[one.name]), axes)
        for one in self.arrays:
            if one.name in shapes and one.shape(axes) != tuple(shapes[one.name]):
                raise SignatureError(
                    f"{one.name} has shape {tuple(shapes[one.name])}; {one} is {one.shape(axes)} "
                    f"for {_sizes(axes)}"
                )
        return axes

    def __str__(self) -> str:
        left, right = (", ".join(map(str, part)) for part in (self.arrays, self.outputs))
        return f"{left} -> {right}"


def parse_signature(text: str, parameters: tuple[str, ...] = ()) -> Signature:
    """Return the signature that ``text`` declares; ``parameters`` names the layer's own arrays.

    Raises
    ------
    SignatureError
        Where ``text`` does not parse; the message shows the part and what was expected.
    """
    text = unicodedata.normalize("NFKC", text)  # as Python itself reads names
    left, arrow, right = text.partition("->")
    if not arrow:
        raise SignatureError(f"no '->' in the signature {text!r}; expected 'x: N D -> y: N D'")
    arrays = tuple(_parse_array(part, parameters) for part in _split(left, text))
    outputs = tuple(_output(_parse_array(part, ()), text) for part in _split(right, text))
    names = [one.name for one in (*arrays, *outputs)]
    for name in names:
        if names.count(name) > 1:
            raise SignatureError(f"two arrays are called {name!r} in the signature {text!r}")
    for name in parameters:
        if name not in (one.name for one in arrays):
            raise SignatureError(
                f"the parameter {name!r} is not in the signature's inputs: {text!r}"
            )
    return Signature(arrays, outputs)


def _output(spec: ArraySpec, text: str) -> ArraySpec:
    if spec.domain != "real":
        raise SignatureError(f"an output has no domain; got {spec} in the signature {text!r}")
    return ArraySpec(spec.name, spec.axes, "output")


def axis_size(term: str, axes: Axes) -> int:
    """Return the size of an axis term.

    Raises
    ------
    SignatureError
        A name in the term has no size yet.
    """
    return _evaluate(_expression(term), term, axes)


def _split(part: str, text: str) -> Iterator[str]:
    pieces = part.split(",")
    if not all(piece.strip() for piece in pieces):
        raise SignatureError(f"an empty place between commas in the signature {text!r}")
    yield from pieces


def _parse_array(part: str, parameters: tuple[str, ...]) -> ArraySpec:
    match = _ARRAY.match(part)
    if not match:
        raise SignatureError(
            f"cannot read {part.strip()!r} in a signature; expected 'name: AXIS AXIS [domain]'"
        )
    name, axes = match["name"], tuple(match["axes"].split())
    for term in axes if axes != ("...",) else ():
        _expression(term)
    role: Role = "parameter" if name in parameters else "input"
    if match["domain"] is None:
        return ArraySpec(name, axes, role)
    wanted = match["domain"].strip()
    if labels := _LABELS.match(wanted):
        _expression(labels["bound"])
        return ArraySpec(name, axes, "label", "labels", labels["bound"])
    if wanted not in _PLAIN:
        known = ", ".join([*_PLAIN, "int < AXIS"])
        raise SignatureError(f"unknown domain [{wanted}] of {name}; known are {known}")
    domain = _PLAIN[wanted]
    return ArraySpec(name, axes, "label" if domain == "one-hot" else role, domain)


def _bind_names(one: ArraySpec, shape: tuple[int, ...], axes: dict[str, int]) -> None:
    if len(shape) != len(one.axes):
        raise SignatureError(
            f"{one.name} has {len(shape)} axes (shape {shape}); expected {len(one.axes)}: {one}"
        )
    for term, size in zip(one.axes, shape, strict=True):
        if not term.isidentifier():
            continue
        if axes.setdefault(term, size) != size:
            raise SignatureError(
                f"axis {term} is {axes[term]} elsewhere and {size} in {one.name} (shape {shape})"
            )


def _sizes(axes: Axes) -> str:
    return ", ".join(f"{name}={size}" for name, size in axes.items())


def _expression(term: str) -> ast.expr:
    """Return the syntax of an axis term: names, whole numbers, and + - * // of them."""
    try:
        expression = ast.parse(term, mode="eval").body
        legal = all(_is_legal(node) for node in ast.walk(expression))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SignatureError(f"cannot read the axis {term[:60]!r}") from None
    if not legal:
        raise SignatureError(f"an axis is a name, a number, or + - * // of them; got {term!r}")
    return expression


def _is_legal(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    return isinstance(node, (ast.Name, ast.BinOp, ast.Load, *_ARITHMETIC))


def _names(term: str) -> Iterator[str]:
    return (node.id for node in ast.walk(_expression(term)) if isinstance(node, ast.Name))


def _evaluate(node: Any, term: str, axes: Axes) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name):
        if node.id not in axes:
            raise SignatureError(f"axis {node.id} in {term!r} has no size")
        return axes[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        left, right = (_evaluate(side, term, axes) for side in (node.left, node.right))
        if right == 0 and isinstance(node.op, ast.FloorDiv):
            raise SignatureError(f"the axis {term!r} divides by zero")
        return _ARITHMETIC[type(node.op)](left, right)
    raise SignatureError(f"an axis is a name, a number, or + - * // of them; got {term!r}")
