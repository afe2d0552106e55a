"""The levels as wholes: honest work goes on, ends travel, and nothing is lowered in silence."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

import pytest

from gradcheck.errors import UsageError
from gradcheck.sandbox.attempts import ATTEMPTS
from gradcheck.sandbox.confinement import (
    LEVELS,
    Confinement,
    at_least,
    attempted,
    offered,
    prepare,
)
from gradcheck.sandbox.limits import Limits
from tests.sandbox.confined import FROM_BASIC, PLACES, fresh, needs, run

HONEST = (Path(__file__).parent / "honest.py").read_text()
LINUX = sys.platform == "linux"

pytestmark = pytest.mark.skipif(not LINUX, reason="the mechanisms are Linux's")


@pytest.mark.parametrize("level", FROM_BASIC)
def test_honest_work_goes_on(level: str) -> None:
    # Level basic has nothing but RLIMIT_NPROC against new processes, which counts threads too.
    threads = level != "basic" or os.geteuid() == 0
    before = "import numpy; source = " + repr(HONEST)
    inside = f"exec(compile(source, 'honest.py', 'exec'), {{'THREADS': {threads}}})"
    ended = run(level, inside, before=before)
    assert ended.output.endswith("honest\n"), ended.output
    assert "into the pipe" in ended.output
    assert ended.code == 0


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("os._exit(7)", 7),
        ("os._exit(0)", 0),
        ("sys.exit(3)", 99),  # an exception like others, to the test's own program
        ("ctypes.string_at(0)", -signal.SIGSEGV),
    ],
)
def test_how_it_ended_travels(level: str, how: str, code: int) -> None:
    before = "import ctypes, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"
    assert run(level, how, before=before).code == code


@pytest.mark.parametrize("level", LEVELS)
def test_aborting_is_a_crash(level: str) -> None:
    before = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"
    # Number 1 of a namespace is immune to SIGABRT; libc then crashes it by other means.
    inside = {-signal.SIGABRT} | ({-signal.SIGSEGV} if level == "namespaces" else set())
    assert run(level, "os.abort()", before=before).code in inside


@pytest.mark.parametrize("level", FROM_BASIC)
def test_processor_time_is_limited(level: str) -> None:
    before = "Limits = __import__('functools').partial(Limits, cpu_seconds=1)"
    assert run(level, "while True: pass", before=before).code == -signal.SIGXCPU


def test_ignoring_that_is_of_no_use() -> None:
    before = (
        "import signal\n"
        "Limits = __import__('functools').partial(Limits, cpu_seconds=1, cpu_grace_seconds=1)"
    )
    inside = """
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True: pass
    """
    assert run("strict", inside, before=before).code == -signal.SIGKILL


@pytest.mark.parametrize("level", FROM_BASIC)
def test_the_state_of_a_confined_process(level: str) -> None:
    before = """
    import ctypes, fcntl, resource, signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
    spare, kept = os.open("/", os.O_RDONLY), os.dup2(1, 40)
    high = os.dup2(1, 900) if resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 900 else 900
    libc = ctypes.CDLL(None)
    """
    inside = """
    print(repr(sys.stdin.read()), os.getsid(0) != os.getsid(os.getppid() or 0) or "inside")
    for one in (spare, high, kept):
        try:
            print("open", fcntl.fcntl(one, fcntl.F_GETFD) * 0)
        except OSError as error:
            print("closed", error.errno)
    print(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGUSR1))
    print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
    for name in ("CPU", "AS", "FSIZE", "CORE", "NOFILE"):
        print(name, *resource.getrlimit(getattr(resource, "RLIMIT_" + name)))
    print("dumpable", libc.prctl(3, 0, 0, 0, 0))
    """
    told = run(level, inside, before=before, keep="(40,)").output.splitlines()
    assert told[0].startswith("''")
    assert told[1:4] == ["closed 9", "closed 9", "open 0"]
    assert told[4] == "0 0"  # SIG_DFL
    assert told[5] == "set()"
    assert told[6:11] == [
        "CPU 15 17",
        f"AS {1 << 30} {1 << 30}",
        "FSIZE 0 0",
        "CORE 0 0",
        "NOFILE 64 64",
    ]
    assert told[11] == "dumpable 0"


@pytest.mark.parametrize("level", FROM_BASIC)
def test_it_dies_with_its_parent(level: str, tmp_path: Path) -> None:
    needs(level)
    program = f"""
import os, sys, time
sys.path[:0] = {PLACES!r}
from gradcheck.sandbox.confinement import confine, prepare
from gradcheck.sandbox.limits import Limits
alive, held = os.pipe()
zygote = os.fork()
if not zygote:
    os.close(alive)
    ready, tell = os.pipe()
    prepared = prepare({level!r}, Limits())
    if not os.fork():
        confine(prepared, (held, tell))
        os.write(tell, b"x")
        time.sleep(50)
        os._exit(0)
    os.close(held)
    os.read(ready, 1)
    os._exit(0)
os.close(held)
os.waitpid(zygote, 0)
begun = time.monotonic()
os.read(alive, 1)  # end-of-file: the worker, the only one to hold the other end, is gone
print(time.monotonic() - begun < 5)
"""
    assert fresh(program).stdout == "True\n"


def test_who_was_orphaned_before_is_not_confined_but_ends() -> None:
    needs("basic")
    program = f"""
import os, sys, time
sys.path[:0] = {PLACES!r}
from gradcheck.sandbox.confinement import confine, prepare
from gradcheck.sandbox.limits import Limits
told, tells = os.pipe()
if not os.fork():
    prepared = prepare("basic", Limits())
    zygote = os.getpid()
    if not os.fork():
        while os.getppid() == zygote:
            time.sleep(0.01)
        try:
            confine(prepared, (tells,))
        except OSError as error:
            os.write(tells, str(error).encode())
    os._exit(0)
os.close(tells)
print(os.fdopen(told).read())
"""
    assert "the parent of this process is gone" in fresh(program).stdout


def test_killing_the_child_kills_the_grandchild_in_its_namespace() -> None:
    needs("namespaces")
    program = f"""
import os, signal, sys, time
sys.path[:0] = {PLACES!r}
from gradcheck.sandbox.confinement import confine, prepare
from gradcheck.sandbox.limits import Limits
prepared = prepare("namespaces", Limits())
told, tells = os.pipe()
child = os.fork()
if not child:
    confine(prepared, (tells,))
    os.write(tells, str(os.getpid()).encode())
    time.sleep(50)
os.close(tells)
number = os.read(told, 100).decode()
os.kill(child, signal.SIGKILL)
status = os.waitpid(child, 0)[1]
begun = time.monotonic()
rest = os.read(told, 1)
print(number, os.waitstatus_to_exitcode(status), rest, time.monotonic() - begun < 5)
"""
    assert fresh(program).stdout == "1 -9 b'' True\n"


@pytest.mark.parametrize(
    ("level", "spoiled"),
    [
        ("strict", "ruleset=os.dup(0)"),
        ("seccomp", "program=b'\\0' * 8"),
        ("seccomp", "user=-2"),
    ],
)
def test_a_mechanism_that_fails_is_no_lower_level(level: str, spoiled: str) -> None:
    needs(level)
    program = f"""
import dataclasses, os, sys
sys.path[:0] = {PLACES!r}
from gradcheck.sandbox.confinement import confine, prepare
from gradcheck.sandbox.limits import Limits
prepared = dataclasses.replace(prepare({level!r}, Limits()), {spoiled})
told, tells = os.pipe()
if not os.fork():
    try:
        confine(prepared, (tells,))
    except (OSError, OverflowError) as error:
        os.write(tells, b"raised " + type(error).__name__.encode())
    os._exit(0)
os.close(tells)
print(os.fdopen(told).read())
"""
    done = fresh(program)
    assert done.stdout.startswith("raised "), done.stderr


def test_what_is_offered_is_said_with_its_reasons() -> None:
    best = offered()
    assert best is offered()
    assert best.level in LEVELS
    assert at_least(best.level, "basic")
    assert str(best).startswith(f"{best.level} (")
    for why in best.missing.values():
        assert why
        assert "\n" not in why


def test_the_best_is_prepared_in_place_as_it_is_offered() -> None:
    program = f"""
import sys
sys.path[:0] = {PLACES!r}
from gradcheck.sandbox.limits import Limits
from gradcheck.sandbox.probing import prepare_best
print(prepare_best(Limits()).confinement)
"""
    done = fresh(program)
    assert done.stdout == f"{offered()}\n", done.stderr


@pytest.mark.parametrize("level", ["strict", "namespaces"])
def test_everything_tried_is_refused(level: str) -> None:
    needs(level)
    outcome = attempted(level)
    assert set(outcome) == set(ATTEMPTS)
    assert [name for name, done in outcome.items() if not done] == []


def test_without_landlock_only_reads_are_left() -> None:
    needs("seccomp")
    done = {name for name, refused in attempted("seccomp").items() if not refused}
    assert "read the parent's command line" in done
    assert done <= {
        "read a private file",
        "read the parent's command line",
        "read the parent's environment",
        "see other processes",
    }


def test_a_level_refuses_what_lower_ones_do_and_more() -> None:
    levels = [one for one in LEVELS if at_least(offered().level, one)]
    refused = [{name for name, no in attempted(one).items() if no} for one in levels]
    for lower, higher in itertools.pairwise(refused):
        assert lower <= higher
    # The attempts succeed where nothing forbids them; a container forbids some by itself.
    assert len(refused[0]) < len(attempted("none")) / 2


@pytest.mark.parametrize("ask", [attempted, lambda level: prepare(level, Limits())])
def test_an_unknown_level_is_a_usage_error(ask: object) -> None:
    with pytest.raises(UsageError, match="did you mean 'strict'"):
        ask("strikt")  # type: ignore[operator]


def test_a_confinement_reads_as_a_line() -> None:
    assert str(Confinement("strict", ("landlock 7", "seccomp"))) == "strict (landlock 7, seccomp)"
    assert str(Confinement("basic", ("rlimits",), note="untested")) == "basic (rlimits, untested)"
    assert str(Confinement("none")) == "none"


@pytest.mark.parametrize(
    ("system", "level"),
    [("win32", "none"), ("darwin", "basic")],
)
def test_other_systems_import_it_and_offer_less(system: str, level: str) -> None:
    spoil = "del os.fork; sys.modules.update(resource=None, fcntl=None)" if level == "none" else ""
    program = f"""
import os, platform, sys
sys.path[:0] = {PLACES!r}
import subprocess, signal, tempfile, sysconfig
sys.platform = {system!r}
{spoil}
from gradcheck.sandbox import confinement, probing
if {level!r} == "basic":
    found = probing.mechanisms()
    level, _ = probing.best_level(found)
    print(level, found["landlock"], found["seccomp"], sep="|")
else:
    print(confinement.offered())
"""
    done = fresh(program)
    wanted = {"none": "none (untested)\n", "basic": "basic|only on Linux|only on Linux\n"}
    assert done.stdout == wanted[level], done.stderr
