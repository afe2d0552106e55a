"""Values and gradients of every layer against SciPy and PyTorch, where they have it."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

import tests.oracles
from tests.oracles.comparison import Comparison


def comparisons() -> list[Comparison]:
    """Collect ``COMPARISONS`` of every module of this folder."""
    found: list[Comparison] = []
    for module in pkgutil.iter_modules(tests.oracles.__path__):
        if not module.name.startswith("test_"):
            family: Any = importlib.import_module(f"tests.oracles.{module.name}")
            found += getattr(family, "COMPARISONS", [])
    return found


@pytest.mark.parametrize(
    "comparison", comparisons(), ids=lambda one: f"{one.layer} {one.options} {one.oracle}"
)
def test_agrees(comparison: Comparison) -> None:
    pytest.importorskip(
        comparison.package, reason=f"{comparison.package} is not installed: extra 'oracles'"
    )
    for seed in range(3):
        assert comparison.deviation(seed) < 1e-10
