"""The bytes of a hand-in that lies on the disk, with the files around it that it may import."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from gradcheck.errors import SourceError, UsageError
from gradcheck.sandbox.hand_in_rules import (
    HandIn,
    SourceLimits,
    is_odd,
    left_beside,
    longest,
    none_readable,
    odd_name,
    one_too_many,
    plain,
)
from gradcheck.sandbox.mentions import Mentions
from gradcheck.sandbox.regular_files import Identity, read_inside, read_named
from gradcheck.sources.folder import names_below, none_in, topmost
from gradcheck.sources.trees import names_from

_MOST_ENTRIES = 20_000  # of one folder, while neighbours are looked for


class OnDisk:
    """The files of one hand-in on the disk, while they are read.

    ``root`` is the folder out of which no link of the hand-in is followed.
    """

    def __init__(
        self,
        root: Path,
        target: Path,
        limits: SourceLimits,
        within: Path | None,
        never: frozenset[Identity],
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
        # Files of a package import each other by its name, so a folder goes with its own.
        self._above = root.parent if self._base == target else self._base
        self._files: dict[str, bytes] = {}
        self._refused: dict[str, str] = {}
        self._mentions: Mentions[Path] = Mentions(_entries)

    def file(self, shown: str, symbol: str | None) -> HandIn:
        """Gather one file."""
        self._shown = names_from(self._target, shown)
        content = read_named(self._target, plain(shown), longest(self._target, self._limits))
        self._keep(self._target, content)
        asked = (self._key(self._target),)
        if self._is_alone:
            self._refuse_neighbours()
        else:
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

    def _refuse_neighbours(self) -> None:
        """Say of the files beside a single one that they are there, and stay there."""
        self._mentions.look_in([self._root])
        for path in self._mentions.found():
            if not self._is_known(path):
                self._refused[self._key(path)] = left_beside(plain(self._shown(path)))

    def _read(self, path: Path) -> None:
        shown = self._shown(path)
        key = self._key(path)
        try:
            if key != path.relative_to(self._above).as_posix() and any(
                map(is_odd, os.path.relpath(path, self._root))
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
        key = path.relative_to(self._above).as_posix()
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
