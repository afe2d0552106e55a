"""``numerical_gradient`` is right, moves x itself, and puts every bit of it back."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradcheck import numerical_gradient
from tests.numerics.functions import SCALES, steady

SHAPES = hnp.array_shapes(max_dims=3, max_side=4)

# name -> (function of s = x / scale, its derivative in s)
SMOOTH = {
    "linear": (lambda s: 3 * s + 1, lambda s: 3 + 0 * s),
    "square": (lambda s: s**2, lambda s: 2 * s),
    "cubic": (lambda s: s**3 - 2 * s, lambda s: 3 * s**2 - 2),
    "quartic": (lambda s: s**4 + s, lambda s: 4 * s**3 + 1),
    "tanh": (np.tanh, lambda s: 1 / np.cosh(s) ** 2),
    "exp": (np.exp, np.exp),
    "log": (lambda s: np.log(s + 8), lambda s: 1 / (s + 8)),
    "mixture": (
        lambda s: np.tanh(s) * np.exp(s) + s**2,
        lambda s: np.exp(s) * (np.tanh(s) + 1 / np.cosh(s) ** 2) + 2 * s,
    ),
}

LAYOUTS = {
    "whole": lambda base: base,
    "row": lambda base: base[2],
    "column": lambda base: base[:, 1],
    "transposed": lambda base: base.T,
    "fortran": np.asfortranarray,
    "reversed": lambda base: base[::-1, ::-1],
    "strided": lambda base: base[1::2, ::3],
    "swapped": lambda base: base.reshape(2, 3, 6).swapaxes(0, 2)[1:4],
    "0-d": lambda base: base[3, 2, ...],
}

UNUSUAL = np.array([-0.0, 0.0, 5e-324, -1e-310, np.pi, -1e-30, 1.0])


def total(x: Any) -> float:
    return float((x**2).sum())


def points(shape: Any = SHAPES) -> Any:
    """Return arrays whose elements are of one order of magnitude."""
    return hnp.arrays(np.float64, shape, elements=st.floats(-2, 2, width=32).filter(_not_tiny))


def _not_tiny(value: float) -> bool:
    return abs(value) > 1e-2


def assert_close(got: Any, want: Any, tolerance: float) -> None:
    np.testing.assert_allclose(got, want, rtol=0, atol=tolerance * np.abs(want).max())


@pytest.mark.parametrize("name", SMOOTH)
@steady
@given(s=points(), scale=SCALES)
def test_is_right_for_smooth_functions(name: str, s: Any, scale: float) -> None:
    f, slope = SMOOTH[name]
    got = numerical_gradient(lambda x: f(x / scale).sum(), s * scale)
    assert_close(got * scale, slope(s), 1e-8)


@steady
@given(s=points(), weights=st.randoms(use_true_random=False), scale=SCALES)
def test_is_right_for_mixtures_over_all_elements(s: Any, weights: Any, scale: float) -> None:
    w = np.array([weights.uniform(0.5, 2) for _ in range(s.size)]).reshape(s.shape)
    got = numerical_gradient(lambda x: np.tanh((w * x).sum() / scale / s.size), s * scale)
    assert_close(got * scale, w / s.size / np.cosh((w * s).sum() / s.size) ** 2, 1e-7)


@steady
@given(s=points(), tiny=st.sampled_from([1e-30, 1e-8, 1e8, 1e30]))
def test_scale_of_the_output_does_not_matter(s: Any, tiny: float) -> None:
    assert_close(numerical_gradient(lambda x: tiny * np.exp(x).sum(), s), tiny * np.exp(s), 1e-8)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_moves_x_itself_whatever_its_layout(layout: str) -> None:
    base = np.linspace(-2.0, 1.5, 36).reshape(6, 6)
    x = LAYOUTS[layout](base)
    got = numerical_gradient(lambda _: total(x), x)
    np.testing.assert_allclose(got, 2 * x, rtol=1e-9)


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "fortran"])
def test_moves_the_array_behind_a_view(layout: str) -> None:
    base = np.linspace(-2.0, 1.5, 36).reshape(6, 6)
    x = LAYOUTS[layout](base)
    got = numerical_gradient(lambda _: total(base), x)
    np.testing.assert_allclose(got, 2 * x, rtol=1e-9)


def test_f_is_called_with_x_itself() -> None:
    x = np.ones((2, 3))
    seen = []
    numerical_gradient(lambda at: seen.append(at) or total(at), x)
    assert all(at is x for at in seen)
    assert seen


@steady
@given(x=points(st.just((3, 2))))
def test_moves_one_element_at_a_time(x: Any) -> None:
    base, moved = x.copy(), []
    numerical_gradient(lambda at: moved.append((at != base).sum()) or total(at), x)
    assert max(moved) == 1


@steady
@given(x=hnp.arrays(np.float64, SHAPES, elements=st.floats(-1e6, 1e6, width=64)))
def test_restores_every_bit(x: Any) -> None:
    before = x.tobytes()
    numerical_gradient(total, x)
    assert x.tobytes() == before


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_restores_every_bit_of_unusual_numbers(dtype: Any) -> None:
    x = UNUSUAL.astype(dtype)
    before = x.tobytes()
    numerical_gradient(lambda at: np.tanh(at).sum(), x)
    assert x.tobytes() == before


@pytest.mark.parametrize("unusual", [np.nan, -np.nan, np.inf, -np.inf])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_restores_every_bit_beside_non_finite_numbers(unusual: float) -> None:
    x = np.array([-0.0, unusual, 5e-324])
    before = x.tobytes()
    numerical_gradient(lambda at: at[0] + at[2], x)
    assert x.tobytes() == before


@pytest.mark.parametrize("bits", [0x7FF8DEADBEEF0001, 0xFFF8000000000000, 0x7FF80000FFFFFFFF])
def test_restores_the_payload_of_a_nan(bits: int) -> None:
    x = np.array([bits, 0x3FF0000000000000], dtype=np.uint64).view(np.float64)
    numerical_gradient(lambda at: at[1] ** 2, x)
    assert x.view(np.uint64)[0] == bits


def test_restores_extended_precision() -> None:  # not its bytes: the padding means nothing
    x = UNUSUAL.astype(np.longdouble) + np.finfo(np.longdouble).eps
    before = x.copy()
    numerical_gradient(lambda at: np.tanh(at).sum(), x)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(np.signbit(x), np.signbit(before))


def test_is_right_beside_a_nan() -> None:
    got = numerical_gradient(lambda at: at[1] ** 2, np.array([np.nan, 3.0]))
    np.testing.assert_allclose(got, [0.0, 6.0], rtol=1e-9)


@pytest.mark.parametrize("large", [1e2, 1e4, 1e6])
def test_is_right_beside_a_much_larger_element(large: float) -> None:
    got = numerical_gradient(lambda at: np.tanh(at[1]), np.array([large, 1e-3]))
    np.testing.assert_allclose(got, [0.0, 1 / np.cosh(1e-3) ** 2], atol=1e-4)


class Interrupted(Exception):
    pass


def failing_at(call: int) -> Any:
    """Return |x|-like, whose evaluation number ``call`` raises; it needs the smaller steps too."""
    calls = iter(range(call))

    def f(x: Any) -> float:
        if next(calls, None) is None:
            raise Interrupted
        return float(np.abs(x).sum())

    return f


@steady
@given(call=st.integers(0, 60))
def test_restores_every_bit_when_f_raises_at_any_call(call: int) -> None:
    x = UNUSUAL.copy()
    with pytest.raises(Interrupted):
        numerical_gradient(failing_at(call), x)
    assert x.tobytes() == UNUSUAL.tobytes()


@pytest.mark.parametrize("fault", [KeyboardInterrupt, SystemExit, MemoryError])
def test_restores_every_bit_whatever_f_raises(fault: type[BaseException]) -> None:
    base = np.linspace(-1, 1, 12).reshape(3, 4)
    x, before = base.T[::-1], base.tobytes()

    def f(at: Any) -> float:
        if base.tobytes() != before:
            raise fault
        return total(at)

    with pytest.raises(fault):
        numerical_gradient(f, x)
    assert base.tobytes() == before


@steady
@given(call=st.integers(1, 8))
def test_restores_every_bit_when_f_stops_returning_a_scalar(call: int) -> None:
    x, answers = UNUSUAL.copy(), iter([0.0] * call)
    with pytest.raises(TypeError):
        numerical_gradient(lambda _: next(answers, "text"), x)
    assert x.tobytes() == UNUSUAL.tobytes()


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint8, bool, complex, object])
def test_array_that_is_not_floating_point_is_refused(dtype: Any) -> None:
    with pytest.raises(TypeError, match=r"cast with x\.astype\(float\)") as refusal:
        numerical_gradient(total, np.ones(3, dtype=dtype))
    assert str(np.dtype(dtype)) in str(refusal.value)


@pytest.mark.parametrize("x", [[1.0, 2.0], (1.0,), 2.0, None, np.float64(2.0)])
def test_what_is_no_array_is_refused(x: Any) -> None:
    with pytest.raises(TypeError, match=r"got (list|tuple|float|NoneType|float64)\b.*np\.array"):
        numerical_gradient(lambda at: 0.0, x)


def test_read_only_array_is_refused() -> None:
    x = np.ones(3)
    x.flags.writeable = False
    with pytest.raises(ValueError, match=r"read-only.*x\.copy\(\)"):
        numerical_gradient(total, x)


def shared_rows() -> Any:
    return np.lib.stride_tricks.as_strided(np.ones(3), (4, 3), (0, 8))


def shared_windows() -> Any:
    return np.lib.stride_tricks.sliding_window_view(np.arange(5.0), 3, writeable=True)


@pytest.mark.parametrize("shared", [shared_rows, shared_windows])
def test_elements_that_share_memory_are_refused(shared: Any) -> None:
    with pytest.raises(ValueError, match=r"share memory.*x\.copy\(\)"):
        numerical_gradient(total, shared())


@steady
@given(dtype=st.sampled_from([np.float32, np.float64]), shape=hnp.array_shapes(max_dims=4))
def test_result_is_like_x(dtype: Any, shape: Any) -> None:
    x = np.ones(shape, dtype=dtype)
    got = numerical_gradient(total, x)
    assert (got.shape, got.dtype, type(got)) == (x.shape, x.dtype, np.ndarray)


@pytest.mark.parametrize("order", ["C", "F"])
def test_result_has_the_layout_of_x(order: str) -> None:
    x = np.ones((3, 4), order=order)
    assert numerical_gradient(total, x).strides == x.strides


def test_result_does_not_share_memory_with_x() -> None:
    x = np.ones(3)
    assert not np.shares_memory(numerical_gradient(total, x), x)


def test_byte_order_that_is_not_native_is_fine() -> None:
    x = np.array([1.0, 2.0], dtype=">f8")
    np.testing.assert_allclose(numerical_gradient(total, x), [2.0, 4.0], rtol=1e-9)


def test_0d_array_has_a_0d_gradient() -> None:
    got = numerical_gradient(lambda x: x**3, np.array(2.0))
    assert got.shape == ()
    assert got == pytest.approx(12.0, rel=1e-10)


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 2, 1)])
def test_empty_array_has_an_empty_gradient(shape: Any) -> None:
    assert numerical_gradient(total, np.ones(shape)).shape == shape


@steady
@given(s=points().map(np.float32), scale=SCALES)
def test_float32_is_as_accurate_as_float32_allows(s: Any, scale: float) -> None:
    x = s * np.float32(scale)
    got = numerical_gradient(lambda at: np.tanh(at / np.float32(scale)).sum(), x)
    assert_close(got * np.float32(scale), 1 / np.cosh(s) ** 2, 2e-3 * max(1, s.size**0.5))


@pytest.mark.parametrize("wrap", [float, np.float64, np.array, lambda y: np.array([[y]])])
def test_one_number_in_any_wrapping_is_accepted(wrap: Any) -> None:
    x = np.array([1.0, -3.0])
    np.testing.assert_allclose(numerical_gradient(lambda at: wrap(total(at)), x), 2 * x, rtol=1e-9)


@pytest.mark.parametrize("dtype", [int, bool])
def test_function_that_counts_has_gradient_zero(dtype: Any) -> None:
    x = np.array([0.5, -3.0])
    assert not numerical_gradient(lambda at: dtype(at[0] > 0), x).any()


@pytest.mark.parametrize("value", [np.ones(2), np.ones((1, 2)), np.ones(0), 1j, None, "one"])
def test_f_that_returns_no_real_scalar_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"one real number; it returned \w+ of shape") as refusal:
        numerical_gradient(lambda _: value, np.ones(3))
    assert str(np.shape(value)) in str(refusal.value)
    assert "(cotangent * y).sum()" in str(refusal.value)


@pytest.mark.parametrize("away", [1e-6, -1e-6, 3e-6, 1e-5, -1e-4, 1e-3])
@pytest.mark.parametrize(
    ("f", "slope"),
    [(np.abs, np.sign), (lambda x: np.maximum(x, 0), lambda x: 1.0 * (x > 0))],
    ids=["abs", "relu"],
)
def test_is_right_beside_a_kink(f: Any, slope: Any, away: float) -> None:
    x = np.array([away, 1.0, -0.7])
    np.testing.assert_allclose(numerical_gradient(lambda at: f(at).sum(), x), slope(x), atol=1e-8)


@pytest.mark.parametrize("small", [1e-1, 1e-2, 1e-3, 1e-4])
def test_is_right_near_the_border_of_the_domain(small: float) -> None:
    x = np.array([small, 1.0])
    with np.errstate(invalid="ignore", divide="ignore"):
        got = numerical_gradient(lambda at: np.log(at).sum(), x)
    np.testing.assert_allclose(got, 1 / x, rtol=1e-5)


def test_is_nan_where_there_is_nothing_finite() -> None:
    got = numerical_gradient(lambda at: float("nan"), np.ones(2))
    assert np.isnan(got).all()


@pytest.mark.parametrize("offset", [1e3, 1e5, -1e5, 1e8])
def test_survives_a_large_offset(offset: float) -> None:
    x = np.array([0.3, -1.2, 0.8])
    got = numerical_gradient(lambda at: offset + np.tanh(at).sum(), x)
    np.testing.assert_allclose(got, 1 / np.cosh(x) ** 2, rtol=0, atol=1e-13 * abs(offset) + 1e-9)


def test_most_elements_take_four_evaluations() -> None:
    calls = []
    numerical_gradient(lambda at: calls.append(1) or np.exp(at).sum(), np.linspace(-1, 1, 10))
    assert len(calls) == 1 + 4 * 10


@steady
@given(s=st.floats(0.5, 2), scale=SCALES)
def test_no_element_takes_more_than_sixteen_evaluations(s: Any, scale: float) -> None:
    calls = []
    x = np.array([0.0, s * scale])
    numerical_gradient(lambda at: calls.append(1) or np.abs(at).sum(), x)
    assert len(calls) <= 1 + 16 * 2
