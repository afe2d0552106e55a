"""Forward evaluations until one wrong element among a million is named."""

from __future__ import annotations

import numpy as np

from benchmarks.markdown import table
from benchmarks.sensitivity import factor, million_elements
from gradcheck import numerics


def location(trials: int, seed: int) -> None:
    """Print the table; `locate` comes with later versions of gradcheck."""
    if not hasattr(numerics, "locate"):
        print("\nLocation: `gradcheck.numerics.locate` is not in this version of gradcheck.")
        return
    table(
        "Location of one wrong element among 10^6 (target: 100 forward evaluations)",
        ["layer", "error", "trials", "that one and no other", "forward evaluations, mean", "most"],
        [
            _row(name, delta, trials, seed)
            for name in ("tanh", "affine", "layernorm")
            for delta in (1e-1, 1e-3)
        ],
    )


def _row(name: str, delta: float, trials: int, seed: int) -> list[object]:
    calls, found = [], 0
    for number in range(seed * 1000, seed * 1000 + trials):
        drawn = million_elements(name, number)
        spoilt = factor("one element", drawn.gradient(), delta, number)
        probe = drawn.probe(spoilt)
        answer = numerics.locate(probe, drawn.rng)
        calls.append(probe.forward_calls)
        wrong = np.unravel_index(np.argmax(np.abs(spoilt - 1)), spoilt.shape)
        found += answer == (tuple(map(int, wrong)),)
    return [name, f"{delta:g}", trials, f"{found / trials:.0%}", float(np.mean(calls)), max(calls)]
