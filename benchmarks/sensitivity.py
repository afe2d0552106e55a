"""The smallest error that is caught."""

from __future__ import annotations

import numpy as np

from benchmarks.instance import MODES, Instance, at, instance, vanishing
from benchmarks.layer import Array, Generator
from benchmarks.markdown import table
from benchmarks.population import layer, pairs

GRID = 10.0 ** (np.arange(-48, 5) / 4)
"""Relative errors tried: quarter decades from 1e-12 to 10."""
SHARES = (0.5, 0.9, 0.99)


def factor(kind: str, g: Array, delta: float, seed: int) -> Array:
    """Return what the gradient is multiplied by: 1 + delta everywhere or at one element."""
    if kind == "uniform":
        return np.full(g.shape, 1 + delta)
    spoilt = np.ones(g.size)
    candidates = np.flatnonzero(g)
    spoilt[np.random.default_rng(seed).choice(candidates)] += delta
    return spoilt.reshape(g.shape)


def smallest_caught(drawn: Instance, kind: str, seed: int, mode: str | None = None) -> float:
    """Return the smallest error of the grid that is called wrong, found by bisection."""
    g = drawn.gradient()

    def caught(position: int) -> bool:
        spoilt = factor(kind, g, float(GRID[position]), seed)
        return drawn.check(np.random.default_rng(seed), spoilt, mode).outcome == "disagrees"

    low, high = -1, len(GRID) - 1
    if not caught(high):
        return float("inf")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if caught(middle) else (middle, high)
    return float(GRID[high])


def reached(errors: list[float]) -> list[str]:
    """Return the error at which 50, 90 and 99 % of the instances are caught."""
    if not errors:
        return ["-"] * len(SHARES)
    values = [float(np.quantile(errors, share, method="higher")) for share in SHARES]
    return [f"{value:.1e}" if np.isfinite(value) else "never" for value in values]


def sensitivity(instances: int, seed: int, million: int) -> None:
    """Print the tables: small arrays in every mode, then one wrong element among many."""
    rows = []
    for mode in (None, "thorough"):
        if mode and not MODES:
            print("\n`thorough` is not in this version of gradcheck.")
            continue
        for kind in ("uniform", "one element"):
            rows += _rows(instances, seed, kind, mode)
    table(
        "Sensitivity: float64, input scale 1, smooth layers; relative error caught",
        ["mode", "error", "population", "instances", "50 %", "90 %", "99 %", "never"],
        rows,
    )
    _one_among_many(instances, seed, million)


def _rows(instances: int, seed: int, kind: str, mode: str | None) -> list[list[object]]:
    plain, two = [], []
    left_out = 0
    for one, array in pairs(smooth_only=True):
        for number in range(instances):
            drawn = instance(one, array, 1.0, "float64", seed * 1000 + number)
            if vanishing(drawn):
                left_out += 1
                continue
            error = smallest_caught(drawn, kind, seed * 1000 + number, mode)
            (two if one.two_element_statistics(drawn.arrays) else plain).append(error)
    return [
        [mode or "fast", kind, title, len(errors), *reached(errors), _never(errors)]
        for title, errors in (
            (f"all ({left_out} zero gradients left out)", plain + two),
            ("without statistics of two elements", plain),
        )
    ]


def _never(errors: list[float]) -> int:
    return sum(not np.isfinite(error) for error in errors)


def _large(name: str, n: int, rng: Generator) -> tuple[str, dict[str, Array]]:
    """Return the array and the point of a layer whose array has n elements."""
    edge = round(n**0.5)
    shapes = {
        "tanh": ("x", {"x": (edge, edge)}),
        "affine": ("W", {"x": (8, edge), "W": (edge, edge), "b": (edge,)}),
        "layernorm": ("x", {"x": (edge, edge), "gamma": (edge,), "beta": (edge,)}),
    }
    array, shape = shapes[name]
    return array, layer(name).fill(shape, rng)


def million_elements(name: str, seed: int, n: int = 1_000_000) -> Instance:
    """Return an instance of a layer whose array has n elements."""
    array, arrays = _large(name, n, np.random.default_rng(seed))
    return at(layer(name), array, arrays, seed)


def _one_among_many(instances: int, seed: int, million: int) -> None:
    rows = []
    for name in ("tanh", "affine", "layernorm"):
        for n in (100, 10_000):
            errors = [
                smallest_caught(million_elements(name, number, n), "one element", number)
                for number in range(seed * 1000, seed * 1000 + max(20, instances))
            ]
            rows.append([name, n, len(errors), *reached(errors), _never(errors)])
    table(
        "One wrong element among n (fast), relative to that element",
        ["layer", "n", "instances", "50 %", "90 %", "99 %", "never"],
        rows,
    )
    table(
        "One wrong element among 10^6 (fast): share caught",
        ["layer", "instances", "error", "caught", "forward evaluations when caught"],
        [
            _share(name, delta, seed, million)
            for name in ("tanh", "affine", "layernorm")
            for delta in (1e-6, 1e-5, 1e-4)
            if million > 2 or delta == 1e-4
        ],
    )


def _share(name: str, delta: float, seed: int, instances: int) -> list[object]:
    seen = []
    for number in range(seed * 1000, seed * 1000 + instances):
        drawn = million_elements(name, number)
        spoilt = factor("one element", drawn.gradient(), delta, number)
        seen.append(drawn.check(drawn.rng, spoilt))
    caught = [one.forward_calls for one in seen if one.outcome == "disagrees"]
    mean = float(np.mean(caught)) if caught else float("nan")
    return [name, instances, f"{delta:g}", f"{len(caught) / instances:.0%}", mean]
