"""The grader's side of isolation: a sandbox gives workers, fresh processes that answer questions.

::

    grader (this process: inputs, differences, verdicts)
      `-- zygote (exec'd clean, NumPy loaded)
            |-- worker
            `-- worker

A worker that does not answer is lost, never the batch: it raises :class:`WorkerLost`, and the
next worker is a fresh one, if need be from a fresh zygote.
"""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from gradcheck.errors import UsageError
from gradcheck.sandbox.confinement import Confinement, known_level
from gradcheck.sandbox.limits import MIB, Limits
from gradcheck.sandbox.losses import WorkerLost
from gradcheck.sandbox.memory_guard import GUARD
from gradcheck.sandbox.nursery import Nursery, NurseryLost, Ordered
from gradcheck.sandbox.setup import Setup
from gradcheck.sandbox.worker_process import Worker

__all__ = ["Limits", "Sandbox", "Worker", "WorkerLost"]

FORKS = 200  # workers until a zygote is replaced
GROWTH = 64 * MIB  # or until it is larger by this
ATTEMPTS = 2  # zygotes for one worker: one may have been killed while nobody looked


class _Living:
    """What must not outlive a sandbox; known to its finalizer, which must not know the sandbox."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.workers: set[Worker] = set()
        self.nursery: Nursery | None = None
        self.spares: dict[object, tuple[Nursery, Ordered]] = {}
        GUARD.hold()

    def take(self, whose: object) -> tuple[Nursery, Ordered] | None:
        """Return the worker that was ordered ahead, unless there is none or its zygote is gone."""
        spare = self.spares.pop(whose, None)
        if spare is not None and (spare[0].dead or spare[0].control.fileno() < 0):
            spare[1].close()
            return None
        return spare

    def forget(self, whose: object) -> None:
        """End the worker that was ordered ahead."""
        if (spare := self.take(whose)) is not None:
            nursery, ordered = spare
            with contextlib.suppress(NurseryLost):
                nursery.born(ordered)
                nursery.end(ordered.number)
                ordered.close()

    def close(self) -> None:
        """Kill all of it, unless this is a fork of the process that started it."""
        if os.getpid() != self.owner:
            return
        try:
            for worker in list(self.workers):
                worker.close()
            for whose in list(self.spares):
                self.forget(whose)
        finally:
            if self.nursery is not None:
                self.nursery.close()
                self.nursery = None
            GUARD.release()


class Sandbox:
    """Gives confined worker processes, as a context manager.

    Parameters
    ----------
    limits
        What each worker may use.
    level
        How workers are confined: one of ``gradcheck.sandbox.confinement.LEVELS``, or ``best``
        for the strongest that this machine offers.
    serve
        ``module:function``, called in each worker as ``function(channel, table)``. The module is
        imported before the first fork, and with it the modules that it names in ``PRELOAD``.
    table
        Opaque bytes for ``serve``.
    readable
        Packages by name, or absolute paths, that a worker may read besides the standard library
        at the levels that keep all other files from it.

    Raises
    ------
    UsageError
        This system has no isolation, or not at this level; or ``serve`` cannot be imported.
    """

    def __init__(
        self,
        limits: Limits = Limits(),  # noqa: B008 frozen
        level: str = "best",
        serve: str = "gradcheck.sandbox.worker:serve",
        table: bytes = b"",
        readable: Sequence[str] = ("numpy",),
    ) -> None:
        if sys.platform == "win32":
            raise UsageError("isolation needs Linux or macOS for now")
        # Before the memory is closed: what is offered is probed in children of this process.
        self.limits, self.level = limits, _level(level)
        folder = Path(__file__).resolve().parents[2]
        self._setup = Setup(
            serve=serve,
            level=self.level,
            limits=limits,
            readable=tuple(readable),
            table=table,
            folder=str(folder),
            installed=_installed(),
            grader=os.getpid(),
            # The signal comes when a thread ends, so only the thread that lasts may ask for it.
            dies_with_grader=threading.current_thread() is threading.main_thread(),
        )
        self._living = _Living()
        self._numbers = 0
        self._finalize = weakref.finalize(self, self._living.close)
        try:
            self._nursery()
        except BaseException:
            self.close()
            raise

    @property
    def confinement(self) -> Confinement:
        """The confinement in force, by the word of the zygote."""
        return self._nursery().confinement

    def worker(self, whose: object = None) -> Worker:
        """Return a fresh worker, confined and ready: the one prepared for ``whose``, if there is.

        Raises
        ------
        UsageError
            The level cannot be put in force.
        WorkerLost
            No worker can be had: the zygote was killed again and again.
        """
        if not self._finalize.alive:
            raise UsageError("the sandbox is closed")
        problem = ""
        for _ in range(ATTEMPTS + (whose in self._living.spares)):
            spare = self._living.take(whose)
            nursery = spare[0] if spare else self._nursery()
            try:
                birth = nursery.born(spare[1] if spare else nursery.order(self._number()))
            except NurseryLost as lost:
                nursery.destroy()
                problem = str(lost)
                continue
            workers = self._living.workers
            worker = Worker(nursery, birth, self.limits, workers.discard)
            workers.add(worker)
            try:
                worker.greet(self.level)
            except WorkerLost as lost:
                if not nursery.dead and not spare:
                    raise
                problem = lost.detail
                continue
            except BaseException:
                worker.close()
                raise
            if spare and worker.has_ended():  # while nobody looked
                worker.close()
                continue
            return worker
        raise WorkerLost("crash", f"no worker can be started: {problem}", during="starting")

    def prepare(self, whose: object = None) -> None:
        """Have the next worker forked and confined while others work; see :meth:`forget`.

        It is for ``whose`` alone: a worker that waited beside the code of one hand-in is not given
        to another one.
        """
        if whose not in self._living.spares:
            nursery = self._nursery()
            with contextlib.suppress(NurseryLost):  # whoever wants the worker will see
                self._living.spares[whose] = nursery, nursery.order(self._number())

    def forget(self, whose: object = None) -> None:
        """End the worker that was prepared, if nobody wanted it."""
        self._living.forget(whose)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _nursery(self) -> Nursery:
        """Return a zygote that lives and is not worn out."""
        nursery = self._living.nursery
        if nursery is not None:
            nursery.pump()
            if nursery.dead:
                nursery.destroy()
            elif nursery.forks < FORKS and nursery.grown < GROWTH:
                return nursery
            else:
                nursery.retire()
        self._living.nursery = None
        self._living.nursery = Nursery(self._setup)
        return self._living.nursery

    def close(self) -> None:
        """Kill all workers and the zygote; more than once does nothing."""
        self._finalize()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _level(level: str) -> str:
    """Return the level that is meant, checked."""
    if level != "best":
        return known_level(level)
    from gradcheck.sandbox.confinement import offered

    return offered().level


def _installed() -> tuple[str, ...]:
    """Return the folders of the interpreter's packages: its own and those of NumPy."""
    import numpy as np

    paths = sysconfig.get_paths()
    found = [paths["stdlib"], paths["platstdlib"], str(Path(np.__file__).parents[1])]
    return tuple(dict.fromkeys(found))
