"""The options of the plugin, and what command line, ini file and configuration say together.

The command line comes before what a test module says, that before the ini file, that before
``gradcheck.toml``, that before the profile and the defaults.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gradcheck.checks.catalogue import Check
    from gradcheck.configuration import Configuration
    from gradcheck.settings import Settings

_RUN_SEED = "gradcheck_run_seed"
_RUN = pytest.StashKey[int]()
_CONFIGURATIONS = pytest.StashKey[dict[Path, "Configuration"]]()
_INI = {
    "gradcheck_profile": "profile of gradcheck: dev, ci or thorough",
    "gradcheck_seed": "seed of the drawn cases",
    "gradcheck_examples": "cases for each layer",
    "gradcheck_select": "checks to run, as in --gradcheck-select, separated by blanks",
    "gradcheck_ignore": "checks to leave out, separated by blanks",
    "gradcheck_save_regressions": "folder for failing cases, relative to rootdir",
}


def declare(parser: pytest.Parser) -> None:
    """Add the options and ini keys to pytest."""
    add = parser.getgroup("gradcheck", "gradcheck: checking backward passes").addoption
    add(
        "--gradcheck",
        action="store_true",
        help="check the layers that gradcheck.toml (or [tool.gradcheck]) in rootdir names, "
        "whatever else is asked for",
    )
    add("--no-gradcheck", action="store_true", help="leave all checks of gradients out")
    add(
        "--gradcheck-profile",
        metavar="NAME",
        help="dev (few cases, a fresh seed), ci (seed 0) or thorough (many, a fresh seed)",
    )
    add("--gradcheck-seed", type=_seed, metavar="N", help="seed of the drawn cases (default: 0)")
    add(
        "--gradcheck-examples",
        type=_examples,
        metavar="N",
        help="cases for each layer (default: that of the profile, 60 without)",
    )
    for name, what in (("select", "run only these checks"), ("ignore", "leave these checks out")):
        add(
            f"--gradcheck-{name}",
            action="append",
            metavar="CHECK",
            help=f"{what}: a name, a code, a prefix of a code, or a category",
        )
    add(
        "--gradcheck-save-regressions",
        metavar="DIR",
        help="keep the smallest failing cases in DIR, and check them first in later runs",
    )
    for name, told in _INI.items():
        if name.endswith(("select", "ignore")):
            parser.addini(name, told, type="args", default=[])
        else:
            parser.addini(name, told, type="string", default="")


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
        said["seed"] = config.stash[_RUN]
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
    return selected(settings.select, settings.ignore, preview=settings.preview)


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


def prepare(config: pytest.Config) -> None:
    """Draw the seed of the run, which workers get from their controller; look at the profile.

    Raises
    ------
    pytest.UsageError
        The command line names a profile that is not known.
    """
    from_controller = getattr(config, "workerinput", {}).get(_RUN_SEED)
    if from_controller is None:
        import random

        config.stash[_RUN] = random.SystemRandom().randrange(1_000_000)
    else:
        config.stash[_RUN] = from_controller
    if config.option.gradcheck_profile is not None:
        from gradcheck.errors import UsageError
        from gradcheck.profiles import profile_settings

        try:
            profile_settings(config.option.gradcheck_profile)
        except UsageError as error:
            raise pytest.UsageError(f"--gradcheck-profile: {error}") from None


def share(config: pytest.Config, workerinput: dict[str, Any]) -> None:
    """Give a worker of pytest-xdist the seed of the run."""
    workerinput[_RUN_SEED] = config.stash[_RUN]


def _ini(config: pytest.Config) -> dict[str, Any]:
    from gradcheck.errors import UsageError

    told = {name.removeprefix("gradcheck_"): config.getini(name) for name in _INI}
    said: dict[str, Any] = {name: value for name, value in told.items() if value}
    for name, convert in (("seed", _seed), ("examples", _examples)):
        if name in said:
            try:
                said[name] = convert(said[name])
            except (ValueError, argparse.ArgumentTypeError) as error:
                raise UsageError(f"gradcheck_{name} = {said[name]}: {error}") from None
    if "save_regressions" in said:
        said["save_regressions"] = str(config.rootpath / said["save_regressions"])
    return said


def _seed(text: str) -> int:
    return _whole(text, 0, 2**63 - 1)


def _examples(text: str) -> int:
    return _whole(text, 1, 1_000_000)


def _whole(text: str, least: int, most: int) -> int:
    number = int(text) if text.strip().isdecimal() else -1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
    return number
