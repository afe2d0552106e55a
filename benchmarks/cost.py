"""What a check costs: forward evaluations, and time over the time of one bare forward."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.instance import Instance, at, instance
from benchmarks.layer import Array, Arrays, Layer, Shapes, differentiated
from benchmarks.markdown import table
from benchmarks.population import SCALES, layer, pairs
from gradcheck.numerics import agree_jointly

CASES: dict[str, tuple[str, Shapes, float]] = {
    "affine (64, 256, 128)": ("affine", {"x": (64, 256), "W": (256, 128), "b": (128,)}, 30),
    "sigmoid (64, 1024)": ("sigmoid", {"x": (64, 1024)}, 15),
    "batchnorm (64, 256)": ("batchnorm", {"x": (64, 256), "gamma": (256,), "beta": (256,)}, 35),
    "im2col conv (4, 3, 16, 16), 8 filters": (
        "conv2d",
        {"x": (4, 3, 16, 16), "W": (8, 3, 3, 3), "b": (8,)},
        35,
    ),
    "cross-entropy (64, 100)": ("cross-entropy", {"x": (64, 100)}, 20),
}
"""Title, layer, shapes and the ratio aimed at."""


def cost(checks: int, seed: int, rounds: int) -> None:
    """Print both tables."""
    _evaluations(checks, seed)
    rows = [_row(title, *case, seed, rounds) for title, case in CASES.items()]
    table(
        "Time of checking all arrays of a layer over one bare forward (medians)",
        [
            "layer",
            "arrays",
            "forward, ms",
            "check, ms",
            "ratio",
            "target",
            "forward evaluations",
            "element-wise recipe, ratio",
        ],
        rows,
    )


def _evaluations(checks: int, seed: int) -> None:
    everything = pairs()
    rows = []
    means = []
    for scale in SCALES:
        calls = []
        for position in range(checks):
            one, array = everything[position % len(everything)]
            drawn = instance(one, array, scale, "float64", seed * 1000 + position)
            calls.append(drawn.check(drawn.rng).forward_calls)
        means.append(float(np.mean(calls)))
        high = [float(np.quantile(calls, share)) for share in (0.5, 0.9, 0.99)]
        rows.append([f"{scale:g}", checks, means[-1], *high, max(calls)])
    rows.append(["all", checks * len(SCALES), float(np.mean(means)), *[""] * 4])
    table(
        "Forward evaluations per array, float64, correct gradients (targets: mean 10 and 20)",
        ["scale", "checks", "mean", "median", "90 %", "99 %", "most"],
        rows,
    )


def _seconds(action: Callable[[], object], times: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(times):
        action()
    return (time.perf_counter() - start) / times


def _row(title: str, name: str, shapes: Shapes, aim: float, seed: int, rounds: int) -> list[object]:
    one = layer(name)
    arrays = one.fill(shapes, np.random.default_rng(seed))
    drawn = [at(one, array, arrays, seed) for array in differentiated(arrays)]
    forwards, checks, elements, calls = [], [], [], []
    for number in range(rounds + 1):  # interleaved, so that a slow moment meets all of them
        forward = _seconds(lambda: one.forward(arrays), 20)
        start = time.perf_counter()
        seen = _check_all(one, arrays, drawn, number)
        if number:  # the first round warms up
            forwards.append(forward)
            checks.append(time.perf_counter() - start)
            elements.append(sum(_by_elements(one, arrays, each) for each in drawn))
            calls.append(seen)
    forward, check, every = (float(np.median(each)) for each in (forwards, checks, elements))
    ratio = check / forward
    evaluations = float(np.mean(calls))
    recipe = f"{every / forward:,.0f}"
    return [
        title, len(drawn), forward * 1e3, check * 1e3, ratio, f"{aim:g}", evaluations, recipe
    ]  # fmt: skip


def _check_all(one: Layer, arrays: Arrays, drawn: list[Instance], number: int) -> int:
    """Check every array as the checks do, all in one direction first; return the evaluations."""
    accepted: dict[str, float] = {}
    calls = 0
    if len(drawn) > 1:

        def forward(points: Sequence[Mapping[str, Array]]) -> list[Array]:
            nonlocal calls
            calls += len(points)
            return [one.forward(arrays | point) for point in points]

        claims = one.backward(arrays, drawn[0].u)
        accepted = agree_jointly(
            forward,
            {each.array: each.x for each in drawn},
            {each.array: claims[each.array] for each in drawn},
            drawn[0].u,
            np.random.default_rng(number),
        )
    rest = [each for each in drawn if each.array not in accepted]
    return calls + sum(each.check(np.random.default_rng(number)).forward_calls for each in rest)


def _by_elements(one: Layer, arrays: Arrays, drawn: Instance) -> float:
    """Return the time of central differences of all elements, from that of the first three."""
    x = drawn.x.copy()
    few = min(3, x.size)
    moved = arrays | {drawn.array: x}

    def differences() -> None:
        for i in range(few):
            original = x.flat[i]
            x.flat[i] = original + 1e-5
            up = one.forward(moved)
            x.flat[i] = original - 1e-5
            down = one.forward(moved)
            x.flat[i] = original
            (((up - down) * drawn.u).sum() / 2e-5).item()

    return _seconds(differences) * x.size / few
