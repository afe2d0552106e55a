"""A file as the passages that run one after another: one for a script, cells for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from gradcheck.sources.python2 import NOTE
from gradcheck.sources.text import Passage, decode, parse
from gradcheck.sources.trees import FileTree


def passages_of(
    tree: FileTree, path: PurePath, shown: str
) -> tuple[Sequence[Passage], tuple[str, ...]]:
    """Return the passages of a file, and notes about how it was read.

    Raises
    ------
    SourceError
        The file cannot be read, or nothing in it can.
    """
    data = tree.read(path, shown)
    text, notes = decode(data, shown)
    passages: Sequence[Passage]
    if path.suffix == ".ipynb":
        from gradcheck.sources.notebook import cells  # JSON is only for notebooks

        passages, more = cells(text, shown)
        notes = (*notes, *more)
    else:
        passages = [parse(text, shown)]
    if any(one.is_old for one in passages):
        notes = (*notes, NOTE)
    return passages, notes
