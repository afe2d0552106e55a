"""From what the user names to what lies there: file, notebook, folder, archive, import path."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from gradcheck.errors import SourceError, nearest
from gradcheck.sources.folder import files_below, topmost
from gradcheck.sources.reading import only, read_all, read_one
from gradcheck.sources.source import Source
from gradcheck.sources.trees import DiskTree


def read_source(target: str | Path, *, run_module: bool = False) -> Source:
    """Read a file, notebook, folder, archive or import path that is not ours.

    Only imports, definitions and constants run, statement by statement: what fails becomes a
    note, not an error. ``run_module`` runs the scripts around them too.

    Raises
    ------
    SourceError
        Nothing there can be read; the message says why and what to do.
    """
    from gradcheck.sources.archive import read_archive
    from gradcheck.sources.unpacking import is_archive

    path = Path(target)
    shown = str(path)
    if not _exists(path) and isinstance(target, str):
        from gradcheck.sources.import_path import is_import_path, read_import_path

        if is_import_path(target):
            return read_import_path(target)
        file, _, symbol = target.rpartition(":")
        if symbol.isidentifier() and Path(file).is_file():
            return only(read_source(file, run_module=run_module), file, symbol)
    whole = Path(os.path.abspath(path))
    if whole.is_dir():
        return read_folder(whole, shown, everything=run_module)
    if is_archive(path):
        return read_archive(whole, shown, everything=run_module)
    packed = next((one for one in path.parents if is_archive(one) and one.is_file()), None)
    if packed is not None:
        return _one_file(read_archive(packed, str(packed), everything=run_module), shown)
    return read_file(whole, shown, everything=run_module)


def read_file(path: Path, shown: str, *, everything: bool) -> Source:
    """Read one file or notebook; the files that it imports are run, but not given.

    Raises
    ------
    SourceError
        It cannot be read.
    """
    return read_one(DiskTree(), topmost(path.parent), path, shown, everything=everything)


def read_folder(folder: Path, shown: str, *, everything: bool, base: Path | None = None) -> Source:
    """Read every Python file and notebook below a folder.

    ``base`` is the topmost folder to search for neighbours, where it is known.

    Raises
    ------
    SourceError
        There is no such file, or not one of them can be read.
    """
    files = files_below(folder, shown)
    return read_all(
        DiskTree(), base or topmost(folder), folder, files, shown, everything=everything
    )


def _one_file(archive: Source, shown: str) -> Source:
    """Cut an archive down to one of its files, named as reports name it."""
    modules = tuple(module for module in archive.modules if module.path == shown)
    if not modules:
        archive.close()
        if shown in archive.unread:
            raise SourceError(archive.unread[shown])
        paths = [module.path for module in archive.modules]
        raise SourceError(f"{shown}: no such file{nearest(shown, paths)}")
    return replace(archive, modules=modules, unread={})


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True
