"""Bisection names exactly the wrong elements, in about two evaluations a level."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.numerics import Probe, locate


def probe(shape: tuple[int, ...], wrong: list[tuple[int, ...]], factor: float = 1.01) -> Probe:
    rng = np.random.default_rng(0)
    x, u = rng.standard_normal(shape), rng.standard_normal(shape)

    def pullback(at, cotangent):
        gradient = cotangent * (1 - np.tanh(at) ** 2)
        for index in wrong:
            gradient[index] *= factor
        return gradient

    return Probe(lambda points: [np.tanh(point) for point in points], pullback, x, u)


@pytest.mark.parametrize("shape", [(1,), (2,), (7, 3), (40, 25), (300, 400)])
def test_one_wrong_element_is_named(shape: tuple[int, ...]) -> None:
    index = tuple(size // 2 for size in shape)
    at = probe(shape, [index])
    assert locate(at, np.random.default_rng(1)) == (index,)
    assert at.forward_calls <= 2 * np.log2(at.x.size + 1) + 20


def test_several_wrong_elements_are_named() -> None:
    wrong = [(0, 0), (5, 7), (9, 9)]
    assert sorted(locate(probe((10, 10), wrong), np.random.default_rng(2))) == wrong


def test_a_right_gradient_has_none() -> None:
    assert locate(probe((10, 10), []), np.random.default_rng(3)) == ()


def test_no_more_than_asked_for() -> None:
    wrong = [(0, k) for k in range(6)]
    assert len(locate(probe((3, 10), wrong), np.random.default_rng(4), most=2)) == 2


def test_an_empty_array_has_none() -> None:
    assert locate(probe((0, 3), []), np.random.default_rng(5)) == ()


def test_a_million_elements_in_less_than_a_hundred_evaluations() -> None:
    at = probe((1000, 1000), [(123, 456)])
    assert locate(at, np.random.default_rng(6)) == ((123, 456),)
    assert at.forward_calls < 100
