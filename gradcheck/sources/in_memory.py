"""Reading files that lie in memory: no file system is touched, for a worker has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import gradcheck.sources.notebook  # noqa: F401 - a worker cannot import it later
from gradcheck.sources.reading import only, read_all, read_one
from gradcheck.sources.source import Source
from gradcheck.sources.trees import MemoryTree

# Nothing lies there. One level below the root, so that a relative import can lead out of it.
_BASE = PurePosixPath("/hand-in")


def read_in_memory(
    files: Mapping[str, bytes],
    asked: Sequence[str],
    shown: str,
    symbol: str | None = None,
    *,
    folder: str | None = None,
    refused: Mapping[str, str] | None = None,
    run_module: bool = False,
) -> Source:
    """Read files from their bytes, as ``read_source`` reads them from the disk.

    Parameters
    ----------
    files
        The content by the path below the topmost folder, with ``/`` between its parts.
    asked
        Which of them the user asked for; the others are there to be imported by these.
    shown
        The file or folder as the user named it.
    symbol
        The one definition that was asked for.
    folder
        The path of the folder that ``shown`` names, empty for the topmost; None where it names
        the one file of ``asked``.
    refused
        Files that are there but were not handed over, and what is to be said about each.
    run_module
        Run the scripts around the definitions too.

    Raises
    ------
    SourceError
        Nothing can be read, or the symbol is not there.
    """
    tree = MemoryTree(files, refused or {}, _BASE)
    paths = [_BASE / one for one in asked]
    if folder is None:
        source = read_one(tree, _BASE, paths[0], shown, everything=run_module)
    else:
        source = read_all(tree, _BASE, _BASE / folder, paths, shown, everything=run_module)
    return only(source, shown, symbol) if symbol else source
