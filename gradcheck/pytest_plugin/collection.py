"""A configuration that names modules is collected: file, module, layer, one item for each check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from gradcheck.checks.check import Check
from gradcheck.configuration import read_configuration
from gradcheck.errors import UsageError
from gradcheck.named_modules import named_modules
from gradcheck.pytest_plugin.items import CheckItem, LayerCheck
from gradcheck.pytest_plugin.layer_run import LayerRun
from gradcheck.pytest_plugin.module_runs import ModuleRuns
from gradcheck.pytest_plugin.options import checks_of, settled


class ConfigurationFile(pytest.File):
    """``gradcheck.toml`` or ``pyproject.toml``; its children are the modules that it names."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Yield a collector for each module.

        Raises
        ------
        CollectError
            The file cannot be used, in one line.
        """
        try:
            configuration = read_configuration(self.path)
            found = named_modules(configuration)
            options = settled(self.config, configuration, {})
            checks = checks_of(options)
        except UsageError as error:
            raise self.CollectError(self._told(error)) from None
        if not found and self.session.isinitpath(self.path):
            raise self.CollectError(
                f"{self.nodeid}: names no modules to check; add modules = ['layers/*.py']"
            )
        for named in found:
            yield ModuleOfLayers.from_parent(
                self,
                name=named.name,
                runs=ModuleRuns(named, self.path.parent, options),
                checks=checks,
            )

    def _told(self, error: UsageError) -> str:
        return str(error).replace(str(self.path), self.nodeid)


class ModuleOfLayers(pytest.Collector):
    """A module that a configuration names; its children are its layers."""

    def __init__(self, *, runs: ModuleRuns, checks: Sequence[Check], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.runs, self.checks = runs, checks

    def collect(self) -> Iterator[pytest.Collector]:
        """Yield a collector for each layer.

        Raises
        ------
        CollectError
            The module cannot be read, or holds no layer.
        """
        try:
            found = self.runs.layers()
        except UsageError as error:
            raise self.CollectError(str(error)) from None
        for run in found:
            yield Layer.from_parent(self, name=run.symbol, run=run, checks=self.checks)


class Layer(pytest.Collector):
    """A layer; its children are the checks."""

    def __init__(self, *, run: LayerRun, checks: Sequence[Check], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run, self.checks = run, checks

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each check that is selected."""
        for check in self.run.checks_among(self.checks):
            layer_check = LayerCheck(self.run, check)
            yield CheckItem.from_parent(self, name=check.name, layer_check=layer_check)
