"""One layer held against code that we did not write."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pair = tuple[str, Array, Array]


@dataclass(frozen=True)
class Comparison:
    """``pairs(rng)`` draws float64 arrays and gives (name, ours, theirs) for values and gradients.

    ``layer`` is the class, ``oracle`` the dotted name of what it is held against, ``options`` the
    configuration in words, empty for the defaults. ``pairs`` imports the oracle's package itself.
    """

    layer: str
    oracle: str
    options: str
    pairs: Callable[[np.random.Generator], Iterable[Pair]]

    @property
    def package(self) -> str:
        """The package that the oracle comes from."""
        return self.oracle.partition(".")[0]

    def deviation(self, seed: int) -> float:
        """Return the largest deviation of any array, relative to its largest element or one."""
        return max(_deviation(*pair) for pair in self.pairs(np.random.default_rng(seed)))


def comparisons() -> list[Comparison]:
    """Collect ``COMPARISONS`` of every module of this folder."""
    import tests.oracles

    found: list[Comparison] = []
    for module in pkgutil.iter_modules(tests.oracles.__path__):
        if not module.name.startswith("test_"):
            family: Any = importlib.import_module(f"tests.oracles.{module.name}")
            found += getattr(family, "COMPARISONS", [])
    return found


def _deviation(name: str, ours: Array, theirs: Array) -> float:
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape, f"{name}: {ours.shape} is not {theirs.shape}"
    assert np.isfinite(theirs).all(), f"{name}: the oracle itself is not finite"
    size = max(1.0, float(np.max(np.abs(theirs), initial=0.0)))
    return float(np.max(np.abs(ours - theirs), initial=0.0)) / size
