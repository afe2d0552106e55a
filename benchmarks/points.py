"""Points at which the layers of the detection set are run: shapes, domains and options, drawn.

A point is written ``Point("x 3 4", "W 4 5, b 5")``: the arguments of forward, then what the
constructor takes, each with fixed sizes that differ from axis to axis and perhaps a domain
(``pos``, ``prob``, ``int4``, ``onehot``, ``mask``, ``fixed``, ``fixedpos``, ``fixedprob``).
Nothing here uses gradcheck, so that what is verified with it is verified independently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Array:
    """One array of a point: its name, sizes and domain."""

    name: str
    shape: tuple[int, ...]
    domain: str = "real"

    @property
    def differentiable(self) -> bool:
        """Whether a gradient is asked for it."""
        return self.domain in ("real", "pos", "prob")

    def draw(self, rng: np.random.Generator) -> Any:
        """Return values of the domain."""
        if self.domain.startswith("int"):
            return rng.integers(0, int(self.domain[3:]), self.shape)
        if self.domain == "onehot":
            return np.eye(self.shape[-1])[rng.integers(0, self.shape[-1], self.shape[:-1])]
        if self.domain == "mask":
            return rng.random(self.shape) < 0.8
        values = rng.normal(size=self.shape)
        if self.domain.endswith("pos"):
            values = np.abs(values) + 0.5
        if self.domain.endswith("prob"):
            values = np.exp(values) / np.exp(values).sum(axis=-1, keepdims=True)
        return np.asarray(values)


@dataclass(frozen=True)
class Point:
    """Where a layer is run; ``values`` stand in the place of what would be drawn."""

    inputs: str
    held: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    scale: float = 1.0

    def with_(self, **options: Any) -> Point:
        """Return the same point with other options of the layer."""
        return replace(self, options={**self.options, **options})

    def at(self, **values: Any) -> Point:
        """Return the same point with given values for some arrays."""
        return replace(self, values=values)

    def times(self, scale: float) -> Point:
        """Return the same point with the real inputs multiplied."""
        return replace(self, scale=scale)

    @property
    def taken(self) -> tuple[Array, ...]:
        """The arguments of forward."""
        return parse(self.inputs)

    @property
    def kept(self) -> tuple[Array, ...]:
        """What the constructor takes."""
        return parse(self.held)

    def draw(self, seed: int) -> Arrays:
        """Return values of all arrays."""
        rng = np.random.default_rng(seed)
        drawn = {one.name: one.draw(rng) for one in (*self.taken, *self.kept)}
        for one in self.taken:
            if one.domain == "real":
                drawn[one.name] = drawn[one.name] * self.scale
        return drawn | {name: np.array(value) for name, value in self.values.items()}


def parse(text: str) -> tuple[Array, ...]:
    """Return the arrays that a text such as ``x 3 4, t 3 int4`` speaks of."""
    found = []
    for part in text.split(",") if text else ():
        name, *words = part.split()
        domain = words.pop() if words and not words[-1].isdigit() else "real"
        found.append(Array(name, tuple(map(int, words)), domain))
    return tuple(found)


_IMAGE, _ROWS, _CLASSES = "x 2 3 5 4", "x 3 4", "x 3 5"
_GRU = "Wx 4 15, Wh 5 15, b 15"
_LSTM = "Wx 4 20, Wh 5 20, b 20"
_PAIR = "y 3 4, t 3 4 fixed"
_HEADS = ", ".join(f"W{one} 6 6" for one in "qkvo")

POINTS: Mapping[str, Point] = {
    **{name: Point("x 3 4, y 3 4") for name in ("add", "sub", "mul")},
    "div": Point("x 3 4, y 3 4 pos"),
    "log": Point("x 3 4 pos"),
    "matmul": Point("x 3 4, W 4 5"),
    "repeat": Point("x 1 4", options={"times": 3}),
    "affine": Point(_ROWS, "W 4 5, b 5"),
    "concatenate": Point("x 3 4, y 3 5"),
    "flatten": Point(_IMAGE),
    "reshape": Point("x 3 2 6", options={"shape": (-1, 3)}),
    "transpose": Point("x 3 2 4", options={"axes": (2, 0, 1)}),
    "prelu": Point(_ROWS, "a 4"),
    "cross-entropy": Point("p 3 5 prob, t 3 int5"),
    "softmax-with-loss": Point("x 3 5, t 3 int5"),
    "sigmoid-with-loss": Point("x 3 5, t 3 5 int2"),
    "negative-log-likelihood": Point("x 3 5, t 3 int5"),
    "hinge": Point("x 4, t 4 int2"),
    "multiclass-hinge": Point("x 3 5, t 3 int5"),
    **{name: Point(_PAIR) for name in ("mean-squared-error", "mean-absolute-error")},
    **{name: Point(_PAIR) for name in ("huber", "smooth-l1")},
    "kl-divergence": Point("x 3 5, t 3 5 fixedprob"),
    "time-softmax-with-loss": Point("x 2 3 5, t 2 3 int5"),
    "negative-sampling": Point("h 4 3, t 4 int6, negatives 4 2 int6", "W 6 3"),
    "batch-norm": Point("x 6 4", "gamma 4, beta 4"),
    "layer-norm": Point("x 3 5", "gamma 5, beta 5"),
    "rms-norm": Point("x 3 5", "gamma 5"),
    "group-norm": Point("x 2 4 3 2", "gamma 4, beta 4", {"groups": 2}),
    "instance-norm": Point("x 2 3 4 3", "gamma 3, beta 3"),
    "dropout": Point("x 4 6", options={"rng": 0}),
    "embedding": Point("ids 4 3 int5", "W 5 4"),
    "positional-encoding": Point("x 2 3 4"),
    "learned-positions": Point("x 2 3 4", "W 3 4"),
    "conv1d": Point("x 2 3 7", "W 4 3 3, b 4"),
    "conv2d": Point("x 2 3 6 5", "W 4 3 3 2, b 4"),
    "conv-transpose2d": Point("x 2 3 4 3", "W 3 4 3 2, b 4"),
    **{name: Point("x 2 3 8") for name in ("max-pool1d", "avg-pool1d")},
    **{name: Point("x 2 3 6 4") for name in ("max-pool2d", "avg-pool2d", "adaptive-avg-pool2d")},
    "global-avg-pool": Point(_IMAGE),
    **{name: Point("x 2 3 4 3") for name in ("upsample-nearest", "downsample")},
    "rnn-cell": Point("x 3 4, h 3 5", "Wx 4 5, Wh 5 5, b 5"),
    "rnn": Point("x 2 3 4", "Wx 4 5, Wh 5 5, b 5"),
    "lstm-cell": Point("x 3 4, h 3 5, c 3 5", _LSTM),
    "lstm": Point("x 2 3 4, h0 2 5, c0 2 5", _LSTM),
    "gru-cell": Point("x 3 4, h 3 5", _GRU),
    "gru": Point("x 2 3 4, h0 2 5", _GRU),
    "scaled-dot-product-attention": Point("q 2 3 4, k 2 5 4, v 2 5 6"),
    "multi-head-attention": Point("x 2 4 6", _HEADS, {"heads": 2}),
    "multi-head-cross-attention": Point("x 2 4 6, context 2 3 6", _HEADS, {"heads": 2}),
}


def point_of(kind: str) -> Point:
    """Return the ordinary point of a kind: of a pointwise one, a small matrix."""
    return POINTS.get(kind, Point(_ROWS))
