"""Factors are named after what they follow, and only then."""

from __future__ import annotations

import numpy as np
import pytest

import layers
from gradcheck.diagnosis.factors import _of
from tests.broken_layers import Affine, SoftmaxWithLoss
from tests.diagnosis.wrong_layers import affine, changed, diagnosed, findings, name_of


def scaled(array, factor):
    return affine(**{array: lambda layer, g, dout: g * factor(layer, dout)})


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (lambda s, d: d.shape[0] * d.shape[1], "factor-N*M"),
        (lambda s, d: 1 / (d.shape[0] * d.shape[1]), "factor-1/(N*M)"),
        (lambda s, d: 1 / np.sqrt(s.W.shape[0]), "factor-1/sqrt(D)"),
        (lambda s, d: np.sqrt(s.W.shape[0]), "factor-sqrt(D)"),
        (lambda s, d: 4 / len(d), "factor-4/N"),
        (lambda s, d: -1 / len(d), "factor--1/N"),
        (lambda s, d: len(d) / (len(d) + 1e-300), None),
        (lambda s, d: 0.01, "factor-0.01"),
        (lambda s, d: -0.1, "factor--0.1"),
        (lambda s, d: d.shape[1] / len(d), "factor-M/N"),
        (lambda s, d: 1 / (len(d) + 1), "factor-1/(N+1)"),
        (lambda s, d: len(d) + 0.5, None),
        (lambda s, d: 0.7, None),
        (lambda s, d: np.abs(s.W).sum(), None),
    ],
)
def test_what_a_factor_follows_is_named(factor, name) -> None:
    found = findings(scaled("dW", factor), "affine")
    if name is None:
        assert not found or found["dW"].diagnosis is None
    else:
        assert found["dW"].diagnosis is not None
        assert found["dW"].diagnosis.name == name


def test_a_factor_that_follows_an_option() -> None:
    scale = changed(layers.Dropout, lambda s, dx, d: dx * (1 - s.p))
    # With p = 1 nothing is left of the gradient, which no factor tells: not every seed will do.
    named = {name_of(scale, "dropout", "dx", seed=seed) for seed in range(6)}
    assert named <= {"factor-1-p", "only-when-p>0", None}
    assert "factor-1-p" in named


def test_a_fraction_of_an_axis_that_is_not_the_layers_is_not_named() -> None:
    layer = changed(layers.Dropout, lambda s, dx, d: dx * (1 - s.p / 3))
    assert "factor" not in (name_of(layer, "dropout", "dx") or "")


def test_cases_in_which_the_factor_is_one_are_evidence() -> None:
    found = diagnosed(scaled("dW", lambda s, d: 1 / len(d)), "affine", "dW")
    assert found is not None
    assert "that pass" in found.evidence
    assert "N was 1 to" in found.evidence


def test_a_factor_two_only_where_the_batch_is_two_is_no_factor_two() -> None:
    def only_of_two(s, dW, d):
        return dW * 2 if len(d) == 2 else dW

    assert name_of(affine(dW=only_of_two), "affine", "dW") != "factor-2"


def test_forward_with_a_factor() -> None:
    class Halved(SoftmaxWithLoss):
        def forward(self, x, t):
            return super().forward(x, t) / 2

        def backward(self, dout=1.0):
            return super().backward(dout) / 2

    class Odd(SoftmaxWithLoss):
        def forward(self, x, t):
            return super().forward(x, t) + 0.25 * (x**2).sum()

        def backward(self, dout=1.0):
            return super().backward(dout)

    from gradcheck import check_layer

    for layer, name in ((Halved, "forward-factor-0.5"), (Odd, None)):
        report = check_layer(
            layer, kind="softmax-with-loss", select=["forward-differs"], shrink_seconds=0.0
        )
        (finding,) = report.findings
        assert (finding.diagnosis.name if finding.diagnosis else None) == name


def test_a_parameters_values_as_factor() -> None:
    layer = affine(dx=lambda s, dx, d: dx * s.x)
    assert name_of(layer, "affine", "dx") == "factor-x"
    other = affine(dx=lambda s, dx, d: dx * np.sin(s.x))
    assert name_of(other, "affine", "dx") is None


def test_a_right_layer_has_nothing_to_explain() -> None:
    assert not findings(Affine, "affine")


def test_the_root_of_a_negative_option_is_no_factor() -> None:
    assert np.isnan(_of(lambda a: a**0.5, "c")({"c": -3.0}))
    assert np.isnan(_of(lambda a: 1 / a, "c")({"c": 0.0}))
