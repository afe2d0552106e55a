"""Workers that do all sorts of things; the grader gets an answer or one word why not, and lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradcheck.errors import UsageError
from gradcheck.sandbox import nursery
from gradcheck.sandbox.confinement import LEVELS, offered
from gradcheck.sandbox.kinship import is_dumpable
from gradcheck.sandbox.limits import MIB, Limits
from gradcheck.sandbox.processes import Sandbox, Worker, WorkerLost
from gradcheck.sandbox.watching import Schedule, schedule, starved

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="isolation is for POSIX systems")
linux = pytest.mark.skipif(sys.platform != "linux", reason="told by /proc")


def opened(level: str, limits: Limits = Limits(), serve: str = "run") -> Sandbox:  # noqa: B008
    """Return a sandbox of a level, or skip where the level is not offered."""
    if LEVELS.index(level) > LEVELS.index(offered().level):
        pytest.skip(f"level {level} is not offered here")
    return Sandbox(limits, level=level, serve=f"tests.sandbox.serving:{serve}")


@pytest.fixture(scope="module", params=LEVELS)
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with opened(request.param) as box:
        yield box


@pytest.fixture(params=("none", "basic"))
def loose(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox that lets a worker start processes, and signal others."""
    if request.param == "basic" and os.geteuid():
        pytest.skip("only root's processes are not counted at this level")
    with opened(request.param) as box:
        yield box


@pytest.fixture
def worker(box: Sandbox) -> Iterator[Worker]:
    with box.worker() as worker:
        yield worker


# What number 1 of a namespace does not feel if it sends it to itself.
UNFELT = {"kill", "stop", "interrupt", "xcpu", "sys"}


def do(worker: Worker, deed: str, seconds: float = 20.0) -> bytes:
    return worker.ask(1, deed.encode(), seconds=seconds, most=100, during=deed)


def loss(worker: Worker, deed: str, seconds: float = 20.0) -> WorkerLost:
    with pytest.raises(WorkerLost) as caught:
        do(worker, deed, seconds)
    return caught.value


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def ends(process: int) -> bool:
    """Return whether a process is gone within a moment."""
    for _ in range(200):
        if not alive(process):
            return True
        time.sleep(0.01)
    return False


def test_echo() -> None:
    with Sandbox(level="none", serve="tests.sandbox.serving:echo") as box, box.worker() as worker:
        for length in (0, 1, 24, 65536, 65537, 3 * MIB + 1):
            payload = os.urandom(length)
            assert worker.ask(7, payload, seconds=20, most=length) == payload
            assert worker.status == 7


def test_an_answer_of_one_byte_more_is_refused() -> None:
    with Sandbox(level="none", serve="tests.sandbox.serving:echo") as box, box.worker() as worker:
        assert worker.ask(1, b"12345", seconds=20, most=5) == b"12345"
        with pytest.raises(WorkerLost, match="announced 6 bytes where at most 5 are possible"):
            worker.ask(1, b"123456", seconds=20, most=5)


@pytest.mark.parametrize(
    ("deed", "reason", "detail"),
    [
        ("wrong sequence", "refused", "answered question 2 while 1 was asked"),
        ("wrong kind", "refused", "answered with kind 2 while 1 was asked"),
        ("no frame", "refused", "sent bytes that are no frame"),
        ("too long", "refused", f"announced {2**63} bytes where at most 100 are possible"),
        ("close channel", "refused", "closed its channel"),
        ("ask back", "refused", "asked back"),
        ("sys.exit", "exit", "exit code 4"),
        ("sys.exit words", "exit", "exit code 1"),
        ("os._exit", "exit", "exit code 0"),
        ("raise", "failed", "exit code 70"),
        ("segfault", "crash", "killed by SIGSEGV"),
        ("abort", "crash", "killed by SIGABRT"),
        ("interrupt", "crash", "killed by SIGINT, as OpenBLAS does"),
        ("kill", "memory", "SIGKILL, which the system sends when memory is short"),
        ("memory", "memory", "MemoryError, 1024 MiB are allowed"),
        ("xcpu", "cpu-time", "15 s of processor time were used up"),
        ("sys", "crash", "killed by the system call filter"),
    ],
)
def test_the_end_has_a_reason(
    box: Sandbox, worker: Worker, deed: str, reason: str, detail: str
) -> None:
    if box.level == "namespaces" and deed in UNFELT:
        assert do(worker, deed) == b"done"
        return
    if box.level == "namespaces" and deed == "abort":  # which falls back on an illegal access
        detail = "killed by SIG"
    lost = loss(worker, deed)
    assert (lost.reason, lost.during) == (reason, deed)
    assert detail in lost.detail
    assert not lost.starved
    assert ends(worker.process)


@pytest.mark.parametrize("deed", ["hang", "spin", "deaf", "stop", "half a frame"])
def test_what_hangs_is_killed_when_time_is_up(box: Sandbox, worker: Worker, deed: str) -> None:
    if box.level == "namespaces" and deed in UNFELT:
        assert do(worker, deed) == b"done"
        return
    lost = loss(worker, deed, seconds=0.3)
    assert lost.reason == "time-out"
    assert lost.seconds >= 0.3
    assert "no answer within 0.3 s" in lost.detail
    assert ends(worker.process)


def test_who_sleeps_is_not_starved(worker: Worker) -> None:
    assert not loss(worker, "hang", seconds=0.5).starved


@pytest.mark.parametrize("deed", ["doubled", "early"])
def test_an_answer_that_nobody_asked_for_is_refused(worker: Worker, deed: str) -> None:
    do(worker, deed)
    assert loss(worker, "nothing").reason == "refused"


def test_all_questions_together_have_a_limit() -> None:
    limits = Limits(wall_seconds=0.5)
    serve = "tests.sandbox.serving:run"
    with Sandbox(limits, level="none", serve=serve) as box, box.worker() as worker:
        time.sleep(0.6)  # the grader's own time does not count
        do(worker, "nothing")
        assert "all questions together took more than 0.5 s" in loss(worker, "hang").detail


def test_after_a_loss_the_worker_is_closed_and_the_next_one_is_fresh(box: Sandbox) -> None:
    with box.worker() as worker:
        loss(worker, "os._exit")
        assert loss(worker, "nothing").reason == "closed"
        worker.close()
    with box.worker() as worker:
        assert do(worker, "nothing") == b"done"


def test_two_workers_live_side_by_side(box: Sandbox) -> None:
    with box.worker() as one, box.worker() as other:
        assert do(one, "nothing") == b"done"
        assert loss(other, "segfault").reason == "crash"
        assert do(one, "nothing") == b"done"


def test_what_is_printed_is_kept_to_a_limit_and_the_rest_counted(worker: Worker) -> None:
    assert do(worker, "flood") == b"done"
    assert len(worker.output) == 65536
    assert len(worker.output) + worker.dropped == 1600 * 65536


def test_what_was_printed_before_a_crash_is_kept(worker: Worker) -> None:
    loss(worker, "speak")
    assert worker.output == b"to stdoutto stderrraw"


def test_a_closed_output_is_no_end(worker: Worker) -> None:
    do(worker, "close output")
    assert do(worker, "nothing") == b"done"
    assert loss(worker, "hang", seconds=0.2).reason == "time-out"


def test_questions_back_are_answered(worker: Worker) -> None:
    heard = []

    def answer(kind: int, payload: bytes) -> bytes:
        heard.append((kind, payload))
        return b"<%d>" % kind

    got = worker.ask(1, b"ask back", seconds=20, most=100, answer=answer)
    assert got == b"<5><6>"
    assert heard == [(5, b"what"), (6, b"else")]


def test_questions_back_are_bounded() -> None:
    limits = Limits(questions=3)
    serve = "tests.sandbox.serving:run"
    heard = []

    def answer(kind: int, payload: bytes) -> bytes:
        heard.append(kind)
        return b""

    with (
        Sandbox(limits, level="none", serve=serve) as box,
        box.worker() as worker,
        pytest.raises(WorkerLost, match="asked back 4 times"),
    ):
        worker.ask(1, b"ask for ever", seconds=20, most=100, answer=answer)
    assert len(heard) == 3


def test_the_time_of_the_grader_does_not_count(worker: Worker) -> None:
    def slow(kind: int, payload: bytes) -> bytes:
        time.sleep(0.4)
        return b""

    assert worker.ask(1, b"ask back", seconds=0.7, most=100, answer=slow) == b"done"


def test_an_interrupt_kills_the_worker_and_goes_on(worker: Worker) -> None:
    def interrupt(kind: int, payload: bytes) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worker.ask(1, b"ask back", seconds=20, most=100, answer=interrupt)
    assert ends(worker.process)
    assert loss(worker, "nothing").reason == "closed"


@linux
def test_what_a_worker_started_ends_with_it(loose: Sandbox) -> None:
    with loose.worker() as worker:
        child = int(do(worker, "split"))
        assert alive(child)
    assert not alive(child)


@linux
def test_what_a_dead_worker_started_does_not_hide_its_end(loose: Sandbox) -> None:
    """The child holds the channel and the pipe open; the zygote's word counts."""
    with loose.worker() as worker:
        assert loss(worker, "abandoned").detail == "the process ended with exit code 3"


@linux
def test_a_killed_zygote_is_replaced(loose: Sandbox) -> None:
    worker = loose.worker()
    lost = loss(worker, "kill zygote")
    assert lost.reason == "crash"
    assert "zygote" in lost.detail
    assert ends(worker.process)
    with loose.worker() as worker:
        assert do(worker, "nothing") == b"done"


@linux
def test_a_stopped_zygote_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nursery, "EXIT_SECONDS", 0.2)
    with opened("none") as box:
        worker = box.worker()
        assert loss(worker, "stop zygote", seconds=0.2).reason == "time-out"
        assert ends(worker.process)
        with box.worker() as worker:
            assert do(worker, "nothing") == b"done"


@linux
def test_a_zygote_killed_between_two_workers_is_not_noticed() -> None:
    with Sandbox(level="none", serve="tests.sandbox.serving:show") as box:
        with box.worker() as worker:
            zygote = int(worker.ask(1, b"os.getppid()", seconds=20, most=100))
        os.kill(zygote, signal.SIGKILL)
        with box.worker() as worker:
            assert int(worker.ask(1, b"os.getppid()", seconds=20, most=100)) != zygote


@linux
def test_a_worker_that_was_prepared_is_the_next_one(box: Sandbox) -> None:
    with box.worker() as worker:
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        before = forked_by(children)
        box.prepare()
        box.prepare()
        assert do(worker, "nothing") == b"done"  # the zygote has obeyed when the next one is born
        with box.worker() as other:
            assert len(forked_by(children) - before) == 1
            assert do(other, "nothing") == b"done"
        box.prepare("another")
        with box.worker() as other:  # not the one that waits for another
            assert len(forked_by(children) - before) == 2
        box.forget("another")
        box.forget("another")
        assert forked_by(children) == before


@linux
def test_a_prepared_worker_that_was_killed_is_replaced(loose: Sandbox) -> None:
    with loose.worker():
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        before = forked_by(children)
        loose.prepare()
        while not (prepared := forked_by(children) - before):
            time.sleep(0.01)
        os.kill(int(next(iter(prepared))), signal.SIGKILL)
        while forked_by(children) & prepared:
            time.sleep(0.01)
        time.sleep(0.1)  # until the zygote has told it
        with loose.worker() as worker:
            assert do(worker, "nothing") == b"done"
        loose.prepare()
        assert loss(loose.worker(), "kill zygote").reason == "crash"
        with loose.worker() as worker:
            assert do(worker, "nothing") == b"done"


def forked_by(processes: list[str]) -> set[str]:
    """Return the children of these processes."""
    files = [Path(f"/proc/{one}/task/{one}/children") for one in processes]
    return {child for file in files if file.exists() for child in file.read_text().split()}


@linux
def test_300_workers_leave_nothing_behind() -> None:
    before = len(os.listdir("/proc/self/fd"))
    zygotes, workers = set(), set()
    with Sandbox(level="none", serve="tests.sandbox.serving:show") as box:
        held = box.worker()  # outlives its zygote's turn
        for _ in range(300):
            box.prepare()
            with box.worker() as worker:
                zygotes.add(worker.ask(1, b"os.getppid()", seconds=20, most=100))
                workers.add(worker.process)
        assert held.ask(1, b"1 + 1", seconds=20, most=100) == b"2"
        box.prepare()  # and is not wanted any more
    assert len(os.listdir("/proc/self/fd")) == before
    assert len(zygotes) == 2
    assert len(workers) == 300
    assert not any(alive(one) for one in (*workers, *map(int, zygotes)))


def shown(worker: Worker, expression: str) -> str:
    return worker.ask(1, expression.encode(), seconds=20, most=10**6).decode()


@linux
def test_a_worker_has_nothing_of_the_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPECTED_VALUES", "42")
    serve = "tests.sandbox.serving:show"
    with Sandbox(level="none", serve=serve, table=b"tab") as box, box.worker() as worker:
        assert shown(worker, "table") == "b'tab'"
        assert shown(worker, "'EXPECTED_VALUES' in os.environ") == "False"
        assert shown(worker, "sorted(map(int, os.listdir('/proc/self/fd')))[:4]") == "[0, 1, 2, 3]"
        assert shown(worker, "len(os.listdir('/proc/self/fd'))") == "5"  # and that of the listing
        assert shown(worker, "os.getcwd()") == "'/'"
        assert shown(worker, "sys.stdin.read()") == "''"
        assert shown(worker, "os.environ['PYTHONHASHSEED'], sys.flags.hash_randomization") == (
            "('0', 0)"
        )
        loaded = shown(worker, "{one.split('.')[0] for one in sys.modules}")
        assert not {"'layers'", "'pytest'", "'hypothesis'"} & set(loaded.strip("{}").split(", "))
        root = Path(__file__).parents[2]
        assert shown(worker, f"{str(root)!r} in sys.path") == "False"


def test_a_module_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match=r"No module named 'tests\.sandbox\.absent'"):
        Sandbox(level="none", serve="tests.sandbox.absent:serve")


def test_closing_twice_does_nothing_and_a_closed_sandbox_gives_no_worker() -> None:
    box = Sandbox(level="none", serve="tests.sandbox.serving:echo")
    worker = box.worker()
    box.close()
    box.close()
    assert ends(worker.process)
    with pytest.raises(WorkerLost, match="closed before"):
        worker.ask(1, b"", seconds=20, most=0)
    with pytest.raises(UsageError, match="the sandbox is closed"):
        box.worker()


@linux
def test_the_memory_of_the_grader_is_closed_while_a_sandbox_is_open() -> None:
    before = is_dumpable()
    with Sandbox(level="none", serve="tests.sandbox.serving:echo"):
        with Sandbox(level="none", serve="tests.sandbox.serving:echo"):
            assert not is_dumpable()
        assert not is_dumpable()
    assert is_dumpable() is before


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"memory_bytes": 100 * MIB}, "NumPy needs at least"),
        ({"wall_seconds": 0}, "above zero"),
        ({"wall_seconds": float("nan")}, "above zero"),
        ({"output_bytes": -1}, "at least zero"),
        ({"cpu_seconds": 1.5}, "a whole number"),
        ({"open_files": 3}, "at least 16"),
        ({"load_seconds": "5"}, "expected a number"),
    ],
)
def test_limits_that_make_no_sense_are_refused(limits: dict[str, float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Limits(**limits)  # type: ignore[arg-type]


@linux
@pytest.mark.parametrize("level", LEVELS[1:])
@pytest.mark.parametrize("deed", ["spin", "deaf"])
def test_processor_time_has_a_limit_that_the_kernel_keeps(level: str, deed: str) -> None:
    limits = Limits(cpu_seconds=1, cpu_grace_seconds=1)
    with opened(level, limits) as box, box.worker() as worker:
        lost = loss(worker, deed)
        assert (lost.reason, lost.detail) == ("cpu-time", "1 s of processor time were used up")


@linux
@pytest.mark.parametrize("level", LEVELS[1:])
def test_memory_has_a_limit(level: str) -> None:
    with opened(level, Limits(memory_bytes=512 * MIB)) as box, box.worker() as worker:
        lost = loss(worker, "much memory")
        assert (lost.reason, lost.detail) == ("memory", "MemoryError, 512 MiB are allowed")


def test_what_is_in_force_is_told(box: Sandbox) -> None:
    assert box.confinement.level == box.level
    assert str(box.confinement).startswith(box.level)


def test_the_best_that_is_offered_is_taken() -> None:
    with Sandbox(serve="tests.sandbox.serving:run") as box, box.worker() as worker:
        assert box.level == offered().level
        assert do(worker, "nothing") == b"done"


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean 'strict'"):
        Sandbox(level="stritc", serve="tests.sandbox.serving:run")


@linux
def test_a_confinement_that_fails_gives_no_worker() -> None:
    with (
        Sandbox(level="basic", serve="tests.sandbox.failing:serve") as box,
        pytest.raises(UsageError, match="'basic' does not work here: OSError: no such limit"),
    ):
        box.worker()


@linux
def test_control_c_ends_worker_and_zygote_and_goes_on_as_an_interrupt(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = f"""
import signal
from pathlib import Path
from gradcheck.sandbox.processes import Sandbox
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background ignores it
with Sandbox(level="none", serve="tests.sandbox.serving:show") as box:
    worker = box.worker()
    zygote = worker.ask(1, b"os.getppid()", seconds=20, most=100).decode()
    Path({str(told)!r}).write_text(zygote + " " + str(worker.process))
    worker.ask(1, b"__import__('time').sleep(600)", seconds=600, most=100)
"""
    started = [sys.executable, "-c", code]
    root = Path(__file__).parents[2]
    with subprocess.Popen(started, cwd=root, stderr=subprocess.PIPE) as grader:
        while not (told.exists() and told.read_text()) and grader.poll() is None:
            time.sleep(0.01)
        grader.send_signal(signal.SIGINT)
        _, errors = grader.communicate(timeout=30)
    assert errors.rstrip().endswith(b"KeyboardInterrupt")
    assert all(ends(int(one)) for one in told.read_text().split())


@linux
def test_a_killed_grader_takes_worker_and_zygote_with_it(tmp_path: Path) -> None:
    code = """
from gradcheck.sandbox.processes import Sandbox
box = Sandbox(level="none", serve="tests.sandbox.serving:show")
worker = box.worker()
zygote = worker.ask(1, b"os.getppid()", seconds=20, most=100).decode()
print(zygote, worker.process, flush=True)
worker.ask(1, b"__import__('time').sleep(600)", seconds=600, most=100)
"""
    started = [sys.executable, "-c", code]
    root = Path(__file__).parents[2]
    with subprocess.Popen(started, cwd=root, stdout=subprocess.PIPE) as grader:
        assert grader.stdout is not None
        told = grader.stdout.readline().split()
        grader.kill()
    assert len(told) == 2
    assert all(ends(int(one)) for one in told)


def test_workers_begin_with_the_same_random_state() -> None:
    def first() -> str:
        drawn = "__import__('numpy').random.rand(), __import__('random').random(), hash('a')"
        with opened("none", serve="show") as box, box.worker() as worker:
            return shown(worker, drawn)

    assert first() == first()


@pytest.mark.parametrize(
    ("ran", "queued", "said"),
    [(1.9, 0.1, False), (0.9, 1.0, True), (0.1, 1.8, True), (0.0, 0.0, False), (0.1, 0.2, False)],
)
def test_starved_is_who_was_ready_and_not_let(ran: float, queued: float, said: bool) -> None:
    assert starved(Schedule(5.0, 1.0, 1.0), Schedule(7.0, 1.0 + ran, 1.0 + queued)) is said


def test_without_a_word_of_the_system_nobody_is_starved() -> None:
    assert not starved(None, Schedule(1.0, 0.0, 1.0))


@linux
def test_the_schedule_tells_how_long_a_process_ran() -> None:
    before = schedule(os.getpid())
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    after = schedule(os.getpid())
    assert before is not None
    assert after is not None
    assert after.ran - before.ran >= 0.15


def test_the_own_worker_starts_without_a_table_of_kinds() -> None:
    with Sandbox(level="none") as box, box.worker() as worker:
        assert not worker.output
