"""Layers one after another: the gradients of all, and factors that cancel."""

from __future__ import annotations

from pathlib import Path

import pytest

import layers
from gradcheck import check_chain, check_module
from gradcheck.chain import chained
from gradcheck.conventions import adapt
from gradcheck.errors import AdaptError
from gradcheck.kinds import find_kind
from gradcheck.reading import settle
from gradcheck.subject import Forward
from tests.broken_layers import Affine, DividedTwice, ReLU, SoftmaxWithLoss


class Undivided(SoftmaxWithLoss):
    """Leaves the division by the batch size to the layers."""

    def backward(self, dout=1.0):
        return super().backward(dout) * len(self.t)


class Divides(Affine):
    """Divides the gradients of its parameters by the batch size."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.dW, self.db = self.dW / len(dout), self.db / len(dout)
        return dx


CONVOLUTIONAL = (
    *(layers.Conv2d, layers.ReLU, layers.MaxPool2d, layers.Flatten, layers.Affine),
    layers.SoftmaxWithLoss,
)


@pytest.mark.parametrize(
    "chain",
    [
        (Affine, SoftmaxWithLoss),
        (Affine, ReLU, Affine, SoftmaxWithLoss),
        (layers.Embedding, layers.RNN, layers.TimeSoftmaxWithLoss),
        (layers.Affine, layers.BatchNorm, layers.GELU, layers.MeanSquaredError),
        CONVOLUTIONAL,
    ],
    ids=lambda chain: "-".join(one.__name__ for one in chain),
)
def test_right_layers_are_right_together(chain) -> None:
    report = check_chain(chain, examples=15)
    assert report.verdict == "pass", str(report)
    assert not report.findings


def test_the_wrong_layer_of_a_chain_is_named() -> None:
    report = check_chain([Affine, ReLU, DividedTwice, SoftmaxWithLoss], examples=15)
    assert {one.array for one in report.findings} == {"DividedTwice.dW"}
    assert "check_chain([Affine, ReLU, DividedTwice, SoftmaxWithLoss]" in report.findings[0].replay


def test_layers_of_one_class_are_told_apart() -> None:
    report = check_chain([DividedTwice, ReLU, DividedTwice, SoftmaxWithLoss], examples=15)
    assert {one.array for one in report.findings} == {"DividedTwice1.dW", "DividedTwice2.dW"}


def test_factors_that_cancel_are_right_for_the_parameters_and_not_for_the_input() -> None:
    report = check_chain([Divides, Undivided], examples=15)
    assert {one.array for one in report.findings} == {"dx"}
    assert check_chain([Divides, Undivided], select=["GC102"], examples=15).verdict == "pass"


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(AdaptError, match="the output of one is no input of the next"):
        check_chain([SoftmaxWithLoss, layers.Conv2d])


def test_a_chain_answers_one_forward_and_one_backward() -> None:
    pair = (Affine, "affine"), (ReLU, "relu")
    chain = chained([settle(adapt(one, (), kind=find_kind(kind))) for one, kind in pair])
    with pytest.raises(ValueError, match="one forward"):
        chain.run((Forward({}), Forward({})))


SPLIT = """
import numpy as np
class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW = self.x.T @ dout / len(dout)
        self.db = dout.sum(axis=0) / len(dout)
        return dout @ self.W.T
class SoftmaxWithLoss:
    def forward(self, x, t):
        s = x - x.max(axis=1, keepdims=True)
        logp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
        self.p, self.t = np.exp(logp), t
        return -logp[np.arange(len(t)), t].mean()
    def backward(self, dout=1.0):
        dx = self.p.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dout * dx
"""


@pytest.mark.parametrize("hints", ["none", "fix"])
def test_a_factor_that_two_layers_share_out_is_a_remark(tmp_path: Path, hints: str) -> None:
    path = tmp_path / "layers_of_mine.py"
    path.write_text(SPLIT)
    report = check_module(path, hints=hints, shrink_seconds=0.2)
    assert report.verdict == "pass", str(report)
    told = {one.array: one.headline for one in report.findings}
    assert set(told) == {"dW", "db", "dx"}
    assert told["dW"].startswith("Linear: dW is 1/N times its gradient")


def test_a_factor_that_does_not_cancel_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "layers_of_mine.py"
    path.write_text(SPLIT)
    assert check_module(path, strict=True, shrink_seconds=0.2).verdict == "fail"
    path.write_text(SPLIT.replace("dout * dx\n", "dout * dx / len(dx)\n"))
    report = check_module(path, shrink_seconds=0.2)
    assert {one.symbol: one.verdict for one in report.subjects} == {
        "Linear": "fail",
        "SoftmaxWithLoss": "pass",
    }
