"""Values and gradients of every layer against SciPy and PyTorch, where they have it."""

from __future__ import annotations

import pytest

from tests.oracles.comparison import Comparison, comparisons


@pytest.mark.parametrize(
    "comparison", comparisons(), ids=lambda one: f"{one.layer} {one.options} {one.oracle}"
)
def test_agrees(comparison: Comparison) -> None:
    pytest.importorskip(
        comparison.package, reason=f"{comparison.package} is not installed: extra 'oracles'"
    )
    for seed in range(3):
        assert comparison.deviation(seed) < 1e-10
