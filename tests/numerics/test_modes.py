"""Thorough and elementwise: sharper, never credulous."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcheck.numerics import Comparison, compare

LONG = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps / 2
needs_longdouble = pytest.mark.skipif(not LONG, reason="longdouble is float64 on this platform")


def tanh(x: Any) -> Any:
    return np.tanh(x)


def in_float64(x: Any) -> Any:
    """Lose longdouble and keep complex, as a buffer of np.zeros of a complex dtype would."""
    return np.tanh(x).astype(complex if np.iscomplexobj(x) else np.float64)


def real_only(x: Any) -> Any:
    return np.tanh(np.asarray(x.real, dtype=np.float64))


def ask(forward: Any, error: float, mode: str, seed: int = 0, slope: Any = None) -> Comparison:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((3, 4))
    slope = slope or (lambda at: 1 - np.tanh(at) ** 2)
    return compare(
        lambda points: [forward(point) for point in points],
        lambda at, u: u * slope(at) * (1 + error),
        x,
        rng.standard_normal(x.shape),
        rng,
        mode=mode,
    )


@needs_longdouble
def test_longdouble_resolves_what_float64_cannot() -> None:
    right = ask(tanh, 0.0, "thorough")
    assert (right.outcome, right.precision) == ("agrees", "longdouble")
    assert right.resolution < 1e-9
    assert ask(tanh, 1e-9, "fast").outcome == "agrees"
    assert ask(tanh, 1e-9, "thorough").outcome == "disagrees"


def test_the_complex_step_resolves_where_longdouble_is_lost() -> None:
    told = ask(in_float64, 0.0, "thorough")
    assert (told.outcome, told.precision) == ("agrees", "complex step")
    assert told.resolution < 1e-12


def test_float64_alone_aims_finer() -> None:
    told = ask(real_only, 0.0, "thorough")
    assert (told.outcome, told.precision) == ("agrees", "float64")
    assert told.resolution <= 1e-9
    assert ask(real_only, 1e-8, "thorough").outcome == "disagrees"


def test_a_complex_step_that_lies_is_not_believed() -> None:
    def not_analytic(x: Any) -> Any:  # x^2, of which the complex step sees half the slope
        value = np.sign(x.real) * x * np.abs(x.real)
        return value if np.iscomplexobj(x) else np.asarray(value, dtype=np.float64)

    told = ask(not_analytic, 0.0, "thorough", slope=lambda at: 2 * at)
    assert told.outcome == "agrees"
    assert told.precision == "float64"


@needs_longdouble
def test_another_function_for_another_dtype_is_not_believed() -> None:
    def two_faced(x: Any) -> Any:
        return np.tanh(x) * (1 if x.dtype == np.float64 else 1 + np.longdouble(1e-7) * x)

    told = ask(two_faced, 0.0, "thorough")
    assert told.outcome == "agrees"
    assert told.precision != "longdouble"


@pytest.mark.parametrize("seed", range(5))
def test_every_element_for_itself(seed: int) -> None:
    right = ask(tanh, 0.0, "elementwise", seed)
    assert right.outcome == "agrees"
    assert right.forward_calls == 8 * 12 + 1
    assert ask(tanh, 1e-6, "elementwise", seed).outcome == "disagrees"


def test_noise_is_told_with_its_size() -> None:
    noise = np.random.default_rng(0)

    def noisy(x: Any) -> Any:
        return np.tanh(x) + 1e-3 * noise.standard_normal(x.shape)

    told = ask(noisy, 0.0, "fast")
    assert told.outcome in ("inconclusive", "weak")
    if told.outcome == "inconclusive":
        assert "from call to call" in told.reason
