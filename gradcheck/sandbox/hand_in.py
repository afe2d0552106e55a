"""The bytes of a hand-in, gathered in the grader, which runs, parses and decodes none of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from gradcheck.errors import UsageError
from gradcheck.sandbox.hand_in_rules import HandIn, SourceLimits, plain
from gradcheck.sandbox.on_disk import OnDisk
from gradcheck.sandbox.regular_files import identity, see_no_link
from gradcheck.sources.unpacking import is_archive

__all__ = ["HandIn", "SourceLimits", "gather"]


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
        Nothing there can be read, or it is itself a link; the message says why.
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
    see_no_link(path, plain(str(path)))
    kept = frozenset(one for one in map(identity, never) if one)
    whole = Path(os.path.abspath(path))
    if whole.is_dir():
        return OnDisk(whole, whole, limits, within, kept).folder(str(path))
    packed = [one for one in path.parents if is_archive(one) and one.is_file()]
    if is_archive(path) or packed:
        from gradcheck.sandbox.archived import gather_archive

        return gather_archive(path if is_archive(path) else packed[0], path, symbol, limits)
    return OnDisk(whole.parent, whole, limits, within, kept).file(str(path), symbol)
