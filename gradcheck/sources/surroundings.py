"""What the process looks like to a file that is being read, and put back afterwards."""

from __future__ import annotations

import contextlib
import io
import os
import random
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep a file that is being read from windows, the screen and the keyboard.

    What it prints is dropped, standard input is empty, and the path, the folder and the random
    generators are put back as they were.
    """
    os.environ.setdefault("MPLBACKEND", "Agg")  # matplotlib would open windows
    before = sys.stdin, sys.argv, list(sys.path), _folder(), random.getstate()
    numpy_random = getattr(sys.modules.get("numpy"), "random", None)
    state = numpy_random.get_state() if numpy_random else None
    sys.stdin, sys.argv = io.StringIO(), sys.argv[:1]
    nowhere = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="replace")
    try:
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            yield
    finally:
        sys.stdin, sys.argv, sys.path[:], folder, generator = before
        if folder is not None and folder != _folder():
            os.chdir(folder)
        random.setstate(generator)
        if numpy_random:
            numpy_random.set_state(state)


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was removed under our feet
        return None
