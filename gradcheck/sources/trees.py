"""Where the files of a hand-in lie: on the disk, or in memory as bytes that somebody else read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath, PurePosixPath
from typing import Protocol

from gradcheck.errors import SourceError, nearest

LARGEST = 64 * 2**20  # bytes; notebooks with pictures in them are large


class FileTree(Protocol):
    """What the reading asks of the place where the files lie."""

    def is_file(self, path: PurePath) -> bool:
        """Whether a file of this name is there."""

    def is_dir(self, path: PurePath) -> bool:
        """Whether a folder of this name is there."""

    def holds_python(self, folder: PurePath) -> bool:
        """Whether a Python file lies in ``folder`` or in a folder of it."""

    def read(self, path: PurePath, shown: str) -> bytes:
        """Return the content of a file; raises SourceError."""


class DiskTree:
    """Files where the user has them."""

    def is_file(self, path: PurePath) -> bool:
        """Whether a file of this name is there."""
        return Path(path).is_file()

    def is_dir(self, path: PurePath) -> bool:
        """Whether a folder of this name is there."""
        return Path(path).is_dir()

    def holds_python(self, folder: PurePath) -> bool:
        """Whether a Python file lies in ``folder`` or in a folder of it."""
        here = Path(folder)
        return here.is_dir() and any(
            one for pattern in ("*.py", "*/*.py") for one in here.glob(pattern)
        )

    def read(self, path: PurePath, shown: str) -> bytes:
        """Return the bytes of a regular file.

        Raises
        ------
        SourceError
            It is missing, no regular file, too large, or may not be read.
        """
        try:
            status = os.stat(path)
            if not stat.S_ISREG(status.st_mode):
                raise SourceError(not_regular(shown))
            if status.st_size > LARGEST:
                raise SourceError(too_large(shown, status.st_size, LARGEST))
            return Path(path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise SourceError(no_such_file(Path(path), shown)) from None
        except (OSError, ValueError) as error:
            raise SourceError(unreadable(shown, error)) from None


class MemoryTree:
    """Files as bytes, by paths relative to ``base``; nothing of the disk is ever looked at.

    ``refused`` files are there, but reading one raises what is said about it.
    """

    def __init__(
        self, files: Mapping[str, bytes], refused: Mapping[str, str], base: PurePosixPath
    ) -> None:
        self._files = {base / name: content for name, content in files.items()}
        self._refused = {base / name: why for name, why in refused.items()}
        known = [*self._files, *self._refused]
        self._folders = {folder for one in known for folder in one.parents}
        python = [one for one in known if one.suffix == ".py"]
        self._holders = {folder for one in python for folder in list(one.parents)[:2]}

    def is_file(self, path: PurePath) -> bool:
        """Whether a file of this name was handed over, or refused."""
        return path in self._files or path in self._refused

    def is_dir(self, path: PurePath) -> bool:
        """Whether a file below this folder was handed over."""
        return path in self._folders

    def holds_python(self, folder: PurePath) -> bool:
        """Whether a Python file lies in ``folder`` or in a folder of it."""
        return folder in self._holders

    def read(self, path: PurePath, shown: str) -> bytes:
        """Return the bytes that were handed over.

        Raises
        ------
        SourceError
            There are none of this name, or the file was refused.
        """
        key = PurePosixPath(path)
        if key in self._refused:
            raise SourceError(self._refused[key])
        if key not in self._files:
            raise SourceError(f"{shown}: no such file")
        return self._files[key]


def names_from(given: PurePath, shown: str) -> Callable[[PurePath], str]:
    """Return the function that names files as the user named ``given``."""

    def name(path: PurePath) -> str:
        if path == given:
            return shown
        return os.path.normpath(os.path.join(shown, os.path.relpath(path, given)))

    return name


def not_regular(shown: str) -> str:
    """Say that something is no file, but a folder, pipe or device."""
    return f"{shown}: not a regular file; give a .py file, notebook or folder"


def too_large(shown: str, size: int, most: int) -> str:
    """Say that a file is too large to be source."""
    told, bound = (f"{one / 2**20:.3g}" for one in (size, most))
    return f"{shown}: {told} MiB is no source file (at most {bound} MiB are read)"


def unreadable(shown: str, error: Exception) -> str:
    """Say why a file cannot be read."""
    return f"{shown}: cannot be read ({getattr(error, 'strerror', None) or error})"


def no_such_file(path: Path, shown: str) -> str:
    """Say that there is no such file, and which there are."""
    folder = path.parent
    begin = f"{shown}: no such file"
    if not folder.is_dir():
        return f"{begin} (there is no folder {folder})"
    try:
        names = sorted(one.name for one in folder.iterdir() if one.suffix in (".py", ".ipynb"))
    except OSError:
        return begin
    others = f" (in {folder}: {', '.join(names[:5])})" if names else ""
    return begin + nearest(path.name, names) + others
