"""The catalogue of known layer kinds: name and aliases -> signature, options, reference layer.

The reference layers carry signature and options as plain data, so a kind is declared once, here,
by its names. The only module that imports ``layers``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

import layers
from gradcheck.errors import UsageError, nearest
from gradcheck.signature import Signature, parse_signature

Value = Callable[..., Any]


@dataclass(frozen=True)
class Kind:
    """A kind of layer: what it is called, what goes in and out, and a layer that is right.

    ``approximations`` are forwards of textbook code that differ from the reference on purpose:
    name -> function of (forward arguments of the reference) with the approximate value.
    """

    name: str
    aliases: tuple[str, ...]
    reference: type[Any] | None
    forms: tuple[Signature, ...]
    parameters: tuple[str, ...] = ()
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    approximations: Mapping[str, Value] = field(default_factory=dict)


UNKNOWN = Kind(
    "unknown",
    (),
    None,
    tuple(parse_signature(text) for text in ("x: N D -> y: ...", "x: N C H W -> y: ...")),
)
"""What is assumed of a layer whose name says nothing: one real array in."""


def find_kind(name: str) -> Kind:
    """Return the kind called ``name``.

    Raises
    ------
    UsageError
        There is no such kind; the nearest name is offered.
    """
    kind = match_kind(name)
    if kind is None:
        known = ", ".join(one.name for one in catalogue())
        raise UsageError(f"no layer kind {name!r}{nearest(name, _aliases())}. Known: {known}")
    return kind


def declared(name: str, signature: str, parameters: tuple[str, ...] = ()) -> Kind:
    """Return the kind of a layer that declares its own signature and has no reference."""
    return Kind(name, (), None, (parse_signature(signature, parameters),), parameters)


def match_kind(symbol: str) -> Kind | None:
    """Return the kind that a class name such as ``MyReLULayer`` speaks of, or None."""
    return _aliases().get(_plain(symbol))


@cache
def catalogue() -> tuple[Kind, ...]:
    """Return all known kinds."""
    return tuple(_declare(*row) for row in _ROWS)


def _plain(symbol: str) -> str:
    word = re.sub(r"[^a-z0-9]", "", symbol.lower())
    for prefix in ("my", "student"):
        word = word.removeprefix(prefix)
    for suffix in ("layer", "node", "op", "gate"):
        word = word.removesuffix(suffix)
    return re.sub(r"(?<=[a-z])\d+$", "", word)


@cache
def _aliases() -> dict[str, Kind]:
    return {alias: kind for kind in catalogue() for alias in (_plain(kind.name), *kind.aliases)}


def _declare(
    name: str,
    aliases: Iterable[str],
    reference: type[Any],
    approximations: Mapping[str, Value] | None = None,
) -> Kind:
    parameters = tuple(reference.parameters)
    forms = tuple(parse_signature(text, parameters) for text in reference.forms)
    return Kind(
        name,
        tuple(aliases),
        reference,
        forms,
        parameters,
        dict(reference.options),
        approximations or {},
    )


def _log_epsilon(loss: type[Any], epsilon: float) -> Value:
    """Return the loss with ``log(p + epsilon)`` in the place of ``log(p)``."""

    def value(scores: Any, labels: Any) -> Any:
        p = scores if loss is layers.CrossEntropy else layers.Softmax().forward(scores)
        p, labels = np.atleast_2d(p), np.asarray(labels)
        if labels.ndim < np.ndim(scores):
            chosen = np.take_along_axis(p, labels.reshape(-1, 1), axis=1)
            return -np.log(chosen + epsilon).mean()
        return -(np.atleast_2d(labels) * np.log(p + epsilon)).sum(axis=1).mean()

    return value


def _log_epsilons(loss: type[Any]) -> dict[str, Value]:
    return {
        f"log(p + {epsilon:.0e})".replace("e-0", "e-"): _log_epsilon(loss, epsilon)
        for epsilon in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
    }


_ROWS: tuple[tuple[Any, ...], ...] = (
    ("add", ("addition", "plus"), layers.Add),
    ("sub", ("subtract", "subtraction", "minus"), layers.Sub),
    ("mul", ("multiply", "multiplication", "times", "product"), layers.Mul),
    ("div", ("divide", "division"), layers.Div),
    ("exp", ("exponential",), layers.Exp),
    ("log", ("logarithm", "ln"), layers.Log),
    ("matmul", ("matrixmultiply", "dot"), layers.MatMul),
    ("repeat", (), layers.Repeat),
    ("sum", (), layers.Sum),
    ("relu", ("rectifiedlinear", "rectifier"), layers.ReLU),
    ("sigmoid", ("logistic",), layers.Sigmoid),
    ("softmax", (), layers.Softmax),
    ("affine", ("linear", "dense", "fullyconnected", "fc", "innerproduct"), layers.Affine),
    (
        "cross-entropy",
        ("crossentropyloss", "crossentropyerror", "crossentropyonprobabilities"),
        layers.CrossEntropy,
        _log_epsilons(layers.CrossEntropy),
    ),
    (
        "softmax-with-loss",
        (
            "softmaxloss",
            "softmaxcrossentropy",
            "softmaxcrossentropyloss",
            "softmaxwithcrossentropy",
            "crossentropywithsoftmax",
        ),
        layers.SoftmaxWithLoss,
        _log_epsilons(layers.SoftmaxWithLoss),
    ),
)
