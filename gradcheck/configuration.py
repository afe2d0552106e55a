"""``gradcheck.toml`` and ``[tool.gradcheck]``: settings and assumptions kept in a file.

Looked for in the current folder and those above it, never in a hand-in: whoever runs the checks
decides how they are read.
"""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradcheck.assumptions import Assumptions, assumptions_from
from gradcheck.errors import UsageError, nearest
from gradcheck.profiles import PROFILES
from gradcheck.waivers import waivers_from

_SETTINGS = (
    *("examples", "seed", "select", "ignore", "fail", "preview", "strict", "mode", "dtypes"),
    *("hints", "waivers", "profile", "shrink_seconds", "save_regressions"),
)
_TABLES = ("assume", "layers", "modules")


@dataclass(frozen=True)
class Configuration:
    """What a file says: settings, assumptions for all layers, and for single ones by name.

    ``modules`` are the files, folders and import paths whose layers are to be checked, as written.
    """

    path: Path | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    assume: Assumptions = field(default_factory=Assumptions)
    layers: Mapping[str, Assumptions] = field(default_factory=dict)
    modules: tuple[str, ...] = ()

    @property
    def level(self) -> dict[str, Any]:
        """Return all that it says of how to check, as options of a check function."""
        return {**self.settings, "assume": self.assume, "layers": dict(self.layers)}


def find_configuration(start: Path | None = None) -> Configuration:
    """Return the nearest configuration at or above a folder, an empty one where there is none.

    Raises
    ------
    UsageError
        The file does not parse, or says what is not known.
    """
    folder = (start or Path.cwd()).resolve()
    for one in (folder, *folder.parents):
        if (one / "gradcheck.toml").is_file():
            return read_configuration(one / "gradcheck.toml")
        project = one / "pyproject.toml"
        if project.is_file() and "gradcheck" in _load(project).get("tool", {}):
            return read_configuration(project)
        if (one / ".git").exists():
            break
    return Configuration()


def read_configuration(path: Path) -> Configuration:
    """Return what a ``gradcheck.toml`` or ``pyproject.toml`` says.

    Raises
    ------
    UsageError
        The file is missing, does not parse, or says what is not known.
    """
    table = _load(path)
    if path.name == "pyproject.toml":
        section = table.get("tool", {}).get("gradcheck", {})
        table = dict(_table(section, f"{path}: [tool.gradcheck]"))
    known = (*_SETTINGS, *_TABLES)
    for name in table:
        if name not in known:
            raise UsageError(
                f"{path}: unknown key {name!r}{nearest(name, known)}. Known: {', '.join(known)}"
            )
    for name in ("examples", "seed"):
        if not isinstance(table.get(name, 0), int):
            raise UsageError(f"{path}: {name} = {table[name]!r} is no whole number")
    if not isinstance(table.get("shrink_seconds", 0), (int, float)):
        raise UsageError(f"{path}: shrink_seconds = {table['shrink_seconds']!r} is no number")
    layers = _table(table.get("layers", {}), f"{path}: [layers]")
    return Configuration(
        path,
        _settings(path, table),
        assumptions_from(_table(table.get("assume", {}), f"{path}: [assume]"), f"{path}: [assume]"),
        {
            name: assumptions_from(_table(one, where), where)
            for name, one in layers.items()
            for where in [f"{path}: [layers.{name}]"]
        },
        _modules(path, table.get("modules", [])),
    )


def _modules(path: Path, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise UsageError(
            f"{path}: modules = {value!r}, expected a list: ['layers/*.py', 'a.module']"
        )
    return tuple(value)


def _settings(path: Path, table: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: table[name] for name in _SETTINGS if name in table}
    if "waivers" in found:
        found["waivers"] = waivers_from(found["waivers"], f"{path}: [[waivers]]")
    folder = found.get("save_regressions")
    if folder is not None:
        if not isinstance(folder, str) or not folder:
            raise UsageError(f"{path}: save_regressions = {folder!r} is no name of a folder")
        found["save_regressions"] = _seen_from_here(path.parent / folder)
    if found.get("profile", "") not in ("", *PROFILES):
        near = nearest(str(found["profile"]), PROFILES)
        raise UsageError(
            f"{path}: no profile {found['profile']!r}{near}. Known: {', '.join(PROFILES)}"
        )
    return found


def _seen_from_here(folder: Path) -> str:
    """Return a folder as it is called from the current one, where it lies below it."""
    with contextlib.suppress(ValueError):
        return str(folder.relative_to(Path.cwd()))
    return str(folder)


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UsageError(
            f"{where} is {value!r}, expected a table: {where.split(': ')[-1]}, then "
            "one NAME = VALUE a line"
        )
    return value


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from None
