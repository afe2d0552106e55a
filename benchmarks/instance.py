"""One layer at one drawn point, ready to be checked, with its gradient spoilt or not."""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.layer import Array, Arrays, Generator, Layer, differentiated
from benchmarks.population import cotangent, layer, widened
from gradcheck.numerics import Comparison, Probe, compare

DEGENERATE: dict[str, Callable[[Generator, tuple[int, ...]], Array]] = {
    "integers": lambda rng, shape: rng.integers(-2, 3, shape),
    "zeros": lambda rng, shape: np.zeros(shape),
    "ones": lambda rng, shape: np.ones(shape),
    "halves": lambda rng, shape: rng.integers(-4, 5, shape) / 2,
    "tiny": lambda rng, shape: rng.choice([0.0, 1e-9, -1e-9, 1.0], shape),
}
"""Exact zeros and ties."""

MODES = "mode" in inspect.signature(compare).parameters
"""Whether this version of gradcheck can be asked for `thorough`."""


@dataclass(frozen=True, slots=True)
class Instance:
    """``array`` of ``layer`` at the point ``arrays`` with cotangent ``u``."""

    layer: Layer
    array: str
    arrays: Arrays
    u: Array
    rng: Generator

    @property
    def x(self) -> Array:
        """The array under differentiation."""
        return self.arrays[self.array]

    def forward(self, points: Sequence[Array]) -> list[Array]:
        """Return the outputs at each point."""
        return [np.asarray(self.layer.forward(self.arrays | {self.array: x})) for x in points]

    def gradient(self, x: Array | None = None, u: Array | None = None) -> Array:
        """Return the layer's own gradient; by default at the point, for the cotangent."""
        arrays = self.arrays if x is None else self.arrays | {self.array: x}
        return self.layer.backward(arrays, self.u if u is None else u)[self.array]

    def true_gradient(self) -> Array:
        """Return the gradient in longdouble."""
        wide = self.u.astype(np.longdouble)
        return self.layer.backward(widened(self.arrays), wide)[self.array]

    def probe(self, factor: Array | float = 1.0) -> Probe:
        """Return the engine's view, the claim multiplied by ``factor``."""
        border = self.layer.border(self.arrays, self.array)
        return Probe(self.forward, self._spoilt(factor), self.x, self.u, border)

    def check(
        self, rng: Generator, factor: Array | float = 1.0, mode: str | None = None
    ) -> Comparison:
        """Run the engine on the claim multiplied by ``factor``."""
        border = self.layer.border(self.arrays, self.array)
        chosen = {} if mode is None else {"mode": mode}
        pullback = self._spoilt(factor)
        with np.errstate(all="ignore"):
            return compare(self.forward, pullback, self.x, self.u, rng, border=border, **chosen)

    def _spoilt(self, factor: Array | float) -> Callable[[Array, Array], Array]:
        def pullback(x: Array, u: Array) -> Array:
            g = self.gradient(x, u)
            return (
                g if isinstance(factor, float) and factor == 1.0 else (g * factor).astype(g.dtype)
            )

        return pullback


def instance(
    one: Layer, array: str, scale: float, dtype: str, seed: int, kind: str = "", most: int = 6
) -> Instance:
    """Draw an instance; ``kind`` names a degenerate filling of all arrays or of the one alone."""
    key = f"{one.name} {array} {scale:g} {dtype} {kind}"
    rng = np.random.default_rng([seed, zlib.crc32(key.encode())])
    if not kind and rng.random() < 0.05:
        most *= 4
    arrays = one.draw(rng, scale, dtype, most)
    if kind:
        filled = [array] if rng.random() < 0.5 else differentiated(arrays)
        arrays |= {
            name: np.asarray(DEGENERATE[kind](rng, arrays[name].shape)).astype(dtype)
            for name in filled
        }
    with np.errstate(all="ignore"):
        return Instance(one, array, arrays, cotangent(one.forward(arrays), rng), rng)


def at(one: Layer, array: str, arrays: Arrays, seed: int) -> Instance:
    """Return the instance of given arrays."""
    rng = np.random.default_rng(seed)
    return Instance(one, array, arrays, cotangent(one.forward(arrays), rng), rng)


def repeat(
    layer_name: str,
    array: str,
    scale: float,
    dtype: str,
    seed: int,
    kind: str = "",
    mode: str | None = None,
) -> Comparison:
    """Run one check of the false-alarm tables again."""
    drawn = instance(layer(layer_name), array, scale, dtype, seed, kind)
    return drawn.check(drawn.rng, mode=mode)


def vanishing(drawn: Instance) -> bool:
    """Whether the gradient is zero but for rounding, so that a relative error means nothing."""
    truth = drawn.true_gradient()
    if not np.isfinite(truth).all() or not truth.any():
        return True
    return bool(np.abs(drawn.gradient() - truth).max() > 1e-3 * np.abs(truth).max())
