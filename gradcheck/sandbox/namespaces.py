"""Namespaces of its own: no other process, no network, no shared memory to be seen.

A process that leaves its namespace of process numbers stays in it itself; only what it starts is
in the new one. So a second process is forked, and the first waits and ends as the second ended:
who started the first sees the second's exit status or signal.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import sys
from typing import NoReturn

from gradcheck.sandbox.system_calls import (
    PR_SET_DUMPABLE,
    PR_SET_PDEATHSIG,
    control,
    unshare,
)

if sys.platform != "win32":
    import resource

_NEWNS, _NEWUTS, _NEWIPC = 0x00020000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000


def leave() -> None:
    """Leave for new user, process, network, IPC, host name and mount namespaces.

    The user keeps its number. The process itself keeps its own number until it forks.

    Raises
    ------
    OSError
        The kernel, or what watches over it, refuses.
    """
    user, group = os.geteuid(), os.getegid()
    control(PR_SET_DUMPABLE, 1)  # else the files below /proc/self belong to root
    unshare(_NEWUSER | _NEWPID | _NEWNET | _NEWIPC | _NEWUTS | _NEWNS)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    control(PR_SET_DUMPABLE, 0)


def fork_inside(cpu_seconds: float = float("inf")) -> None:
    """Fork; return in the child, number 1 of its namespace. The parent waits and never returns.

    Parameters
    ----------
    cpu_seconds
        The child's soft limit of processor time. Number 1 of a namespace does not die by a signal
        that it sends itself or that has no handler, so SIGXCPU passes over it and SIGKILL comes at
        the hard limit; the parent, who sees the time that was used, ends by SIGXCPU then.

    Raises
    ------
    OSError
        No process could be started, or the parent is gone.
    """
    alive, held = os.pipe()
    child = os.fork()
    if child:
        _end_like(child, held, cpu_seconds)
    os.close(held)
    control(PR_SET_PDEATHSIG, signal.SIGKILL)
    # Did the parent die before that line? Its number cannot be seen from in here; its end of the
    # pipe can.
    watch = select.poll()
    watch.register(alive, select.POLLIN)
    gone = watch.poll(0)
    os.close(alive)
    if gone:
        raise OSError(errno.ESRCH, "the waiting process is gone")


def _end_like(child: int, held: int, cpu_seconds: float) -> NoReturn:
    """Wait for the child with all else closed, and end by the same status or signal."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    os.closerange(0, held)
    os.closerange(held + 1, most if 0 < most < 1 << 20 else 1 << 20)
    try:
        _, status, used = os.wait4(child, 0)
    except OSError:
        os._exit(1)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGKILL and used.ru_utime + used.ru_stime >= cpu_seconds:
            number = signal.SIGXCPU
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError, ValueError):  # SIGKILL has no handler to be reset
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def why_not(error: OSError) -> str:
    """Say why namespaces could not be had."""
    if sys.platform != "linux":
        return "only on Linux"
    for path, bad, reason in (
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "AppArmor keeps user namespaces from ordinary users",
        ),
        (
            "/proc/sys/kernel/unprivileged_userns_clone",
            "0",
            "kernel.unprivileged_userns_clone is 0",
        ),
        ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces is 0"),
    ):
        with contextlib.suppress(OSError), open(path, encoding="ascii") as file:
            if file.read().strip() == bad:
                return reason
    if error.errno == errno.EPERM:
        return "not permitted, as in a container with the default profile"
    if error.errno == errno.ENOSPC:  # the kernel's way to say it
        return "there may be no more namespaces (the limits in /proc/sys/user)"
    return error.strerror or str(error)
