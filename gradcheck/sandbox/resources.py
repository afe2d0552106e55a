"""Limits, privileges, signals and descriptors of a worker: what needs no filter.

All of it is POSIX but what is marked Linux. Windows has none of it, and the module still imports.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import struct
import sys
from collections.abc import Iterable

from gradcheck.sandbox.limits import Limits
from gradcheck.sandbox.system_calls import (
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    call,
    control,
)

if sys.platform != "win32":
    import resource

LINUX = sys.platform == "linux"
_CAPABILITIES_VERSION = 0x20080522
# Exceptions instead of a killed process: Python ignores these two from the start.
_STAY_IGNORED = ("SIGPIPE", "SIGXFSZ")


def limit(limits: Limits) -> None:
    """Set the limits of this process, hard and soft, so that it cannot raise them again.

    Raises
    ------
    OSError
        The system refuses.
    """
    soft, hard = limits.cpu_seconds, limits.cpu_seconds + limits.cpu_grace_seconds
    _set("RLIMIT_CPU", soft, hard)
    _set("RLIMIT_FSIZE", limits.file_bytes)
    _set("RLIMIT_CORE", limits.core_bytes)
    _set("RLIMIT_NOFILE", limits.open_files)
    _set("RLIMIT_MSGQUEUE", 0)
    _set("RLIMIT_MEMLOCK", 0)
    if sys.platform == "linux":  # macOS takes RLIMIT_AS and does not keep to it, or errs
        _set("RLIMIT_AS", limits.memory_bytes)


def limit_processes(most: int) -> None:
    """Let this user's processes and threads together be no more: for where no filter does it.

    No effect on root.
    """
    _set("RLIMIT_NPROC", most)


def _set(name: str, soft: int, hard: int | None = None) -> None:
    kind = getattr(resource, name, None)
    if kind is None:
        return
    before = resource.getrlimit(kind)[1]
    hard = soft if hard is None else hard
    if before != resource.RLIM_INFINITY:  # it may not be raised, and need not be
        soft, hard = min(soft, before), min(hard, before)
    try:
        resource.setrlimit(kind, (soft, hard))
    except ValueError as error:
        raise OSError(errno.EPERM, f"{name}: {error}") from None


def own_session() -> None:
    """Leave the terminal and the group of processes, so that a Ctrl-C is not for this one."""
    if os.getsid(0) != os.getpid():
        os.setsid()


def reset_signals() -> None:
    """Take back every handler that was inherited, and block none."""
    signal.set_wakeup_fd(-1)
    keep = {getattr(signal, one, None) for one in _STAY_IGNORED}
    for number in signal.valid_signals():
        if number not in keep and signal.getsignal(number) not in (signal.SIG_DFL, None):
            with contextlib.suppress(OSError, ValueError):  # SIGKILL, SIGSTOP
                signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def no_input() -> None:
    """Read nothing from standard input."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    if null:
        os.close(null)


def close_all_but(keep: Iterable[int]) -> None:
    """Close every descriptor from 3 on that is not kept."""
    low = 3
    for one in sorted({*keep}):
        if one >= low:
            os.closerange(low, one)
            low = one + 1
    if sys.platform == "win32":
        return
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    # close_range takes any number; without it (before Linux 5.9, macOS) it is a loop.
    os.closerange(low, most if 0 < most < 1 << 20 else 1 << 20)


def no_new_privileges() -> None:
    """Linux: what is started from here gains nothing by a set-uid bit."""
    control(PR_SET_NO_NEW_PRIVS, 1)


def not_inspectable() -> None:
    """Linux: no process of the same user may look into this one's memory, and no core is dumped."""
    control(PR_SET_DUMPABLE, 0)


def die_with_parent(parent: int) -> None:
    """Linux: be killed when the parent ends.

    Raises
    ------
    OSError
        It has ended already (another has adopted this process).
    """
    control(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise OSError(errno.ESRCH, "the parent of this process is gone")


def drop_capabilities() -> None:
    """Linux: give up what root may do beyond an ordinary user; the user's number stays."""
    header = struct.pack("<Ii", _CAPABILITIES_VERSION, 0)
    call("capset", header, struct.pack("<6I", 0, 0, 0, 0, 0, 0))


def become(user: int) -> None:
    """Become another user and group, with no further groups: root only, for good."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
