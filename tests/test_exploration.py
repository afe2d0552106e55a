"""What Hypothesis makes of a layer whose process ends is the layer's, and no fault of ours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase
from hypothesis import strategies as st

from gradcheck import check_layer
from gradcheck.errors import LayerLost
from gradcheck.exploration import _drive


@pytest.mark.parametrize("fails_before", [True, False])
def test_a_process_that_ends_after_a_fault_is_told_as_lost(fails_before: bool) -> None:
    calls = 0

    def visit(_: object) -> None:
        nonlocal calls
        calls += 1
        if fails_before and calls == 1:
            raise ValueError
        raise LayerLost("layer-times-out", "it did not answer", "in time")

    with pytest.raises(LayerLost, match="did not answer"):
        _drive(visit, st.integers(), 20, 1, (Phase.generate, Phase.shrink))  # type: ignore[arg-type]


def test_gradients_that_are_garbage_are_wrong_and_no_fault_of_ours() -> None:
    """As of memory that was never written; warnings are errors in these tests."""
    rng = np.random.default_rng(1)

    class Square:
        def forward(self, x):
            self.x = x
            return x * x

        def backward(self, dout):
            bits = rng.integers(0, 2**64, size=dout.shape, dtype=np.uint64)
            return bits.view(np.float64).reshape(dout.shape)

    for seed in range(3):
        assert check_layer(Square, seed=seed, examples=8, shrink_seconds=0.0).verdict == "fail"
