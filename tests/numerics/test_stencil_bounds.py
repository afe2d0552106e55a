"""The bound of the five-point slope covers its error: noise, truncation and kinks alike."""

from typing import Any

import numpy as np
import pytest

from gradcheck.numerics.bounds import Bounded, bounded, raised_floor, with_kinks
from gradcheck.numerics.directions import COUNT, draw_directions
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.sketch import first_step
from gradcheck.numerics.stencil import five_point, stencil

# name -> (h, its derivative) in y = h(W x)
SMOOTH = {
    "line": (lambda s: s, np.ones_like),
    "square": (np.square, lambda s: 2 * s),
    "tanh": (np.tanh, lambda s: 1 / np.cosh(s) ** 2),
    "sin": (np.sin, np.cos),
    "exp": (np.exp, np.exp),
    "log": (lambda s: np.log1p(s**2), lambda s: 2 * s / (1 + s**2)),
}
RUNS = 60  # of three directions and five outputs each


def probe_of(f: Any, x: Any) -> Probe:
    return Probe(
        lambda batch: [f(one) for one in batch], lambda at, _: 0 * at, x, np.ones_like(f(x))
    )


def look(f: Any, x: Any, rng: np.random.Generator, factor: float = 1) -> tuple[Bounded, Any]:
    """Return the bounded stencil along random directions, and the directions."""
    probe = probe_of(f, x)
    directions = draw_directions(probe, rng)
    taken = stencil(probe, directions, first_step(probe) * factor)
    return bounded(taken, probe.output_rounding), directions


def errors(name: str, scale: float, factor: float = 1, dtype: Any = float) -> Any:
    """Return (error, bound, |slope|) of many random directions and outputs, flattened."""
    h, slope = SMOOTH[name]
    rows = []
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        W, s = rng.standard_normal((5, 4)).astype(dtype), rng.standard_normal(4).astype(dtype)
        x = s * dtype(scale)
        found, v = look(lambda at, W=W: h(W @ (at / dtype(scale))), x, rng, factor)
        z = W.astype(float) @ (x.astype(float) / scale)
        true = slope(z) * (v / scale @ W.astype(float).T)
        rows.append([np.abs(found.stencil.slope - true), found.error, np.abs(true)])
    return np.stack(rows, axis=1).reshape(3, -1)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("name", SMOOTH)
def test_bound_covers_the_error(name: str, scale: float) -> None:
    error, bound, _ = errors(name, scale)
    assert error.size == RUNS * COUNT * 5
    assert (error <= bound).all()


@pytest.mark.parametrize("factor", [2.0**-5, 2.0**5, 2.0**10])
@pytest.mark.parametrize("name", SMOOTH)
def test_bound_covers_the_error_at_other_steps(name: str, factor: float) -> None:
    error, bound, _ = errors(name, 1.0, factor)
    assert (error <= bound).all()


@pytest.mark.parametrize("name", SMOOTH)
def test_bound_covers_the_error_in_float32(name: str) -> None:
    error, bound, slope = errors(name, 1.0, dtype=np.float32)
    assert (error <= bound).mean() > 0.995
    assert np.median(bound / slope) < 0.05


@pytest.mark.parametrize("name", SMOOTH)
def test_bound_is_sharp(name: str) -> None:
    error, bound, slope = errors(name, 1.0)
    assert np.median(bound / slope) < 1e-7
    assert np.median(bound / np.maximum(error, 1e-300)) < 1e3


def test_error_is_not_covered_without_the_safety() -> None:
    error, bound, _ = errors("tanh", 1.0)
    assert (error > bound / 100).any()


@pytest.mark.parametrize("left", [0.0, -1.0, 0.5])
@pytest.mark.parametrize("place", np.linspace(-2.5, 2.5, 41) * 2.0**-17)
def test_bound_covers_a_kink_inside_the_stencil(left: float, place: float) -> None:
    def f(x: Any) -> Any:
        return np.where(x < place, left, 1.0) * (x - place)

    found, v = look(f, np.zeros(1), np.random.default_rng(3))
    for slope in [left, 1.0] if place == 0 else [1.0 if place < 0 else left]:
        assert (np.abs(found.stencil.slope - slope * v) <= found.error).all()


def test_bound_covers_many_kinks_inside_the_stencil() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        W, c = rng.standard_normal((5, 4)), rng.standard_normal(5) * 2.0**-16
        found, v = look(lambda x, W=W, c=c: np.abs(W @ (x - 1) + c), np.ones(4), rng)
        error = np.abs(found.stencil.slope - v @ W.T * np.sign(c))
        assert (error <= found.error + 1e-14).all()  # the slope above is rounded too


def test_kink_is_flagged_and_smooth_is_not() -> None:
    found, _ = look(
        lambda x: np.append(np.abs(x - 1), np.sin(x)), np.ones(2), np.random.default_rng(0)
    )
    np.testing.assert_array_equal(found.flagged.any(axis=0), [True, True, False, False])


def test_kink_at_the_point_has_the_hull_of_its_slopes_as_bound() -> None:
    probe = probe_of(lambda x: np.maximum(x, 0), np.array([0.0, 1.0]))
    lines = np.ones((1, 2))
    steps = with_kinks(
        [bounded(stencil(probe, lines, d), probe.output_rounding) for d in (2.0**-12, 2.0**-17)]
    )
    np.testing.assert_array_equal(steps[-1].kinked, [[True, False]])
    assert steps[-1].error[0, 0] == pytest.approx(0.51, rel=1e-3)


def test_noise_raises_the_floor_and_curvature_does_not() -> None:
    def f(x: Any) -> Any:
        return np.append(np.sin(x), np.sin(x) + 1e-6 * np.sin(1e15 * x))

    probe = probe_of(f, np.array([0.7]))
    lines = draw_directions(probe, np.random.default_rng(0))
    floor = raised_floor(
        [stencil(probe, lines, d) for d in (2.0**-4, 2.0**-12, 2.0**-17)], probe.output_rounding
    )
    assert floor[0] == probe.output_rounding[0]
    assert 1e-7 < floor[1] < 1e-5


@pytest.mark.parametrize("power", range(5))
def test_five_points_are_exact_for_polynomials(power: int) -> None:
    y0, *nodes = (np.float64(3 + t) ** power for t in (0, 1, -1, 2, -2))
    slope, *_, roughness = five_point(y0, tuple(nodes), 1.0)
    assert slope == pytest.approx(power * 3.0 ** (power - 1))
    assert (roughness > 1e-12) == (power > 2)


def test_gap_is_right_slope_minus_left_slope() -> None:
    y0, *nodes = (np.float64(2 * abs(t) + t**2 + 5) for t in (0, 1, -1, 2, -2))
    _, gap, *_ = five_point(y0, tuple(nodes), 1.0)
    assert gap == pytest.approx(4.0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_node_that_is_not_finite_has_an_infinite_bound(value: float) -> None:
    found, _ = look(lambda x: np.where(x == 1, x, value), np.ones(2), np.random.default_rng(0))
    assert np.isposinf(found.error).all()
    assert not found.stencil.finite
