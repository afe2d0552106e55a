"""All layers of a source: files, notebooks, folders, archives and import paths."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gradcheck.api import check_readings
from gradcheck.cancelling import cancelled
from gradcheck.checks.catalogue import find_check
from gradcheck.conventions.candidates import Candidate, candidates_in
from gradcheck.errors import (
    AdaptError,
    GradcheckError,
    LayerFault,
    SignatureError,
    SourceError,
    Unfinished,
    UsageError,
    nearest,
)
from gradcheck.findings import Finding, Report, SubjectReport
from gradcheck.readings import reading_of, readings_of
from gradcheck.regressions.keeping import notes_on_gone
from gradcheck.runner import assemble
from gradcheck.settings import Settings, settings_from
from gradcheck.sources import Source, SourceModule, read_source


def check_module(
    source: str | Path,
    *,
    symbols: Sequence[str] = (),
    run_module: bool = False,
    **options: Any,
) -> Report:
    """Check all layers that a source defines, or those named in ``symbols``.

    Parameters
    ----------
    source
        A ``.py`` file, a notebook, a folder, an archive, or an import path ``module:Object``.
        Only definitions of a file run, no script at its top level, unless ``run_module`` is set.
    symbols
        Names of classes, of the forward functions of pairs, or of operations (``Value.__mul__``).
    **options
        Those of :func:`check_layer`.

    Raises
    ------
    SourceError
        Nothing can be read, or nothing that was read is a layer.
    UsageError
        A name in ``symbols`` is no layer of the source.
    """
    settings = settings_from({**options, "run_module": run_module})
    read = read_source(source, run_module=run_module)
    try:
        listed = list(layers_of(read))
        chosen = chosen_among(listed, symbols, str(source))
        if not chosen:
            raise SourceError(no_layer(str(source), read, listed))
        subjects = [check_candidate(one, module, settings) for module, one in chosen]
        subjects = cancelled(
            subjects, lambda n: reading_of(chosen[n][1], chosen[n][0], settings), settings
        )
    finally:
        read.close()
    passed_over = {} if symbols else _passed_over(listed)
    touched = [module for module in read.modules if not symbols or _is_among(module, chosen)]
    notes = [f"{module.path}: {note}" for module in touched for note in module.notes]
    if not symbols:
        notes += [f"{path}: not read, {why}" for path, why in reasons_unread(read).items()]
        notes += notes_on_gone(settings, [one.path for one in read.modules], subjects)
    return assemble(subjects, settings, passed_over, notes)


def _passed_over(listed: Sequence[Listed]) -> dict[str, str]:
    """Return symbol -> why; of several files each symbol with its file, as two may share names."""
    named = "{path}::{symbol}" if len(listed) > 1 else "{symbol}"
    return {
        named.format(path=one.module.path, symbol=symbol): why
        for one in listed
        for symbol, why in one.passed_over.items()
    }


def _noted(listed: Iterable[Listed]) -> Iterator[tuple[str, str]]:
    """Yield path and note of all that did not run as it should."""
    return ((one.module.path, note) for one in listed for note in one.module.notes)


def _is_among(module: SourceModule, chosen: Sequence[tuple[SourceModule, Candidate]]) -> bool:
    return any(module is one for one, _ in chosen)


def reasons_unread(source: Source) -> dict[str, str]:
    """Return in one line each why files could not be read, without their names."""
    told = {}
    for path, why in source.unread.items():
        rest = why.splitlines()[0].removeprefix(path).lstrip(": ")
        told[path] = f"line {rest}" if rest[:1].isdigit() else rest
    return told


@dataclass(frozen=True)
class Listed:
    """The layers of one module, and what in it was passed over."""

    module: SourceModule
    candidates: tuple[Candidate, ...]
    passed_over: dict[str, str]


def layers_of(source: Source) -> Iterator[Listed]:
    """Yield what may be a layer, module by module."""
    for module in source.modules:
        found = candidates_in(module.definitions)
        yield Listed(module, found.candidates, dict(found.passed_over))


def check_candidate(
    candidate: Candidate, module: SourceModule, settings: Settings
) -> SubjectReport:
    """Check one candidate, in the way in which it can be called."""
    if candidate.unfinished:
        report = _not_attempted(candidate, module, candidate.unfinished)
    else:
        try:
            report = check_readings(readings_of(candidate, module, settings), settings)
        except Unfinished as error:
            report = _not_attempted(candidate, module, error.part)
        except AdaptError as error:
            report = _unusable(candidate, module, error)
        except SignatureError as error:
            if settings.assumed_for(candidate.symbol, candidate.made_of).signature:
                raise  # the user's own; one that was found by trying is our fault
            report = _our_fault(candidate, module, error)
        except GradcheckError:
            raise
        except Exception as error:  # noqa: BLE001 - our fault costs one layer, not the run
            report = _our_fault(candidate, module, error)
    return replace(report, cell=candidate.place)


def chosen_among(
    listed: Sequence[Listed], symbols: Sequence[str], source: str
) -> list[tuple[SourceModule, Candidate]]:
    """Return the candidates named in ``symbols``, all of them where it is empty.

    Raises
    ------
    SourceError, UsageError
        A name is no layer.
    """
    everything = [(one.module, candidate) for one in listed for candidate in one.candidates]
    if not symbols:
        return everything
    known = [candidate.symbol for _, candidate in everything]
    passed_over = {name: why for one in listed for name, why in one.passed_over.items()}
    for symbol in symbols:
        if symbol in known:
            continue
        if symbol in passed_over:
            raise SourceError(f"{source}: {symbol} is no layer: {passed_over[symbol]}")
        lost = [one for _, one in _noted(listed) if f" {symbol} " in one]
        if lost:
            raise SourceError(f"{source}: {lost[0]}")
        everywhere = ", ".join(known) or "none"
        raise UsageError(
            f"{source}: no layer {symbol!r}{nearest(symbol, known)}. Its layers: {everywhere}"
        )
    return [pair for pair in everything if pair[1].symbol in symbols]


def _not_attempted(candidate: Candidate, module: SourceModule, part: str) -> SubjectReport:
    return SubjectReport(
        source=module.path,
        symbol=candidate.symbol,
        line=candidate.line,
        kind=None,
        convention="",
        verdict="not-attempted",
        assumptions={"unfinished": f"{part} is still to be written"},
    )


def _our_fault(candidate: Candidate, module: SourceModule, error: Exception) -> SubjectReport:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames[::-1])
    return SubjectReport(
        source=module.path,
        symbol=candidate.symbol,
        line=candidate.line,
        kind=None,
        convention="",
        verdict="harness-error",
        assumptions={"fault of gradcheck": f"{type(error).__name__}: {error} ({where})"},
    )


def _unusable(candidate: Candidate, module: SourceModule, error: AdaptError) -> SubjectReport:
    check, headline = "layer-unusable", f"{candidate.symbol} could not be checked"
    detail = str(error)
    if isinstance(error, LayerFault):
        check, headline, detail = error.check, error.headline, error.detail
    finding = Finding(
        check=check,
        code=find_check(check).code,
        verdict="error",
        headline=headline,
        detail=detail,
    )
    return SubjectReport(
        source=module.path,
        symbol=candidate.symbol,
        line=candidate.line,
        kind=None,
        convention="layer-object",
        verdict="error",
        findings=(finding,),
    )


def no_layer(source: str, read: Source, listed: Sequence[Listed]) -> str:
    """Return in words why nothing of a source is a layer."""
    if not read.modules and read.unread:
        return "; ".join(f"{path}: {why}" for path, why in read.unread.items())
    names = [one.name for module in read.modules for one in module.definitions]
    has = f"it defines {', '.join(names[:12])}" if names else "it defines no class or function"
    reasons = {name: why for one in listed for name, why in one.passed_over.items()}
    notes = [note for _, note in _noted(listed)]
    lost = [f"; {path}: {why}" for path, why in reasons_unread(read).items()]
    told = "".join(f"; {name}: {why}" for name, why in list(reasons.items())[:6])
    told += "".join([*(f"; {note}" for note in notes[:4]), *lost[:4]])
    return (
        f"{source}: no layer found; {has}{told}. A layer is a class with the methods forward(x) "
        "and backward(dout), or a pair of functions such as op_forward and op_backward"
    )
