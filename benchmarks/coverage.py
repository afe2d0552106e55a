"""Does the true error lie within the bound, and how wide is the bound?

Truth is the backward pass in longdouble at the very same point, along the very same directions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.instance import Instance, instance
from benchmarks.markdown import rate_bound, table
from benchmarks.population import pairs
from gradcheck.numerics import Probe, differentiate_elements
from gradcheck.numerics.directions import draw_directions
from gradcheck.numerics.estimates import Estimate, contract, select
from gradcheck.numerics.rounding import Floats
from gradcheck.numerics.sketch import first_step, sketch
from gradcheck.numerics.stencil import stencil

Errors = list[tuple[float, float, float]]
"""(true error, bound, size of the gradient along the direction)."""
_FINEST = 1e-10  # a target that the ladder climbs for as long as it can


def coverage(cases: int, seed: int) -> None:
    """Print one row for each way to an estimate, dtype and scale."""
    rows = []
    for scale in (1.0, 1e-3):
        for title, estimate in (("one stencil", _stencil), ("ladder", _ladder)):
            rows.append(_row(title, "float64", scale, cases, seed, _along(estimate)))
        rows.append(_row("elements", "float64", scale, cases // 4, seed, _elements))
    rows.append(_row("one stencil", "float32", 1.0, cases, seed, _along(_stencil)))
    table(
        "Coverage of the error bound, smooth layers (targets: 99.99 %, median ratio 30)",
        [
            "estimate",
            "dtype",
            "scale",
            "derivatives",
            "outside",
            "rate (95 %)",
            "bound / gradient, median",
            "bound / true error, median",
            "true error / bound, 99.99 %",
            "worst at",
        ],
        rows,
    )


def _stencil(probe: Probe, directions: Floats) -> Sequence[Estimate]:
    _, kept, _ = select(probe, [stencil(probe, directions, first_step(probe))])
    return contract(probe, kept, directions)


def _ladder(probe: Probe, directions: Floats) -> Sequence[Estimate]:
    rng = np.random.default_rng(0)
    return sketch(probe, rng, target=_FINEST, directions=directions).estimates


def _along(
    estimate: Callable[[Probe, Floats], Sequence[Estimate]],
) -> Callable[[Instance], Errors]:
    def errors(drawn: Instance) -> Errors:
        probe = drawn.probe()
        directions = draw_directions(probe, drawn.rng)
        truth = drawn.true_gradient()
        found = estimate(probe, directions)
        return [
            (abs(float(one.value - (truth * v).sum())), one.error, one.magnitude)
            for one, v in zip(found, directions, strict=True)
        ]

    return errors


def _elements(drawn: Instance) -> Errors:
    probe = drawn.probe()
    found = differentiate_elements(probe)
    truth = drawn.true_gradient()
    error = np.abs((found.gradient - truth).astype(np.float64)).ravel().tolist()
    size = np.abs(truth).astype(np.float64).ravel().tolist()
    return list(zip(error, found.error.ravel().tolist(), size, strict=True))


def _row(
    title: str,
    dtype: str,
    scale: float,
    cases: int,
    seed: int,
    errors: Callable[[Instance], Errors],
) -> list[object]:
    everything = pairs(smooth_only=True)
    found: Errors = []
    names: list[str] = []
    for position in range(cases):
        one, array = everything[position % len(everything)]
        number = seed * 1000 + position // len(everything)
        drawn = instance(one, array, scale, dtype, number, most=4)
        with np.errstate(all="ignore"):
            if not np.isfinite(drawn.gradient()).all():
                continue
            fresh = [row for row in errors(drawn) if np.isfinite(row).all()]
        found += fresh
        names += [f"{one.name} {array} ({number})"] * len(fresh)
    return [title, dtype, f"{scale:g}", *_summary(np.array(found), names)]


def _summary(found: Floats, names: list[str]) -> list[object]:
    true, bound, size = found.T
    outside = int((true > bound).sum())
    with np.errstate(all="ignore"):
        used = np.where(bound > 0, true / bound, np.where(true > 0, np.inf, 0.0))
        width = bound[true > 0] / true[true > 0]
        relative = bound[size > 0] / size[size > 0]
    worst = int(np.argmax(used))
    return [
        len(found),
        outside,
        rate_bound(outside, len(found)),
        f"{np.median(relative):.1e}",
        float(np.median(width)),
        f"{np.quantile(used, 0.9999):.2g}",
        names[worst],
    ]
