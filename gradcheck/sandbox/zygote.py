"""The zygote: a clean process with NumPy loaded, from which workers are forked.

It was exec'd, never forked from the grader, so nothing of the grader's memory is in it: no
reference, no expected values, no other hand-in. It has one thread, its control socket and
nothing else. It starts workers, kills them, reports with the kernel's word how they ended, and
kills whatever they leave behind. It ends when the control socket closes.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable

from gradcheck.sandbox import control, forked, kinship, orphans
from gradcheck.sandbox.confinement import Confinement, Prepared, prepare
from gradcheck.sandbox.control import Record
from gradcheck.sandbox.setup import Setup


def main(descriptor: int) -> None:
    """Run a zygote with this control socket; what to load and serve is read from stdin."""
    connection = socket.socket(fileno=reserved(descriptor))
    setup = Setup.read(sys.stdin.buffer)
    kinship.set_dumpable(False)  # no worker of the same user reads or changes its zygote
    if setup.dies_with_grader:
        kinship.die_with_parent(setup.grader)
    try:
        serve = preload(setup)
        prepared = prepare(setup.level, setup.limits, setup.readable)
    except BaseException as error:
        text = f"{type(error).__name__}: {error}"
        control.send(connection, Record(control.FAILED, text=text))
        raise
    zygote = Zygote(connection, setup, serve, prepared)
    in_force = packed(prepared.confinement)
    control.send(connection, Record(control.READY, first=resident(), text=in_force))
    zygote.run()


def reserved(descriptor: int) -> int:
    """Move the control socket above the descriptors that a worker has, and take all of those."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 16)
    os.close(descriptor)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, forked.DATA)
    if null != forked.DATA:
        os.close(null)
    return moved


def preload(setup: Setup) -> Callable[..., object]:
    """Import NumPy, the module that serves and what it names; return the serving function."""
    import numpy as np
    import numpy.fft
    import numpy.random  # 11 modules, loaded by NumPy only when used

    np.ones((2, 2)) @ np.ones((2, 2))  # OpenBLAS takes its buffers at the first product
    module_name, _, name = setup.serve.partition(":")
    module = importlib.import_module(module_name)
    for other in getattr(module, "PRELOAD", ()):
        importlib.import_module(other)
    if (warm := getattr(module, "warm", None)) is not None:
        warm(setup.table)
    # Every worker begins with this state, as a regrade shall give the same.
    np.random.seed(0)  # noqa: NPY002 the state that hand-ins use
    serve: Callable[..., object] = getattr(module, name)
    # The folder of gradcheck may be a checkout that holds the reference layers as well.
    sys.path[:] = [one for one in sys.path if one != setup.folder or one in setup.installed]
    for loaded in [one for one in sys.modules if one.split(".")[0] == "layers"]:
        raise ImportError(f"{loaded} is the reference: it must not be loaded in the zygote")
    threads = threads_now()
    if threads != 1:
        raise RuntimeError(f"the zygote has {threads} threads after its imports")
    gc.collect()
    gc.freeze()  # what is shared with the workers is not touched by their collections
    return serve


def packed(confinement: Confinement) -> str:
    """Return what is in force as JSON; what does not fit into a record is left out of it."""
    told = {
        "level": confinement.level,
        "mechanisms": confinement.mechanisms,
        "missing": dict(confinement.missing),
        "note": confinement.note,
    }
    text = json.dumps(told)
    if len(text) > control.TEXT_BYTES:
        text = json.dumps({**told, "missing": {}})
    return text


def threads_now() -> int:
    """Return how many threads this process has."""
    if sys.platform == "linux":
        return len(os.listdir("/proc/self/task"))
    return threading.active_count()


def resident() -> int:
    """Return the resident size of this process in bytes, 0 where it cannot be had."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


class Zygote:
    """Starts, kills and reaps workers, known by number."""

    def __init__(
        self,
        connection: socket.socket,
        setup: Setup,
        serve: Callable[..., object],
        prepared: Prepared,
    ) -> None:
        self._control, self._setup = connection, setup
        self._serve, self._prepared = serve, prepared
        self._numbers: dict[int, int] = {}  # by process
        self._wakeup, self._woken = socket.socketpair()
        for end in (self._wakeup, self._woken):
            end.setblocking(False)
        kinship.adopt_orphans()
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(ignored, signal.SIG_IGN)

    def run(self) -> None:
        """Do what the grader asks, until it is gone."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._wakeup, select.POLLIN)
        try:
            while True:
                ready = {descriptor for descriptor, _ in poll.poll()}
                if self._wakeup.fileno() in ready:
                    self._wakeup.recv(4096)
                    self._reap()
                if self._control.fileno() in ready:
                    self._obey(*control.receive(self._control))
        except (EOFError, OSError):
            for process in self._numbers:
                orphans.kill(process)
            orphans.sweep(known=())
            os._exit(0)  # nothing is left to tidy up, and it is waited for

    def _obey(self, record: Record, descriptors: list[int]) -> None:
        if record.what == control.FORK:
            self._fork(record.number, *descriptors)
        elif record.what == control.KILL:
            for process, number in self._numbers.items():
                if number == record.number:
                    orphans.kill(process)

    def _fork(self, number: int, data: int, output: int) -> None:
        try:
            process = os.fork()
        except OSError as error:
            control.send(self._control, Record(control.FAILED, number, text=str(error)))
        else:
            if process == 0:
                # The wake-up first: a signal in between would write to a closed descriptor.
                signal.set_wakeup_fd(-1)
                for end in (self._control, self._wakeup, self._woken):
                    end.close()
                forked.live(data, output, self._setup, self._prepared, self._serve)
            self._numbers[process] = number
            born = Record(control.FORKED, number, process, resident())
            control.send(self._control, born)
        finally:
            os.close(data)
            os.close(output)

    def _reap(self) -> None:
        """Report every worker that ended, and kill what it left."""
        ended = []
        while True:
            try:
                process, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if process == 0:
                break
            if process in self._numbers:
                cpu = int((usage.ru_utime + usage.ru_stime) * 1e6)
                peak = usage.ru_maxrss * (1024 if sys.platform == "linux" else 1)
                number = self._numbers.pop(process)
                ended.append(Record(control.EXITED, number, status, cpu, peak))
        if ended:
            orphans.sweep(known=self._numbers)
        for record in ended:
            control.send(self._control, record)
