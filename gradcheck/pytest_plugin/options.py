"""What the options of the plugin say: command line, ini file and configuration together.

The command line comes before what a test module says, that before the ini file, that before
``gradcheck.toml``, that before the profile and the defaults.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradcheck.pytest_plugin import INI, RUN_SEED, examples, seed

if TYPE_CHECKING:
    from gradcheck.checks.check import Check
    from gradcheck.configuration import Configuration
    from gradcheck.settings import Settings

_CONFIGURATIONS = pytest.StashKey[dict[Path, "Configuration"]]()


def settled(config: pytest.Config, file: Configuration, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a check function that all levels say together.

    Raises
    ------
    UsageError
        One of them says what is not known.
    """
    from gradcheck.profiles import merged

    typed = typed_options(config)
    said = merged(file.level, _ini(config), given, typed)
    if said.get("seed", 0) is None:
        said["seed"] = config.stash[RUN_SEED]
    return said


def checks_of(options: Mapping[str, Any]) -> tuple[Check, ...]:
    """Return the checks that options select.

    Raises
    ------
    UsageError
        A word selects none, or none is left.
    """
    from gradcheck.checks.catalogue import selected

    settings = settings_of(options)
    found = selected(settings.select, settings.ignore, preview=settings.preview)
    return tuple(one for one in found if not one.isolated)  # pytest runs layers in its process


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Return the settings among the options of a check function.

    Raises
    ------
    UsageError
        An option is not known.
    """
    from gradcheck.settings import settings_from

    reading = ("kind", "signature", "parameters")
    return settings_from({name: one for name, one in options.items() if name not in reading})


def typed_options(config: pytest.Config) -> dict[str, Any]:
    """Return what was given on the command line."""
    names = ("profile", "seed", "examples", "select", "ignore", "save_regressions")
    given = {name: config.getoption(f"gradcheck_{name}") for name in names}
    return {name: value for name, value in given.items() if value is not None}


def configuration_at(config: pytest.Config, folder: Path) -> Configuration:
    """Return the nearest configuration at or above a folder, within rootdir.

    Raises
    ------
    UsageError
        It cannot be used.
    """
    from gradcheck.configuration import Configuration, find_configuration

    known = config.stash.setdefault(_CONFIGURATIONS, {})
    if folder not in known:
        found = find_configuration(folder)
        inside = found.path is not None and found.path.is_relative_to(config.rootpath)
        known[folder] = found if inside else Configuration()
    return known[folder]


def _ini(config: pytest.Config) -> dict[str, Any]:
    from gradcheck.errors import UsageError

    told = {name.removeprefix("gradcheck_"): config.getini(name) for name in INI}
    said: dict[str, Any] = {name: value for name, value in told.items() if value}
    for name, convert in (("seed", seed), ("examples", examples)):
        if name in said:
            try:
                said[name] = convert(said[name])
            except (ValueError, argparse.ArgumentTypeError) as error:
                raise UsageError(f"gradcheck_{name} = {said[name]}: {error}") from None
    if "save_regressions" in said:
        said["save_regressions"] = str(config.rootpath / said["save_regressions"])
    return said
