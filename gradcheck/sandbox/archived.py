"""The bytes of a hand-in that is an archive, unpacked in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gradcheck.errors import SourceError, nearest
from gradcheck.sandbox.hand_in_rules import (
    HandIn,
    SourceLimits,
    longest,
    none_readable,
    odd_name,
    one_too_many,
    plain,
)
from gradcheck.sandbox.mentions import Mentions
from gradcheck.sandbox.regular_files import opened
from gradcheck.sources.folder import is_asked, none_in
from gradcheck.sources.trees import too_large
from gradcheck.sources.unpacking import check_kind, contents

_MOST_SOURCE = 64 * 2**20  # bytes of all source files together, of which few are kept


def gather_archive(archive: Path, target: Path, symbol: str | None, limits: SourceLimits) -> HandIn:
    """Gather the files of an archive, or the one in it that ``target`` names.

    Raises
    ------
    SourceError
        It is broken, holds what no hand-in holds, or nothing that can be read.
    """
    shown = str(archive)
    unpacked = _Unpacked(plain(shown), limits)
    unpacked.fill(archive)
    if archive != target:
        asked = [PurePosixPath(target.relative_to(archive).as_posix())]
    else:
        asked = sorted(one for one in unpacked.sizes if is_asked(one))
    if not asked:
        raise SourceError(none_in(shown))
    unpacked.take(asked)
    keys = tuple(plain(str(one)) for one in asked)
    if archive != target:
        return _one(unpacked, target, keys[0], symbol)
    if not unpacked.kept:
        raise SourceError(none_readable(shown, keys, unpacked.refused))
    return HandIn(unpacked.shown, unpacked.kept, keys, symbol, unpacked.refused, "")


def _one(unpacked: _Unpacked, target: Path, key: str, symbol: str | None) -> HandIn:
    if key in unpacked.refused:
        raise SourceError(unpacked.refused[key])
    if key not in unpacked.kept:
        paths = [unpacked.name(one) for one in unpacked.sizes if is_asked(one)]
        raise SourceError(f"{plain(str(target))}: no such file{nearest(str(target), paths)}")
    return HandIn(plain(str(target)), unpacked.kept, (key,), symbol, unpacked.refused)


@dataclass
class _Unpacked:
    """What an archive holds, and what of it is handed over."""

    shown: str
    limits: SourceLimits
    sizes: dict[PurePosixPath, int] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    _contents: dict[PurePosixPath, bytes | None] = field(default_factory=dict)

    def fill(self, archive: Path) -> None:
        """Unpack the source files that are not too long."""
        if not archive.is_file():
            raise SourceError(f"{self.shown}: no such file")
        check_kind(archive, self.shown)
        is_zip = archive.name.lower().endswith(".zip")
        most = longest(PurePosixPath("any.ipynb"), self.limits)
        with opened(archive, self.shown) as number, os.fdopen(number, "rb", closefd=False) as file:
            total = 0
            for path, size, content in contents(file, self.shown, is_zip=is_zip, longest=most):
                fits = size <= longest(path, self.limits)
                self.sizes[path], self._contents[path] = size, content if fits else None
                total += len(content or b"")
                if total > _MOST_SOURCE:
                    raise SourceError(
                        f"{self.shown}: more than {_MOST_SOURCE // 2**20} MiB of source; "
                        "give an archive of the code alone"
                    )

    def take(self, asked: list[PurePosixPath]) -> None:
        """Keep the files that were asked for, then what they mention, and what that mentions."""
        mentions: Mentions[PurePosixPath] = Mentions(self._entries)
        mentions.look_in(dict.fromkeys(folder for one in asked for folder in one.parents))
        waiting = [one for one in asked if one in self.sizes]
        while waiting:
            for path in waiting:
                self._keep(path, mentions)
            waiting = [one for one in mentions.found() if not self._is_known(one)]

    def name(self, path: PurePosixPath) -> str:
        """Return a file as reports name it."""
        return os.path.normpath(os.path.join(self.shown, path))

    def _keep(self, path: PurePosixPath, mentions: Mentions[PurePosixPath]) -> None:
        shown, key = self.name(path), plain(str(path))
        content = self._contents[path]
        if key != str(path):
            self.refused[key] = odd_name(shown)
        elif len(self.kept) >= self.limits.source_files:
            self.refused[key] = one_too_many(shown, self.limits)
        elif content is None:
            self.refused[key] = too_large(shown, self.sizes[path], longest(path, self.limits))
        else:
            self.kept[key] = content
            mentions.take(content)

    def _is_known(self, path: PurePosixPath) -> bool:
        return plain(str(path)) in self.kept or plain(str(path)) in self.refused

    def _entries(self, folder: PurePosixPath) -> Mapping[str, bool]:
        depth = len(folder.parts)
        below = (one.parts[depth:] for one in self.sizes if one.is_relative_to(folder))
        return {parts[0]: len(parts) > 1 for parts in below if parts}
