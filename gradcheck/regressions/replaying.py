"""One kept case again, and nothing else: with the check that it failed, on the layer as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec.structs import replace

from gradcheck.assumptions import assumptions_from
from gradcheck.case import Case
from gradcheck.checks.catalogue import find_check
from gradcheck.errors import AdaptError, UsageError
from gradcheck.findings import CheckOutcome, Finding, Report, SubjectReport, Verdict
from gradcheck.opening import chosen_among, layers_of
from gradcheck.reading import settle
from gradcheck.readings import Reading, readings_of, readings_of_live
from gradcheck.regressions.fitting import Unfit, fitted
from gradcheck.regressions.rechecking import Judgement, judge
from gradcheck.regressions.record import SCHEMA, KeptCase, KeptLayer, Regression, kept_arrays
from gradcheck.runner import assemble, coded
from gradcheck.settings import Settings
from gradcheck.sources import read_source
from gradcheck.subject import Array, Subject
from gradcheck.targets import split_target


@dataclass(frozen=True)
class Replay:
    """A kept case on the layer as it is now: what it was run on, and what its check says."""

    regression: Regression
    subject: Subject
    case: Case
    judgement: Judgement
    report: SubjectReport

    @property
    def verdict(self) -> Verdict:
        """``pass``, ``fail``, ``error`` (the layer raises), ``inconclusive`` (it refuses)."""
        return self.report.verdict


def replay_case(
    layer: Any,
    arrays: Mapping[str, Any],
    *,
    check: str,
    upstream: Mapping[str, Any] | None = None,
    array: str | None = None,
    signature: str = "",
    axes: Mapping[str, int] | None = None,
    options: Mapping[str, Any] | None = None,
    regime: str = "given",
    seed: int = 0,
    mode: str = "fast",
    assume: Mapping[str, Any] | None = None,
    strict: bool = False,
) -> Report:
    """Run one check on one layer at one case, down to the upstream gradient.

    It is what ``gradcheck check --write-test`` writes; ``gradcheck replay`` does the same with a
    file.

    Parameters
    ----------
    layer
        What :func:`gradcheck.check_layer` takes, or ``"FILE::LAYER"``.
    arrays, upstream
        Inputs and parameters, and the upstream gradients of the outputs, by the names that the
        ``signature`` gives them. What ``upstream`` leaves out is drawn from ``seed``.
    check
        The name or code of the check; with ``array`` only its fault in this array counts.
    axes, options, regime, seed, mode
        What else the case was made of: the sizes of the named axes, options of the constructor,
        how values were drawn and from which seed, how sharply gradients are compared.
    assume
        What is taken as given about the layer (:class:`gradcheck.assumptions.Assumptions`).
    strict
        Let remarks of the check count as faults.

    Returns
    -------
    Report
        ``report.raise_if_failed()`` turns it into an assertion.

    Raises
    ------
    UsageError
        The layer cannot be called, or the arrays are none of its own.
    """
    named = find_check(check)
    regression = Regression(
        schema=SCHEMA,
        layer=KeptLayer(symbol=_called(layer)),
        check=named.name,
        code=named.code,
        array=array,
        headline="",
        case=KeptCase(
            signature=signature,
            axes=dict(axes or {}),
            options=dict(options or {}),
            regime=regime,
            seed=seed,
            mode=mode,
            primals=kept_arrays(_arrays(arrays)),
            upstream=kept_arrays(_arrays(upstream or {})),
        ),
        assume=dict(assume or {}),
        strict=strict,
    )
    live = not isinstance(layer, str)
    done = replay_live(layer, regression) if live else replay_in(layer, regression)
    return assemble([done.report], settings_of(regression))


def replay_in(target: str, regression: Regression) -> Replay:
    """Run a regression on the layer that ``target`` names (``FILE`` or ``FILE::LAYER``).

    Raises
    ------
    UsageError
        There is no such layer, or the case is none of its own.
    """
    source, symbol = split_target(target)
    settings = settings_of(regression)
    read = read_source(source, run_module=regression.run_module)
    try:
        wanted = symbol or regression.layer.symbol
        ((module, candidate), *_) = chosen_among(list(layers_of(read)), [wanted], source)
        if candidate.unfinished:
            raise UsageError(f"{source}: {wanted}: {candidate.unfinished} is still to be written")
        return _replayed(readings_of(candidate, module, settings), regression, settings)
    finally:
        read.close()


def replay_live(layer: Any, regression: Regression) -> Replay:
    """Run a regression on a class, a pair of functions, or an object.

    Raises
    ------
    UsageError
        The layer cannot be called, or the case is none of its own.
    """
    settings = settings_of(regression)
    return _replayed(readings_of_live(layer, (), settings), regression, settings)


def settings_of(regression: Regression) -> Settings:
    """Return the settings under which a regression is run again."""
    return Settings(
        seed=regression.case.seed,
        mode=regression.case.mode,
        strict=regression.strict,
        run_module=regression.run_module,
        assume=assumptions_from(regression.assume, "assume"),
    )


def _replayed(readings: Iterator[Reading], regression: Regression, settings: Settings) -> Replay:
    subject, case = _fitting(readings, regression, settings)
    judgement = judge(subject, regression, case, settings)
    report = _report(subject, regression, case, judgement, settings)
    return Replay(regression, subject, case, judgement, report)


def _fitting(
    readings: Iterator[Reading], regression: Regression, settings: Settings
) -> tuple[Subject, Case]:
    """Return the layer in the reading in which the case was met, else the first that fits."""
    layer = regression.layer
    why: Exception | None = None
    best: tuple[Subject, Case] | None = None
    while True:
        try:
            one = next(readings, None)
            if one is None:
                break
            if one.subject.identity.defects:
                raise AdaptError(one.subject.identity.defects[0].headline)
            subject = settle(one.subject)
            said = settings.assumed_for(subject.identity.symbol).accumulation
            subject.accumulation = said or subject.accumulation
            found = subject, fitted(regression, subject)
        except Unfit as error:
            why = why or error
            continue
        except AdaptError as error:  # the readings end in one
            why = why or error
            break
        known = (layer.convention, layer.kind)
        if not layer.convention or known == (subject.identity.convention, subject.identity.kind):
            return found
        best = best or found
    if best is None:
        raise UsageError(f"{layer.symbol}: the case cannot be run on it: {why}")
    return best


def _report(
    subject: Subject,
    regression: Regression,
    case: Case,
    judgement: Judgement,
    settings: Settings,
) -> SubjectReport:
    identity, check = subject.identity, judgement.heard[0][0]
    findings: tuple[Finding, ...] = ()
    verdict: Verdict = "inconclusive" if judgement.refused else "pass"
    if judgement.fault is not None:
        found = coded(judgement.fault, subject, settings)
        verdict = "error" if found.check == "layer-raises" else "fail"
        findings = (replace(found, verdict=verdict, replay=""),)  # this is the replay
    outcome = CheckOutcome(
        check=check.name,
        code=check.code,
        verdict=verdict,
        cases=1,
        reason=judgement.refused or judgement.undecided,
    )
    return SubjectReport(
        source=identity.source,
        symbol=identity.symbol,
        line=identity.line,
        kind=identity.kind,
        convention=identity.convention,
        assumptions=dict(identity.assumptions),
        verdict=verdict,
        checks=(outcome,),
        findings=findings,
        cases=1,
    )


def _called(layer: Any) -> str:
    one = layer[0] if isinstance(layer, tuple) and layer else layer
    if isinstance(one, str):
        return split_target(one)[1]
    return str(getattr(one, "__name__", type(one).__name__))


def _arrays(given: Mapping[str, Any]) -> dict[str, Array]:
    return {name: np.asarray(one) for name, one in given.items()}
