"""Landlock: this process may read the files of a short list, and change none.

Every right that the kernel's version (ABI) knows is taken; given back is the reading of what lies
under the paths of the ruleset. From ABI 4 on no TCP port can be bound or connected to, from ABI 6
on no signal and no abstract socket reaches out.

What Landlock does not govern: ``stat`` of any path (that a file exists, and its size, can be
learnt), UDP, and descriptors that were open before.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterable

from gradcheck.sandbox.system_calls import call

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_BENEATH_PATH = 1
_ASK_VERSION = 1
_NO_AUDIT = 1  # ABI 7: refusals are not logged, or a loop of them would fill the audit log

# How many rights of the file system each version has; before the first there was no Landlock.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP = 0b11  # from ABI 4
_SCOPES = 0b11  # abstract sockets and signals, from ABI 6


def version() -> int:
    """Return the version (ABI) of Landlock in this kernel.

    Raises
    ------
    OSError
        ENOSYS: not in this kernel (or hidden by a filter); EOPNOTSUPP: not switched on.
    """
    return call("landlock_create_ruleset", None, 0, _ASK_VERSION)


def ruleset(readable: Iterable[str]) -> int:
    """Make a ruleset, to be used by any number of processes.

    Parameters
    ----------
    readable
        Files and folders that stay readable, folders with all that is below them. A path that is
        not there is passed over.

    Returns
    -------
    int
        A descriptor, closed on exec.

    Raises
    ------
    OSError
        The kernel has no Landlock, or refuses.
    """
    abi = version()
    rights = (1 << _FILE_RIGHTS[min(abi, max(_FILE_RIGHTS))]) - 1
    wanted = struct.pack("<QQQ", rights, _TCP, _SCOPES)
    wanted = wanted[: 8 if abi < 4 else 16 if abi < 6 else 24]
    descriptor = call("landlock_create_ruleset", wanted, len(wanted), 0)
    try:
        for path in readable:
            _allow(descriptor, path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _allow(descriptor: int, path: str) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        folder = stat.S_ISDIR(os.fstat(place).st_mode)
        rights = _READ_FILE | _READ_DIR if folder else _READ_FILE
        # The structure is packed: 8 bytes of rights, then 4 of descriptor.
        call("landlock_add_rule", descriptor, _BENEATH_PATH, struct.pack("<Qi", rights, place), 0)
    finally:
        os.close(place)


def list_only(descriptor: int, path: str) -> None:
    """Let a folder and those below it be listed, without their files being read.

    Python's importer lists a folder before it opens a module in it.
    """
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        rule = struct.pack("<Qi", _READ_DIR, place)
        call("landlock_add_rule", descriptor, _BENEATH_PATH, rule, 0)
    finally:
        os.close(place)


def restrict(descriptor: int) -> None:
    """Hold this thread (and all it starts) to a ruleset, for good.

    Needs "no new privileges" before. Made for a process of one thread.

    Raises
    ------
    OSError
        The kernel refuses.
    """
    try:
        call("landlock_restrict_self", descriptor, _NO_AUDIT)
    except OSError as error:
        if error.errno != errno.EINVAL:  # the flag is younger than Landlock
            raise
        call("landlock_restrict_self", descriptor, 0)
