"""Waiting for a worker: its answer, its output, its end and the clock, all at once."""

from __future__ import annotations

import math
import os
import select
import time
from typing import NamedTuple

from gradcheck.sandbox.draining import Output
from gradcheck.sandbox.frames import Ended
from gradcheck.sandbox.nursery import Birth, Nursery

LOOK_AFTER = 0.05  # seconds until the schedule is looked at: nothing that is fast pays for it


class Expired(Exception):
    """Time is up; ``starved`` says that the worker would have run but was not let."""

    def __init__(self, starved: bool) -> None:
        super().__init__()
        self.starved = starved


class Schedule(NamedTuple):
    """Seconds that a process ran, and that it was ready to run while others ran."""

    at: float
    ran: float
    queued: float


def schedule(process: int) -> Schedule | None:
    """Return the schedule of a process and of its children; None if the system does not tell."""
    ran = queued = 0
    try:
        tasks = [f"/proc/{process}/task/{one}" for one in os.listdir(f"/proc/{process}/task")]
        for task in list(tasks):  # at the level of namespaces the worker is a child of the child
            with open(f"{task}/children", "rb") as file:
                tasks += [f"/proc/{int(one)}" for one in file.read().split()]
        for task in tasks:
            with open(f"{task}/schedstat", "rb") as file:
                numbers = file.read().split()
            ran, queued = ran + int(numbers[0]), queued + int(numbers[1])
    except (OSError, IndexError, ValueError):
        return None
    return Schedule(time.monotonic(), ran / 1e9, queued / 1e9)


def starved(before: Schedule | None, after: Schedule | None) -> bool:
    """Return whether a process was ready for most of the time and ran less than half of it."""
    if before is None or after is None:
        return False
    wall, ran = after.at - before.at, after.ran - before.ran
    return ran < wall / 2 <= ran + after.queued - before.queued


class Watch:
    """Waits for the data socket of one worker until a deadline, and drains its output meanwhile."""

    def __init__(self, nursery: Nursery, birth: Birth, output: Output) -> None:
        self._nursery, self._birth, self._output = nursery, birth, output
        self._poll = select.poll()
        self._data, self._control = birth.data.fileno(), nursery.control.fileno()
        for descriptor in (self._data, self._control, output.descriptor):
            self._poll.register(descriptor, select.POLLIN)
        self.started = self.deadline = 0.0
        self._before: Schedule | None = None

    def start(self, seconds: float) -> None:
        """Set the deadline, from now."""
        self.started = time.monotonic()
        self.deadline = self.started + seconds
        self._before = None

    def pause(self, seconds: float) -> None:
        """Put the deadline off by the time that the grader itself took."""
        self.deadline += seconds
        self.started += seconds
        self._before = None

    def wait(self, events: int) -> int:
        """Wait for events at the data socket; return those that came (bytes to read always count).

        Raises
        ------
        Expired
            Time is up.
        Ended
            The worker is gone, and nothing is left to read.
        """
        if events == select.POLLIN:
            return self._wait()
        self._poll.modify(self._data, events | select.POLLIN)
        try:
            return self._wait()
        finally:
            self._poll.modify(self._data, select.POLLIN)

    def _wait(self) -> int:
        while True:
            gone = self._nursery.dead or self._birth.number in self._nursery.exits
            happened = 0
            for descriptor, events in self._poll.poll(0 if gone else self._pause()):
                if descriptor == self._data:
                    happened = events
                elif descriptor == self._control:
                    self._nursery.pump()
                elif not self._output.read() and self._output.ended:
                    self._poll.unregister(descriptor)
            if happened:
                return happened
            if gone:
                raise Ended

    def _pause(self) -> int:
        """Return how long to wait, in milliseconds."""
        now = time.monotonic()
        left = self.deadline - now
        if left <= 0:
            raise Expired(starved(self._before, schedule(self._birth.process)))
        if self._before is None:
            if now - self.started < LOOK_AFTER:
                left = min(left, LOOK_AFTER)
            else:
                self._before = schedule(self._birth.process)
        return math.ceil(left * 1000)
