"""Runs a command as in a container with Docker's defaults, as far as that goes without Docker.

    python tests/sandbox/docker_like.py [--landlock yes|EPERM|ENOSYS] [--user N] COMMAND ...

What it is: root with Docker's 14 capabilities in its bounding set, namespaces of its own for
mounts, processes, network, IPC and host name, a fresh ``/proc`` whose ``/proc/sys`` is read-only,
and a seccomp filter that refuses (EPERM) what Docker's default profile refuses without
CAP_SYS_ADMIN: new namespaces, mounts, keys, bpf, perf, io_uring and the like, and ``clone3`` with
ENOSYS. ``--landlock EPERM`` is Docker before version 23, ``ENOSYS`` a kernel without it (gVisor).

What it is not: the file system is the machine's own and not an image; the profile is a list of
refusals where Docker's is a list of what is allowed; AppArmor and cgroups are missing. Needs root.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from gradcheck.sandbox import seccomp
from gradcheck.sandbox.system_calls import AARCH64, AUDIT_WORD, architecture, control, unshare

# chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot
# mknod audit_write setfcap
CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
NEW_MOUNT, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEW_USER, NEW_PID, NEW_NET = 0x10000000, 0x20000000, 0x40000000
ANY_NEW = NEW_MOUNT | NEW_CGROUP | NEW_UTS | NEW_IPC | NEW_USER | NEW_PID | NEW_NET
BIND, REMOUNT, READ_ONLY, RECURSIVE, PRIVATE = 4096, 32, 1, 16384, 1 << 18

# mount umount2 swapon swapoff reboot sethostname setdomainname init_module finit_module
# delete_module pivot_root acct settimeofday quotactl kexec_load add_key request_key keyctl unshare
# move_pages perf_event_open fanotify_init open_by_handle_at clock_settime setns bpf userfaultfd
# io_uring_* open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr
REFUSED_X86 = (165, 166, 167, 168, 169, 170, 171, 175, 313, 176, 155, 163, 164, 179, 246, 248, 249,
               250, 272, 279, 298, 300, 304, 227, 308, 321, 323, 425, 426, 427, 428, 429, 430, 431,
               432, 433, 442)  # fmt: skip
LANDLOCK = (444, 445, 446)
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000


def profile(landlock: str) -> bytes:
    """Return the filter."""
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, AUDIT_WORD["x86_64"]), (_RETURN, 0, 0, _ALLOW)]
    program.append((_LOAD, 0, 0, 0))

    def refuse(number: int, code: int) -> None:
        program.extend([(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERROR | code)])

    for number in REFUSED_X86:
        refuse(number, errno.EPERM)
    refuse(435, errno.ENOSYS)  # clone3
    if landlock != "yes":
        for number in LANDLOCK:
            refuse(number, getattr(errno, landlock))
    # clone: its flags are the first argument
    program += [(_EQUAL, 0, 3, 56), (_LOAD, 0, 0, 16), (_ANY_BIT, 0, 1, ANY_NEW)]
    program += [(_RETURN, 0, 0, _ERROR | errno.EPERM), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("<HBBI", *one) for one in program)


def mount(source: str, target: str, kind: str, flags: int) -> None:
    """Mount, or raise OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    words = [one.encode() if one else None for one in (source, target, kind)]
    if libc.mount(*words, ctypes.c_ulong(flags), None):
        code = ctypes.get_errno()
        raise OSError(code, f"mount {target}: {os.strerror(code)}")


def enter(landlock: str, user: int) -> None:
    """Make this process, already number 1 of its namespace, one of such a container."""
    switch_loopback_on()
    mount("none", "/", "", RECURSIVE | PRIVATE)
    mount("proc", "/proc", "proc", 0)
    mount("/proc/sys", "/proc/sys", "", BIND)
    mount("/proc/sys", "/proc/sys", "", BIND | REMOUNT | READ_ONLY)
    for number in range(41):
        if number not in CAPABILITIES:
            control(24, number)  # PR_CAPBSET_DROP; what root gains at exec is what is left
    seccomp.install(profile(landlock))  # as runc: before the command, by one who still may
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


def first(command: list[str]) -> int:
    """Be process number 1: start the command, reap whatever is orphaned, return its exit code."""
    started = os.fork()
    if not started:
        os.execvp(command[0], command)
    while True:
        process, status = os.wait()
        if process == started:
            return os.waitstatus_to_exitcode(status) & 0xFF


def switch_loopback_on() -> None:
    """Set IFF_UP | IFF_RUNNING on ``lo``: a container has it, a new namespace has not."""
    with socket.socket() as one:
        fcntl.ioctl(one, 0x8914, struct.pack("16sh22x", b"lo", 0x41))


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--landlock", choices=("yes", "EPERM", "ENOSYS"), default="yes")
    parser.add_argument("--user", type=int, default=0)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if os.geteuid() or architecture() in (None, AARCH64):
        parser.error("needs root on Linux, x86-64")
    unshare(NEW_MOUNT | NEW_PID | NEW_NET | NEW_IPC | NEW_UTS | NEW_CGROUP)
    child = os.fork()
    if not child:
        try:
            enter(given.landlock, given.user)
            os._exit(first(given.command))
        except OSError as error:
            print(error, file=sys.stderr)
            os._exit(125)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
