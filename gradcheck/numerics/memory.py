"""Large arrays that come and go: let the allocator keep the memory of those that went.

A check makes arrays as large as the layer's, several for each evaluation. The C library of Linux
gives every block above 128 kB back to the system when it is freed, and the next one is paid page
by page: measured, half of the time of a check. It stops doing so for blocks up to the largest
that was ever freed (at most 32 MB; mallopt(3), M_MMAP_THRESHOLD). So one such block is asked for
and freed once, without being touched. Other systems lose nothing by it.
"""

from __future__ import annotations

from functools import cache

import numpy as np

_LARGEST = 31 * 2**20


@cache
def keep_freed_blocks() -> None:
    """Make the allocator reuse large blocks from here on; does its work once in a process."""
    np.empty(_LARGEST, dtype=np.uint8)
