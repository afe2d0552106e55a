"""Mistakes are named with evidence, and nothing is named that is not so."""

from __future__ import annotations

import numpy as np
import pytest

import gradcheck.runner
from gradcheck import check_layer
from tests.broken_layers import Affine, SoftmaxWithLoss


def scaled_bias(factor):
    class Scaled(Affine):
        def backward(self, dout):
            dx = super().backward(dout)
            self.db = self.db * factor(dout)
            return dx

    return Scaled


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (lambda d: 1 / d.shape[0], "factor-1/N"),
        (lambda d: d.shape[0], "factor-N"),
        (lambda d: 1 / d.shape[0] ** 2, "factor-1/N^2"),
        (lambda d: 1 / d.shape[1], "factor-1/M"),
        (lambda d: -1.0, "sign"),
        (lambda d: 2.0, "factor-2"),
        (lambda d: 0.5, "factor-0.5"),
        (lambda d: 0.0, "all-zero"),
    ],
)
def test_factors_are_named(factor, name: str) -> None:
    (finding,) = check_layer(scaled_bias(factor), kind="affine", shrink_seconds=0.0).findings
    assert finding.array == "db"
    assert finding.diagnosis is not None
    assert finding.diagnosis.name == name


def test_evidence_says_which_axis_and_how_often() -> None:
    (finding,) = check_layer(
        scaled_bias(lambda d: 1 / len(d)), kind="affine", shrink_seconds=0.0
    ).findings
    assert finding.diagnosis is not None
    assert "N was" in finding.diagnosis.evidence
    assert "failing cases" in finding.diagnosis.evidence


@pytest.mark.parametrize("factor", [0.3, 1 + 1e-3, 1.1])
def test_an_unknown_factor_is_not_named(factor: float) -> None:
    (finding,) = check_layer(
        scaled_bias(lambda d: factor), kind="affine", shrink_seconds=0.0
    ).findings
    assert finding.diagnosis is None


def test_a_summed_loss_is_named() -> None:
    class Summed(SoftmaxWithLoss):
        def forward(self, x, t):
            return super().forward(x, t) * len(x)

        def backward(self, dout=1.0):
            return super().backward(dout) * len(self.t)

    (finding,) = check_layer(Summed, kind="softmax-with-loss", shrink_seconds=0.0).findings
    assert finding.diagnosis is not None
    assert finding.diagnosis.name == "forward-factor-N"


@pytest.mark.parametrize("epsilon", [1e-6, 1e-7, 1e-8])
def test_a_textbook_epsilon_passes_with_its_name(epsilon: float) -> None:
    class WithEpsilon(SoftmaxWithLoss):
        def forward(self, x, t):
            super().forward(x, t)
            return -np.log(self.y[np.arange(len(self.t)), self.t] + epsilon).mean()

    report = check_layer(WithEpsilon, kind="softmax-with-loss", shrink_seconds=0.0, seed=2)
    assert report.verdict == "pass"
    assert all(
        f"log(p + {epsilon:.0e})".replace("e-0", "e-") in r.headline for r in report.findings
    )
    assert report.findings


def test_a_large_epsilon_is_no_textbook_practice() -> None:
    class WithEpsilon(SoftmaxWithLoss):
        def forward(self, x, t):
            super().forward(x, t)
            return -np.log(self.y[np.arange(len(self.t)), self.t] + 1e-2).mean()

    assert check_layer(WithEpsilon, kind="softmax-with-loss", shrink_seconds=0.0).verdict == "fail"


def test_an_epsilon_does_not_excuse_a_wrong_gradient() -> None:
    class WrongToo(SoftmaxWithLoss):
        def forward(self, x, t):
            super().forward(x, t)
            return -np.log(self.y[np.arange(len(self.t)), self.t] + 1e-7).mean()

        def backward(self, dout=1.0):
            return super().backward(dout) * (1 + 1e-5)

    assert check_layer(WrongToo, kind="softmax-with-loss", shrink_seconds=0.0).verdict == "fail"


def test_a_fault_of_an_explainer_costs_the_name_and_not_the_verdict(monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of ideas")

    monkeypatch.setattr(gradcheck.runner, "explain", broken)
    report = check_layer(scaled_bias(lambda d: 2.0), kind="affine", shrink_seconds=0.0)
    (finding,) = report.findings
    assert report.verdict == "fail"
    assert finding.diagnosis is None
    assert "RuntimeError: out of ideas" in finding.detail
