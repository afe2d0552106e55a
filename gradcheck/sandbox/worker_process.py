"""One worker, as the grader sees it: questions, deadlines, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import NoReturn, Self

from gradcheck.errors import UsageError
from gradcheck.sandbox.draining import Output
from gradcheck.sandbox.frames import ANSWER, ASK, LARGEST_KIND, READY, Ended, Line, Refused
from gradcheck.sandbox.limits import Limits
from gradcheck.sandbox.losses import Reason, WorkerLost, told
from gradcheck.sandbox.nursery import Birth, Nursery
from gradcheck.sandbox.watching import Expired, Watch

Answer = Callable[[int, bytes], bytes]
Meanwhile = Callable[[], None]
READY_SECONDS = 20.0
READY_BYTES = 4096


class Worker:
    """A process that answers questions, one at a time; closed when one is not answered.

    Made by :meth:`Sandbox.worker`. ``status`` is the status of the last answer, a number that the
    serving function chose.
    """

    def __init__(
        self,
        nursery: Nursery,
        birth: Birth,
        limits: Limits,
        closed: Callable[[Worker], None],
    ) -> None:
        self.status = 0
        self.process = birth.process
        self._nursery, self._birth, self._limits = nursery, birth, limits
        self._told_closed = closed
        self._output = Output(birth.output, limits.output_bytes)
        self._watch = Watch(nursery, birth, self._output)
        self._line = Line(birth.data, self._watch.wait)
        self._sequence = 0
        self._used = 0.0
        self._closed = False

    def greet(self, level: str) -> None:
        """Wait until the worker is confined.

        Raises
        ------
        UsageError
            The confinement of this level cannot be put in force.
        WorkerLost
            The worker ended before it was.
        """

        def greeting() -> bytes:
            frame = self._line.receive(0, READY, READY_BYTES)
            if frame.status:
                why = frame.payload.decode("utf-8", "backslashreplace")
                raise UsageError(f"isolation at level {level!r} does not work here: {why}")
            return b""

        self._timed(greeting, READY_SECONDS, "starting")
        self._used = 0.0

    def ask(
        self,
        kind: int,
        payload: bytes,
        *,
        seconds: float,
        most: int,
        during: str = "",
        answer: Answer | None = None,
        meanwhile: Meanwhile | None = None,
    ) -> bytes:
        """Ask one question and return the payload of its one answer.

        Parameters
        ----------
        kind, payload
            The question; what they mean is between the caller and the serving function.
        seconds
            Wall time for it; time that ``answer`` takes does not count.
        most
            The longest answer; a longer one is refused before any of it is read.
        during
            What is asked, for the message if it is not answered.
        answer
            Called with kind and payload of each question that the worker asks back; without it
            such questions are refused. It may raise :class:`Refused`.
        meanwhile
            Called once while the worker works; its time does not count either.

        Raises
        ------
        WorkerLost
            There is no answer, and the worker is gone.
        """
        if not 0 <= kind <= LARGEST_KIND:
            raise ValueError(f"kind {kind} is not from 0 to {LARGEST_KIND}")
        if self._closed:
            raise WorkerLost("closed", "the worker was closed before", during=during)
        self._sequence += 1
        return self._timed(
            lambda: self._exchange(kind, payload, most, answer, meanwhile), seconds, during
        )

    def _exchange(
        self,
        kind: int,
        payload: bytes,
        most: int,
        answer: Answer | None,
        meanwhile: Meanwhile | None,
    ) -> bytes:
        self._line.send(self._sequence, kind, payload)
        if meanwhile is not None:
            begun = time.monotonic()
            meanwhile()
            self._watch.pause(time.monotonic() - begun)
        asked = 0
        most_asked = self._limits.question_bytes
        while True:
            frame = self._line.receive(self._sequence, kind, most, most_asked)
            if frame.kind != ASK:
                self.status = frame.status
                return frame.payload
            asked += 1
            if answer is None or asked > self._limits.questions:
                raise Refused(f"asked back {asked} times" if answer else "asked back")
            begun = time.monotonic()
            reply = answer(frame.status, frame.payload)
            self._watch.pause(time.monotonic() - begun)
            self._line.send(self._sequence, ANSWER, reply)

    def _timed(self, exchange: Callable[[], bytes], seconds: float, during: str) -> bytes:
        """Run an exchange with a deadline; whatever goes wrong in it is the end of the worker."""
        left = self._limits.wall_seconds - self._used
        self._watch.start(min(seconds, left))
        try:
            return exchange()
        except Refused as refused:
            self._lose("refused", f"the worker {refused}", during)
        except Expired as expired:
            detail = f"no answer within {seconds:g} s"
            if left < seconds:
                detail = f"all questions together took more than {self._limits.wall_seconds:g} s"
            self._lose("time-out", detail, during, expired.starved)
        except Ended:
            self._lose(*self._ending(), during)
        except BaseException:  # Ctrl-C above all: the worker goes, the exception goes on
            self.close()
            raise
        finally:
            self._used += time.monotonic() - self._watch.started

    def _ending(self) -> tuple[Reason, str]:
        """Return why the worker is gone, by the word of the kernel."""
        end = self._nursery.exit_of(self._birth.number)
        if end is not None:
            return told(end, self._limits)
        if self._nursery.dead:
            return "crash", "the zygote, from which workers are forked, was killed"
        return "refused", "the worker closed its channel"

    def _lose(self, reason: Reason, detail: str, during: str, starved: bool = False) -> NoReturn:
        seconds = time.monotonic() - self._watch.started
        self.close()
        raise WorkerLost(reason, detail, seconds, during, starved) from None

    def has_ended(self) -> bool:
        """Whether the zygote has told its end, without waiting."""
        self._nursery.pump()
        return self._birth.number in self._nursery.exits

    @property
    def used(self) -> float:
        """Seconds of wall time that its questions have taken."""
        return self._used

    @property
    def output(self) -> bytes:
        """What it printed so far, as much as is kept."""
        self._output.drain()
        return bytes(self._output.kept)

    @property
    def dropped(self) -> int:
        """How many bytes more it printed so far."""
        self._output.drain()
        return self._output.dropped

    def close(self) -> None:
        """Kill the worker and whatever it started; more than once does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            self._nursery.end(self._birth.number)
            self._output.drain()
        finally:
            self._birth.data.close()
            self._output.close()
            self._told_closed(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
