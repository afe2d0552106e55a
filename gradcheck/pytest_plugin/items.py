"""The items of pytest: one for each layer and check."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradcheck.errors import GradientCheckFailed
from gradcheck.pytest_plugin.options import typed_options

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

    from gradcheck.checks.check import Check
    from gradcheck.pytest_plugin.layer_run import LayerRun, Told


@dataclass(eq=False, repr=False)
class LayerCheck:
    """One check of one layer, as a test calls it: it returns, raises, skips or is expected to fail.

    ``replay`` is the line that repeats it where the finding has none that can be typed.
    """

    run: LayerRun
    check: Check
    replay: str = ""
    told: Told | None = None

    def __repr__(self) -> str:
        return f"<{self.check.name} of {self.run.symbol}>"

    def __call__(self, **overriding: Any) -> None:
        """Run the check, with some options in place of those of the session."""
        __tracebackhide__ = True
        told = self.told = self.run.tell(self.check, overriding, self.replay)
        if told.result == "failed":
            raise GradientCheckFailed(told.text)
        if told.result == "skipped":
            pytest.skip(told.text)
        if told.result == "xfailed":
            pytest.xfail(told.text)


class CheckItem(pytest.Item):
    """An item without a test function: a layer that a configuration or ``layer_tests`` names."""

    def __init__(self, *, layer_check: LayerCheck, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer_check = layer_check

    def runtest(self) -> None:
        """Ask the report of the layer for this check; it is made if it is the first to ask."""
        __tracebackhide__ = True
        try:
            self.layer_check()
        except pytest.skip.Exception as skipped:  # told at the layer, not at a line of ours
            raise pytest.skip.Exception(str(skipped.msg), _use_item_location=True) from None

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int, str]:
        """Return where the layer is written, and the item's name in headings."""
        run = self.layer_check.run
        return (
            run.path or self.path,
            (run.line or 1) - 1,
            f"{run.title} {self.layer_check.check.name}",
        )

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any
    ) -> str | TerminalRepr:
        """Return the finding alone: no frame of ours is of any use to its reader."""
        if not isinstance(excinfo.value, GradientCheckFailed):
            return super().repr_failure(excinfo, *args, **kwargs)
        from _pytest._code.code import ExceptionChainRepr, ReprFileLocation

        shown = excinfo.getrepr(style="value")
        run = self.layer_check.run
        headline = self.layer_check.told.headline if self.layer_check.told else ""
        where = ReprFileLocation(str(run.path or self.path), run.line or 1, headline)
        return ExceptionChainRepr([(shown.reprtraceback, where, None)])


def layer_check_of(item: pytest.Item) -> LayerCheck | None:
    """Return what an item checks, None for every item that is not ours."""
    found = getattr(item, "layer_check", None)
    if found is None and hasattr(item, "callspec"):
        found = item.callspec.params.get("layer_check")
    return found if isinstance(found, LayerCheck) else None


def replay_line(config: pytest.Config, nodeid: str, options: Any) -> str:
    """Return the command that runs one item as it ran."""
    words = ["pytest", shlex.quote(nodeid)]
    typed = typed_options(config)
    if options.get("seed", 0) and "seed" not in typed:
        typed["seed"] = options["seed"]
    for name in ("profile", "seed", "examples"):
        if name in typed:
            words += [f"--gradcheck-{name}", str(typed[name])]
    return " ".join(words)


def group_of(run: LayerRun) -> str:
    """Return the name of the group in which pytest-xdist keeps a layer's items together."""
    stem = Path(run.path).stem if run.path else "layers"
    return f"{stem}.{run.symbol}"
