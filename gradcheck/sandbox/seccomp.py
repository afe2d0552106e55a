"""A seccomp filter: the kernel answers only the calls that a layer needs.

Anything else is refused with EPERM, so that a hand-in sees an exception and not a killed process;
a call by another architecture's numbers (32-bit, x32) kills it. No process can be started (threads
can), no file written, made, renamed or removed, no socket opened, no signal sent to others, no
limit raised.

A filter sees numbers, not what a pointer points at: **it cannot stop reads.** Any file that the
user may read can be opened, among them what ``/proc`` tells of other processes of that user. For
that there is Landlock, or another user.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from itertools import chain

from gradcheck.sandbox.allowed_calls import ALWAYS, BY_ARGUMENTS, NEWEST_KNOWN, numbers
from gradcheck.sandbox.system_calls import (
    AUDIT_WORD,
    PR_SET_SECCOMP,
    X86_64,
    architecture,
    call,
    control,
)

_LOAD, _EQUAL, _ABOVE, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_X32 = 0x3FFFFFFF  # above it: x32 numbers
# Stands for the number of the process until it is known, after the fork.
_SELF = 0x5E1F5E1F

_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_MODE_FILTER = 2  # prctl's word for the same

# open: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_TMPFILE; the same on both architectures.
_WRITING = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000 | 0o20000000
_CLONE_THREAD = 0x10000
# VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, PARENT_SETTID, CHILD_CLEARTID, DETACHED: what
# glibc and musl start a thread with. No namespace, no tracing, no other parent.
_THREAD_FLAGS = 0x100 | 0x200 | 0x400 | 0x800 | _CLONE_THREAD | 0x7C0000
_ASKING = (2, 3, 16)  # PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_GET_NAME
_NAMING = (15, 0x53564D41)  # PR_SET_NAME, PR_SET_VMA: a thread's and a mapping's own name
# TCGETS, TCGETS2, TIOCGWINSZ (is it a terminal?), FIONREAD, FIONBIO, FIONCLEX, FIOCLEX.
_IOCTLS = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_GET_SEALS. Not
# F_SETOWN and F_SETSIG: by them the kernel sends a signal of choice to another process.
_FCNTLS = (0, 1, 2, 3, 4, 1030, 1032, 1034)

Instruction = tuple[int, int, int, int]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _answer(value: int) -> Instruction:
    return (_RETURN, 0, 0, value)


def _refuse(code: int = errno.EPERM) -> Instruction:
    return _answer(0x00050000 | code)


def _load(argument: int, high: bool = False) -> Instruction:
    """Load the low (or high) 32 bits of an argument; both architectures are little-endian."""
    return (_LOAD, 0, 0, 16 + 8 * argument + 4 * high)


def _one_of(argument: int, values: tuple[int, ...]) -> list[Instruction]:
    """Allow the call where an argument (an int to the kernel) is one of the values."""
    tests = chain.from_iterable(((_EQUAL, 0, 1, one), _answer(_ALLOW)) for one in values)
    return [_load(argument), *tests, _refuse()]


def _zero(argument: int) -> list[Instruction]:
    """Allow the call where a pointer is NULL."""
    return [
        _load(argument),
        (_EQUAL, 0, 3, 0),
        _load(argument, high=True),
        (_EQUAL, 0, 1, 0),
        _answer(_ALLOW),
        _refuse(),
    ]


def _reading(argument: int) -> list[Instruction]:
    return [_load(argument), (_ANY_BIT, 0, 1, _WRITING), _refuse(), _answer(_ALLOW)]


def _thread() -> list[Instruction]:
    return [
        _load(0),
        (_ANY_BIT, 0, 3, _CLONE_THREAD),
        (_AND, 0, 0, 0xFFFFFFFF & ~_THREAD_FLAGS),
        (_EQUAL, 0, 1, 0),
        _answer(_ALLOW),
        _refuse(),
    ]


def _rules() -> dict[str, list[Instruction]]:
    """Say of each call in ``BY_ARGUMENTS`` when it is allowed."""
    return {
        "open": _reading(1),
        "openat": _reading(2),
        "openat2": [_refuse(errno.ENOSYS)],  # its flags are behind a pointer
        "clone": _thread(),
        "clone3": [_refuse(errno.ENOSYS)],  # the same
        "kill": _one_of(0, (_SELF,)),
        "tgkill": _one_of(0, (_SELF,)),
        "prctl": _one_of(0, _ASKING + _NAMING),
        "ioctl": _one_of(1, _IOCTLS),
        "fcntl": _one_of(1, _FCNTLS),
        "prlimit64": _zero(2),  # asks for a limit, sets none
        "sendto": _zero(4),  # to where it is connected, to no other address
    }


def assemble(machine: str) -> bytes:
    """Return the filter for an architecture, with a place left for the number of the process.

    Parameters
    ----------
    machine
        ``"x86_64"`` or ``"aarch64"``.
    """
    program: list[Instruction] = [
        (_LOAD, 0, 0, 4),  # the architecture of this call
        (_EQUAL, 1, 0, AUDIT_WORD[machine]),
        _answer(_KILL),
        (_LOAD, 0, 0, 0),  # its number
    ]
    if machine == X86_64:
        program += [(_ABOVE, 0, 1, _X32), _answer(_KILL)]
    for number in numbers(ALWAYS, machine).values():
        program += [(_EQUAL, 0, 1, number), _answer(_ALLOW)]
    rules = _rules()
    for name, number in numbers(BY_ARGUMENTS, machine).items():
        program += [(_EQUAL, 0, len(rules[name]), number), *rules[name]]
    program += [(_ABOVE, 0, 1, NEWEST_KNOWN), _refuse(errno.ENOSYS), _refuse()]
    return b"".join(struct.pack("<HBBI", *one) for one in program)


def for_process(program: bytes, pid: int) -> bytes:
    """Return the filter of the process ``pid``: the one to which it may send signals."""
    blank, filled = (struct.pack("<HBBI", _EQUAL, 0, 1, one) for one in (_SELF, pid))
    return program.replace(blank, filled)


def ready() -> bytes:
    """Return the filter for this machine.

    Raises
    ------
    OSError
        No table of numbers for this architecture, or not Linux.
    """
    machine = architecture()
    if machine is None:
        raise OSError(errno.ENOSYS, "no table of system calls for this architecture")
    return assemble(machine)


def install(program: bytes) -> None:
    """Put a filter on every thread of this process, for good.

    Needs "no new privileges" before.

    Raises
    ------
    OSError
        The kernel has no seccomp filters, or refuses.
    """
    text = ctypes.create_string_buffer(program, len(program))
    header = _Program(len(program) // 8, ctypes.addressof(text))
    try:
        stray = call("seccomp", _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(header))
    except OSError as error:
        # Older than the call, or a container's profile knows only prctl: this thread alone, which
        # in a worker is all of them.
        if error.errno not in (errno.ENOSYS, errno.EPERM):
            raise
        control(PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(header))
        return
    if stray:
        raise OSError(errno.EBUSY, f"seccomp: thread {stray} could not be confined")
