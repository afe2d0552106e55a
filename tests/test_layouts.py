"""Layouts: the same elements, elsewhere in memory."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.layouts import LAYOUTS, laid_out


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (0, 3), (1, 1)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, bool])
def test_elements_and_dtype_are_kept(layout: str, shape: tuple[int, ...], dtype: type) -> None:
    array = np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
    laid = laid_out(array, layout)
    assert np.array_equal(laid, array)
    assert laid.dtype == array.dtype
    assert not np.shares_memory(laid, array)


def test_each_layout_is_what_it_says() -> None:
    array = np.arange(24.0).reshape(4, 6)
    level = np.ones((4, 6))
    assert laid_out(array, "Fortran-ordered").flags.f_contiguous
    assert laid_out(array, "strided").strides == (96, 16)
    assert laid_out(array, "reversed").strides == (-48, -8)
    assert laid_out(array, "sliced").base is not None
    assert not laid_out(array, "read-only").flags.writeable
    assert laid_out(level, "broadcast").strides == (0, 8)
    assert laid_out(array, "broadcast").strides == (48, 8)  # its rows differ: a plain copy
