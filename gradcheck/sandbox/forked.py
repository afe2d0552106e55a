"""What a worker does between its fork and the code of the hand-in, and after it."""

from __future__ import annotations

import io
import os
import random
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from gradcheck.sandbox import kinship
from gradcheck.sandbox.confinement import Prepared, confine
from gradcheck.sandbox.frames import Channel, Ended
from gradcheck.sandbox.setup import Setup

DATA = 3  # the one descriptor beside stdin, stdout and stderr
OUT_OF_MEMORY = 77  # exit code after a MemoryError that nobody caught
OUR_FAULT = 70  # exit code after any other exception that nobody caught


def live(
    data: int,
    output: int,
    setup: Setup,
    prepared: Prepared,
    serve: Callable[..., object],
) -> NoReturn:
    """Be a worker, from the fork to the exit; never returns."""
    code = OUR_FAULT
    try:
        try:
            channel = settle(data, output, setup, prepared)
            code = run(serve, channel, setup.table)
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
    finally:
        # No exit handler of the hand-in's, and no way back into the zygote's own loop.
        os._exit(code)


def settle(data: int, output: int, setup: Setup, prepared: Prepared) -> Channel:
    """Take one's place: signals, descriptors, confinement; then say ready, or why not."""
    reset_signals()
    redirect(data, output)
    random.seed(0)  # Python seeds it anew at each fork; that of NumPy comes from the zygote
    channel = Channel(socket.socket(fileno=DATA))
    try:
        if setup.level == "none":
            kinship.die_with_parent(prepared.parent)
            os.setsid()
        else:
            confine(prepared, keep=(DATA,))
    except BaseException as error:
        channel.reply(f"{type(error).__name__}: {error}".encode(), status=1)
        raise
    channel.reply(b"")
    return channel


def reset_signals() -> None:
    """Give every signal its default meaning, but for those that Python turns into OSError."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD):
        signal.signal(one, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def redirect(data: int, output: int) -> None:
    """Let stdin be empty and stdout and stderr be the output pipe, for C code and for Python."""
    empty = os.open(os.devnull, os.O_RDONLY)
    # The zygote keeps the first four taken, so none of these is one of them.
    for source, target in ((empty, 0), (output, 1), (output, 2), (data, DATA)):
        os.dup2(source, target)
    for done in (empty, output, data):
        os.close(done)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
    sys.__stdin__ = sys.stdin  # type: ignore[misc]
    # Unbuffered, so that what was printed before a crash is there.
    for name in ("stdout", "stderr"):
        raw = io.FileIO(2 if name == "stderr" else 1, "w", closefd=False)
        text = io.TextIOWrapper(
            raw,
            encoding="utf-8",
            errors="backslashreplace",
            write_through=True,
        )
        setattr(sys, name, text)
        setattr(sys, f"__{name}__", text)


def run(serve: Callable[..., object], channel: Channel, table: bytes) -> int:
    """Serve until the grader is gone, and return the exit code."""
    try:
        serve(channel, table)
    except Ended:
        return 0
    except SystemExit as exit_:
        return exit_code(exit_.code)
    except MemoryError:
        return OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 the last one who could print it
        traceback.print_exc()
        return OUR_FAULT
    return 0


def exit_code(code: object) -> int:
    """Return the exit code for the argument of sys.exit, as the interpreter does."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)  # noqa: T201 into the pipe
    return 1
