"""Where a project keeps the configuration that names its layers."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from gradcheck.pytest_plugin import PROJECT, TOML


def names_modules(project: Path) -> bool:
    """Return whether ``pyproject.toml`` is the configuration of its folder and names modules."""
    if (project.parent / TOML).is_file():
        return False
    try:
        text = project.read_text(encoding="utf-8")
        table = tomllib.loads(text).get("tool", {}) if "gradcheck" in text else {}
    except (OSError, ValueError):  # pytest itself tells what is no TOML
        return False
    section = table.get("gradcheck")
    return section is not None and not (isinstance(section, dict) and "modules" not in section)


def configuration_of(config: pytest.Config) -> Path | None:
    """Return the configuration in rootdir that may name modules."""
    toml, project = config.rootpath / TOML, config.rootpath / PROJECT
    if toml.is_file():
        return toml if "modules" in toml.read_text(encoding="utf-8", errors="replace") else None
    return project if project.is_file() and names_modules(project) else None


def is_collected(config: pytest.Config, path: Path) -> bool:
    """Return whether what pytest was asked for holds a file."""
    given = [config.invocation_params.dir / str(one).split("::")[0] for one in config.args]
    return any(path == one or one in path.parents for one in map(Path.resolve, given))


def add_configuration(config: pytest.Config) -> None:
    """Add the configuration in rootdir to what pytest collects.

    Raises
    ------
    pytest.UsageError
        There is none that names modules.
    """
    path = configuration_of(config)
    if path is None:
        raise pytest.UsageError(
            f"--gradcheck: no {TOML} (or [tool.gradcheck]) in {config.rootpath} names modules"
        )
    if not is_collected(config, path):
        config.args.append(str(path))
