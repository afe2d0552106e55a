"""The bytes of a hand-in, gathered in the grader, which runs, parses and decodes none of them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath
from typing import Protocol

from gradcheck.errors import SourceError, UsageError
from gradcheck.sandbox.mentions import Mentions
from gradcheck.sandbox.regular_files import identity, read_inside, read_named
from gradcheck.sources.folder import names_below, none_in, topmost
from gradcheck.sources.trees import names_from
from gradcheck.sources.unpacking import is_archive

# The code of a notebook is as short as that of a file; the pictures in it are not.
NOTEBOOK_FACTOR = 8
_MOST_ENTRIES = 20_000  # of one folder, while neighbours are looked for


class SourceLimits(Protocol):
    """What a hand-in may be: bytes of its longest file, and how many files."""

    @property
    def source_bytes(self) -> int:
        """Return how long a file may be."""

    @property
    def source_files(self) -> int:
        """Return how many files there may be."""


@dataclass(frozen=True)
class HandIn:
    """What the user named, as bytes.

    ``files`` are the contents by their paths below the topmost folder, with ``/`` between the
    parts; ``asked`` those that the user asked for, in order, also where they are ``refused`` (path
    -> one line that says why). The others are there to be imported. ``folder`` is the path of the
    folder that ``shown`` names, empty for the topmost, None where the user named a single file.
    """

    shown: str
    files: Mapping[str, bytes]
    asked: tuple[str, ...]
    symbol: str | None
    refused: Mapping[str, str]
    folder: str | None = None


def gather(
    target: str | Path,
    limits: SourceLimits,
    *,
    within: Path | None = None,
    never: Iterable[Path] = (),
) -> HandIn:
    """Read a file, notebook, folder or archive with the files that it may import.

    Parameters
    ----------
    target
        What the user named; ``file.py:Name`` for one definition.
    limits
        How long a file may be, and how many there may be.
    within
        The folder above which nothing is handed over, whatever the hand-in mentions; the file
        itself for this alone. Without it as far around as ``read_source`` looks.
    never
        Files that must not be handed over under any name, such as the reference.

    Raises
    ------
    UsageError
        The target is an import path, which cannot be isolated.
    SourceError
        Nothing there can be read; the message says why.
    """
    path = Path(target)
    symbol = None
    if not os.path.lexists(path) and isinstance(target, str):
        from gradcheck.sources.import_path import is_import_path

        if is_import_path(target):
            raise UsageError(
                f"{target}: an import path runs in the process that imports it and cannot be "
                "isolated; give its file or folder"
            )
        file, _, name = target.rpartition(":")
        if name.isidentifier() and Path(file).is_file():
            path, symbol = Path(file), name
    kept = frozenset(one for one in map(identity, never) if one)
    whole = Path(os.path.abspath(path))
    if whole.is_dir():
        return _Gathering(whole, whole, limits, within, kept).folder(str(path))
    packed = [one for one in path.parents if is_archive(one) and one.is_file()]
    if is_archive(path) or packed:
        from gradcheck.sandbox.archived import gather_archive

        return gather_archive(path if is_archive(path) else packed[0], path, symbol, limits)
    return _Gathering(whole.parent, whole, limits, within, kept).file(str(path), symbol)


def longest(path: PurePath, limits: SourceLimits) -> int:
    """Return how long this file may be."""
    return limits.source_bytes * (NOTEBOOK_FACTOR if path.suffix == ".ipynb" else 1)


def one_too_many(shown: str, limits: SourceLimits) -> str:
    """Say that a file is left out, for there are too many."""
    return (
        f"{shown}: not read, for a hand-in has at most {limits.source_files} files "
        "(the limit source_files)"
    )


def plain(text: str) -> str:
    """Return a name with what no message and no frame should hold written as escapes."""
    return "".join(one.encode("unicode_escape").decode() if _is_odd(one) else one for one in text)


def odd_name(shown: str) -> str:
    """Say that a file is left out because of the characters in its name."""
    return f"{plain(shown)}: not read, for its name has characters that cannot be shown; rename it"


def none_readable(shown: str, asked: tuple[str, ...], refused: Mapping[str, str]) -> str:
    """Say that every file of a folder was refused."""
    told = "\n  ".join(list(refused.values())[:5])
    return f"{shown}: none of its {len(asked)} files can be read\n  {told}"


def _is_odd(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


class _Gathering:
    """The files of one hand-in on the disk, while they are read.

    ``root`` is the folder out of which no link of the hand-in is followed.
    """

    def __init__(
        self,
        root: Path,
        target: Path,
        limits: SourceLimits,
        within: Path | None,
        never: frozenset[tuple[int, int]],
    ) -> None:
        self._root, self._target, self._limits, self._never = root, target, limits, never
        self._base = topmost(root)
        bound = Path(os.path.abspath(within)) if within else self._base
        self._is_alone = bound == target and target != root
        if self._is_alone:
            self._base = root
        elif not root.is_relative_to(bound):
            raise UsageError(f"{target}: does not lie within {bound}")
        elif bound.is_relative_to(self._base):
            self._base = bound
        self._files: dict[str, bytes] = {}
        self._refused: dict[str, str] = {}
        self._mentions: Mentions[Path] = Mentions(_entries)

    def file(self, shown: str, symbol: str | None) -> HandIn:
        """Gather one file."""
        self._shown = names_from(self._target, shown)
        content = read_named(self._target, plain(shown), longest(self._target, self._limits))
        self._keep(self._target, content)
        asked = (self._key(self._target),)
        if not self._is_alone:
            self._gather_neighbours([self._target])
        return HandIn(plain(shown), self._files, asked, symbol, self._refused)

    def folder(self, shown: str) -> HandIn:
        """Gather the files below the folder."""
        self._shown = names_from(self._target, shown)
        found = [one for one in names_below(self._target, shown) if _is_there(one)]
        if not found:
            raise SourceError(none_in(shown))
        for path in found:
            self._read(path)
        asked = tuple(self._key(one) for one in found)
        if not self._files:
            raise SourceError(none_readable(shown, asked, self._refused))
        self._gather_neighbours(found)
        return HandIn(
            plain(shown), self._files, asked, None, self._refused, self._key(self._target)
        )

    def _gather_neighbours(self, asked: Iterable[Path]) -> None:
        """Gather what the files mention, and what those mention."""
        folders = {folder: None for one in asked for folder in one.parents}
        self._mentions.look_in(one for one in folders if one.is_relative_to(self._base))
        while new := [one for one in self._mentions.found() if not self._is_known(one)]:
            for path in new:
                self._read(path)

    def _read(self, path: Path) -> None:
        shown = self._shown(path)
        key = self._key(path)
        try:
            if key != path.relative_to(self._base).as_posix() and any(
                map(_is_odd, os.path.relpath(path, self._root))
            ):
                raise SourceError(odd_name(shown))
            if len(self._files) >= self._limits.source_files:
                raise SourceError(one_too_many(shown, self._limits))
            real_root = Path(os.path.realpath(self._root))
            if not path.is_relative_to(self._root):  # above the hand-in no link is followed
                real_root = Path(os.path.realpath(self._base), path.relative_to(self._base)).parent
            content = read_inside(path, real_root, shown, longest(path, self._limits), self._never)
        except SourceError as error:
            self._refused[key] = plain(str(error))
        else:
            self._keep(path, content)

    def _keep(self, path: Path, content: bytes) -> None:
        self._files[self._key(path)] = content
        self._mentions.take(content)

    def _is_known(self, path: Path) -> bool:
        return self._key(path) in self._files or self._key(path) in self._refused

    def _key(self, path: Path) -> str:
        key = path.relative_to(self._base).as_posix()
        return "" if key == "." else plain(key)


def _entries(folder: Path) -> dict[str, bool]:
    """Return what lies in a folder, and whether each is a folder; nothing where it is closed."""
    try:
        with os.scandir(folder) as found:
            return {one.name: os.path.isdir(one) for one in islice(found, _MOST_ENTRIES)}
    except OSError:
        return {}


def _is_there(path: Path) -> bool:
    """Whether there is anything, be it a link in a circle; not where a link leads to nothing."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True
