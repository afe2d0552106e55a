"""``compare`` never accuses what is right, and finds what is wrong."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradcheck.numerics import compare
from tests.numerics.functions import (
    ALL,
    KINKED,
    POSITIVE,
    SCALES,
    SEEDS,
    SMOOTH,
    Pair,
    ask,
    cotangent,
    plain,
    points,
    steady,
)

MATRICES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=5)


def make(name: str, seed: int, shape: Any, scale: float = 1, dtype: Any = float) -> Any:
    """Return the pair called ``name``, a point for it, a generator and the border."""
    rng, x = points(seed, shape, name in POSITIVE)
    x = (x * scale).astype(dtype)
    return ALL[name](rng, x), x, rng, x if name in POSITIVE else None


def claiming(pair: Pair, change: Callable[[Any], Any]) -> Pair:
    """Return ``pair`` with a changed gradient."""
    f, pullback = pair
    return f, lambda x, u: change(pullback(x, u))


@pytest.mark.parametrize("name", ALL)
@steady
@given(seed=SEEDS, shape=MATRICES, scale=SCALES, dtype=st.sampled_from([np.float32, np.float64]))
def test_right_gradient_is_never_accused(
    name: str, seed: int, shape: Any, scale: float, dtype: Any
) -> None:
    pair, x, rng, border = make(name, seed, shape, scale, dtype)
    assert ask(pair, x, rng, border).outcome != "disagrees"


@pytest.mark.parametrize("name", ALL)
@steady
@given(seed=SEEDS, scale=SCALES)
def test_right_gradient_is_never_accused_at_degenerate_points(
    name: str, seed: int, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    x = scale * rng.integers(1 if name in POSITIVE else -1, 3, (3, 4)).astype(float)
    assert ask(ALL[name](rng, x), x, rng).outcome != "disagrees"


@pytest.mark.parametrize("name", sorted(SMOOTH | POSITIVE))
@steady
@given(seed=SEEDS)
def test_right_gradient_of_a_smooth_function_agrees(name: str, seed: int) -> None:
    verdict = ask(*make(name, seed, (3, 4)))
    assert verdict.outcome == "agrees"
    assert verdict.resolution < 1e-5


@pytest.mark.parametrize("name", sorted(SMOOTH | POSITIVE))
def test_right_gradient_in_float32_agrees(name: str) -> None:
    outcomes = [ask(*make(name, seed, (3, 4), dtype=np.float32)).outcome for seed in range(20)]
    assert outcomes.count("agrees") >= 18


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e3, 1e6])
@pytest.mark.parametrize("name", ["affine", "matmul", "square", "mse", "log", "reciprocal"])
def test_scale_does_not_matter_to_functions_without_a_scale(name: str, scale: float) -> None:
    outcomes = {ask(*make(name, seed, (3, 4), scale)).outcome for seed in range(10)}
    assert outcomes == {"agrees"}


@pytest.mark.parametrize("name", ["affine", "square", "tanh", "exp", "mse", "log"])
@steady
@given(seed=SEEDS)
def test_right_smooth_gradient_costs_at_most_ten_evaluations(name: str, seed: int) -> None:
    assert ask(*make(name, seed, (2, 3))).forward_calls <= 10


@pytest.mark.parametrize("shape", [(), (1,), (2000,), (2, 3, 4, 5)])
def test_cost_does_not_depend_on_the_shape(shape: Any) -> None:
    verdict = ask(*make("tanh", 1, shape))
    assert (verdict.outcome, verdict.forward_calls) == ("agrees", 7)


def one_wrong(g: Any) -> Any:
    g = g.copy()
    g.flat[g.size // 2] += 1e-4 * np.sqrt(np.square(g).mean())
    return g


def swapped(g: Any) -> Any:
    g = g.copy()
    low, high = g.argmin(), g.argmax()
    g.flat[[low, high]] = g.flat[[high, low]]
    return g


WRONG = {
    "too large by 1e-5": lambda g: g * (1 + 1e-5),
    "too small by 1e-5": lambda g: g * (1 - 1e-5),
    "one element": one_wrong,
    "two elements swapped": swapped,
    "opposite sign": np.negative,
    "zero": np.zeros_like,
    "transposed": np.transpose,
    "rolled": lambda g: np.roll(g, 1),
    "twice": lambda g: 2 * g,
    "half": lambda g: g / 2,
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", sorted(SMOOTH | POSITIVE))
def test_wrong_gradient_is_found(name: str, wrong: str) -> None:
    for seed in range(3):
        pair, x, rng, border = make(name, seed, (4, 4))
        verdict = ask(claiming(pair, WRONG[wrong]), x, rng, border)
        assert verdict.outcome == "disagrees", (seed, verdict)


@pytest.mark.parametrize("wrong", ["one element", "opposite sign", "zero", "twice"])
@pytest.mark.parametrize("name", KINKED)
def test_wrong_gradient_of_a_kinked_function_is_found(name: str, wrong: str) -> None:
    for seed in range(3):
        pair, x, rng, _ = make(name, seed, (4, 4))
        assert ask(claiming(pair, WRONG[wrong]), x, rng).outcome == "disagrees"


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e3, 1e6])
@pytest.mark.parametrize("wrong", ["too large by 1e-5", "one element", "opposite sign", "zero"])
def test_wrong_gradient_is_found_at_any_scale(wrong: str, scale: float) -> None:
    for name in ("affine", "square", "mse", "log"):
        pair, x, rng, border = make(name, 5, (4, 4), scale)
        assert ask(claiming(pair, WRONG[wrong]), x, rng, border).outcome == "disagrees"


@pytest.mark.parametrize("wrong", ["opposite sign", "zero", "twice"])
def test_wrong_gradient_is_found_in_float32(wrong: str) -> None:
    for name in SMOOTH:
        pair, x, rng, _ = make(name, 5, (4, 4), dtype=np.float32)
        assert ask(claiming(pair, WRONG[wrong]), x, rng).outcome == "disagrees"


@steady
@given(seed=SEEDS, where=st.integers(0, 999))
def test_one_wrong_element_of_a_thousand_is_found(seed: int, where: int) -> None:
    pair, x, rng, _ = make("tanh", seed, (1000,))
    bump = np.eye(1, 1000, where)[0] * 1e-5
    assert ask(claiming(pair, lambda g: g + bump), x, rng).outcome == "disagrees"


@pytest.mark.parametrize("at_zero", [0.0, 0.25, 0.5, 1.0])
@steady
@given(x=hnp.arrays(np.float64, MATRICES, elements=st.sampled_from([-1.5, 0.0, 0.75])), seed=SEEDS)
def test_any_value_between_the_slopes_of_relu_is_accepted(
    at_zero: float, x: Any, seed: int
) -> None:
    relu = plain(lambda x: np.maximum(x, 0), lambda x: np.where(x == 0, at_zero, x > 0))
    rng = np.random.default_rng(seed)
    outcome = ask(relu(rng, x), x, rng).outcome
    if x.all():
        assert outcome == ("agrees" if (x > 0).any() else "weak")
    else:  # a half is also what a symmetric difference says
        assert outcome in (("kink", "agrees") if at_zero == 0.5 else ("kink",))


@steady
@given(x=hnp.arrays(np.float64, (3, 4), elements=st.sampled_from([-1.0, 0.5, 2.0])), seed=SEEDS)
def test_any_split_of_a_tied_maximum_is_accepted(x: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    share = rng.uniform(0, 1, x.shape) * (x == x.max(-1, keepdims=True))
    share /= share.sum(-1, keepdims=True)

    def pullback(at: Any, u: Any) -> Any:
        tied = at == at.max(-1, keepdims=True)
        chosen = share if np.array_equal(at, x) else tied / tied.sum(-1, keepdims=True)
        return chosen * u[:, None]

    assert ask((lambda at: at.max(-1), pullback), x, rng).outcome in ("agrees", "kink")


@pytest.mark.parametrize("at_zero", [2.0, -1.0, 1.1])
def test_value_outside_the_slopes_of_relu_is_told(at_zero: float) -> None:
    relu = plain(lambda x: np.maximum(x, 0), lambda x: np.where(x == 0, at_zero, x > 0))
    x = np.array([0.0, 1.0, -0.5, 0.25])
    outcomes = {ask(relu(rng, x), x, rng).outcome for rng in map(np.random.default_rng, range(20))}
    assert outcomes == {"point-only"}


@pytest.mark.parametrize("at_zero", [0.0, 2.0, 1.01])
def test_another_value_at_a_point_without_a_kink_is_told(at_zero: float) -> None:
    pair = plain(lambda x: 3 * x + x**3, lambda x: np.where(x == 0, at_zero * 3, 3 + 3 * x**2))
    x = np.array([0.0, 1.0, -0.5, 0.25])
    outcomes = {ask(pair(rng, x), x, rng).outcome for rng in map(np.random.default_rng, range(20))}
    assert outcomes == {"point-only"}


@pytest.mark.parametrize("at_zero", [0.0, 0.5, 1.0])
def test_any_subgradient_of_a_kink_is_accepted_beside_it_too(at_zero: float) -> None:
    relu = plain(lambda x: np.maximum(x, 0), lambda x: np.where(x == 0, at_zero, x > 0))
    x = np.zeros((2, 3))
    outcomes = {ask(relu(rng, x), x, rng).outcome for rng in map(np.random.default_rng, range(20))}
    assert "point-only" not in outcomes
    assert "disagrees" not in outcomes


def test_a_function_that_jumps_at_the_point_itself_is_not_taken_for_one_without_a_kink() -> None:
    pair = plain(lambda x: np.where(x == 0, 7.0, 2 * x), lambda x: np.where(x == 0, 0.0, 2.0))
    x = np.array([0.0, 1.0, -0.5])
    outcomes = {ask(pair(rng, x), x, rng).outcome for rng in map(np.random.default_rng, range(20))}
    assert "point-only" not in outcomes
    assert "disagrees" not in outcomes


def test_tied_maximum_that_is_counted_twice_is_told() -> None:
    x = np.array([[1.0, 3.0, 3.0], [2.0, 0.0, -1.0]])
    pair: Pair = (
        lambda x: x.max(-1),
        lambda x, u: (x == x.max(-1, keepdims=True)) * u[:, None],
    )
    outcomes = {ask(pair, x, rng).outcome for rng in map(np.random.default_rng, range(20))}
    assert outcomes == {"point-only"}


def beside_a_kink(factor: float) -> list[str]:
    """Return the outcomes for |x| with one element at 0 and the others wrong by ``factor``."""
    wrong = plain(np.abs, lambda x: np.where(x == 0, 0.0, np.sign(x) * factor))
    x = np.array([0.0, 1.0, -0.5, 0.25])
    return [ask(wrong(rng, x), x, rng).outcome for rng in map(np.random.default_rng, range(20))]


@pytest.mark.parametrize("factor", [-1.0, 0.0, 2.0])
def test_grossly_wrong_elements_beside_a_kink_are_found(factor: float) -> None:
    assert beside_a_kink(factor).count("disagrees") >= 15


def test_wrong_elements_beside_a_kink_are_found() -> None:
    assert beside_a_kink(1.1).count("disagrees") >= 15


@pytest.mark.parametrize("height", [1.0, 0.1, 1e-2, 1e-4, 1e-6])
@steady
@given(seed=SEEDS)
def test_gradient_zero_of_a_staircase_is_not_accused(height: float, seed: int) -> None:
    # Below 1e-7 or so nothing but the trend is left to see: zero is rightly called wrong there.
    staircase = plain(lambda x: np.floor(x / height) * height, np.zeros_like)
    rng, x = points(seed, (3, 4))
    assert ask(staircase(rng, x), x, rng).outcome in ("weak", "inconclusive")


@pytest.mark.parametrize("height", [1e-2, 1e-4, 1e-6, 1e-8])
@steady
@given(seed=SEEDS)
def test_trend_of_a_fine_staircase_is_not_accused(height: float, seed: int) -> None:
    staircase = plain(lambda x: np.floor(x / height) * height, np.ones_like)
    rng, x = points(seed, (3, 4))
    assert ask(staircase(rng, x), x, rng).outcome != "disagrees"


@steady
@given(seed=SEEDS, size=st.sampled_from([1e-12, 1e-9, 1e-6, 1e-3, 1.0]))
def test_noise_is_not_held_against_the_gradient(seed: int, size: float) -> None:
    noisy = plain(lambda x: x**2 + size * np.sin(1e15 * x), lambda x: 2 * x)
    rng, x = points(seed, (3, 4))
    assert ask(noisy(rng, x), x, rng).outcome != "disagrees"


@steady
@given(seed=SEEDS, dtype=st.sampled_from([np.float32, np.float16]))
def test_hidden_cast_is_not_held_against_the_gradient(seed: int, dtype: Any) -> None:
    cast = plain(lambda x: np.tanh(x.astype(dtype)).astype(float), lambda x: 1 / np.cosh(x) ** 2)
    rng, x = points(seed, (3, 4))
    assert ask(cast(rng, x), x, rng).outcome != "disagrees"


def test_gradient_below_the_rounding_of_the_output_is_weak() -> None:
    buried = plain(lambda x: 1e12 + 1e-6 * x, lambda x: np.full_like(x, 1e-6))
    rng, x = points(0, (3, 4))
    assert ask(buried(rng, x), x, rng).outcome == "weak"


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 2, 1)])
def test_empty_array_agrees(shape: Any) -> None:
    rng = np.random.default_rng(0)
    verdict = ask((lambda x: x.sum(), lambda x, u: np.zeros(shape)), np.zeros(shape), rng)
    assert (verdict.outcome, verdict.reason) == ("agrees", "no elements")


def test_gradient_zero_of_a_constant_function_is_not_accused() -> None:
    rng, x = points(0, (3, 4))
    assert ask((lambda x: np.ones(2), lambda x, u: np.zeros_like(x)), x, rng).outcome == "weak"


def test_gradient_of_a_constant_function_is_found() -> None:
    rng, x = points(0, (3, 4))
    assert ask((lambda x: np.ones(2), lambda x, u: x), x, rng).outcome == "disagrees"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_output_that_is_not_finite_is_told(value: float) -> None:
    rng, x = points(0, (3, 4))
    pair: Pair = (lambda x: np.append(x, value), lambda x, u: u[:-1].reshape(x.shape))
    assert ask(pair, x, rng).outcome == "non-finite"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_gradient_that_is_not_finite_is_told(value: float) -> None:
    rng, x = points(0, (3, 4))
    assert ask((np.tanh, lambda x, u: np.full_like(x, value)), x, rng).outcome == "non-finite"


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("wrong", ["twice", "zero"])
def test_x_is_not_written(name: str, wrong: str) -> None:
    pair, x, rng, border = make(name, 3, (3, 4))
    before = x.copy()
    x.flags.writeable = False
    ask(claiming(pair, WRONG[wrong]), x, rng, border)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("name", POSITIVE)
@pytest.mark.parametrize("wrong", [None, "twice", "one element"])
def test_no_evaluation_leaves_the_domain(name: str, wrong: str | None) -> None:
    (f, pullback), x, rng, border = make(name, 3, (3, 4))
    x, border = (one * np.logspace(-8, 2, 12).reshape(3, 4) for one in (x, border))
    lowest: list[float] = []
    pair = (lambda at: lowest.append((at / x).min()) or f(at), pullback)
    ask(pair if wrong is None else claiming(pair, WRONG[wrong]), x, rng, border)
    assert min(lowest) > 0


def test_no_evaluation_leaves_the_domain_where_outputs_are_dead() -> None:
    rng, x = points(3, (3, 4), positive=True)
    lowest: list[float] = []
    pair: Pair = (
        lambda at: lowest.append(at.min()) or np.stack([np.log(at), np.zeros_like(at)]),
        lambda at, u: u.sum(0) / at,
    )
    assert ask(pair, x, rng, x).outcome == "disagrees"
    assert min(lowest) > 0


@pytest.mark.parametrize("wrong", [None, "twice"])
def test_points_are_like_x(wrong: str | None) -> None:
    (f, pullback), x, rng, _ = make("tanh", 3, (3, 4), dtype=np.float32)
    seen: list[Any] = []
    pair = (lambda at: seen.append(at) or f(at), pullback)
    ask(pair if wrong is None else claiming(pair, WRONG[wrong]), x, rng)
    assert {(at.shape, at.dtype) for at in seen} == {(x.shape, x.dtype)}


@pytest.mark.parametrize("wrong", [None, "twice"])
def test_calls_are_counted(wrong: str | None) -> None:
    (f, pullback), x, rng, _ = make("tanh", 3, (3, 4))
    change = WRONG[wrong] if wrong else np.asarray
    forward, backward = [], []
    verdict = compare(
        lambda batch: forward.extend(batch) or [f(one) for one in batch],
        lambda at, u: backward.append(at) or change(pullback(at, u)),
        x,
        cotangent(rng, f(x)),
        rng,
    )
    assert verdict.backward_calls == len(backward)
    # A fresh backward needs a forward of its own; the first one follows the forward at x.
    extra = len(backward) - (1 if wrong is None else 2)
    assert verdict.forward_calls == len(forward) + extra


def test_same_generator_gives_the_same_verdict() -> None:
    verdicts = [ask(*make("softmax", 3, (3, 4))) for _ in range(2)]
    assert verdicts[0] == verdicts[1]


@pytest.mark.parametrize("target", [1e-3, 1e-4, 1e-6])
def test_error_below_the_target_is_not_sought(target: float) -> None:
    (f, pullback), x, rng, _ = make("tanh", 3, (3, 4))
    u = cotangent(rng, f(x))
    for error, outcome in ((target / 100, "agrees"), (target * 100, "disagrees")):
        wrong = claiming((f, pullback), lambda g, error=error: g * (1 + error))[1]
        verdict = compare(lambda batch: list(map(f, batch)), wrong, x, u, rng, target=target)
        assert verdict.outcome == outcome


def test_border_that_is_not_told_is_found() -> None:
    for seed in range(10):
        (log, _), x, rng, _ = make("log", seed, (3, 4))
        x *= np.logspace(-9, 1, 12).reshape(3, 4)
        verdict = ask((log, lambda x, u: u / x), x, rng)
        assert (verdict.outcome, verdict.resolution < 1e-6) == ("agrees", True), verdict


@pytest.mark.parametrize("name", ["affine", "tanh", "mse"])
def test_right_gradient_in_float32_costs_as_little(name: str) -> None:
    costs = [ask(*make(name, seed, (2, 3), dtype=np.float32)).forward_calls for seed in range(20)]
    assert costs.count(7) >= 15


@pytest.mark.parametrize("at", [-37.5, -36.2, -35.0, -33.0, -30.0, -25.0])
def test_long_even_stairs_of_a_saturated_output_are_no_slope(at: float) -> None:
    # 1 + tanh(x / 2) near -1 moves by 2^-53 at a time: between two stairs y is exactly linear.
    def sigmoid(x: Any) -> Any:
        return 0.5 * (1 + np.tanh(x / 2))

    silu = plain(lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))))
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = np.array([at + rng.uniform(-0.5, 0.5)])
        assert ask(silu(rng, x), x, rng).outcome in ("agrees", "weak", "inconclusive")


@pytest.mark.parametrize("at", [-15.0, -8.0, 3.0])
def test_a_wrong_slope_of_a_small_output_is_found_all_the_same(at: float) -> None:
    pair = plain(lambda x: x / (1 + np.exp(-x)), lambda x: 1 / (1 + np.exp(-x)))
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = np.array([at + rng.uniform(-0.5, 0.5)])
        found += ask(pair(rng, x), x, rng).outcome == "disagrees"
    assert found >= 18
