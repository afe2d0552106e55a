"""A gradient of a wrong shape: what makes it right again, if one thing does."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import check_layer
from tests.diagnosis.wrong_layers import affine


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"db": lambda s, g, d: d}, "not-summed-over-N"),
        ({"db": lambda s, g, d: g[np.newaxis]}, "axis-too-many"),
        ({"db": lambda s, g, d: g[0]}, None),
        ({"dx": lambda s, g, d: g.ravel()}, "axis-missing"),
        ({"dW": lambda s, g, d: g.T}, "transposed"),
        ({"dW": lambda s, g, d: g.T * 1.01}, None),
        ({"db": lambda s, g, d: d * 2}, None),
        ({"db": lambda s, g, d: g[:-1]}, None),
    ],
)
def test_shapes(change, name) -> None:
    report = check_layer(
        affine(**change), kind="affine", select=["gradient-shape-wrong"], shrink_seconds=0.0
    )
    (finding,) = report.findings
    assert (finding.diagnosis.name if finding.diagnosis else None) == name
