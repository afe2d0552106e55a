"""One running zygote, as the grader sees it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import IO, NamedTuple

from gradcheck.errors import UsageError
from gradcheck.sandbox import control
from gradcheck.sandbox.confinement import Confinement
from gradcheck.sandbox.control import Record
from gradcheck.sandbox.losses import Exit
from gradcheck.sandbox.setup import Setup

BOOTSTRAP = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    "from gradcheck.sandbox.zygote import main; main(int(sys.argv[2]))"
)
# One BLAS thread: a thread pool does not survive a fork, and busy waiting doubles the time. A
# fixed hash seed, so that a hand-in which iterates over a set does the same at every grading.
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "LC_ALL": "C.UTF-8",
}
# As -I, but reading PYTHONHASHSEED: the environment is ours, so there is nothing to ignore.
FLAGS = ("-P", "-s", "-B", "-X", "utf8")
START_SECONDS = 60.0  # imports on a cold and busy machine
FORK_SECONDS = 20.0
EXIT_SECONDS = 5.0  # for the kernel to end a killed process
KEPT = ("LD_LIBRARY_PATH",)  # an interpreter may need it to find its own library


class NurseryLost(Exception):
    """The zygote is gone, or does not do what it is told; the text says which."""


class Birth:
    """What a fork gave: the worker's number and process, and the grader's ends."""

    def __init__(self, number: int, process: int, data: socket.socket, output: int) -> None:
        self.number, self.process, self.data, self.output = number, process, data, output


class Ordered(NamedTuple):
    """A worker that the zygote was told to fork: its number, and the grader's ends."""

    number: int
    data: socket.socket
    output: int

    def close(self) -> None:
        """Close the ends."""
        self.data.close()
        os.close(self.output)


def confinement_from(text: str) -> Confinement:
    """Return the confinement that the zygote tells."""
    told = json.loads(text)
    return Confinement(told["level"], tuple(told["mechanisms"]), told["missing"], told["note"])


class Nursery:
    """Starts a zygote; forks, kills and hears of workers through it.

    ``exits`` tells by number which workers ended, and how; ``dead`` that the zygote is gone.
    """

    def __init__(self, setup: Setup) -> None:
        self.exits: dict[int, Exit] = {}
        self.dead = False
        self.forks = 0
        self.resident = 0  # bytes, when it was ready
        self.grown = 0  # bytes by which it is larger since
        self.confinement = Confinement("none")  # what is in force, once it is ready
        self._retired = False
        self.living: set[int] = set()
        self._forked: dict[int, Record] = {}
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 closed at the end
        self.control, theirs = control.pair()
        try:
            with theirs:
                self._process = self._spawn(setup, theirs)
        except BaseException:
            self.control.close()
            self._errors.close()
            raise
        try:
            self._greet()
        except BaseException:
            self.destroy()
            raise

    def _spawn(self, setup: Setup, theirs: socket.socket) -> subprocess.Popen[bytes]:
        descriptor = theirs.fileno()
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, *FLAGS, "-c", BOOTSTRAP, setup.folder, str(descriptor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            cwd="/",
            env={**ENVIRONMENT, **kept},
            pass_fds=(descriptor,),
            start_new_session=True,  # Ctrl-C at the terminal is the grader's to handle
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin as stdin:
            stdin.write(setup.written())
        return process

    def _greet(self) -> None:
        """Wait until the zygote has imported what it shall."""
        self.control.setblocking(False)
        try:
            self._wait(lambda: self.resident > 0, START_SECONDS)
        except NurseryLost as lost:
            failed = self._forked.get(0)
            self._process.kill()
            self._process.wait()
            self._errors.seek(0)
            printed = self._errors.read().decode(errors="replace").strip().splitlines()
            why = failed.text if failed else next(reversed(printed), str(lost))
            raise UsageError(f"the process for isolated layers does not start: {why}") from None

    def order(self, number: int) -> Ordered:
        """Tell the zygote to fork a worker, and do not wait until it has.

        Raises
        ------
        NurseryLost
            The zygote is gone.
        """
        data, their_data = socket.socketpair()
        output, their_output = os.pipe()
        ordered = Ordered(number, data, output)
        try:
            sent = Record(control.FORK, number)
            control.send(self.control, sent, (their_data.fileno(), their_output))
        except BaseException as error:
            ordered.close()
            if not isinstance(error, OSError):
                raise
            self.dead = True
            raise NurseryLost(f"the zygote does not take orders ({error})") from error
        finally:
            their_data.close()
            os.close(their_output)
        self.living.add(number)
        return ordered

    def born(self, ordered: Ordered) -> Birth:
        """Wait for a worker that was ordered.

        Raises
        ------
        NurseryLost
            The zygote could not fork it.
        """
        number = ordered.number
        try:
            self._wait(lambda: number in self._forked, FORK_SECONDS)
            born = self._forked.pop(number)
            if born.what == control.FAILED:
                raise NurseryLost(f"the zygote could not fork: {born.text}")
        except BaseException:
            self.living.discard(number)
            ordered.close()
            raise
        self.forks += 1
        return Birth(number, born.first, ordered.data, ordered.output)

    def end(self, number: int) -> Exit | None:
        """Kill a worker unless it has ended, and return how it did; None if nobody knows.

        Its processes are gone when this returns.
        """
        try:
            if number not in self.exits and not self.dead:
                control.send(self.control, Record(control.KILL, number))
                self._wait(lambda: number in self.exits, EXIT_SECONDS)
        except (OSError, NurseryLost):
            # The zygote is stopped or gone. Without it nobody can be sure whose process that
            # number is, so the zygote goes and the kernel kills what was forked from it.
            self.destroy()
        self.living.discard(number)
        end = self.exits.pop(number, None)
        if self._retired and not self.living:
            self.close()
        return end

    def retire(self) -> None:
        """Fork no more; end with the last worker."""
        self._retired = True
        if not self.living:
            self.close()

    def exit_of(self, number: int) -> Exit | None:
        """Wait for the end of a worker that seems to have ended; None if it lives on."""
        with contextlib.suppress(NurseryLost):
            self._wait(lambda: number in self.exits, 1.0)
        return self.exits.get(number)

    def pump(self) -> None:
        """Take what the zygote tells, without waiting."""
        while not self.dead:
            try:
                record, _ = control.receive(self.control)
            except BlockingIOError:
                return
            except (EOFError, OSError):
                self.dead = True
                return
            self._hear(record)

    def _hear(self, record: Record) -> None:
        if record.what == control.EXITED:
            if record.number in self.living:
                end = Exit(record.first, record.second / 1e6, record.third)
                self.exits[record.number] = end
        elif record.what == control.READY:
            self.resident = max(1, record.first)
            self.confinement = confinement_from(record.text)
        else:
            self._forked[record.number] = record
            if record.what == control.FORKED:
                self.grown = record.second - self.resident

    def _wait(self, known: Callable[[], bool], seconds: float) -> None:
        """Wait until something is known."""
        deadline = time.monotonic() + seconds
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        while True:
            self.pump()
            if known():
                return
            if self.dead:
                raise NurseryLost("the zygote is gone")
            left = deadline - time.monotonic()
            if left <= 0:
                raise NurseryLost("the zygote does not answer")
            poll.poll(max(1, int(left * 1000)))

    def destroy(self) -> None:
        """Kill the zygote and with it its workers; more than once does nothing."""
        if self.control.fileno() < 0:
            return
        self.dead = True
        self.control.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def close(self) -> None:
        """Let the zygote kill its workers and end; kill it if it does not."""
        if self.control.fileno() < 0:
            return
        self.control.close()
        self.dead = True
        try:
            self._process.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
