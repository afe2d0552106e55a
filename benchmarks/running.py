"""How a layer of the detection set is run by hand, without gradcheck: once forward, once back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.points import Arrays, Point


class Missing(Exception):
    """A gradient is not there after backward."""


class Run:
    """A layer at a point: a class with forward and backward, or a pair of functions."""

    def __init__(self, layer: Any, point: Point) -> None:
        self.layer, self.point = layer, point
        self.pair = isinstance(layer, tuple)
        self.live: Any = None

    @property
    def differentiable(self) -> list[str]:
        """The names of the arrays that have a gradient."""
        arrays = (*self.point.taken, *self.point.kept)
        return [one.name for one in arrays if one.differentiable]

    def make(self, arrays: Arrays) -> Run:
        """Return a run of a fresh instance that holds the given arrays themselves."""
        fresh = Run(self.layer, self.point)
        np.random.seed(0)  # noqa: NPY002 - layers that draw from the global generator
        if not self.pair:
            held = {one.name: arrays[one.name] for one in self.point.kept}
            maker = getattr(self.layer, "from_arrays", self.layer)
            fresh.live = maker(**held, **self.point.options)
        return fresh

    def forward(self, arrays: Arrays) -> tuple[Any, ...]:
        """Return the outputs; the arrays are handed over as they are."""
        given = [arrays[one.name] for one in self.point.taken]
        if self.pair:
            given += [arrays[one.name] for one in self.point.kept]
            out, self.cache = self.layer[0](*given, **self.point.options)
        else:
            out = self.live.forward(*given)
        if out is None:
            raise Missing("forward returns nothing")
        return out if isinstance(out, tuple) else (out,)

    def backward(self, upstream: Sequence[Any]) -> dict[str, Any]:
        """Return the gradients by name."""
        names = [one.name for one in self.point.taken if one.differentiable]
        learned = [one.name for one in self.point.kept if one.differentiable]
        if self.pair:
            found = self.layer[1](*upstream, self.cache)
            names, learned = names + learned, []
        else:
            found = self.live.backward(*upstream)
        found = found if isinstance(found, tuple) else (found,)
        gradients = dict(zip(names, found, strict=False))
        gradients |= {name: self._learned(name, learned.index(name)) for name in learned}
        lost = [name for name in names + learned if gradients.get(name) is None]
        if lost:
            raise Missing(f"no gradient of {lost[0]}")
        return gradients

    def _learned(self, name: str, number: int) -> Any:
        if hasattr(self.live, f"d{name}"):
            return getattr(self.live, f"d{name}")
        grads = getattr(self.live, "grads", None)
        if isinstance(grads, Mapping):
            return grads.get(name, grads.get(f"d{name}"))
        return grads[number] if grads is not None and number < len(grads) else None


def outputs(layer: Any, point: Point, arrays: Arrays) -> tuple[Any, ...]:
    """Return what a fresh instance gives for copies of the arrays."""
    arrays = copies(arrays)
    return tuple(np.asarray(one) for one in Run(layer, point).make(arrays).forward(arrays))


def gradients(layer: Any, point: Point, arrays: Arrays, upstream: Sequence[Any]) -> Arrays:
    """Return what a fresh instance gives back for copies of arrays and upstream gradients."""
    arrays = copies(arrays)
    run = Run(layer, point).make(arrays)
    run.forward(arrays)
    return run.backward([np.array(one)[()] for one in upstream])


def copies(arrays: Arrays) -> Arrays:
    """Return a copy of every array."""
    return {name: np.array(value) for name, value in arrays.items()}


def cotangents(out: Sequence[Any], seed: int) -> list[Any]:
    """Draw an upstream gradient for each output."""
    rng = np.random.default_rng([seed, 1])
    return [rng.normal(size=np.shape(one)).astype(np.asarray(one).dtype) for one in out]
