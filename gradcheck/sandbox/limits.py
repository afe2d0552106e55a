"""What a hand-in may use, each with its unit and its default."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from gradcheck.errors import UsageError

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

# OpenBLAS and NumPy need 192 MiB of addresses to be imported and to multiply; below about twice
# that a layer fails in ways that say nothing of memory (a crash, or an endless loop).
SMALLEST_MEMORY = 512 * MIB

MAY_BE_ZERO = {"file_bytes", "core_bytes", "processes", "output_bytes"}


@dataclass(frozen=True)
class Limits:
    """What a worker may use.

    Parameters
    ----------
    load_seconds
        Wall time to compile and execute the hand-in.
    request_seconds
        Wall time for one question, or for eight calls of it where there are more.
    wall_seconds
        Wall time for all questions to one worker together; the grader's own work does not count.
    total_seconds
        Wall time for all questions to all workers of one hand-in together.
    cpu_seconds, cpu_grace_seconds
        Processor time of one worker, in whole seconds (RLIMIT_CPU): SIGXCPU after the first,
        SIGKILL after both.
    memory_bytes
        Address space of a worker (RLIMIT_AS), what the interpreter and NumPy have mapped included.
    file_bytes, core_bytes
        The longest file that may be written, and the longest core dump.
    open_files
        Descriptors that may be open at a time.
    processes
        Processes that may be started (where the kernel counts them for the user, not for root).
    source_bytes, source_files
        The longest file of a hand-in, and how many files it may have.
    array_bytes
        The largest array that goes through the channel.
    request_bytes
        Payload up to which perturbed evaluations are put into one question.
    output_bytes
        How much of what a worker prints is kept; the rest is counted and thrown away.
    questions, question_bytes
        How often a worker may ask back while it answers one question, and the longest of these.
    """

    load_seconds: float = 5.0
    request_seconds: float = 2.0
    wall_seconds: float = 20.0
    total_seconds: float = 120.0
    cpu_seconds: int = 15
    cpu_grace_seconds: int = 2
    memory_bytes: int = GIB
    file_bytes: int = 0
    core_bytes: int = 0
    open_files: int = 64
    processes: int = 0
    source_bytes: int = MIB
    source_files: int = 16
    array_bytes: int = 64 * MIB
    request_bytes: int = MIB
    output_bytes: int = 64 * KIB
    questions: int = 2000
    question_bytes: int = 64 * KIB

    def __post_init__(self) -> None:
        for one in fields(self):
            self._check(one.name, getattr(self, one.name), whole=one.type == "int")
        if self.memory_bytes < SMALLEST_MEMORY:
            raise UsageError(
                f"memory_bytes is {self.memory_bytes}: NumPy needs at least {SMALLEST_MEMORY}"
                " (512 MiB)"
            )
        if self.open_files < 16:
            raise UsageError(f"open_files is {self.open_files}: Python needs at least 16")

    @staticmethod
    def _check(name: str, value: object, whole: bool) -> None:
        """Refuse what is no number, not finite, below zero, or zero where nothing could run."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise UsageError(f"{name} is {value!r}: expected a number")
        if not math.isfinite(value) or value < 0 or (value == 0 and name not in MAY_BE_ZERO):
            least = "at least zero" if name in MAY_BE_ZERO else "above zero"
            raise UsageError(f"{name} is {value!r}: expected a number {least}")
        if whole and not isinstance(value, int):
            raise UsageError(f"{name} is {value!r}: expected a whole number")
