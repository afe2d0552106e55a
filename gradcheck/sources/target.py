"""From what the user names to what lies there: file, notebook, folder, archive, import path."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from gradcheck.errors import SourceError, nearest
from gradcheck.sources.folder import files_below, topmost
from gradcheck.sources.importing import importing
from gradcheck.sources.neighbours import FileRead, Neighbourhood
from gradcheck.sources.source import Source, SourceModule


def read_source(target: str | Path, *, run_module: bool = False) -> Source:
    """Read a file, notebook, folder, archive or import path that is not ours.

    Only imports, definitions and constants run, statement by statement: what fails becomes a
    note, not an error. ``run_module`` runs the scripts around them too.

    Raises
    ------
    SourceError
        Nothing there can be read; the message says why and what to do.
    """
    from gradcheck.sources.archive import is_archive, read_archive

    path = Path(target)
    shown = str(path)
    if not _exists(path) and isinstance(target, str):
        from gradcheck.sources.import_path import is_import_path, read_import_path

        if is_import_path(target):
            return read_import_path(target)
        file, _, symbol = target.rpartition(":")
        if symbol.isidentifier() and Path(file).is_file():
            return _only(read_source(file, run_module=run_module), file, symbol)
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
    neighbours = Neighbourhood(topmost(path.parent), [path], _names(path, shown), everything)
    try:
        read = neighbours.read(path)
    except BaseException:
        neighbours.forget()
        raise
    neighbours.settle()
    return _source(neighbours, path, [_module(neighbours, read, alone=True)], {})


def read_folder(folder: Path, shown: str, *, everything: bool, base: Path | None = None) -> Source:
    """Read every Python file and notebook below a folder.

    ``base`` is the topmost folder to search for neighbours, where it is known.

    Raises
    ------
    SourceError
        There is no such file, or not one of them can be read.
    """
    files = files_below(folder, shown)
    neighbours = Neighbourhood(base or topmost(folder), files, _names(folder, shown), everything)
    unread: dict[str, str] = {}
    reads: list[FileRead] = []
    for path in files:
        try:
            reads.append(neighbours.read(path))
        except SourceError as error:
            unread[_names(folder, shown)(path)] = str(error)
    neighbours.settle()
    if not reads:
        neighbours.forget()
        told = "\n  ".join(list(unread.values())[:5])
        raise SourceError(f"{shown}: none of its {len(files)} files can be read\n  {told}")
    modules = [_module(neighbours, read, alone=False) for read in reads]
    return _source(neighbours, reads[0].path, modules, unread)


def _only(source: Source, file: str, symbol: str) -> Source:
    """Cut ``source``, read for ``file:symbol``, down to one definition."""
    names = [one.name for module in source.modules for one in module.definitions]
    if symbol not in names:
        source.close()
        known = f" (it defines {', '.join(names[:8])})" if names else ""
        raise SourceError(f"{file}: does not define {symbol!r}{nearest(symbol, names) or known}")
    modules = (
        replace(module, definitions=tuple(d for d in module.definitions if d.name == symbol))
        for module in source.modules
    )
    return replace(source, modules=tuple(m for m in modules if m.definitions), symbol=symbol)


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


def _source(
    neighbours: Neighbourhood,
    file: Path,
    modules: Sequence[SourceModule],
    unread: dict[str, str],
) -> Source:
    return Source(
        tuple(modules),
        unread,
        importing=lambda: importing(neighbours, file),
        closing=neighbours.forget,
    )


def _module(neighbours: Neighbourhood, read: FileRead, *, alone: bool) -> SourceModule:
    reads = neighbours.closure(read.path)
    notes = [*read.notes, *read.execution.notes]
    if alone:  # nobody else tells what happened to the files that it imports
        for other in reads[1:]:
            told = [*other.notes, *other.execution.notes]
            notes += [f"{other.shown}: {one}" for one in told if one not in notes]
    return SourceModule(
        read.shown,
        read.execution.definitions(),
        read.execution.module.__dict__,
        tuple(dict.fromkeys(notes)),
        tuple(name for one in reads for name in one.filenames),
    )


def _names(given: Path, shown: str) -> Callable[[Path], str]:
    """Return the function that names files as the user named ``given``."""

    def name(path: Path) -> str:
        if path == given:
            return shown
        return os.path.normpath(os.path.join(shown, os.path.relpath(path, given)))

    return name


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True
