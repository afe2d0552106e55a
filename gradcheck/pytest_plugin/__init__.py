"""The pytest plugin: thin and lazy, it imports nothing heavy until a layer is checked.

Here are the hooks; what they do lies beside them and loads with the first layer that is named,
in a ``gradcheck.toml`` or in a test module.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gradcheck.pytest_plugin.in_python import layer_tests as layer_tests
    from gradcheck.pytest_plugin.in_python import parametrize_layers as parametrize_layers

_TOML, _PROJECT = "gradcheck.toml", "pyproject.toml"
_ITEMS = "gradcheck.pytest_plugin.items"
_IN_PYTHON = "gradcheck.pytest_plugin.in_python"


def __getattr__(name: str) -> Any:
    if name not in ("layer_tests", "parametrize_layers"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gradcheck.pytest_plugin import in_python

    return getattr(in_python, name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of gradcheck to pytest."""
    from gradcheck.pytest_plugin.options import declare

    declare(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and add the configuration to what is collected where asked to."""
    from gradcheck.pytest_plugin.options import prepare

    config.addinivalue_line(
        "markers", "gradcheck: a check of a layer; set by gradcheck itself, for -m gradcheck"
    )
    prepare(config)
    if config.option.gradcheck:
        _add_configuration(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let the workers of pytest-xdist draw from the seed of their controller."""
    from gradcheck.pytest_plugin.options import share

    share(node.config, node.workerinput)


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
    path = _configuration_of(config)
    if path is None or _is_collected(config, path):
        return None
    return f"gradcheck: {path.name} is not among testpaths: add it there, or give --gradcheck"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect ``gradcheck.toml``, or a ``pyproject.toml`` that names modules to check."""
    if file_path.name not in (_TOML, _PROJECT) or parent.config.option.no_gradcheck:
        return None
    if file_path.name == _PROJECT and not _speaks(file_path):
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


def _speaks(project: Path) -> bool:
    """Return whether ``pyproject.toml`` is the configuration of its folder and names modules."""
    import tomllib

    if (project.parent / _TOML).is_file():
        return False
    try:
        text = project.read_text(encoding="utf-8")
        table = tomllib.loads(text).get("tool", {}) if "gradcheck" in text else {}
    except (OSError, ValueError):  # pytest itself tells what is no TOML
        return False
    section = table.get("gradcheck")
    return section is not None and not (isinstance(section, dict) and "modules" not in section)


def _configuration_of(config: pytest.Config) -> Path | None:
    """Return the configuration in rootdir that may name modules."""
    toml, project = config.rootpath / _TOML, config.rootpath / _PROJECT
    if toml.is_file():
        return toml if "modules" in toml.read_text(encoding="utf-8", errors="replace") else None
    return project if project.is_file() and _speaks(project) else None


def _is_collected(config: pytest.Config, path: Path) -> bool:
    given = [config.invocation_params.dir / str(one).split("::")[0] for one in config.args]
    return any(path == one or one in path.parents for one in map(Path.resolve, given))


def _add_configuration(config: pytest.Config) -> None:
    path = _configuration_of(config)
    if path is None:
        raise pytest.UsageError(
            f"--gradcheck: no {_TOML} (or [tool.gradcheck]) in {config.rootpath} names modules"
        )
    if not _is_collected(config, path):
        config.args.append(str(path))
