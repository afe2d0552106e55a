"""The filter: read as the kernel reads it, for both architectures, and tried on this machine."""

from __future__ import annotations

import errno
import os
import re
import signal
import struct
import sys
from pathlib import Path

import pytest

from gradcheck.sandbox import seccomp
from gradcheck.sandbox.allowed_calls import ALWAYS, BY_ARGUMENTS, NEWEST_KNOWN, numbers
from gradcheck.sandbox.system_calls import AUDIT_WORD
from tests.sandbox.confined import FROM_SECCOMP, PLACES, fresh, needs, refused, run

PID = 4711
ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE, NO_SUCH_CALL = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
MACHINES = ["x86_64", "aarch64"]
THREAD = 0x3D0F00  # what glibc's pthread_create passes


def verdict(machine: str, number: int, *arguments: int, word: int | None = None) -> int:
    """Interpret the filter on one call, as the kernel does."""
    program = seccomp.for_process(seccomp.assemble(machine), PID)
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    audit = AUDIT_WORD[machine] if word is None else word
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, audit, 0, *(a % 2**64 for a in padded))
    place = accumulator = 0
    while True:
        code, yes, no, k = struct.unpack_from("<HBBI", program, 8 * place)
        place += 1
        if code == 0x06:
            return int(k)
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, k)[0]
        elif code == 0x54:
            accumulator &= k
        else:
            test = {
                0x15: accumulator == k,
                0x25: accumulator > k,
                0x45: bool(accumulator & k),
            }
            place += yes if test[code] else no


def call(machine: str, name: str, *arguments: int) -> int:
    known = {**numbers(ALWAYS, machine), **numbers(BY_ARGUMENTS, machine)}
    return verdict(machine, known[name], *arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_on_the_list_is_allowed_and_all_else_refused(machine: str) -> None:
    always = set(numbers(ALWAYS, machine).values())
    special = set(numbers(BY_ARGUMENTS, machine).values())
    assert not always & special
    for number in range(NEWEST_KNOWN + 1):
        if number not in special:
            assert verdict(machine, number) == (ALLOW if number in always else REFUSE), number
    assert verdict(machine, NEWEST_KNOWN + 1) == NO_SUCH_CALL


@pytest.mark.parametrize("machine", MACHINES)
def test_a_foreign_architecture_is_killed(machine: str) -> None:
    other = {"x86_64": "aarch64", "aarch64": "x86_64"}[machine]
    for word in (AUDIT_WORD[other], 0x40000003, 0x40000028, 0):  # i386, 32-bit ARM
        assert verdict(machine, 0, word=word) == KILL


def test_x32_is_killed() -> None:
    assert verdict("x86_64", 0x40000000 + 39) == KILL
    assert verdict("x86_64", -1) == KILL


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", ["openat", "open"])
def test_files_are_opened_for_reading_only(machine: str, name: str) -> None:
    if name not in numbers(BY_ARGUMENTS, machine):
        assert machine == "aarch64"
        return
    before = (0, 0) if name == "openat" else (0,)
    directory = {"x86_64": 0o200000, "aarch64": 0o40000}[machine]
    for flags in (0, os.O_CLOEXEC, directory | os.O_CLOEXEC, os.O_NONBLOCK, os.O_NOFOLLOW):
        assert call(machine, name, *before, flags) == ALLOW
    tmpfile = 0o20000000
    for flags in (1, 2, 3, os.O_CREAT, os.O_TRUNC, os.O_APPEND, tmpfile, tmpfile | 2):
        assert call(machine, name, *before, flags | os.O_CLOEXEC) == REFUSE


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_are_started_and_processes_are_not(machine: str) -> None:
    assert call(machine, "clone", THREAD) == ALLOW
    assert call(machine, "clone", THREAD | 0x400000) == ALLOW  # musl
    for flags in (17, 0x1200011, 0x4111, THREAD & ~0x10000):  # fork, vfork, without THREAD
        assert call(machine, "clone", flags) == REFUSE
    for space in (0x20000, 0x2000000, 0x4000000, 0x8000000, 1 << 28, 1 << 29, 1 << 30, 1 << 31):
        assert call(machine, "clone", THREAD | space) == REFUSE
    for odd in (0x2000, 0x8000, 0x1000, 17):  # PTRACE, PARENT, PIDFD, a signal at its end
        assert call(machine, "clone", THREAD | odd) == REFUSE
    assert call(machine, "clone3") == NO_SUCH_CALL
    assert call(machine, "openat2") == NO_SUCH_CALL


@pytest.mark.parametrize("machine", MACHINES)
def test_signals_are_to_oneself(machine: str) -> None:
    for name in ("kill", "tgkill"):
        assert call(machine, name, PID, 9) == ALLOW
        for other in (0, 1, -1, -PID, PID + 1):
            assert call(machine, name, other, 9) == REFUSE


@pytest.mark.parametrize("machine", MACHINES)
def test_limits_are_asked_for_and_not_set(machine: str) -> None:
    assert call(machine, "prlimit64", 0, 7, 0, 0x7FFF0000) == ALLOW
    assert call(machine, "prlimit64", 0, 7, 0x7FFF0000, 0) == REFUSE
    assert call(machine, "prlimit64", 0, 7, 1 << 32, 0) == REFUSE  # the high half counts
    assert call(machine, "sendto", 3, 0, 4, 0, 0, 0) == ALLOW
    assert call(machine, "sendto", 3, 0, 4, 0, 1 << 40, 16) == REFUSE


@pytest.mark.parametrize("machine", MACHINES)
def test_controls_are_few(machine: str) -> None:
    for command, wanted in ((0x5401, ALLOW), (0x5412, REFUSE), (0x8901, REFUSE), (0x5452, REFUSE)):
        assert call(machine, "ioctl", 1, command) == wanted  # TIOCSTI, FIOSETOWN, FIOASYNC
    for command, wanted in ((1, ALLOW), (4, ALLOW), (1030, ALLOW), (8, REFUSE), (10, REFUSE)):
        assert call(machine, "fcntl", 3, command) == wanted  # F_SETOWN, F_SETSIG
    for option, wanted in ((15, ALLOW), (1, REFUSE), (4, REFUSE), (22, REFUSE), (38, REFUSE)):
        assert call(machine, "prctl", option) == wanted


@pytest.mark.parametrize("machine", MACHINES)
def test_the_program_fits_the_kernel(machine: str) -> None:
    program = seccomp.assemble(machine)
    assert len(program) % 8 == 0
    assert len(program) // 8 <= 4096
    assert struct.pack("<I", 0x5E1F5E1F) not in seccomp.for_process(program, PID)


@pytest.mark.parametrize(
    ("machine", "header", "pattern"),
    [
        (
            "x86_64",
            "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
            r"#define __NR_(\w+) (\d+)",
        ),
        (
            "aarch64",
            "/usr/include/asm-generic/unistd.h",
            r"#define __NR(?:3264)?_(\w+)\s+(\d+)",
        ),
    ],
)
def test_the_numbers_are_the_kernels(machine: str, header: str, pattern: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"no kernel headers here ({header})")
    told = {name: int(number) for name, number in re.findall(pattern, Path(header).read_text())}
    told.setdefault("newfstatat", told.get("fstatat", -1))
    ours = {**numbers(ALWAYS, machine), **numbers(BY_ARGUMENTS, machine)}
    younger = {name for name in ours if name not in told and ours[name] >= 450}
    assert {name: told[name] for name in ours if name not in younger} == {
        name: number for name, number in ours.items() if name not in younger
    }


@pytest.mark.parametrize("level", FROM_SECCOMP)
@pytest.mark.parametrize(
    "statement",
    [
        "os.close(os.open('/dev/null', os.O_WRONLY))",
        "os.close(os.open('/dev/null', os.O_RDONLY | os.O_TRUNC))",
        "os.fork() or os._exit(0)",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "subprocess.run(['/bin/true'])",
        "os.kill(os.getppid(), 0) if os.getppid() else os.kill(2, 0)",
        "os.killpg(0, 0)",
        "socket.socketpair()",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())",
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
        "os.sched_setaffinity(0, os.sched_getaffinity(0))",
        "os.nice(0) or os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0))",
        "os.memfd_create('x')",
        "os.chdir('/')",
        "os.pidfd_open(os.getpid())",
    ],
)
def test_the_kernel_refuses(level: str, statement: str) -> None:
    refused(level, statement, before="import fcntl, resource, socket, subprocess")


def test_an_x32_call_kills() -> None:
    if sys.maxsize < 2**32 or os.uname().machine != "x86_64":
        pytest.skip("x32 is of x86-64")
    before = "import ctypes; libc = ctypes.CDLL(None)"
    call = "libc.syscall(ctypes.c_long(0x40000000 + 39))"
    assert run("none", call, before=before).code == 0
    assert run("seccomp", call, before=before).code == -signal.SIGSYS


def test_a_32_bit_call_kills() -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("int 0x80 is of x86-64")
    before = """
    import ctypes, mmap
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, getpid; int 0x80; ret
    old = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    """
    if run("none", "old()", before=before).code != 0:
        pytest.skip("this kernel has no 32-bit calls")
    assert run("seccomp", "old()", before=before).code == -signal.SIGSYS


def test_another_thread_is_filtered_as_well() -> None:
    inside = """
    def attempt():
        try:
            os.fork()
        except OSError as error:
            print("refused", error.errno)
    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    """
    assert run("seccomp", inside, before="import threading").output == "refused 1\n"


def test_no_new_privileges_must_come_first() -> None:
    needs("seccomp")
    if "NoNewPrivs:\t1" in Path("/proc/self/status").read_text():
        pytest.skip("everything here has no new privileges already")
    program = f"""
import errno, os, sys
sys.path[:0] = {PLACES!r}
from gradcheck.sandbox import resources, seccomp
if os.geteuid() == 0:
    resources.drop_capabilities()
try:
    seccomp.install(seccomp.for_process(seccomp.ready(), os.getpid()))
except OSError as error:
    print(errno.errorcode[error.errno])
"""
    assert fresh(program).stdout == "EACCES\n"
