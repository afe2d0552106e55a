"""Slope two for a right gradient, slope one for a wrong one."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import taylor_remainder

X = np.random.default_rng(0).standard_normal((3, 2))


def f(x):
    return np.tanh(x).sum()


def test_order_two_for_a_right_gradient() -> None:
    assert taylor_remainder(f, 1 - np.tanh(X) ** 2, X).order == pytest.approx(2, abs=0.05)


def test_order_one_for_a_wrong_gradient() -> None:
    assert taylor_remainder(f, 1.01 * (1 - np.tanh(X) ** 2), X).order == pytest.approx(1, abs=0.05)


def test_a_linear_function_has_no_remainder() -> None:
    assert np.isnan(taylor_remainder(np.sum, np.ones_like(X), X).order)


def test_arrays_can_be_plotted_against_the_steps() -> None:
    found = taylor_remainder(f, 1 - np.tanh(X) ** 2, X, count=9)
    assert found.steps.shape == found.zeroth.shape == found.first.shape == (9,)
    assert (np.diff(found.steps) < 0).all()


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="one shape"):
        taylor_remainder(f, np.ones(3), X)
