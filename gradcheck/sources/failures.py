"""What is said about a statement of a file that does not run."""

from __future__ import annotations

import ast
import re
import sys
import traceback

from gradcheck.sources.definitions import bound_names
from gradcheck.sources.text import Passage

_INSTALLED_AT = re.compile(r" \(/[^()]*\)$")  # where Python lives says nothing about the file


class Forbidden(ImportError):
    """A package that is installed, in a process that may not read it."""

    def __init__(self, name: str) -> None:
        top = name.partition(".")[0]
        super().__init__(f"{top} is installed, but an isolated file may not use it", name=name)


def told(error: BaseException, piece: ast.stmt, passage: Passage) -> str:
    """Return the note about a statement that failed."""
    missing = isinstance(piece, (ast.Import, ast.ImportFrom)) and lacking(error)
    if missing:
        return f"{missing}; what needs it was left out"
    line = _line_of(error, passage.filename) or piece.lineno
    if isinstance(piece, (ast.Import, ast.ImportFrom)):
        return f"{where(passage, line)}{ast.unparse(piece)} failed ({text(error)})"
    names = ", ".join(dict.fromkeys(bound_names(piece))) or "a statement"
    return f"{where(passage, line)}{names} could not be defined ({text(error)})"


def lacking(error: BaseException) -> str:
    """Say which package is not there, where that is why an import failed."""
    if isinstance(error, Forbidden):
        return str(error)
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ""
    top = error.name.partition(".")[0]
    if top in sys.modules:  # the package is there, a part of it is not
        return f"{error.name} is not in the installed {top}"
    return f"{top} is not installed, nor a file beside this one"


def text(error: BaseException) -> str:
    """Return type and first line of an error."""
    first = _INSTALLED_AT.sub("", str(error).strip().split("\n")[0])[:200]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def where(passage: Passage, line: int | None) -> str:
    """Return the beginning of a note, ``"cell 4, line 2: "``; nothing for a whole file."""
    parts = [passage.place, f"line {line}" if line else ""]
    return ", ".join(part for part in parts if part) + ": " if any(parts) else ""


def _line_of(error: BaseException, filename: str) -> int | None:
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno for f in reversed(frames) if f.filename == filename), None)


def dotted(piece: ast.stmt, name: str) -> str:
    """Return the full name of what an import binds to ``name``."""
    for alias in piece.names if isinstance(piece, (ast.Import, ast.ImportFrom)) else []:
        if name == alias.asname or name == alias.name.partition(".")[0]:
            if isinstance(piece, ast.ImportFrom):
                return ".".join(part for part in (piece.module, alias.name) if part)
            return alias.name if alias.asname else name
    return name
