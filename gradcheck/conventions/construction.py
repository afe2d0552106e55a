"""What to pass to a constructor that was written for something else than being checked.

Each argument gets alternatives, the likeliest first: a size, an option, an array that we supply, a
shape, a function. Which of them works is found by trying.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, ClassVar

import numpy as np

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.sources import (
    Constant,
    Option,
    Receiver,
    Shape,
    Size,
    Sizes,
    Source,
    Supplied,
    Values,
)
from gradcheck.conventions.surface import (
    Parameter,
    compared_words,
    constructor_of,
    looked_up_words,
    method_of,
    parameters_of,
)
from gradcheck.conventions.updating import Descent
from gradcheck.subject import Array

_MOST = 24


@dataclass(frozen=True)
class Construction:
    """A class, where its arguments come from, and what is called before it can be used."""

    cls: type[Any]
    arguments: Mapping[str, Source]
    input_shape: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    randomises: ClassVar[bool] = True

    def make(self, sizes: Sizes, options: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
        """Return a fresh layer."""
        given = {name: one.value(sizes, options, arrays) for name, one in self.arguments.items()}
        layer = self.cls(**given)
        if self.input_shape and method_of(self.cls, "set_input_shape"):
            layer.set_input_shape(Shape(self.input_shape).value(sizes, options, arrays))
        for name in self.setup:
            arguments = parameters_of(method_of(self.cls, name))
            values = [Descent() for one in arguments if one.required]
            getattr(layer, name)(*values)
        return layer

    @property
    def options(self) -> dict[str, Values]:
        """The arguments that may be varied."""
        found = [one for one in self.arguments.values() if isinstance(one, Option)]
        return {one.name: one.values for one in found}


def supplied_arrays(cls: type[Any] | None) -> tuple[str, ...]:
    """Return the arguments of a constructor that are given arrays.

    One that may be left out is left out: the layer makes its own then, of a shape of its own.
    """
    if cls is None:
        return ()
    arguments = constructor_of(cls)
    return tuple(one.name for one in arguments if _is_supplied(one, arguments))


def constructions(
    cls: type[Any],
    marked: Sequence[str],
    input_axes: tuple[str, ...],
    single: bool,
    given: Mapping[str, Any] | None = None,
) -> Iterator[Construction]:
    """Yield the ways to construct a class for a template.

    ``marked`` are the axis terms of the inputs that a size may stand for, ``input_axes`` those of
    the first input; ``single`` says that it has no batch axis; ``given`` are arguments that are
    taken as given.
    """
    shape = input_axes if single else input_axes[1:]
    arguments = constructor_of(cls)
    setup = tuple(
        name
        for name in ("initialize", "init_params", "build", "init_weights", "init")
        if (found := method_of(cls, name)) is not None and _needs_nothing(found)
    )
    choices = [
        [Constant(given[one.name], str(given[one.name]))]
        if given and one.name in given
        else list(_alternatives(cls, one, arguments, marked, shape))
        for one in arguments
    ]
    for chosen in islice(product(*choices), _MOST):
        sources = {
            one.name: source
            for one, source in zip(arguments, chosen, strict=True)
            if source is not None
        }
        yield Construction(cls, sources, shape, setup)
        if setup:
            yield Construction(cls, sources, shape)


def rates_of(cls: type[Any]) -> tuple[str, ...]:
    """Return the arguments of a constructor that are learning rates."""
    rates = names.RATES - {"alpha", "rate", "step"}
    return tuple(one.name for one in constructor_of(cls) if names.plain(one.name) in rates)


def _needs_nothing(function: Callable[..., Any]) -> bool:
    """Whether a method can be called with an optimiser or nothing at all."""
    required = [one for one in parameters_of(function) if one.required]
    return all(names.plain(one.name) in names.OPTIMISERS for one in required)


def _alternatives(
    cls: type[Any],
    one: Parameter,
    arguments: Sequence[Parameter],
    marked: Sequence[str],
    shape: tuple[str, ...],
) -> Iterator[Source | None]:
    """Yield the sources for one argument; None leaves it out."""
    word = names.plain(one.name)
    if _is_array(one):
        yield Supplied(one.name) if _is_supplied(one, arguments) else None
    elif word in names.SHAPES or (
        word.endswith("shape") and one.required and word not in names.WINDOWS
    ):
        yield Shape(shape)
        yield None if not one.required else Shape(("N", *shape))
    elif word in names.INITIALISERS and (one.required or one.default is None):
        if not one.required:
            yield None
        yield Constant(_initialised, "random")
    elif word in ("model", "net", "network") and (one.required or one.default is None):
        yield Constant(Receiver, "a receiver of the gradient")
    elif word in names.OPTIMISERS:
        if one.required:
            yield Constant(Descent, "one step")
        else:
            yield None
    elif word in names.ACTIVATIONS | names.DERIVATIVES and one.required:
        yield from _functions(cls, one, word)
    elif one.required and (told := looked_up_words(cls.__init__, one.name)):
        yield Option(one.name, tuple(told))
    elif not one.required:
        yield from _optional(cls, one, word)
    else:
        yield from _required(one, word, arguments, marked)


def _is_supplied(one: Parameter, arguments: Sequence[Parameter]) -> bool:
    """Whether an argument is given an array: where it must be, or goes with one that must be."""
    if not _is_array(one):
        return False
    bias = names.plain(one.name) in names.BIASES
    return one.required or (bias and any(map(_needed_weight, arguments)))


def _needed_weight(one: Parameter) -> bool:
    return one.required and names.plain(one.name) in names.WEIGHTS


def _functions(cls: type[Any], one: Parameter, word: str) -> Iterator[Source]:
    for text in compared_words(cls.__init__, one.name)[:2]:
        yield Constant(text, text)
    yield Constant(_tanh_slope if word in names.DERIVATIVES else np.tanh, "tanh")
    for text in ("tanh", "sigmoid", "relu"):
        yield Constant(text, text)


def _optional(cls: type[Any], one: Parameter, word: str) -> Iterator[Source | None]:
    """Yield what to do with an argument that has a default: mostly to leave it alone."""
    if word in names.WINDOWS and isinstance(one.default, int) and one.default > 1:
        yield Size(one.name)  # a window that weights have; without any it becomes an option
    values = _variations(cls, one, word)
    yield Option(one.name, values) if len(values) > 1 else None


def _variations(cls: type[Any], one: Parameter, word: str) -> Values:
    """Return the values of an option that is worth varying, its default first."""
    default = one.default
    if isinstance(default, bool):
        return (default, not default) if names.is_switch(one.name) else ()
    more: Values = ()
    if isinstance(default, int) and word in names.STRIDES:
        more = (2, 1, 3)
    elif isinstance(default, int) and word in names.PADDINGS:
        more = (1, 0, 2)
    elif isinstance(default, int) and word in names.WINDOWS and default > 1:
        more = (2, 3)
    elif isinstance(default, str):
        methods = [cls.__init__, *(method_of(cls, name) for name in ("forward", "backward"))]
        more = tuple(text for one_ in methods for text in compared_words(one_, one.name))
    return tuple(dict.fromkeys((default, *more))) if more else ()


def _required(
    one: Parameter, word: str, arguments: Sequence[Parameter], marked: Sequence[str]
) -> Iterator[Source]:
    if word in names.PROBABILITIES or one.annotation == "float":
        yield Constant(0.4)
    elif word in names.STRIDES:
        yield Option(one.name, (2, 1, 3))
    elif word in names.PADDINGS:
        yield Option(one.name, (0, 1))
        yield Option(one.name, (1, 0), wrapped=2)
    elif word in names.FACTORS:
        yield Option(one.name, (2, 3, 1))
    elif word in names.GROUPS:
        yield Option(one.name, (2, 1, 3))
    elif word in names.HEADS and one.annotation in ("", "int") and _has_inner(arguments, one):
        yield Option(one.name, (2, 1))
    elif word in names.WINDOWS and not _sizes_named(arguments):
        yield Option(one.name, (2, 3))
        yield Option(one.name, (2, 3), wrapped=2)
    elif word in names.WINDOWS:
        yield Size(one.name)
        yield Size(one.name, wrapped=2)
    elif word in names.SIZES_OUT:
        if "Q" in marked:
            yield Size("Q")
        yield Size(one.name)
        yield from (Size(term) for term in marked)
    elif one.annotation in ("tuple", "Tuple", "list", "List"):
        yield Shape(tuple(marked))
    elif word in names.SIZES_IN | names.VOCABULARIES:
        yield from (Size(term) for term in marked)
        yield Size(one.name)
    else:
        yield Size(one.name)
        yield from (Size(term) for term in marked)


def _has_inner(arguments: Sequence[Parameter], one: Parameter) -> bool:
    return any(
        other is not one and names.plain(other.name) in names.SIZES_IN for other in arguments
    )


def _sizes_named(arguments: Sequence[Parameter]) -> bool:
    """Whether other arguments speak of channels, so that a window belongs to weights."""
    words = {names.plain(one.name) for one in arguments}
    return bool(words & (names.SIZES_OUT | names.SIZES_IN - {"size", "d"}))


def _is_array(one: Parameter) -> bool:
    if "ndarray" in one.annotation:
        return True
    if one.annotation and one.annotation not in ("Any", "Tensor", "array"):
        return False
    if not one.required and one.default is not None:
        return False
    word = names.plain(one.name)
    known = names.WEIGHTS | names.BIASES | names.SCALES - {"alpha", "g"} | names.SHIFTS
    recurrent = re.fullmatch(r"w[xh]\d?|[wb]\d", word) is not None
    return word in known - names.WINDOWS or recurrent


def _initialised(*sizes: Any) -> Array:
    """Return random values of the asked shape: for initialisers that a layer is given."""
    shape = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple) else sizes
    return np.random.default_rng(len(sizes)).standard_normal(tuple(map(int, shape)))


def _tanh_slope(x: Any) -> Any:
    return 1 - np.tanh(x) ** 2


def named_sizes(arguments: Mapping[str, Source]) -> tuple[str, ...]:
    """Return the axes that the constructor introduces, in the order of its arguments."""
    terms = [one.term for one in arguments.values() if isinstance(one, Size)]
    return tuple(dict.fromkeys(term for term in terms if term.isidentifier()))
