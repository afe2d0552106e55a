"""All layers of a source: files, notebooks, folders, archives and import paths."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gradcheck.api import check_readings
from gradcheck.cancelling import cancelled
from gradcheck.checks.catalogue import find_check
from gradcheck.conventions.candidates import Candidate
from gradcheck.errors import (
    AdaptError,
    GradcheckError,
    LayerFault,
    LayerLost,
    SignatureError,
    SourceError,
    Unfinished,
)
from gradcheck.findings import Finding, Report, SubjectReport, Verdict
from gradcheck.opening import Listed, Opened, chosen_among, no_layer, opened, reasons_unread
from gradcheck.readings import first_of
from gradcheck.regressions.keeping import notes_on_gone
from gradcheck.runner import assemble
from gradcheck.settings import Settings, settings_from
from gradcheck.sources import SourceModule


def check_module(
    source: str | Path,
    *,
    symbols: Sequence[str] = (),
    run_module: bool = False,
    **options: Any,
) -> Report:
    """Check all layers that a source defines, or those named in ``symbols``.

    With ``isolate`` its code runs in confined worker processes only, and everything else here.

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
    here = opened(source, settings)
    read, listed = here.source, here.listed
    try:
        chosen = chosen_among(listed, symbols, str(source))
        if not chosen:
            raise SourceError(no_layer(str(source), read, listed))
        subjects = [check_candidate(one, module, settings, here) for module, one in chosen]
        subjects = cancelled(
            subjects,
            lambda n: first_of(here.readings(chosen[n][1], chosen[n][0], settings)),
            settings,
        )
    finally:
        here.close()
    passed_over = {} if symbols else _passed_over(listed)
    touched = [module for module in read.modules if not symbols or _is_among(module, chosen)]
    notes = [f"{module.path}: {note}" for module in touched for note in module.notes]
    if not symbols:
        notes += [f"{path}: not read, {why}" for path, why in reasons_unread(read).items()]
        notes += notes_on_gone(settings, [one.path for one in read.modules], subjects)
    return assemble(subjects, settings, passed_over, notes, here.confinement)


def _passed_over(listed: Sequence[Listed]) -> dict[str, str]:
    """Return symbol -> why; of several files each symbol with its file, as two may share names."""
    named = "{path}::{symbol}" if len(listed) > 1 else "{symbol}"
    return {
        named.format(path=one.module.path, symbol=symbol): why
        for one in listed
        for symbol, why in one.passed_over.items()
    }


def _is_among(module: SourceModule, chosen: Sequence[tuple[SourceModule, Candidate]]) -> bool:
    return any(module is one for one, _ in chosen)


def check_candidate(
    candidate: Candidate, module: SourceModule, settings: Settings, here: Opened
) -> SubjectReport:
    """Check one candidate, in the way in which it can be called.

    Where its process had no chance to end in time, it is tried once more, alone.
    """
    try:
        return _checked(candidate, module, settings, here)
    except LayerLost:
        here.release()
        return _checked(candidate, module, settings, here, last=True)
    finally:
        here.release()


def _checked(
    candidate: Candidate,
    module: SourceModule,
    settings: Settings,
    here: Opened,
    *,
    last: bool = False,
) -> SubjectReport:
    if candidate.unfinished:
        report = _not_attempted(candidate, module, candidate.unfinished)
    else:
        try:
            report = check_readings(here.readings(candidate, module, settings), settings)
        except LayerLost as error:
            if error.starved and not last:
                raise
            report = _unusable(candidate, module, error)
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
    verdict: Verdict = "error"
    check, headline = "layer-unusable", f"{candidate.symbol} could not be checked"
    detail = str(error)
    if isinstance(error, LayerFault):
        check, headline, detail = error.check, error.headline, error.detail
        verdict = error.verdict
    finding = Finding(
        check=check,
        code=find_check(check).code,
        verdict=verdict,
        headline=headline,
        detail=detail,
    )
    return SubjectReport(
        source=module.path,
        symbol=candidate.symbol,
        line=candidate.line,
        kind=None,
        convention="layer-object",
        verdict=verdict,
        findings=(finding,),
    )
