"""The pytest plugin: thin and lazy, it imports nothing heavy until a layer is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gradcheck.checks.catalogue import Check
    from gradcheck.findings import Report


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of gradcheck to pytest."""
    group = parser.getgroup("gradcheck", "gradcheck: checking backward passes")
    group.addoption(
        "--gradcheck-seed", type=int, default=0, help="seed of the drawn cases (default: 0)"
    )
    group.addoption(
        "--gradcheck-examples", type=int, default=60, help="cases for each layer (default: 60)"
    )


@pytest.fixture
def gradcheck_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return ``seed`` and ``examples`` as given on the command line, for ``check_layer``."""
    return {
        "seed": request.config.getoption("--gradcheck-seed"),
        "examples": request.config.getoption("--gradcheck-examples"),
    }


def parametrize_layers(layers: Iterable[Any], **options: Any) -> Callable[[Any], Any]:
    """Make one test item of every layer and check: ``test_layers[Affine-input-mutated]``.

    The decorated test takes ``layer_check``, a function without arguments that runs the check
    and raises :class:`gradcheck.GradientCheckFailed` with the finding as its text::

        @parametrize_layers([Affine, ReLU])
        def test_layers(layer_check):
            layer_check()

    ``options`` are those of :func:`gradcheck.check_layer`.
    """
    from gradcheck.checks.catalogue import selected
    from gradcheck.settings import settings_from

    settings = settings_from({k: v for k, v in options.items() if k not in _READING})
    checks = selected(settings.select, settings.ignore, preview=settings.preview)
    items = [
        pytest.param(_item(reports, check), id=f"{_name(layer)}-{check.name}")
        for layer in layers
        for reports in [_Reports(layer, options)]
        for check in checks
    ]
    return pytest.mark.parametrize("layer_check", items)


_READING = ("kind", "signature", "parameters")


class _Reports:
    """The reports of one layer: made once for all items that ask with the same options."""

    def __init__(self, layer: Any, options: dict[str, Any]) -> None:
        self.layer, self.options = layer, options
        self.known: dict[str, Report] = {}

    def get(self, overriding: dict[str, Any]) -> Report:
        from gradcheck.api import check_layer

        key = repr(sorted(overriding.items()))
        if key not in self.known:
            self.known[key] = check_layer(self.layer, **{**self.options, **overriding})
        return self.known[key]


def _item(reports: _Reports, check: Check) -> Callable[[], None]:
    def layer_check(**overriding: Any) -> None:
        __tracebackhide__ = True
        reports.get(overriding).raise_if_failed(check=check.name)

    return layer_check


def _name(layer: Any) -> str:
    return layer.__name__ if isinstance(layer, type) else type(layer).__name__
