"""The few prctl calls by which processes of the sandbox hold together (Linux only)."""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_GET_DUMPABLE = 3
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int = 0) -> int:
    """Call prctl; return its result.

    Raises
    ------
    OSError
        The kernel refused.
    """
    done: int = _libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0)
    if done < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}, {value}): {os.strerror(number)}")
    return done


def die_with_parent(parent: int) -> None:
    """Be killed when the parent is gone; end at once if it is gone already."""
    if sys.platform != "linux":
        return
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    if sys.platform == "linux":
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def set_dumpable(dumpable: bool) -> bool:
    """Set whether others of the same user may trace this process or read its memory.

    Returns what it was before.
    """
    if sys.platform != "linux":
        return True
    before = prctl(PR_GET_DUMPABLE) == 1
    prctl(PR_SET_DUMPABLE, int(dumpable))
    return before
