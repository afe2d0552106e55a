"""The pytest plugin: thin and lazy, it imports nothing heavy until a layer is checked.

Here are the hooks; what they do lies beside them and loads with the first layer that is named,
in a ``gradcheck.toml`` or in a test module.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gradcheck.pytest_plugin.in_python import layer_tests as layer_tests
    from gradcheck.pytest_plugin.in_python import parametrize_layers as parametrize_layers

TOML, PROJECT = "gradcheck.toml", "pyproject.toml"
_ITEMS = "gradcheck.pytest_plugin.items"
_IN_PYTHON = "gradcheck.pytest_plugin.in_python"
_FROM_CONTROLLER = "gradcheck_run_seed"
RUN_SEED = pytest.StashKey[int]()
INI = {
    "gradcheck_profile": "profile of gradcheck: dev, ci or thorough",
    "gradcheck_seed": "seed of the drawn cases",
    "gradcheck_examples": "cases for each layer",
    "gradcheck_select": "checks to run, as in --gradcheck-select, separated by blanks",
    "gradcheck_ignore": "checks to leave out, separated by blanks",
    "gradcheck_save_regressions": "folder for failing cases, relative to rootdir",
}


def __getattr__(name: str) -> Any:
    if name not in ("layer_tests", "parametrize_layers"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gradcheck.pytest_plugin import in_python

    return getattr(in_python, name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of gradcheck to pytest."""
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
    add("--gradcheck-seed", type=seed, metavar="N", help="seed of the drawn cases (default: 0)")
    add(
        "--gradcheck-examples",
        type=examples,
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
    for name, told in INI.items():
        if name.endswith(("select", "ignore")):
            parser.addini(name, told, type="args", default=[])
        else:
            parser.addini(name, told, type="string", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and add the configuration to what is collected where asked to."""
    config.addinivalue_line(
        "markers", "gradcheck: a check of a layer; set by gradcheck itself, for -m gradcheck"
    )
    _prepare(config)
    if config.option.gradcheck:
        from gradcheck.pytest_plugin.locating import add_configuration

        add_configuration(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let the workers of pytest-xdist draw from the seed of their controller."""
    node.workerinput[_FROM_CONTROLLER] = node.config.stash[RUN_SEED]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the checks of a layer together under ``--dist loadgroup``."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from gradcheck.pytest_plugin.scheduling import LayerGroups

    return LayerGroups(config, log)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say so where a configuration names layers and ``testpaths`` leaves it out."""
    by_testpaths = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if not by_testpaths or config.option.gradcheck or config.option.no_gradcheck:
        return None
    from gradcheck.pytest_plugin.locating import configuration_of, is_collected

    path = configuration_of(config)
    if path is None or is_collected(config, path):
        return None
    return f"gradcheck: {path.name} is not among testpaths: add it there, or give --gradcheck"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect ``gradcheck.toml``, or a ``pyproject.toml`` that names modules to check."""
    if file_path.name not in (TOML, PROJECT) or parent.config.option.no_gradcheck:
        return None
    if file_path.name == PROJECT:
        if b"gradcheck" not in file_path.read_bytes():  # most projects load nothing more
            return None
        from gradcheck.pytest_plugin.locating import names_modules

        if not names_modules(file_path):
            return None
    from gradcheck.pytest_plugin.collection import ConfigurationFile

    found: pytest.Collector = ConfigurationFile.from_parent(parent, path=file_path)
    return found


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: Any
) -> list[pytest.Item] | None:
    """Collect ``test_layers = layer_tests(...)``."""
    in_python = sys.modules.get(_IN_PYTHON)
    return in_python.items_of(collector, name, obj) if in_python else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give tests under ``@parametrize_layers`` their checks."""
    in_python = sys.modules.get(_IN_PYTHON)
    if in_python:
        in_python.generate(metafunc)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is ours before others choose and share out."""
    if _ITEMS in sys.modules:
        from gradcheck.pytest_plugin.session import marked

        marked(config, items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell the layers which of their checks are left."""
    if _ITEMS in sys.modules:
        from gradcheck.pytest_plugin.session import asked

        asked(session.items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give the report of an item the figures of its layer."""
    if call.when == "call" and _ITEMS in sys.modules:
        from gradcheck.pytest_plugin.session import noted

        noted(item)
    return (yield)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write the table of layers, where there were any."""
    if config.get_verbosity() < 0:
        return
    reports = (report for reports in terminalreporter.stats.values() for report in reports)
    found = (getattr(report, "user_properties", ()) for report in reports)
    told = [list(one) for one in found if any(name == "gradcheck_layer" for name, _ in one)]
    if told:
        from gradcheck.pytest_plugin.summary import summary_lines

        terminalreporter.section("gradcheck")
        for line in summary_lines(told, whole=config.get_verbosity() > 0):
            terminalreporter.write_line(line)


@pytest.fixture
def gradcheck_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return ``seed`` and ``examples`` as they were asked for, for ``check_layer``."""
    from gradcheck.pytest_plugin.options import configuration_at, settings_of, settled

    file = configuration_at(request.config, request.path.parent)
    settings = settings_of(settled(request.config, file, {}))
    return {"seed": settings.seed, "examples": settings.examples}


def _prepare(config: pytest.Config) -> None:
    """Draw the seed of the run, which workers get from their controller; look at the profile."""
    from_controller = getattr(config, "workerinput", {}).get(_FROM_CONTROLLER)
    if from_controller is None:
        import random

        config.stash[RUN_SEED] = random.SystemRandom().randrange(1_000_000)
    else:
        config.stash[RUN_SEED] = from_controller
    if config.option.gradcheck_profile is not None:
        from gradcheck.errors import UsageError
        from gradcheck.profiles import profile_settings

        try:
            profile_settings(config.option.gradcheck_profile)
        except UsageError as error:
            raise pytest.UsageError(f"--gradcheck-profile: {error}") from None


def seed(text: str) -> int:
    """Return the seed that a text names."""
    return _whole(text, 0, 2**63 - 1)


def examples(text: str) -> int:
    """Return how many cases a text asks for."""
    return _whole(text, 1, 1_000_000)


def _whole(text: str, least: int, most: int) -> int:
    number = int(text) if text.strip().isdecimal() else -1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
    return number
