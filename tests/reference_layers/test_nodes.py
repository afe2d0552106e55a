"""The graph nodes: the shopping examples of the textbook, and what the nodes refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers import Add, Div, Exp, Log, MatMul, Mul, Repeat, Sub, Sum


def test_two_apples_with_tax() -> None:
    """Saito, sec. 5.1.1 and 5.4.1."""
    apples, tax = Mul(), Mul()
    assert tax.forward(apples.forward(100, 2), 1.1) == pytest.approx(220)
    d_apples, d_tax = tax.backward(1)
    assert apples.backward(d_apples) == pytest.approx((2.2, 110))
    assert d_tax == pytest.approx(200)


def test_two_apples_and_three_oranges_with_tax() -> None:
    """Saito, sec. 5.4.2."""
    apples, oranges, both, tax = Mul(), Mul(), Add(), Mul()
    total = both.forward(apples.forward(100, 2), oranges.forward(150, 3))
    assert tax.forward(total, 1.1) == pytest.approx(715)
    d_total, d_tax = tax.backward(1)
    d_apples, d_oranges = both.backward(d_total)
    assert apples.backward(d_apples) == pytest.approx((2.2, 110))
    assert oranges.backward(d_oranges) == pytest.approx((3.3, 165))
    assert d_tax == pytest.approx(650)


def test_difference_and_quotient() -> None:
    """x / y at (6, 4) with the upstream gradient 8."""
    sub, div = Sub(), Div()
    assert sub.forward(6.0, 4.0) == 2
    np.testing.assert_array_equal(sub.backward(8.0), (8, -8))
    assert div.forward(6.0, 4.0) == 1.5
    np.testing.assert_array_equal(div.backward(8.0), (2, -3))


def test_quotient_of_huge_numbers_has_a_gradient() -> None:
    """The square of the divisor would overflow."""
    div = Div()
    div.forward(1e200, 1e200)
    np.testing.assert_array_equal(div.backward(1e200), (1, -1))


def test_logarithm_undoes_exponential() -> None:
    """Both in value and in slope."""
    x = np.array([-2.0, 0.5, 3.0])
    exp, log = Exp(), Log()
    np.testing.assert_allclose(log.forward(exp.forward(x)), x)
    np.testing.assert_allclose(exp.backward(log.backward(x)), x)


def test_repeat_and_sum_mirror_each_other() -> None:
    """The backward of each is the forward of the other."""
    row, rows = np.array([[1.0, 2.0]]), np.array([[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]])
    repeat, total = Repeat(3), Sum()
    np.testing.assert_array_equal(repeat.forward(row), [[1, 2]] * 3)
    np.testing.assert_array_equal(total.forward(rows), [[11, 18]])
    np.testing.assert_array_equal(repeat.backward(rows), [[11, 18]])
    np.testing.assert_array_equal(total.backward(row), [[1, 2]] * 3)


def test_gradients_of_a_sum_are_separate_arrays() -> None:
    """Adding into one must not reach the other, nor the upstream gradient."""
    add, dout = Add(), np.ones((2, 3))
    add.forward(dout, dout)
    dx, dy = add.backward(dout)
    dx += 1
    np.testing.assert_array_equal(dy, dout)
    np.testing.assert_array_equal(dout, 1)


@pytest.mark.parametrize("node", [Add, Sub, Mul, Div])
def test_operands_do_not_broadcast(node: type[Add]) -> None:
    """The error names the node and both shapes."""
    with pytest.raises(ValueError, match=rf"{node.__name__}.*got \(2, 3\) and \(3,\)"):
        node().forward(np.ones((2, 3)), np.ones(3))


def test_matrices_must_fit() -> None:
    """The error names the axis that differs."""
    with pytest.raises(ValueError, match=r"must share D, got \(2, 3\) and \(4, 5\)"):
        MatMul().forward(np.ones((2, 3)), np.ones((4, 5)))


def test_rows_must_be_rows() -> None:
    """Repeat takes one row, Sum a matrix, and nothing is repeated minus one times."""
    with pytest.raises(ValueError, match=r"must have shape \(1, D\), got \(2, 3\)"):
        Repeat(2).forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"must have shape \(N, D\), got \(3,\)"):
        Sum().forward(np.ones(3))
    with pytest.raises(ValueError, match="must not be negative, got -1"):
        Repeat(-1)


def test_empty_batch() -> None:
    """The sum over no rows is zero, and no row gets a gradient."""
    total, product = Sum(), MatMul()
    np.testing.assert_array_equal(total.forward(np.ones((0, 2))), [[0, 0]])
    assert total.backward(np.ones((1, 2))).shape == (0, 2)
    dx, dW = product.backward(product.forward(np.ones((0, 2)), np.ones((2, 3))))
    assert dx.shape == (0, 2)
    np.testing.assert_array_equal(dW, np.zeros((2, 3)))


def test_matrices_must_be_matrices() -> None:
    """A vector has no place in the backward's formula; it can be given an axis."""
    with pytest.raises(ValueError, match=r"must share D, got \(3,\) and \(3, 5\)"):
        MatMul().forward(np.ones(3), np.ones((3, 5)))
    with pytest.raises(ValueError, match=r"before the last two must broadcast, got \(2, 3, 4\)"):
        MatMul().forward(np.ones((2, 3, 4)), np.ones((3, 4, 5)))


def naive_products(x: np.ndarray, W: np.ndarray, dout: np.ndarray) -> tuple[np.ndarray, ...]:
    """Multiply pair by pair, and add each pair's gradients where its matrices came from."""
    y, dx, dW = np.zeros(dout.shape), np.zeros(x.shape), np.zeros(W.shape)
    stack = dout.shape[:-2]
    xs = np.broadcast_to(np.arange(x[..., 0, 0].size).reshape(x.shape[:-2]), stack)
    Ws = np.broadcast_to(np.arange(W[..., 0, 0].size).reshape(W.shape[:-2]), stack)
    left, right = x.reshape(-1, *x.shape[-2:]), W.reshape(-1, *W.shape[-2:])
    d_left, d_right = dx.reshape(left.shape), dW.reshape(right.shape)
    for index in np.ndindex(stack):
        i, j = xs[index], Ws[index]
        y[index] = left[i] @ right[j]
        d_left[i] += dout[index] @ right[j].T
        d_right[j] += left[i].T @ dout[index]
    return y, dx, dW


@given(
    stack=st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.booleans()), max_size=3),
    missing=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
)
def test_stacks_of_matrices_are_pairs(
    stack: list[tuple[int, bool, bool]], missing: tuple[int, int], sizes: tuple[int, int, int]
) -> None:
    """However the axes before the last two are repeated, or missing."""
    rng, (N, D, M) = np.random.default_rng(5), sizes
    left = [size if full else 1 for size, full, _ in stack][missing[0] :]
    right = [size if full else 1 for size, _, full in stack][missing[1] :]
    x, W = rng.standard_normal((*left, N, D)), rng.standard_normal((*right, D, M))
    node = MatMul()
    y = node.forward(x, W)
    dout = rng.standard_normal(y.shape)
    wanted = naive_products(x, W, dout)
    for found, one in zip((y, *node.backward(dout)), wanted, strict=True):
        assert found.shape == one.shape
        np.testing.assert_allclose(found, one, rtol=1e-12, atol=1e-13)


def test_no_matrices() -> None:
    """A stack of none gives no product, and the matrix meant for all gets a gradient of zero."""
    node = MatMul()
    dx, dW = node.backward(node.forward(np.ones((0, 2, 3)), np.ones((3, 4))))
    assert dx.shape == (0, 2, 3)
    np.testing.assert_array_equal(dW, np.zeros((3, 4)))
