"""Jupyter notebooks: their code cells, without magics, each a passage of its own.

The two formats that are in use, 3 and 4, are plain JSON, so that a notebook is read wherever
gradcheck is installed; nbformat converts what is older or newer.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from typing import Any

from gradcheck.errors import SourceError
from gradcheck.sources.text import Passage, parse

_PYTHON = re.compile(r"i?python[\d.]*|sage.*|xpython|conda.*|")
_CELL_MAGIC = re.compile(r"\s*%%\s*(\w*).*")
_KEEPS_ITS_BODY = ("time", "timeit", "capture", "prun", "python", "python3", "py")


def cells(text: str, shown: str) -> tuple[list[Passage], list[str]]:
    """Return the code cells of a notebook that Python can read, and notes about the others.

    Cells are counted as they stand in the notebook, those of text too.

    Raises
    ------
    SourceError
        It is no notebook, or none of its cells can be read.
    """
    passages: list[Passage] = []
    notes: list[str] = []
    for number, source in _sources(_notebook(text, shown), shown):
        place = f"cell {number}"
        filename = f"{shown}, {place}"
        try:
            passages.append(parse(_without_cell_magic(source), filename, place))
        except SourceError as error:
            told = str(error).split("\n")[0].removeprefix(filename).lstrip(": ")
            line = ", line " if told[:1].isdigit() else ": "
            notes.append(f"{place}{line}{told}; the cell was left out")
    if notes and not passages:
        raise SourceError(f"{shown}: none of its cells can be read\n  " + "\n  ".join(notes[:5]))
    return passages, notes


def _notebook(text: str, shown: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{shown}: not a notebook, for it is no JSON ({error})") from None
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise SourceError(f"{shown}: not a notebook (JSON without an nbformat)")
    if content["nbformat"] not in (3, 4):
        content = _converted(text, shown)
    language = _language(content)
    if not _PYTHON.fullmatch(language.lower()):
        raise SourceError(f"{shown}: a notebook in {language}; gradcheck reads Python")
    return dict(content)


def _converted(text: str, shown: str) -> dict[str, Any]:
    try:
        import nbformat
    except (ImportError, PermissionError):  # the latter in a confined process
        raise SourceError(
            f"{shown}: to read a notebook of this format: pip install 'gradcheck[notebooks]'"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return dict(nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001 - whatever a broken notebook does to its reader
        raise SourceError(f"{shown}: nbformat cannot read this notebook ({error})") from None


def _language(content: dict[str, Any]) -> str:
    metadata = content.get("metadata")
    if isinstance(metadata, dict):
        for part, key in (("language_info", "name"), ("kernelspec", "language")):
            entry = metadata.get(part)
            if isinstance(entry, dict) and isinstance(entry.get(key), str):
                return str(entry[key])
    return "python"


def _sources(content: dict[str, Any], shown: str) -> Iterator[tuple[int, str]]:
    sheets = content.get("worksheets")
    holders = sheets if isinstance(sheets, list) else [content]
    try:
        found = [cell for holder in holders for cell in holder.get("cells", [])]
        for number, cell in enumerate(found, start=1):
            if cell.get("cell_type") == "code":
                source = cell.get("source", cell.get("input", ""))
                yield number, source if isinstance(source, str) else "".join(source)
    except (AttributeError, TypeError) as error:
        raise SourceError(f"{shown}: not a notebook ({error})") from None


def _without_cell_magic(source: str) -> str:
    """Blank a first line such as ``%%time``; blank the whole of a cell in another language."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    magic = _CELL_MAGIC.match(source)
    if magic is None:
        return source
    if magic[1] not in _KEEPS_ITS_BODY:
        return ""
    return "\n" * magic[0].count("\n") + source[magic.end() :]
