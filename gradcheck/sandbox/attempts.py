"""What a hand-in could try, tried: each attempt raises OSError where it is refused.

They run in a throwaway process that is confined as a worker is. At level "none" they succeed, so
each is harmless: what is written lies in a temporary folder, signals are signal 0, a traced process
is not stopped, and a call that could do harm gets arguments that mean nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from gradcheck.sandbox.allowed_calls import numbers
from gradcheck.sandbox.system_calls import PR_SET_PDEATHSIG, architecture, control

if sys.platform != "win32":
    import resource

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_REFUSALS = {errno.EPERM, errno.EACCES, errno.ENOSYS}
_PTRACE_SEIZE = 0x4206
_NO_RESERVE = 0x4000  # or the kernel itself refuses what it has no room for
_MORE_THAN_ALLOWED = 1 << 36  # bytes of addresses

# Calls that Python does not wrap: a name, its number on x86-64, its number on aarch64.
_FURTHER = """
ptrace 101 117
process_vm_readv 310 270
mount 165 40
unshare 272 97
pidfd_open 434 434
io_uring_setup 425 425
bpf 321 280
userfaultfd 323 282
perf_event_open 298 241
add_key 248 217
shmget 29 194
execve 59 221
name_to_handle_at 303 264
"""


@dataclass(frozen=True)
class Ground:
    """Where the attempts are made.

    Parameters
    ----------
    folder
        A temporary folder with a file ``private`` in it.
    parent
        The process that forked this one.
    secret
        Address of four bytes in the parent's memory.
    """

    folder: str
    parent: int
    secret: int

    def path(self, name: str) -> str:
        """Return the path of a file in the folder."""
        return os.path.join(self.folder, name)


def _raw(name: str, *arguments: object) -> None:
    """Make a call; an answer that the arguments are wrong means that it was not refused."""
    machine = architecture()
    if _libc is None or machine is None:
        raise OSError(errno.ENOSYS, name)
    number = numbers(_FURTHER, machine)[name]
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    if _libc.syscall(ctypes.c_long(number), *wide) < 0:
        code = ctypes.get_errno()
        if code in _REFUSALS:
            raise OSError(code, name)


def _open(path: str, flags: int) -> None:
    os.close(os.open(path, flags, 0o600))


def _end_of_child(child: int) -> None:
    with contextlib.suppress(OSError):
        os.waitpid(child, 0)


def _fork(_: Ground) -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    _end_of_child(child)


def _read_memory(ground: Ground) -> None:
    taken = ctypes.create_string_buffer(4)
    ours = (ctypes.c_void_p * 2)(ctypes.addressof(taken), 4)
    theirs = (ctypes.c_void_p * 2)(ground.secret, 4)
    wide = (ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)
    _raw("process_vm_readv", ground.parent, *wide)


def _other_processes(ground: Ground) -> None:
    seen = [one for one in os.listdir("/proc") if one.isdigit() and int(one) != os.getpid()]
    if not seen:
        raise OSError(errno.EACCES, "no other process is to be seen")


def _addresses(_: Ground) -> None:
    kind = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE
    mmap.mmap(-1, _MORE_THAN_ALLOWED, flags=kind).close()


def _raise_limit(_: Ground) -> None:
    """Raise a hard limit, or, where it is unlimited, show that none was set."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard == resource.RLIM_INFINITY:
        return
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (hard + 1, hard + 1))
    except ValueError as error:
        raise OSError(errno.EPERM, str(error)) from None


def _socket(family: str, kind: str) -> Callable[[Ground], None]:
    def attempt(_: Ground) -> None:
        socket.socket(getattr(socket, family), getattr(socket, kind)).close()

    return attempt


def _become_another(_: Ground) -> None:
    other = os.getuid() + 1
    os.setresuid(other, other, other)


# In this order, in one process: the last two change it.
ATTEMPTS: dict[str, Callable[[Ground], object]] = {
    "write a file": lambda g: _open(g.path("written"), os.O_WRONLY | os.O_CREAT),
    "empty a file": lambda g: os.truncate(g.path("private"), 0),
    "remove a file": lambda g: os.unlink(g.path("removable")),
    "rename a file": lambda g: os.rename(g.path("movable"), g.path("moved")),
    "make a folder": lambda g: os.mkdir(g.path("folder")),
    "make a link": lambda g: os.symlink("x", g.path("link")),
    "change a file's mode": lambda g: os.chmod(g.path("private"), 0o600),
    "change a file's times": lambda g: os.utime(g.path("private")),
    "make a file in memory": lambda g: os.close(os.memfd_create("x")),
    "read a private file": lambda g: _open(g.path("private"), os.O_RDONLY),
    "read the parent's command line": lambda g: _open(f"/proc/{g.parent}/cmdline", os.O_RDONLY),
    "read the parent's environment": lambda g: _open(f"/proc/{g.parent}/environ", os.O_RDONLY),
    "read the parent's memory": lambda g: _open(f"/proc/{g.parent}/mem", os.O_RDONLY),
    "write the parent's memory": lambda g: _open(f"/proc/{g.parent}/mem", os.O_RDWR),
    "copy from the parent's memory": _read_memory,
    "see other processes": _other_processes,
    "trace the parent": lambda g: _raw("ptrace", _PTRACE_SEIZE, g.parent, 0, 0),
    "signal the parent": lambda g: os.kill(g.parent, 0),
    "hold the parent by a descriptor": lambda g: _raw("pidfd_open", g.parent, 0),
    "outlive the parent": lambda g: control(PR_SET_PDEATHSIG, 0),
    "start a process": _fork,
    "run a program": lambda g: _raw("execve", b"/nowhere", None, None),
    "open a TCP socket": _socket("AF_INET", "SOCK_STREAM"),
    "open a UDP socket": _socket("AF_INET", "SOCK_DGRAM"),
    "open a local socket": _socket("AF_UNIX", "SOCK_STREAM"),
    "share memory": lambda g: _raw("shmget", 0, 0, 0o600),
    "map 64 GiB of memory": _addresses,
    "raise a limit": _raise_limit,
    "choose its processors": lambda g: os.sched_setaffinity(0, os.sched_getaffinity(0)),
    "change its priority": lambda g: os.nice(1),
    "mount": lambda g: _raw("mount", None, g.folder.encode(), None, 0, None),
    "use io_uring": lambda g: _raw("io_uring_setup", 0, 0),
    "use bpf": lambda g: _raw("bpf", 5, 0, 0),
    "use userfaultfd": lambda g: _raw("userfaultfd", -1),
    "use perf events": lambda g: _raw("perf_event_open", 0, -1, 0, -1, 0),
    "use kernel keys": lambda g: _raw("add_key", 0, 0, 0, 0, 0),
    "become another user": _become_another,
    "make namespaces": lambda g: _raw("unshare", 0x10000000),
}


def try_all(ground: Ground) -> dict[str, bool]:
    """Make every attempt, and return of each whether it was refused."""
    refused = {}
    for name, attempt in ATTEMPTS.items():
        try:
            attempt(ground)
        except (OSError, AttributeError):  # AttributeError: this system has no such call at all
            refused[name] = True
        else:
            refused[name] = False
    return refused
