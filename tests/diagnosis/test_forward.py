"""A forward that is another one of known kind is called that."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import check_layer
from tests.broken_layers import Affine, Softmax, WholeBatch


class Columns(Softmax):
    def forward(self, x):
        e = np.exp(x - x.max(axis=0, keepdims=True))
        self.y = e / e.sum(axis=0, keepdims=True)
        return self.y

    def backward(self, dout):
        return self.y * (dout - (dout * self.y).sum(axis=0, keepdims=True))


class NoBias(Affine):
    def forward(self, x):
        return super().forward(x) - self.b

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = 0 * self.b
        return dx


class HalfBias(Affine):
    def forward(self, x):
        return super().forward(x) - self.b / 2

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = self.db / 2
        return dx


@pytest.mark.parametrize(
    ("layer", "kind", "name"),
    [
        (WholeBatch, "softmax", "forward-over-all-axes"),
        (Columns, "softmax", "forward-over-other-axis"),
        (NoBias, "affine", "forward-without-b"),
        (HalfBias, "affine", None),
    ],
)
def test_forward(layer, kind, name) -> None:
    report = check_layer(layer, kind=kind, select=["forward-differs"], shrink_seconds=0.0)
    (finding,) = report.findings
    assert (finding.diagnosis.name if finding.diagnosis else None) == name
