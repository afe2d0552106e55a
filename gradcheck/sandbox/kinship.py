"""How the processes of the sandbox hold together, and keep their memory to themselves.

By prctl, so on Linux only; elsewhere these do nothing.
"""

from __future__ import annotations

import os
import signal
import sys

from gradcheck.sandbox.system_calls import PR_SET_DUMPABLE, PR_SET_PDEATHSIG, control

PR_GET_DUMPABLE = 3
PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(parent: int) -> None:
    """Be killed when the parent is gone; end at once if it is gone already."""
    if sys.platform != "linux":
        return
    control(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    if sys.platform == "linux":
        control(PR_SET_CHILD_SUBREAPER, 1)


def is_dumpable() -> bool:
    """Return whether others of the same user may trace this process or read its memory."""
    return sys.platform != "linux" or control(PR_GET_DUMPABLE) == 1


def set_dumpable(dumpable: bool) -> None:
    """Set whether others of the same user may trace this process or read its memory."""
    if sys.platform == "linux":
        control(PR_SET_DUMPABLE, int(dumpable))
