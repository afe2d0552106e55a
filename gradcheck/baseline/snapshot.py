"""``snapshot_module`` and ``compare_module``: all layers of sources, recorded and held against."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from gradcheck.assumptions import Assumptions, assumptions_from
from gradcheck.baseline.changes import CHANGED, Comparison, LayerChange
from gradcheck.baseline.compare import compare_layer, not_found, not_recorded
from gradcheck.baseline.contents import Baseline, LayerRecord
from gradcheck.baseline.record import record_layer
from gradcheck.baseline.store import read_baseline, write_baseline
from gradcheck.conventions.candidates import Candidate
from gradcheck.errors import SourceError
from gradcheck.opening import chosen_among, layers_of, no_layer, reasons_unread
from gradcheck.settings import Settings, settings_from
from gradcheck.sources import SourceModule, read_source
from gradcheck.targets import by_source
from gradcheck.version import __version__

EXAMPLES = 30
"""Cases drawn for each layer where nothing else is said."""


def snapshot_module(
    *targets: str | Path, path: str | Path | None = None, **options: Any
) -> Baseline:
    """Record outputs and gradients of all layers of some sources.

    Parameters
    ----------
    *targets
        What :func:`gradcheck.check_module` takes as a source; ``FILE::LAYER`` for one layer.
    path
        The file to write the baseline to, in one step; without it nothing is written.
    **options
        ``examples`` (30), ``seed``, ``dtypes``, ``assume``, ``layers``, ``run_module``.

    Raises
    ------
    SourceError
        Nothing can be read, or nothing that was read is a layer that can be recorded.
    """
    settings = settings_from({"examples": EXAMPLES, **options})
    named = [str(one) for one in targets]
    layers: list[LayerRecord] = []
    for source, symbols in by_source(named).items():
        read = read_source(source, run_module=settings.run_module)
        try:
            listed = list(layers_of(read))
            chosen = chosen_among(listed, symbols, source)
            if not chosen:
                raise SourceError(no_layer(source, read, listed))
            layers += [record_layer(one, module, settings) for module, one in chosen]
        finally:
            read.close()
    if not any(one.status == "recorded" for one in layers):
        why = "; ".join(f"{one.symbol}: {one.why}" for one in layers[:4])
        raise SourceError(f"{' '.join(named)}: no layer can be recorded; {why}")
    baseline = Baseline(
        version=__version__,
        targets=named,
        seed=settings.seed,
        examples=settings.examples,
        dtypes=list(settings.dtypes),
        run_module=settings.run_module,
        assume=_said(settings.assume),
        assumed_layers={name: _said(one) for name, one in settings.layers.items()},
        layers=layers,
    )
    if path is not None:
        write_baseline(baseline, path)
    return baseline


def compare_module(
    baseline: Baseline | str | Path, *targets: str | Path, **options: Any
) -> Comparison:
    """Run the layers again on exactly the recorded inputs, and say which ones changed.

    Parameters
    ----------
    baseline
        What :func:`snapshot_module` gave, or the file that it wrote.
    *targets
        Where the layers are now; without any, where they were recorded.
    **options
        ``assume`` and ``layers``, where the recorded ones are not enough; ``run_module``.

    Raises
    ------
    UsageError
        The baseline is damaged or of another version, or a target cannot be read.
    """
    name = "" if isinstance(baseline, Baseline) else str(baseline)
    held = baseline if isinstance(baseline, Baseline) else read_baseline(baseline)
    return compared(held, [str(one) for one in targets], options, name=name)[0]


def compared(
    baseline: Baseline,
    targets: Sequence[str],
    options: Mapping[str, Any],
    *,
    name: str = "",
    renew: bool = False,
) -> tuple[Comparison, Baseline]:
    """Return the comparison and, where ``renew`` asks for it, the baseline brought up to date.

    There the layers that changed are recorded anew, those that are gone left out and new ones
    added; all others keep what is recorded of them.
    """
    start = time.monotonic()
    settings = _settings(baseline, options)
    run = _Run(baseline, settings, renew)
    for source, symbols in by_source(targets or baseline.targets).items():
        run.take(source, symbols)
    run.finish(everything=not targets)
    order = (*CHANGED, "rounding", "same", "new", "not-compared")
    layers = sorted(run.told, key=lambda one: order.index(one.state))
    comparison = Comparison(
        version=__version__,
        baseline=name,
        recorded_with=baseline.version,
        layers=tuple(layers),
        notes=tuple(dict.fromkeys(run.notes)),
        seconds=round(time.monotonic() - start, 3),
    )
    renewed = msgspec.structs.replace(baseline, version=__version__, layers=run.renewed())
    return comparison, renewed


@dataclass
class _Run:
    """One comparison as it goes: what is told, and what would be recorded from now on."""

    baseline: Baseline
    settings: Settings
    renew: bool
    told: list[LayerChange] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    records: dict[int, LayerRecord | None] = field(default_factory=dict)
    added: list[LayerRecord] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)

    def take(self, source: str, symbols: Sequence[str]) -> None:
        """Compare the layers of one source."""
        read = read_source(source, run_module=self.settings.run_module)
        try:
            listed = list(layers_of(read))
            unread = reasons_unread(read)
            self.notes += [f"{path}: not read, {why}" for path, why in unread.items()]
            if not symbols:
                self.looked_at |= {module.path for module in read.modules} | set(unread)
            for module, candidate in chosen_among(listed, symbols, source):
                self._compare(candidate, module)
        finally:
            read.close()

    def finish(self, *, everything: bool) -> None:
        """Tell what is gone: of the files looked at, or of all."""
        moved = not self.looked_at & {one.source for one in self.baseline.layers}
        for number, layer in enumerate(self.baseline.layers):
            within = everything or layer.source in self.looked_at or (moved and self.looked_at)
            if number not in self.records and within and layer.status == "recorded":
                self.told.append(not_found(layer))
                self.records[number] = None

    def renewed(self) -> list[LayerRecord]:
        """Return the records of all layers as they are from now on."""
        kept = (self.records.get(n, one) for n, one in enumerate(self.baseline.layers))
        return [*(one for one in kept if one is not None), *self.added]

    def _compare(self, candidate: Candidate, module: SourceModule) -> None:
        number = self._number(candidate.symbol, module.path)
        if number is None:
            self.told.append(not_recorded(candidate, module))
            if self.renew:
                self.added.append(record_layer(candidate, module, self.settings))
            return
        layer = self.baseline.layers[number]
        change = compare_layer(layer, candidate, module, self.settings)
        self.told.append(change)
        anew = self.renew and (change.fails or change.state == "not-compared")
        self.records[number] = record_layer(candidate, module, self.settings) if anew else layer

    def _number(self, symbol: str, path: str) -> int | None:
        """Return which record is that of a layer: by file and name, else by a name that is unique.

        So a layer that moved to another file is found.
        """
        named = [n for n, one in enumerate(self.baseline.layers) if one.symbol == symbol]
        here = [n for n in named if self.baseline.layers[n].source == path]
        found = here or (named if len(named) == 1 else [])
        return next((n for n in found if n not in self.records), None)


def _settings(baseline: Baseline, options: Mapping[str, Any]) -> Settings:
    """Return the recorded settings; what is assumed now goes before what was."""
    given = settings_from(options)
    assume = given.assume.over(assumptions_from(baseline.assume, "baseline"))
    layers = {n: assumptions_from(one, "baseline") for n, one in baseline.assumed_layers.items()}
    for name, one in given.layers.items():
        layers[name] = one.over(layers.get(name, Assumptions()))
    return settings_from(
        {
            "seed": baseline.seed,
            "examples": baseline.examples,
            "dtypes": tuple(baseline.dtypes),
            "run_module": baseline.run_module or given.run_module,
            "assume": assume,
            "layers": layers,
        }
    )


def _said(assumptions: Assumptions) -> dict[str, Any]:
    return {name: value for name, value in asdict(assumptions).items() if value}
