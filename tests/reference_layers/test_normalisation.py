"""Normalising layers: known values, a loop over groups, offsets, constant groups, statistics."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.batch_normalisation import BatchNorm
from layers.group_normalisation import GroupNorm, InstanceNorm
from layers.normalisation import LayerNorm, RMSNorm

RNG = np.random.default_rng(30)
SIZES = st.integers(1, 4)
SEEDS = st.integers(0, 2**16)
EPS = st.sampled_from([1e-5, 1e-3, 0.1])
quick = settings(max_examples=50, deadline=None, derandomize=True)


def one_group(x: Any, g: Any, eps: float) -> tuple[Any, Any]:
    """Standardise one list of numbers and go back through every step of it, in loops."""
    n = len(x)
    mean = sum(x) / n
    c = [one - mean for one in x]
    variance = sum(one**2 for one in c) / n
    root = (variance + eps) ** 0.5
    x_hat = [one / root for one in c]
    d_root = sum(-gi * ci / root**2 for gi, ci in zip(g, c, strict=True))
    d_variance = d_root / (2 * root)
    dc = [gi / root + d_variance * 2 * ci / n for gi, ci in zip(g, c, strict=True)]
    d_mean = -sum(dc)
    return x_hat, [one + d_mean / n for one in dc]


def by_loops(x: Any, gamma: Any, beta: Any, dout: Any, group: Any, eps: float) -> tuple[Any, ...]:
    """Return y, dx, dgamma, dbeta for parameters in the shape of x (by views) and group labels."""
    g, x_hat, dx = gamma * dout, np.empty_like(x), np.empty_like(x)
    for label in np.unique(group):
        inside = group == label
        x_hat[inside], dx[inside] = one_group(x[inside].tolist(), g[inside].tolist(), eps)
    return gamma * x_hat + beta, dx, dout * x_hat, dout


def run(layer: Any, x: Any, dout: Any) -> tuple[Any, ...]:
    """Return y and dx, and the gradients of the parameters that there are."""
    y, dx = layer.forward(x), layer.backward(dout)
    learned = [getattr(layer, name) for name in ("dgamma", "dbeta") if hasattr(layer, name)]
    return y, dx, *learned


def all_close(found: tuple[Any, ...], wanted: tuple[Any, ...]) -> None:
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-10 * (1 + np.abs(other).max()))


def channels(values: Any, x: Any) -> Any:
    """Spread one value for each channel over x: (N, C, ...)."""
    return np.broadcast_to(values.reshape(-1, *[1] * (x.ndim - 2)), x.shape)


@quick
@given(st.lists(SIZES, min_size=2, max_size=4), EPS, SEEDS)
def test_batch_norm_is_the_loop_over_channels(shape: list[int], eps: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal((2, *shape))
    gamma, beta = rng.standard_normal((2, shape[1]))
    label = channels(np.arange(shape[1]), x)
    y, dx, dgamma, dbeta = by_loops(x, channels(gamma, x), channels(beta, x), dout, label, eps)
    others = (0, *range(2, x.ndim))
    wanted = y, dx, dgamma.sum(axis=others), dbeta.sum(axis=others)
    all_close(run(BatchNorm(gamma, beta, eps=eps), x, dout), wanted)


@quick
@given(st.lists(SIZES, min_size=1, max_size=4), st.integers(1, 4), EPS, SEEDS)
def test_layer_norm_is_the_loop_over_samples(
    shape: list[int], axes: int, eps: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal((2, *shape))
    leading = max(0, x.ndim - axes)
    gamma, beta = rng.standard_normal((2, *shape[leading:]))
    samples = np.arange(int(np.prod(shape[:leading])))
    label = np.broadcast_to(samples.reshape(*shape[:leading], *[1] * gamma.ndim), shape)
    y, dx, dgamma, dbeta = by_loops(x, gamma, beta, dout, label, eps)
    first = tuple(range(leading))
    wanted = y, dx, dgamma.sum(axis=first), dbeta.sum(axis=first)
    all_close(run(LayerNorm(gamma, beta, eps), x, dout), wanted)


@quick
@given(SIZES, st.integers(1, 3), SIZES, st.lists(SIZES, max_size=2), EPS, SEEDS)
def test_group_norm_is_the_loop_over_groups(
    n: int, groups: int, c: int, places: list[int], eps: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal((2, n, groups * c, *places))
    gamma, beta = rng.standard_normal((2, groups * c))
    label = np.arange(n).reshape(n, *[1] * (x.ndim - 1)) * groups + channels(
        np.arange(groups * c) // c, x
    )
    y, dx, dgamma, dbeta = by_loops(x, channels(gamma, x), channels(beta, x), dout, label, eps)
    others = (0, *range(2, x.ndim))
    wanted = y, dx, dgamma.sum(axis=others), dbeta.sum(axis=others)
    all_close(run(GroupNorm(gamma, beta, groups, eps), x, dout), wanted)


@quick
@given(SIZES, SIZES, st.lists(SIZES, min_size=1, max_size=3), EPS, SEEDS)
def test_instance_norm_has_a_group_for_each_channel(
    n: int, c: int, places: list[int], eps: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal((2, n, c, *places))
    gamma, beta = rng.standard_normal((2, c))
    wanted = run(GroupNorm(gamma, beta, c, eps), x, dout)
    all_close(run(InstanceNorm(gamma, beta, eps), x, dout), wanted)
    plain = run(GroupNorm(np.ones(c), np.zeros(c), c, eps), x, dout)
    all_close(run(InstanceNorm(eps=eps), x, dout), plain[:2])


@quick
@given(st.lists(SIZES, min_size=1, max_size=3), EPS, SEEDS)
def test_rms_norm_is_the_loop_over_rows(shape: list[int], eps: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal((2, *shape))
    gamma = rng.standard_normal(shape[-1])
    y, dx, dgamma = np.empty_like(x), np.empty_like(x), np.zeros_like(gamma)
    for row in np.ndindex(*shape[:-1]):
        root = (sum(one**2 for one in x[row]) / shape[-1] + eps) ** 0.5
        y[row] = gamma * x[row] / root
        dgamma += dout[row] * x[row] / root
        d_root = sum(-dout[row] * gamma * x[row] / root**2)
        dx[row] = dout[row] * gamma / root + d_root / root * x[row] / shape[-1]
    all_close(run(RMSNorm(gamma, eps), x, dout), (y, dx, dgamma))


def test_known_values() -> None:
    """The numbers 1, 3, 5, 7 have mean 4 and variance 5; eps makes that 6.25, the root 2.5."""
    x, half = np.array([1.0, 3, 5, 7]), np.array([2.0, 2, 2, 2])
    y, dx, dgamma, dbeta = run(LayerNorm(half, half / 2, 1.25), x, [2.5, 0, 0, 0])
    np.testing.assert_allclose(y, [-1.4, 0.2, 1.8, 3.4])
    # g = (5, 0, 0, 0): mean(g) = 1.25, mean(g x^) = -1.5, dx = (g - 1.25 + 1.5 x^) / 2.5.
    np.testing.assert_allclose(dx, [0.78, -0.74, -0.26, 0.22])
    np.testing.assert_allclose(dgamma, [-3, 0, 0, 0])
    np.testing.assert_array_equal(dbeta, [2.5, 0, 0, 0])


def test_known_length() -> None:
    """The mean square of 3, 4, 0, 0 is 6.25, the root 2.5."""
    y, dx, dgamma = run(RMSNorm(np.array([1.0, 2, 1, 1]), 0.0), [3.0, 4, 0, 0], [1.0, 0, 0, 1])
    np.testing.assert_allclose(y, [1.2, 3.2, 0, 0])
    # mean(g x^) = 0.3 and dx = (g - 0.3 x^) / 2.5.
    np.testing.assert_allclose(dx, [0.256, -0.192, 0, 0.4])
    np.testing.assert_allclose(dgamma, [1.2, 0, 0, 0])


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 2, 2), (2, 3, 0)])
def test_empty_batch(shape: tuple[int, ...]) -> None:
    """Nothing to normalise, no gradient, and the running statistics stay."""
    batch, image = BatchNorm(np.ones(3), np.zeros(3)), len(shape) > 2
    layers = [batch, GroupNorm(np.ones(3), np.zeros(3), 3)]
    layers += [InstanceNorm(np.ones(3), np.zeros(3))] if image else []
    layers += [LayerNorm(np.ones(shape[1:]), np.zeros(shape[1:])), RMSNorm(np.ones(shape[1:]))]
    for layer in layers:
        y, dx, *learned = run(layer, np.ones(shape), np.ones(shape))
        assert y.shape == dx.shape == shape
        assert all(not one.any() for one in learned)
    np.testing.assert_array_equal([batch.running_mean, batch.running_var], [[0] * 3, [1] * 3])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("value", [0.1, -1e4, 1e-8, 1e8])
@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_equal_numbers_are_zero_exactly(n: int, value: float, dtype: type) -> None:
    """However their mean rounds; so y = beta, and one number alone has no gradient."""
    value = 6e4 if (dtype, value) == (np.float16, 1e8) else value
    x: Any = np.full((n, 3), value, dtype)
    gamma, beta, dout = RNG.standard_normal((3, 3)).astype(dtype)
    batch = BatchNorm(gamma, beta)
    np.testing.assert_array_equal(batch.forward(x), np.broadcast_to(beta, (n, 3)))
    dx = batch.backward(np.broadcast_to(dout, (n, 3)))
    # The mean of equal gradients rounds as well, and 1 / sqrt(eps) stands before the difference.
    rounding = np.finfo(np.result_type(dtype, np.float32)).eps
    np.testing.assert_allclose(dx, 0, atol=0 if n == 1 else 1e3 * n * rounding)
    np.testing.assert_array_equal(batch.dgamma, 0)
    columns = [x[..., np.newaxis], -x.T[np.newaxis]]
    for each in columns:
        np.testing.assert_array_equal(InstanceNorm().forward(each), np.zeros_like(each))


def test_gradient_of_equal_numbers() -> None:
    """The upstream gradient without its mean, over sqrt(eps): the rest of the formula is zero."""
    x, dout = np.full((6, 3), 0.1), RNG.standard_normal((6, 3))
    layer = BatchNorm([2.0, 2, 2], [0.0, 0, 0], eps=1e-4)
    layer.forward(x)
    np.testing.assert_allclose(layer.backward(dout), 200 * (dout - dout.mean(axis=0)), atol=1e-11)


@pytest.mark.parametrize("make", [BatchNorm, LayerNorm, GroupNorm])
@pytest.mark.parametrize("offset", [1e4, 1e8, -1e12])
def test_an_offset_changes_nothing(make: Any, offset: float) -> None:
    """To the last digits, on numbers that the offset does not round."""
    x = RNG.integers(-999, 999, (8, 6)) / 256.0
    gamma, beta, dout = RNG.standard_normal(6), RNG.standard_normal(6), RNG.standard_normal((8, 6))
    wanted, found = (run(make(gamma, beta), each, dout) for each in (x, x + offset))
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("make", [BatchNorm, LayerNorm, GroupNorm])
def test_one_huge_number_among_small_ones(make: Any) -> None:
    """First or last: the loop agrees."""
    for place in (0, -1):
        x, dout = RNG.standard_normal((2, 6, 6))
        x[place, :] *= 1e8
        x[:, place] *= 1e8
        of_x = x.T if make is BatchNorm else x
        label = np.arange(6)[:, np.newaxis] + np.zeros((6, 6))
        if make is GroupNorm:
            label = 2 * label + np.array([0, 0, 0, 1, 1, 1])
        wanted = by_loops(x, 1.0, 0.0, dout, label, 1e-5)[:2]
        d_of_x = dout.T if make is BatchNorm else dout
        found = run(make(np.ones(6), np.zeros(6)), of_x, d_of_x)[:2]
        all_close(tuple(one.T if make is BatchNorm else one for one in found), wanted)


@pytest.mark.parametrize("make", [BatchNorm, LayerNorm, partial(GroupNorm, groups=1), RMSNorm])
@pytest.mark.parametrize("scale", [1e-8, 1e4, 1e8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_numbers_are_finite(make: Any, scale: float, dtype: type) -> None:
    """And right: as in longdouble."""
    x = (scale * RNG.standard_normal((5, 4))).astype(dtype)
    dout = RNG.standard_normal((5, 4)).astype(dtype)
    count = 1 if make is RMSNorm else 2
    narrow = run(make(*np.ones((count, 4), dtype)), x, dout)
    wide = run(make(*np.ones((count, 4), np.longdouble)), x.astype(np.longdouble), dout)
    for one, other in zip(narrow, wide, strict=True):
        size = float(np.abs(other).max())
        np.testing.assert_allclose(one, other, atol=50 * np.finfo(dtype).eps * size)


def test_squares_of_float16_do_not_overflow() -> None:
    """Nor differences of the largest numbers."""
    x: Any = np.array([[6e4, -6e4, 3e4, 0]], np.float16)
    exact = x.astype(float) / np.sqrt(np.mean(x.astype(float) ** 2))
    np.testing.assert_allclose(RMSNorm(np.ones(4, np.float16)).forward(x), exact, rtol=1e-3)
    norm = LayerNorm(np.ones(4, np.float16), np.zeros(4, np.float16))
    assert np.isfinite(norm.forward(x)).all()
    assert np.isfinite(norm.backward(x / 8)).all()


def test_running_statistics_of_known_batches() -> None:
    """The unbiased variance, and momentum as the weight of the new."""
    layer = BatchNorm([1.0], [0.0], [10.0], [1.0], momentum=0.25)
    layer.forward([[1.0], [3.0], [5.0]])  # mean 3, unbiased variance 4
    np.testing.assert_allclose([layer.running_mean, layer.running_var], [[8.25], [1.75]])
    layer.forward([[2.0]])  # no variance of one number
    np.testing.assert_allclose([layer.running_mean, layer.running_var], [[6.6875], [1.75]])


def test_running_statistics_are_own_copies() -> None:
    """The arrays given stay, and an array read from the layer does not change under the reader."""
    mean, var = np.zeros(2), np.ones(2)
    layer = BatchNorm(np.ones(2), np.zeros(2), mean, var)
    before = layer.running_mean
    layer.forward(RNG.standard_normal((4, 2)))
    np.testing.assert_array_equal([mean, before, var], [[0, 0], [0, 0], [1, 1]])
    assert layer.running_mean.any()


def test_evaluation_is_a_fixed_affine_map() -> None:
    """By hand: (x - 1) / 2 * 3 + 4, slope 1.5 for every sample on its own, and nothing moves."""
    layer = BatchNorm([3.0], [4.0], [1.0], [3.0], eps=1.0, training=False)
    np.testing.assert_allclose(layer.forward([[1.0], [5.0]]), [[4.0], [10.0]])
    np.testing.assert_allclose(layer.backward([[2.0], [-1.0]]), [[3.0], [-1.5]])
    np.testing.assert_allclose([layer.dgamma, layer.dbeta], [[-2.0], [1.0]])
    np.testing.assert_array_equal([layer.running_mean, layer.running_var], [[1.0], [3.0]])


def test_mode_may_be_switched() -> None:
    """Backward belongs to the forward before it, not to the mode it finds."""
    x, dout = RNG.standard_normal((2, 6, 3))
    layer, trained = BatchNorm(np.ones(3), np.zeros(3)), BatchNorm(np.ones(3), np.zeros(3))
    wanted = run(trained, x, dout)[1]
    layer.forward(x)
    layer.training = False
    np.testing.assert_array_equal(layer.backward(dout), wanted)
    layer.forward(x)
    layer.training = True
    np.testing.assert_allclose(layer.backward(dout), dout / np.sqrt(trained.running_var + 1e-5))


def test_running_statistics_keep_their_dtype() -> None:
    layer = BatchNorm(np.ones(2, np.float32), np.zeros(2, np.float32))
    assert layer.forward(np.ones((3, 2))).dtype == np.float64
    assert layer.running_mean.dtype == layer.running_var.dtype == np.float32


@pytest.mark.parametrize("training", [True, False])
def test_complex_step(training: bool) -> None:
    """The imaginary part over a tiny step is the derivative, also where statistics move."""
    x, u, dout = RNG.standard_normal((3, 5, 4))
    made = {
        "batch": BatchNorm(np.ones(4), np.zeros(4), training=training),
        "layer": LayerNorm(np.ones(4), np.zeros(4)),
        "group": GroupNorm(np.ones(4), np.zeros(4)),
        "rms": RMSNorm(np.ones(4)),
    }
    for layer in made.values():
        slope = np.sum(layer.forward(x + 1e-30j * u).imag / 1e-30 * dout)
        layer.forward(x)
        np.testing.assert_allclose(np.sum(layer.backward(dout) * u), slope, rtol=1e-11)


def test_another_batch_size_replaces_the_first() -> None:
    for make in (BatchNorm, LayerNorm, GroupNorm):
        layer, fresh = make(np.ones(4), np.zeros(4)), make(np.ones(4), np.zeros(4))
        x, dout = RNG.standard_normal((2, 7, 4))
        run(layer, x[:2], dout[:2])
        for one, other in zip(run(layer, x, dout), run(fresh, x, dout), strict=True):
            np.testing.assert_array_equal(one, other)


def test_random_starts_without_effect() -> None:
    """gamma one and beta zero, of the sizes named."""
    made = BatchNorm.random(3, momentum=0.5), LayerNorm.random(2, 3), GroupNorm.random(4, groups=4)
    for layer in (*made, InstanceNorm.random(3), RMSNorm.random(2, 3)):
        assert (layer.gamma == 1).all()
        assert not np.any(getattr(layer, "beta", 0))
    assert made[0].momentum == 0.5
    assert made[1].gamma.shape == (2, 3)


@pytest.mark.parametrize(
    ("make", "shape", "message"),
    [
        (
            BatchNorm,
            (4,),
            r"\(N, C, ...\) with C = 3, as gamma of shape \(3,\) expects, got \(4,\)",
        ),
        (BatchNorm, (4, 2), r"BatchNorm.forward: .* got \(4, 2\)"),
        (LayerNorm, (3, 4), r"LayerNorm.forward: .* those of gamma, \(3,\), got x of .* \(3, 4\)"),
        (LayerNorm, (), r"got x of shape \(\)"),
        (InstanceNorm, (2, 3), r"InstanceNorm.forward: .* at least three axes, got \(2, 3\)"),
        (InstanceNorm, (2, 4, 5), r"InstanceNorm.forward: .* with 3 channels.* got \(2, 4, 5\)"),
    ],
)
def test_input_must_fit(make: Any, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(np.ones(3), np.zeros(3)).forward(np.ones(shape))


def test_parameters_must_fit() -> None:
    with pytest.raises(
        ValueError, match=r"must all be \(C,\), got \(3,\), \(1, 3\), \(3,\), \(3,\)"
    ):
        BatchNorm(np.ones(3), np.zeros((1, 3)))
    with pytest.raises(ValueError, match=r"got \(3,\), \(3,\), \(2,\), \(3,\)"):
        BatchNorm(np.ones(3), np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match=r"LayerNorm: .* got \(3,\) and \(2,\)"):
        LayerNorm(np.ones(3), np.zeros(2))
    with pytest.raises(ValueError, match=r"GroupNorm: groups = 2 must divide the 3 channels"):
        GroupNorm(np.ones(3), np.zeros(3))
    with pytest.raises(ValueError, match=r"GroupNorm: .* got \(3,\) and \(2,\)"):
        GroupNorm(np.ones(3), np.zeros(2))
    with pytest.raises(ValueError, match=r"GroupNorm.forward: .* with 4 channels"):
        GroupNorm(np.ones(4), np.zeros(4)).forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match="given both, or neither"):
        InstanceNorm(np.ones(3))
    with pytest.raises(ValueError, match=r"RMSNorm: gamma must have at least one axis"):
        RMSNorm(1.0)
    with pytest.raises(ValueError, match=r"RMSNorm.forward: .* got x of shape \(2,\)"):
        RMSNorm([1.0, 2, 3]).forward(np.ones(2))
