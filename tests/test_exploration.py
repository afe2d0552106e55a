"""What Hypothesis makes of a layer whose process ends is the layer's, and no fault of ours."""

from __future__ import annotations

import pytest
from hypothesis import Phase
from hypothesis import strategies as st

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
