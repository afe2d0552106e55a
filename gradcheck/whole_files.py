"""Files that are written whole or not at all, whatever moment a run is killed at."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import secrets
import time
from pathlib import Path

_LONGEST = 120
_ABANDONED = 3600.0  # seconds: nobody writes a file for so long


def write_whole(path: Path, text: str, *, new: bool = False) -> None:
    """Write a file so that whoever reads it, at any moment, finds the old text or the new one.

    Raises
    ------
    FileExistsError
        A ``new`` file is there already; it is left as it is.
    OSError
        It cannot be written.
    """
    if new and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    _sweep(path)
    path = Path(os.path.realpath(path))  # what a link points to
    temporary = path.with_name(f".{path.name[:_LONGEST]}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if not (new and _linked(temporary, path)):
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the name is safe on disk too, where folders can be synced
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _linked(temporary: Path, path: Path) -> bool:
    """Give a file its name unless it is taken; return whether the file system can do that."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        return False
    return True


def _sweep(path: Path) -> None:
    """Remove what a run left behind that was killed while it wrote this file."""
    for one in path.parent.glob(f".{glob.escape(path.name[:_LONGEST])}.*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - one.stat().st_mtime > _ABANDONED:
                one.unlink()
