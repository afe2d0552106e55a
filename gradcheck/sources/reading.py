"""From the files of a tree to a ``Source``: one file, or all that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from gradcheck.errors import SourceError, nearest
from gradcheck.sources.importing import importing
from gradcheck.sources.neighbours import FileRead, Neighbourhood
from gradcheck.sources.source import Source, SourceModule
from gradcheck.sources.trees import FileTree, names_from


def read_one(
    tree: FileTree, base: PurePath, path: PurePath, shown: str, *, everything: bool
) -> Source:
    """Read one file or notebook; the files below ``base`` that it imports are run, but not given.

    Raises
    ------
    SourceError
        It cannot be read.
    """
    neighbours = Neighbourhood(tree, base, [path], names_from(path, shown), everything)
    try:
        read = neighbours.read(path)
    except BaseException:
        neighbours.forget()
        raise
    neighbours.settle()
    return _source(neighbours, path, [_module(neighbours, read, alone=True)], {})


def read_all(
    tree: FileTree,
    base: PurePath,
    folder: PurePath,
    files: Sequence[PurePath],
    shown: str,
    *,
    everything: bool,
) -> Source:
    """Read all ``files``, which lie below ``folder``; the user named that one ``shown``.

    Raises
    ------
    SourceError
        Not one of them can be read.
    """
    name = names_from(folder, shown)
    neighbours = Neighbourhood(tree, base, files, name, everything)
    unread: dict[str, str] = {}
    reads: list[FileRead] = []
    for path in files:
        try:
            reads.append(neighbours.read(path))
        except SourceError as error:
            unread[name(path)] = str(error)
    neighbours.settle()
    if not reads:
        neighbours.forget()
        told = "\n  ".join(list(unread.values())[:5])
        raise SourceError(f"{shown}: none of its {len(files)} files can be read\n  {told}")
    modules = [_module(neighbours, read, alone=False) for read in reads]
    return _source(neighbours, reads[0].path, modules, unread)


def only(source: Source, file: str, symbol: str) -> Source:
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


def _source(
    neighbours: Neighbourhood,
    file: PurePath,
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
