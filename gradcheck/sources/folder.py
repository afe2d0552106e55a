"""Which files of a folder are read, and how far around a file its neighbours are looked for."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path, PurePath

from gradcheck.errors import SourceError

SUFFIXES = (".py", ".ipynb")
MOST = 2000  # files; a hand-in has dozens, a home folder by mistake has more
_SKIPPED_FOLDERS = frozenset(
    ["__pycache__", "__MACOSX", "venv", "env", "site-packages", "node_modules", "build", "dist"]
)
_SKIPPED_FILES = ("setup.py", "conftest.py")
_LEVELS = 4


def files_below(folder: Path, shown: str) -> list[Path]:
    """Return the Python files and notebooks below ``folder``, sorted.

    Raises
    ------
    SourceError
        There are none, or too many.
    """
    files = [one for one in names_below(folder, shown) if one.is_file()]
    if not files:
        raise SourceError(none_in(shown))
    return files


def none_in(shown: str) -> str:
    """Say that a folder holds nothing to read."""
    return f"{shown}: no .py file and no notebook in this folder"


def names_below(folder: Path, shown: str) -> list[Path]:
    """Return what is named like a Python file or notebook below ``folder``, sorted.

    Hidden files, caches, virtual environments, tests and ``setup.py`` are passed over, links to
    folders are not followed.

    Raises
    ------
    SourceError
        There are too many.
    """
    found: list[Path] = []
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise SourceError(f"{shown}: cannot be read ({error.strerror})") from None
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not _is_skipped(Path(place, one)))
        found += [Path(place, one) for one in names if _is_wanted(one)]
        if len(found) > MOST:
            raise SourceError(
                f"{shown}: more than {MOST} Python files; give the folder of one hand-in"
            )
    return sorted(found)


def is_asked(path: PurePath) -> bool:
    """Whether a file of an archive is one that ``names_below`` would give."""
    return _is_wanted(path.name) and not any(map(_is_passed_over, path.parts[:-1]))


def topmost(folder: Path) -> Path:
    """Return the topmost folder in which a file of ``folder`` may find what it imports.

    That is above its package, or four levels up, but within its repository and never the home
    folder, the temporary folder or the root, where anything may lie about.
    """
    top = folder
    levels = 0
    while top != top.parent:
        if levels >= _LEVELS and not (top / "__init__.py").is_file():
            break
        if (top / ".git").exists() or _is_common_ground(top.parent):
            break
        top = top.parent
        levels += 1
    return top


def _is_common_ground(folder: Path) -> bool:
    grounds = {Path(tempfile.gettempdir()), Path(os.path.expanduser("~")), Path(folder.anchor)}
    return folder in grounds


def _is_skipped(folder: Path) -> bool:
    if _is_passed_over(folder.name):
        return True
    return any((folder / one).is_file() for one in ("pyvenv.cfg", "bin/activate"))


def _is_passed_over(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED_FOLDERS


def _is_wanted(name: str) -> bool:
    if name.startswith((".", "test_")) or name in _SKIPPED_FILES:
        return False
    return name.endswith(SUFFIXES)
