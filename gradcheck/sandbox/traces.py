"""Where a call was when its time ran out: the worker's last words, for the message alone.

The interpreter prints the stack by itself shortly before the limit, whatever the code does
meanwhile (a regular expression that holds the lock of the interpreter included). What comes is the
worker's and may be forged: a few frames are looked for in it, and nothing depends on them.
"""

from __future__ import annotations

import contextlib
import faulthandler
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from gradcheck.sandbox.packing import harmless

_SHARE = 0.8  # of the time that is allowed
_FRAME = re.compile(rb'  File "([^"\n]{1,200})", line (\d{1,7}) in ([^\n]{1,100})')
_MOST = 3


@contextlib.contextmanager
def traced(seconds: float, descriptor: int = 2) -> Iterator[None]:
    """Let the stack be printed shortly before ``seconds`` are over, in the worker."""
    with contextlib.suppress(RuntimeError, OSError):  # no thread may be started here
        faulthandler.dump_traceback_later(seconds * _SHARE, file=descriptor)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def last_frames(output: bytes, files: Iterable[str]) -> str:
    """Return the frames of a hand-in in the last stack that was printed, the innermost first."""
    names = {PurePosixPath(one).name.encode("utf-8", "backslashreplace") for one in files}
    start = output.rfind(b"most recent call first")
    found = _FRAME.findall(output, start) if start >= 0 else []
    own = [(line, name) for file, line, name in found if file.rpartition(b"/")[2] in names]
    told = (f"line {line.decode()} in {_plain(name)}" for line, name in own[:_MOST])
    return ", called from ".join(told)


def _plain(name: bytes) -> str:
    return harmless(name.decode("utf-8", "replace"))
