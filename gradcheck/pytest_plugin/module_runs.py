"""The layers of a module, each to be checked for itself."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradcheck.errors import AdaptError, SourceError
from gradcheck.findings import Report, SubjectReport
from gradcheck.modules import check_module
from gradcheck.named_modules import NamedModule
from gradcheck.opening import Listed, chosen_among, layers_of, no_layer
from gradcheck.pytest_plugin.layer_run import Checking, LayerRun
from gradcheck.sources import SourceModule, read_source

_FAILED = re.compile(r"(\w+(?:, \w+)*) could not be defined")
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
                lost = [] if self.named.symbols else [*_lost(listed)]
                if not chosen and not lost and not self.named.only_if_any:
                    raise SourceError(no_layer(self.named.target, read, listed))
            finally:
                read.close()
        alone = len(chosen) == 1
        return [
            *(
                self._run(module, one.symbol, one.line, _Checking(self, one.symbol, alone=alone))
                for module, one in chosen
            ),
            *(self._run(module, symbol, None, _Lost(note)) for module, symbol, note in lost),
        ]

    def _run(
        self, module: SourceModule, symbol: str, line: int | None, checking: Checking
    ) -> LayerRun:
        return LayerRun(
            title=f"{self.named.name}::{symbol}",
            symbol=symbol,
            path=Path(module.files[0]) if module.files else Path(module.path).absolute(),
            line=line,
            options=self.options,
            checking=checking,
            lost=isinstance(checking, _Lost),
        )

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


@dataclass(frozen=True)
class _Lost:
    """A class or function that fails while it is defined: nobody may think it was checked."""

    note: str

    def __call__(self, overriding: Mapping[str, Any]) -> Report:
        raise AdaptError(self.note)


def _lost(listed: Sequence[Listed]) -> Iterator[tuple[SourceModule, str, str]]:
    """Yield module, name and note of definitions that failed, but for constants."""
    for one in listed:
        for note in one.module.notes:
            found = _FAILED.search(note)
            for name in found[1].split(", ") if found else ():
                if "forward" in name or (name[:1].isupper() and not name.isupper()):
                    yield one.module, name, note


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
