"""Why a worker was lost, in words: told from what the kernel says of its end."""

from __future__ import annotations

import os
import signal
from typing import Literal, NamedTuple

from gradcheck.sandbox.forked import OUR_FAULT, OUT_OF_MEMORY
from gradcheck.sandbox.limits import MIB, Limits

Reason = Literal["time-out", "cpu-time", "memory", "exit", "failed", "crash", "refused", "closed"]


class WorkerLost(Exception):
    """A worker that gives no more answers.

    Parameters
    ----------
    reason
        What happened, as one of a few words.
    detail
        The same in more words; made of our own texts and numbers, nothing in it is the worker's.
    seconds
        How long the question had been running that was not answered.
    during
        What was asked, in the words of who asked.
    starved
        Of a time-out: the worker would have run but got less than half of the time on a
        processor, so that the machine may be to blame.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        seconds: float = 0.0,
        during: str = "",
        starved: bool = False,
    ) -> None:
        super().__init__(reason, detail, seconds, during, starved)
        self.reason, self.detail = reason, detail
        self.seconds, self.during, self.starved = seconds, during, starved

    def __str__(self) -> str:
        where = f" in {self.during}" if self.during else ""
        return f"{self.reason}{where}: {self.detail}"


class Exit(NamedTuple):
    """How a worker ended: status of wait, processor time, greatest resident size."""

    status: int
    cpu_seconds: float
    peak_bytes: int


def told(end: Exit, limits: Limits) -> tuple[Reason, str]:
    """Return the reason and the detail for the end of a worker that the grader did not kill."""
    code = os.waitstatus_to_exitcode(end.status)
    if code == OUT_OF_MEMORY:
        return "memory", f"MemoryError, {limits.memory_bytes // MIB} MiB are allowed"
    if code == OUR_FAULT:
        return "failed", (
            f"the process ended with exit code {code}, as gradcheck's own code does where it "
            "fails, and as a hand-in can"
        )
    if code >= 0:
        return "exit", f"the process ended with exit code {code}"
    return _signalled(-code, end, limits)


def _signalled(number: int, end: Exit, limits: Limits) -> tuple[Reason, str]:
    cpu = f"{limits.cpu_seconds} s of processor time were used up"
    if number == signal.SIGXCPU:
        return "cpu-time", cpu
    if number == signal.SIGKILL:
        # The hard limit of processor time kills as the shortage of memory does.
        if end.cpu_seconds >= limits.cpu_seconds:
            return "cpu-time", cpu
        peak = f"it had {end.peak_bytes // MIB} MiB in memory"
        return "memory", f"killed by SIGKILL, which the system sends when memory is short; {peak}"
    if number == signal.SIGSYS:
        return "crash", "killed by the system call filter"
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if number == signal.SIGINT:
        # OpenBLAS sends it to itself; it has nothing to do with Ctrl-C at the terminal.
        return "crash", f"killed by {name}, as OpenBLAS does when it cannot start a thread"
    return "crash", f"killed by {name}"
