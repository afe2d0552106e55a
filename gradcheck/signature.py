"""A layer's arrays by named axes: ``x: N D, W: D M, b: M -> y: N M``.

The language reads like the docstring that a person would write. Axis terms are names, whole
numbers, or arithmetic on them without spaces (``H*K``, ``(H+2*pad-K)//stride+1``); the name of
an option may stand for its value. Square brackets give the domain: ``[positive]``,
``[nonzero]``, ``[probabilities]`` (rows of the last axis sum to one). Arrays without a gradient
are told in the same place: ``[int < C]`` and ``[1 <= int < C]`` (labels, ids, lengths),
``[one-hot]``, ``[mask]`` (booleans), ``[fixed]``, ``[fixed positive]`` and
``[fixed probabilities]``. An array without axes is 0-d; an output ``y: ...`` may have any shape.
A form that holds for certain options only ends with ``when reduction=mean|sum``.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from gradcheck.axes import Axes, axis_size, check_term, names_of
from gradcheck.errors import SignatureError

Role = Literal["input", "parameter", "label", "constant", "output"]
"""A label goes to forward and a constant to the constructor; neither has a gradient."""
Domain = str  # one of those that the text above names; labels for ``int < AXIS``
Options = Mapping[str, Any]

_ARRAY = re.compile(
    r"^\s*(?P<name>[^\W\d]\w*)\s*:\s*(?P<axes>[^\[\]]*?)\s*(\[(?P<domain>.*)\])?\s*$"
)
_LABELS = re.compile(r"^((?P<least>\S+)\s*<=\s*)?int\s*<\s*(?P<bound>\S+)$")
_PLAIN: dict[str, Domain] = {
    "real": "real",
    "positive": "positive",
    "nonzero": "nonzero",
    "unit": "unit",
    "probabilities": "probabilities",
    "one-hot": "one-hot",
    "mask": "mask",
}
_FIXED: dict[str, Domain] = {
    "fixed": "real",
    "fixed positive": "positive",
    "fixed probabilities": "probabilities",
}


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """One array: its name, axis terms in order, role and domain.

    Integer labels lie in [``least``, ``below``), both axis terms.
    """

    name: str
    axes: tuple[str, ...]
    role: Role
    domain: Domain = "real"
    below: str = ""
    least: str = "0"

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
        domain = f" [{self._domain()}]".replace(" []", "")
        return f"{self.name}: {' '.join(self.axes)}".rstrip() + domain

    def _domain(self) -> str:
        if self.domain == "labels":
            least = "" if self.least == "0" else f"{self.least} <= "
            return f"{least}int < {self.below}"
        plain = "" if self.domain == "real" else self.domain
        fixed = self.role in ("label", "constant") and self.domain in _FIXED.values()
        return f"fixed {plain}".rstrip() if fixed else plain


@dataclass(frozen=True)
class Signature:
    """The arrays that go in and the arrays that come out, in the order of the declaration.

    ``when`` are the options that the form needs: pairs of a name and the values that will do.
    """

    arrays: tuple[ArraySpec, ...]
    outputs: tuple[ArraySpec, ...]
    when: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    @cached_property
    def by_name(self) -> dict[str, ArraySpec]:
        """All arrays, inputs and outputs, by name."""
        return {one.name: one for one in (*self.arrays, *self.outputs)}

    @property
    def inputs(self) -> tuple[ArraySpec, ...]:
        """The arrays passed to forward, labels included."""
        return tuple(one for one in self.arrays if one.role in ("input", "label"))

    @property
    def parameters(self) -> tuple[ArraySpec, ...]:
        """The arrays that the layer holds and learns."""
        return tuple(one for one in self.arrays if one.role == "parameter")

    @property
    def held(self) -> tuple[ArraySpec, ...]:
        """The arrays that the layer holds, constants included."""
        return tuple(one for one in self.arrays if one.role in ("parameter", "constant"))

    @property
    def differentiable(self) -> tuple[ArraySpec, ...]:
        """The arrays that have a gradient."""
        return tuple(one for one in self.arrays if one.differentiable)

    @cached_property
    def free_axes(self) -> tuple[str, ...]:
        """Axis names that the input arrays leave open, in order of appearance."""
        terms = (term for one in self.arrays for term in (*one.axes, one.below, one.least) if term)
        return tuple(dict.fromkeys(name for term in terms for name in names_of(term)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All names in axis terms, those of the outputs included."""
        terms = (term for one in self.outputs if not one.open for term in one.axes)
        found = (name for term in terms for name in names_of(term))
        return tuple(dict.fromkeys((*self.free_axes, *found)))

    def holds_for(self, options: Options) -> bool:
        """Return whether the form is one for these options; those it does not name are free."""
        return all(name not in options or options[name] in values for name, values in self.when)

    def with_parameters(self, names: frozenset[str]) -> Signature:
        """Return the same signature with exactly these arrays held by the layer, but for labels."""
        arrays = tuple(
            one
            if one.role == "label"
            else replace(one, role=_ROLES[one.differentiable, one.name in names])
            for one in self.arrays
        )
        return Signature(arrays, self.outputs, self.when)

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
        given = [(one, tuple(shapes[one.name])) for one in self.arrays if one.name in shapes]
        for one, shape in given:
            _bind_names(one, shape, axes)
        for one, shape in given:
            _bind_terms(one, shape, axes)
        for one, shape in given:
            if (wanted := one.shape(axes)) != shape:
                sizes = _sizes(axes)
                raise SignatureError(f"{one.name} has shape {shape}; {one} is {wanted} for {sizes}")
        return axes

    def __str__(self) -> str:
        left, right = (", ".join(map(str, part)) for part in (self.arrays, self.outputs))
        needs = [f"{name}={'|'.join(map(str, values))}" for name, values in self.when]
        return f"{left} -> {right}" + (f" when {', '.join(needs)}" if needs else "")


_ROLES: Mapping[tuple[bool, bool], Role] = {
    (True, True): "parameter",
    (True, False): "input",
    (False, True): "constant",
    (False, False): "label",
}
"""(has a gradient, is held by the layer) -> role."""


def parse_signature(text: str, parameters: tuple[str, ...] = ()) -> Signature:
    """Return the signature that ``text`` declares; ``parameters`` names the layer's own arrays.

    Raises
    ------
    SignatureError
        Where ``text`` does not parse; the message shows the part and what was expected.
    """
    text = unicodedata.normalize("NFKC", text)  # as Python itself reads names
    form, when, conditions = text.partition(" when ")
    left, arrow, right = form.partition("->")
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
    return Signature(arrays, outputs, tuple(_conditions(conditions, text) if when else ()))


def _conditions(text: str, whole: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for part in text.split(","):
        name, sign, values = part.partition("=")
        if not (sign and name.strip().isidentifier() and values.strip()):
            raise SignatureError(f"expected 'when option=value|value' at the end of {whole!r}")
        yield name.strip(), tuple(_plain_value(value.strip()) for value in values.split("|"))


def _plain_value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def _output(spec: ArraySpec, text: str) -> ArraySpec:
    if spec.domain != "real":
        raise SignatureError(f"an output has no domain; got {spec} in the signature {text!r}")
    return ArraySpec(spec.name, spec.axes, "output")


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
        check_term(term)
    own = name in parameters
    if match["domain"] is None:
        return ArraySpec(name, axes, _ROLES[True, own])
    wanted = " ".join(match["domain"].split())
    if labels := _LABELS.match(wanted):
        least, bound = labels["least"] or "0", labels["bound"]
        check_term(least)
        check_term(bound)
        return ArraySpec(name, axes, _ROLES[False, own], "labels", bound, least)
    if wanted in _FIXED:
        return ArraySpec(name, axes, _ROLES[False, own], _FIXED[wanted])
    if wanted not in _PLAIN:
        known = ", ".join([*_PLAIN, *_FIXED, "int < AXIS"])
        raise SignatureError(f"unknown domain [{wanted}] of {name}; known are {known}")
    domain = _PLAIN[wanted]
    return ArraySpec(name, axes, _ROLES[domain not in ("one-hot", "mask"), own], domain)


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


def _bind_terms(one: ArraySpec, shape: tuple[int, ...], axes: dict[str, int]) -> None:
    """Solve terms with one unknown, such as ``groups*C``; what has more is left open."""
    for term, size in zip(one.axes, shape, strict=True):
        unknown = {name for name in names_of(term) if name not in axes}
        if len(unknown) == 1:
            (name,) = unknown
            fitting = (n for n in range(size + 1) if axis_size(term, {**axes, name: n}) == size)
            if (found := next(fitting, None)) is not None:
                axes[name] = found


def _sizes(axes: Axes) -> str:
    return ", ".join(f"{name}={size}" for name, size in axes.items())
