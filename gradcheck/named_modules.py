"""The modules that a configuration names: its patterns, found beside the file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gradcheck.configuration import Configuration
from gradcheck.errors import UsageError
from gradcheck.sources.folder import SUFFIXES, files_below
from gradcheck.sources.import_path import is_import_path
from gradcheck.targets import split_target


@dataclass(frozen=True)
class NamedModule:
    """A module to check: its name beside the configuration, and how to read it from here.

    ``symbols`` are the layers asked for, none for all; ``only_if_any`` says that a pattern found
    it, which may well have found files without layers too.
    """

    name: str
    target: str
    symbols: tuple[str, ...] = ()
    only_if_any: bool = False


def named_modules(configuration: Configuration) -> list[NamedModule]:
    """Return the modules that ``modules = [...]`` names, each once, in its order.

    Raises
    ------
    UsageError
        An entry names nothing that is there.
    """
    if configuration.path is None:
        return []
    found: dict[tuple[str, tuple[str, ...]], NamedModule] = {}
    for entry in configuration.modules:
        listed = list(_of_entry(configuration.path, entry))
        if not listed:
            raise UsageError(f"{configuration.path}: modules: {entry!r} matches no file")
        for one in listed:
            found.setdefault((one.name, one.symbols), one)
    return list(found.values())


def _of_entry(configured: Path, entry: str) -> Iterator[NamedModule]:
    folder = configured.parent
    written, symbol = split_target(entry)
    symbols = (symbol,) if symbol else ()
    place = folder / written
    if place.is_file():
        yield _file(folder, place, symbols, some=False)
    elif place.is_dir():
        yield from (_file(folder, one, symbols) for one in files_below(place, written))
    elif any(sign in written for sign in "*?["):
        files = (one for one in _matching(folder, written) if one.name.endswith(SUFFIXES))
        yield from (_file(folder, one, symbols) for one in files)
    elif is_import_path(written):
        yield NamedModule(written, written, symbols)
    else:
        raise UsageError(
            f"{configured}: modules: {entry!r} is no file or folder beside it, no pattern and no "
            "import path"
        )


def _matching(folder: Path, pattern: str) -> list[Path]:
    if Path(pattern).is_absolute():
        raise UsageError(f"modules: {pattern!r} is absolute; patterns are relative to {folder}")
    return sorted(one for one in folder.glob(pattern) if one.is_file())


def _file(folder: Path, place: Path, symbols: tuple[str, ...], *, some: bool = True) -> NamedModule:
    name = Path(os.path.relpath(place, folder)).as_posix()
    return NamedModule(name, from_here(place), symbols, only_if_any=some)


def from_here(place: Path) -> str:
    """Return a path as a person in the current folder would type it."""
    try:
        return os.path.relpath(place) if place.is_relative_to(Path.cwd()) else str(place)
    except FileNotFoundError:  # there is no current folder any more
        return str(place)
