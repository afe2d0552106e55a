"""What must be seen: factors among few elements, one element among many, errors at any border."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.numerics import Probe, compare
from gradcheck.numerics.sketch import sketch
from tests.numerics.functions import SEEDS, SMOOTH, ask, cotangent, points, steady


@steady
@given(st.sampled_from(["square", "tanh", "exp"]), st.integers(1, 4), SEEDS)
def test_uniform_factor_shows_in_the_smallest_arrays(name: str, size: int, seed: int) -> None:
    # With two or three elements the terms of <g, v> may cancel in every random direction.
    rng, x = points(seed, (size,))
    f, pullback = SMOOTH[name](rng, x)
    wrong = ask((f, lambda x, u: pullback(x, u) * (1 + 4e-7)), x, rng)
    assert wrong.outcome == "disagrees"


def spoilt_tanh(n: int, error: float, seed: int) -> Any:
    rng, x = points(seed, (n,))

    def pullback(x: Any, u: Any) -> Any:
        g = u * (1 - np.tanh(x) ** 2)
        g[n // 3] *= 1 + error
        return g

    x[n // 3] = 0.5  # an ordinary element: saturated ones have no gradient to be wrong
    return ask((np.tanh, pullback), x, rng)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [100, 10_000])
def test_one_wrong_element_among_many_is_seen(n: int, seed: int) -> None:
    assert spoilt_tanh(n, 1e-6, seed).outcome == "disagrees"


@pytest.mark.parametrize("n", [100, 50_000])
def test_large_and_small_arrays_take_seven_evaluations(n: int) -> None:
    told = spoilt_tanh(n, 0.0, 0)
    assert told.outcome == "agrees"
    assert told.forward_calls == 7


def test_large_array_that_is_wrong_is_told() -> None:
    assert spoilt_tanh(50_000, 1e-3, 1).outcome == "disagrees"


@pytest.mark.parametrize("factor", [1 + 1e-5, 2.0])
def test_error_beside_an_unknown_border_is_confirmed(factor: float) -> None:
    # One element stands so near to zero that a step of ordinary size leaves the domain.
    x = np.array([0.7, 0.1, 1.3, 3e-4, 0.5])
    rng = np.random.default_rng(1)
    assert ask((np.log, lambda x, u: u / x), x, rng).outcome == "agrees"
    assert ask((np.log, lambda x, u: factor * u / x), x, rng).outcome == "disagrees"


def centred(bits: int, seed: int) -> tuple[Any, Any, Any, np.random.Generator]:
    """Return f, its pullback and a point; the mean that f takes off is rounded to 2^-bits."""
    rng = np.random.default_rng(seed)
    x = 1 + 0.01 * rng.standard_normal(400)
    weights = rng.uniform(0.5, 1.0, x.size)

    def f(x: Any) -> Any:
        return (x - np.round(x.mean() * 2.0**bits) / 2.0**bits) * weights

    return f, lambda x, u: u * weights - (u * weights).sum() / x.size, x, rng


def test_bound_covers_a_rounding_that_outputs_have_in_common() -> None:
    # Every output is off by the same rounding of the mean: in quadrature it is 20 times less, and
    # nearly every point would be suspected. Few remain, where the rounding happens not to show.
    suspected = 0
    for seed in range(40):
        f, pullback, x, rng = centred(42, seed)
        probe = Probe(lambda batch, f=f: [f(one) for one in batch], pullback, x, np.ones(x.size))
        suspected += bool(sketch(probe, rng, target=1e-9).suspects)
    assert suspected <= 8


@steady
@given(st.integers(20, 50), SEEDS)
def test_common_rounding_is_not_held_against_the_gradient(bits: int, seed: int) -> None:
    f, pullback, x, rng = centred(bits, seed)
    told = compare(lambda batch: [f(one) for one in batch], pullback, x, np.ones(x.size), rng)
    assert told.outcome != "disagrees"


def test_same_verdict_whether_points_come_together_or_singly() -> None:
    rng, x = points(3, (40,))
    f, pullback = SMOOTH["tanh"](rng, x)
    u = cotangent(rng, f(x))
    batches: list[int] = []

    def forward(batch: Any) -> Any:
        batches.append(len(batch))
        return [f(one) for one in batch]

    told = compare(forward, pullback, x, u, np.random.default_rng(0))
    assert told.outcome == "agrees"
    assert max(batches) == 6  # a small array asks for its six points in one message


@pytest.mark.parametrize("mode", ["fast", "thorough", "elementwise"])
@pytest.mark.parametrize("error", [1e-4, 1e-2, 1.0])
def test_term_of_an_output_that_stands_still_is_found(mode: Any, error: float) -> None:
    x = np.linspace(-1, 1.3, 5)

    def leaking(x: Any, u: Any) -> Any:
        g = u * (1 - np.tanh(x) ** 2)
        g[0] += error * u[1]  # the output of another element, an index off by one
        return g

    rng = np.random.default_rng(0)
    told = compare(lambda b: [np.tanh(one) for one in b], leaking, x, np.ones(5), rng, mode=mode)
    assert told.outcome == "disagrees"


@pytest.mark.parametrize("mode", ["fast", "thorough", "elementwise"])
def test_no_outputs_at_all(mode: Any) -> None:
    x, rng = np.ones(5), np.random.default_rng(0)

    def ask_empty(slope: float) -> str:
        told = compare(
            lambda b: [one[:0] for one in b], lambda x, u: slope * x, x, np.ones(0), rng, mode=mode
        )
        return told.outcome

    assert ask_empty(0.0) == "agrees"
    assert ask_empty(1.0) == "disagrees"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradient_that_underflows_is_not_accused(dtype: Any) -> None:
    tiny, scale = dtype(np.finfo(dtype).tiny * 1e8), dtype(1e15)
    x = (np.linspace(-1, 1.3, 5) * 1e15).astype(dtype)

    def pullback(x: Any, u: Any) -> Any:
        return u * tiny / scale / np.cosh(x / scale) ** 2

    assert (
        ask((lambda x: tiny * np.tanh(x / scale), pullback), x, np.random.default_rng(0)).outcome
        != "disagrees"
    )


def test_weak_fast_oscillation_is_hardly_ever_accused() -> None:
    w, a = 1e6, 1e-10
    accused = 0
    for seed in range(60):
        rng, x = points(seed, (4,))
        pair = (lambda x: x + a * np.sin(w * x), lambda x, u: u * (1 + a * w * np.cos(w * x)))
        accused += ask(pair, x, rng).outcome == "disagrees"
    assert accused <= 3  # it was one in four before small steps were asked, too


def test_values_whose_squares_overflow_warn_of_nothing() -> None:
    x = np.linspace(-1, 1.3, 5)
    told = compare(
        lambda b: [1e160 * np.tanh(one) for one in b],
        lambda x, u: u * 1e160 / np.cosh(x) ** 2,
        x,
        np.ones(5),
        np.random.default_rng(0),
    )
    assert told.outcome == "agrees"
