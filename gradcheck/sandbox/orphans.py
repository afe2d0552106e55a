"""Kill what a worker leaves behind: the zygote becomes its parent, so it can be found."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Collection

ROUNDS = 10_000  # a process that forks faster than it is killed must not hold us for ever


def kill(process: int) -> None:
    """Kill a process, and its group if it leads one."""
    with contextlib.suppress(OSError):
        if os.getpgid(process) == process:
            os.killpg(process, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.kill(process, signal.SIGKILL)


def sweep(known: Collection[int]) -> None:
    """Kill and reap every child that is not known, until there is none."""
    for _ in range(ROUNDS):
        strangers = [one for one in children() if one not in known]
        if not strangers:
            return
        for process in strangers:
            kill(process)
        for process in strangers:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, 0)


def children() -> list[int]:
    """Return the processes whose parent this one is, as far as the system tells."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return []
    if sys.platform != "linux":
        return []  # no subreaper there either: only the group of a worker is killed
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:
            return [int(one) for one in file.read().split()]
    except FileNotFoundError:  # a kernel built without it
        return [one for one in map(int, filter(str.isdigit, os.listdir("/proc"))) if ours(one)]


def ours(process: int) -> bool:
    """Return whether this process is the parent of another one."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            # The name in brackets may hold blanks and brackets itself.
            return int(file.read().rpartition(b")")[2].split()[1]) == os.getpid()
    except OSError:
        return False
