"""The layers of a module, each to be checked for itself."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradcheck.errors import SourceError
from gradcheck.findings import Report, SubjectReport
from gradcheck.modules import check_module, chosen_among, layers_of, no_layer
from gradcheck.named_modules import NamedModule
from gradcheck.pytest_plugin.layer_run import LayerRun
from gradcheck.sources import read_source

_OF_SCALE = ("input-gradient-wrong", "parameter-gradient-wrong")


@dataclass
class ModuleRuns:
    """A module that ``folder`` is on the path of; its layers are checked one by one.

    Only where one fails by a factor that another layer may cancel are all of them checked.
    """

    named: NamedModule
    folder: Path
    options: Mapping[str, Any]
    _together: dict[str, Report] = field(default_factory=dict)

    def layers(self) -> list[LayerRun]:
        """Return the layers of the module, read and closed again: nothing of it stays loaded.

        Raises
        ------
        SourceError, UsageError
            The module cannot be read, holds no layer, or none of a name that was asked for.
        """
        with _on_path(self.folder):
            read = read_source(self.named.target)
            try:
                listed = list(layers_of(read))
                chosen = chosen_among(listed, self.named.symbols, self.named.target)
                noted = [note for one in listed for note in one.module.notes]
                if not chosen and not (self.named.only_if_any and not noted):
                    raise SourceError(no_layer(self.named.target, read, listed))
            finally:
                read.close()
        count = len(chosen)
        return [
            LayerRun(
                title=f"{self.named.name}::{one.symbol}",
                symbol=one.symbol,
                path=Path(module.files[0]) if module.files else Path(module.path).absolute(),
                line=one.line,
                options=self.options,
                checking=_Checking(self, one.symbol, alone=count == 1),
            )
            for module, one in chosen
        ]

    def check(self, symbols: Sequence[str], overriding: Mapping[str, Any]) -> Report:
        """Return the report of some layers of the module, of all without ``symbols``."""
        with _on_path(self.folder):
            return check_module(
                self.named.target, symbols=symbols, **{**self.options, **overriding}
            )

    def together(self, symbol: str, overriding: Mapping[str, Any]) -> SubjectReport:
        """Return what the check of all layers together says of one."""
        key = repr(sorted(overriding.items()))
        if key not in self._together:
            self._together[key] = self.check((), overriding)
        return next(one for one in self._together[key].subjects if one.symbol == symbol)


@dataclass
class _Checking:
    runs: ModuleRuns
    symbol: str
    alone: bool

    def __call__(self, overriding: Mapping[str, Any]) -> Report:
        from msgspec.structs import replace

        report = self.runs.check([self.symbol], overriding)
        report = replace(report, subjects=report.subjects[:1])
        faults = report.subjects[0].faults
        if self.alone or not faults or not all(map(_may_cancel, faults)):
            return report
        subject = self.runs.together(self.symbol, overriding)
        return replace(report, subjects=(subject,), verdict=subject.verdict)


def _may_cancel(fault: Any) -> bool:
    named = fault.diagnosis is None or fault.diagnosis.name.startswith("factor-")
    return fault.check in _OF_SCALE and named


@contextlib.contextmanager
def _on_path(folder: Path) -> Iterator[None]:
    """Let modules beside the configuration be imported, wherever pytest was started."""
    place = str(folder)
    sys.path.insert(0, place)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(place)
