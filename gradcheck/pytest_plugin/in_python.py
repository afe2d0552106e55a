"""The two forms in a test module: ``layer_tests(...)`` and ``@parametrize_layers([...])``."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from gradcheck.errors import UsageError

if TYPE_CHECKING:
    from gradcheck.pytest_plugin.items import LayerCheck
    from gradcheck.pytest_plugin.layer_run import LayerRun

_MARK = "__gradcheck_layers__"
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class LayerTests:
    """What :func:`layer_tests` gives: pytest collects it under the name that it is assigned to."""

    layers: tuple[Any, ...]
    options: Mapping[str, Any]


def layer_tests(*layers: Any, **options: Any) -> LayerTests:
    """Make one test item of every layer and check, without a test function.

    Assigned in a test module to a name that pytest collects::

        test_layers = layer_tests(Affine, ReLU)
        test_all = layer_tests("layers/*.py", ignore=["GC8"])

    Parameters
    ----------
    *layers
        What :func:`gradcheck.check_layer` takes (classes, objects, pairs of functions), modules,
        or texts as in ``modules`` of ``gradcheck.toml``: files, folders, patterns and import
        paths, relative to rootdir.
    **options
        Those of :func:`gradcheck.check_layer`; the command line comes before them.
    """
    return LayerTests(layers, options)


def parametrize_layers(layers: Iterable[Any], **options: Any) -> Callable[[Function], Function]:
    """Make one test item of every layer and check: ``test_layers[Affine-input-mutated]``.

    The decorated test takes ``layer_check``, a function without arguments that runs the check
    and raises :class:`gradcheck.GradientCheckFailed` with the finding as its text; it may take
    fixtures as well::

        @parametrize_layers([Affine, ReLU])
        def test_layers(layer_check):
            layer_check()

    The arguments are those of :func:`layer_tests`.
    """
    listed = tuple(layers)

    def mark(function: Function) -> Function:
        setattr(function, _MARK, LayerTests(listed, options))
        return function

    return mark


def items_of(collector: pytest.Module | pytest.Class, name: str, thing: Any) -> Any:
    """Return the items of ``name = layer_tests(...)``, None for any other thing of a module.

    Raises
    ------
    CollectError
        A layer, a path or an option cannot be used.
    """
    from gradcheck.pytest_plugin.items import CheckItem

    if not isinstance(thing, LayerTests) or not collector.funcnamefilter(name):
        return None
    return [
        CheckItem.from_parent(collector, name=f"{name}[{key}]", layer_check=layer_check)
        for key, layer_check in _layer_checks(collector, name, thing)
    ]


def generate(metafunc: pytest.Metafunc) -> None:
    """Give a decorated test the checks of its layers.

    Raises
    ------
    CollectError
        A layer, a path or an option cannot be used.
    """
    thing = getattr(metafunc.function, _MARK, None)
    if thing is not None:
        parent = metafunc.definition.parent
        found = list(_layer_checks(parent, metafunc.definition.name, thing))
        items = [pytest.param(one, id=key) for key, one in found]
        metafunc.parametrize("layer_check", items)


def _layer_checks(parent: Any, name: str, thing: LayerTests) -> Iterator[tuple[str, LayerCheck]]:
    from gradcheck.pytest_plugin.items import LayerCheck, replay_line
    from gradcheck.pytest_plugin.options import checks_of, configuration_at, settled

    config: pytest.Config = parent.config
    try:
        options = settled(config, configuration_at(config, parent.path.parent), thing.options)
        checks = checks_of(options)
        runs = list(_distinct(_runs(config, thing.layers, options)))
    except UsageError as error:
        raise pytest.Collector.CollectError(f"{parent.nodeid}::{name}: {error}") from None
    for key, run in runs:
        for check in run.checks_among(checks):
            item = f"{key}-{check.name}"
            replay = replay_line(config, f"{parent.nodeid}::{name}[{item}]", options)
            yield item, LayerCheck(run, check, replay)


def _distinct(runs: Iterable[LayerRun]) -> Iterator[tuple[str, LayerRun]]:
    """Yield names for items, numbered where two layers share one."""
    seen: dict[str, int] = {}
    for run in runs:
        seen[run.symbol] = number = seen.get(run.symbol, 0) + 1
        yield (run.symbol if number == 1 else f"{run.symbol}{number}"), run


def _runs(
    config: pytest.Config, layers: Iterable[Any], options: dict[str, Any]
) -> Iterator[LayerRun]:
    for layer in layers:
        if isinstance(layer, (str, os.PathLike, ModuleType)):
            yield from _of_modules(config, layer, options)
        else:
            yield _of_layer(layer, options)


def _of_layer(layer: Any, options: dict[str, Any]) -> LayerRun:
    from gradcheck.api import check_layer
    from gradcheck.pytest_plugin.layer_run import LayerRun

    thing = layer[0] if isinstance(layer, tuple) and layer else layer
    named = isinstance(thing, type) or inspect.isfunction(thing)
    thing = thing if named else type(thing)
    path, line = _written(thing)
    return LayerRun(
        title=thing.__name__,
        symbol=thing.__name__,
        path=path,
        line=line,
        options=options,
        checking=lambda overriding: check_layer(layer, **{**options, **overriding}),
    )


def _of_modules(config: pytest.Config, given: Any, options: dict[str, Any]) -> Iterator[LayerRun]:
    from gradcheck.configuration import Configuration
    from gradcheck.named_modules import named_modules
    from gradcheck.pytest_plugin.module_runs import ModuleRuns

    entry = given.__name__ if isinstance(given, ModuleType) else os.fspath(given)
    beside = Configuration(config.rootpath / "rootdir", modules=(entry,))
    for named in named_modules(beside):
        yield from ModuleRuns(named, config.rootpath, options).layers()


def _written(thing: Any) -> tuple[Path | None, int | None]:
    """Return where a class or function is written, None where nobody knows."""
    try:
        file = inspect.getsourcefile(thing)
        return (Path(file) if file else None), inspect.getsourcelines(thing)[1]
    except (OSError, TypeError):
        return None, None
