"""The bytes of regular files: nothing blocks, nothing is endless, no link leads out."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from gradcheck.errors import SourceError
from gradcheck.sandbox.hand_in_rules import plain
from gradcheck.sources.trees import no_such_file, not_regular, too_large, unreadable

# A named pipe would block a plain open for ever, and a terminal might become ours.
_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):
    _FLAGS |= getattr(os, _name, 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = os.O_RDONLY | _NO_LINK | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_CHUNK = 2**20

Identity = tuple[int, int]
"""Device and number of a file, whatever its names are."""


def identity(path: Path) -> Identity | None:
    """Return which file a path leads to, None where there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def read_named(path: Path, shown: str, most: int) -> bytes:
    """Return the bytes of a file that the user named.

    Raises
    ------
    SourceError
        It is missing, a link, no regular file, longer than ``most``, or may not be read.
    """
    with opened(path, shown) as file:
        return _content(file, shown, most)


def see_no_link(path: Path, shown: str) -> None:
    """See that what the user named is itself no link; the folders above it may be.

    Who hands in a link hands in what he cannot read himself, and whose it is nobody sees.

    Raises
    ------
    SourceError
        It is one; the message says where it leads.
    """
    if os.path.islink(path):
        real, where = plain(os.path.realpath(path)), "that leads to nothing"
        if os.path.exists(path):
            where = f"to {real}; if that is the hand-in, give that path"
        raise SourceError(f"{shown}: not read, for it is a link {where}")


@contextlib.contextmanager
def opened(path: Path, shown: str) -> Iterator[int]:
    """Open a regular file that the user named; raises SourceError as :func:`read_named`."""
    see_no_link(path, shown)
    with _told(path, shown):
        if not stat.S_ISREG(os.stat(path).st_mode):  # merely to open a device may do something
            raise SourceError(not_regular(shown))
        file = os.open(path, _FLAGS | _NO_LINK)
    try:
        yield file
    finally:
        os.close(file)


def read_inside(
    path: Path, root: Path, shown: str, most: int, never: Collection[Identity] = ()
) -> bytes:
    """Return the bytes of a file below ``root``, which has no links in its own path.

    A link is followed where it leads to a place below ``root``. The file is opened from folder to
    folder, so that no link which is put there meanwhile is followed. What is ``never`` to be
    handed over is refused under any name.

    Raises
    ------
    SourceError
        It leads out, is missing, no regular file, longer than ``most``, or may not be read.
    """
    with _told(path, shown):
        real = Path(os.path.realpath(path, strict=True))
        if not real.is_relative_to(root):
            raise SourceError(f"{shown}: not read, for it is a link out of the hand-in")
        status = os.stat(real)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(not_regular(shown))
        if (status.st_dev, status.st_ino) in never:
            raise SourceError(f"{shown}: not read, for it is not the hand-in's to see")
    with _told(None, shown):
        file = _open_below(root, real)
    try:
        now = os.fstat(file)
        if (now.st_dev, now.st_ino) != (status.st_dev, status.st_ino):
            raise SourceError(f"{shown}: cannot be read (it was changed meanwhile)")
        return _content(file, shown, most)
    finally:
        os.close(file)


def _open_below(root: Path, real: Path) -> int:
    if os.open not in os.supports_dir_fd:
        return os.open(real, _FLAGS | _NO_LINK)
    *folders, name = real.relative_to(root).parts
    here = os.open(root, _FOLDER)
    try:
        for one in folders:
            deeper = os.open(one, _FOLDER, dir_fd=here)
            os.close(here)
            here = deeper
        return os.open(name, _FLAGS | _NO_LINK, dir_fd=here)
    finally:
        os.close(here)


def _content(file: int, shown: str, most: int) -> bytes:
    with _told(None, shown):
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(not_regular(shown))
        if status.st_size > most:
            raise SourceError(too_large(shown, status.st_size, most))
        content = bytearray()
        while more := os.read(file, _CHUNK):  # it may grow while it is read
            content += more
            if len(content) > most:
                raise SourceError(too_large(shown, len(content), most))
        return bytes(content)


@contextlib.contextmanager
def _told(path: Path | None, shown: str) -> Iterator[None]:
    """Turn what the system says into one line."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        told = no_such_file(path, shown) if path else unreadable(shown, error)
        raise SourceError(told) from None
    except (OSError, ValueError) as error:
        raise SourceError(unreadable(shown, error)) from None
