"""Raw system calls through ``ctypes``, loaded before anything is confined.

No package is needed, and nothing is looked up later: a confined process could not load a library.
The module can be imported on any system; on others than Linux, :func:`call` raises OSError.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys

X86_64, AARCH64 = "x86_64", "aarch64"
# The word by which the kernel names the architecture in each call (linux/audit.h).
AUDIT_WORD = {X86_64: 0xC000003E, AARCH64: 0xC00000B7}
_SAME = {"amd64": X86_64, "arm64": AARCH64}

# Numbers of the calls that confine; what a confined process may call is in allowed_calls.py.
_NUMBERS = {
    "capset": (126, 91),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def architecture() -> str | None:
    """Return ``"x86_64"`` or ``"aarch64"``, or None where no table of numbers is known.

    A 32-bit interpreter on a 64-bit kernel has other numbers and counts as unknown.
    """
    machine = platform.machine().lower()
    known = _SAME.get(machine, machine)
    return known if known in AUDIT_WORD and sys.maxsize > 2**32 else None


_ARCHITECTURE = architecture()  # platform reads files: once, before anything is confined


def _number(name: str) -> int:
    if _libc is None:
        raise OSError(errno.ENOSYS, f"{name}: only on Linux")
    if _ARCHITECTURE is None:
        raise OSError(errno.ENOSYS, f"{name}: number unknown on {platform.machine()}")
    return _NUMBERS[name][_ARCHITECTURE == AARCH64]


def call(name: str, *arguments: object) -> int:
    """Make a system call of the small table above.

    Parameters
    ----------
    name
        The call, such as ``"seccomp"``.
    arguments
        Integers, or what ctypes passes as a pointer.

    Returns
    -------
    int
        What the kernel answers.

    Raises
    ------
    OSError
        The kernel refuses, or this system has no such call.
    """
    number = _number(name)
    assert _libc is not None
    widened = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    _libc.syscall.restype = ctypes.c_long
    answer = int(_libc.syscall(ctypes.c_long(number), *widened))
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return answer


def control(option: int, *arguments: int) -> int:
    """Call ``prctl``; the arguments that are not given are zero.

    Raises
    ------
    OSError
        The kernel refuses, or this is not Linux.
    """
    return _library("prctl", option, *[*arguments, 0, 0, 0, 0][:4])


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags`` for new ones.

    Raises
    ------
    OSError
        The kernel refuses, or this is not Linux.
    """
    _library("unshare", flags)


def _library(name: str, *arguments: int) -> int:
    if _libc is None:
        raise OSError(errno.ENOSYS, f"{name}: only on Linux")
    first, *others = arguments
    answer = int(getattr(_libc, name)(ctypes.c_int(first), *map(ctypes.c_ulong, others)))
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}({first}): {os.strerror(code)}")
    return answer
