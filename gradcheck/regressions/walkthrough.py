"""A replayed case step by step, as a person works it out by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, deterministic, evaluate
from gradcheck.checks.line import Line
from gradcheck.findings import fault_lines
from gradcheck.numerics import Probe, differentiate_elements
from gradcheck.regressions.array_text import array_lines
from gradcheck.regressions.replaying import Replay
from gradcheck.signature import ArraySpec
from gradcheck.subject import Array, Subject

_MOST_DIFFERENCED = 1024


@dataclass(frozen=True)
class Step:
    """A heading and the lines below it."""

    title: str
    lines: tuple[str, ...]


def walkthrough(replay: Replay) -> Iterator[Step]:
    """Yield the steps: inputs, forward, upstream, backward, differences of forward, verdict."""
    subject, case = replay.subject, replay.case
    words, evaluation = subject.identity.words, evaluate(subject, case)
    yield Step("inputs", (*_listed({words.array(n): a for n, a in case.primals.items()}),))
    outputs = evaluation.outputs
    if not outputs or (evaluation.raised and evaluation.raised.during != "backward"):
        yield Step("forward", tuple(_no_outputs(subject, case)))
    else:
        yield Step("forward gives", tuple(_listed(outputs)))
        upstream = cotangents(subject, case, outputs)
        named = {f"d{name}": array for name, array in upstream.items()}
        yield Step("upstream gradient", tuple(_listed(named)))
        yield Step("backward gives (analytic)", tuple(_analytic(subject, case)))
        yield from _differences(subject, case)
    yield Step("verdict", tuple(_verdict(replay)))


def heading(replay: Replay) -> Iterator[str]:
    """Yield what is replayed: the layer, the fault, the form and sizes of the case."""
    report, case, regression = replay.report, replay.case, replay.regression
    where = ", ".join(
        one for one in (report.source, f"line {report.line}" if report.line else "") if one
    )
    yield f"{report.symbol} ({where or report.convention}): {report.kind or 'of no known kind'}"
    of = f", of {regression.array}" if regression.array else ""
    yield f"{regression.check} ({regression.code}){of}"
    sizes = [f"{name}={size}" for name, size in case.axes.items()]
    chosen = [f"{name}={value}" for name, value in case.options.items() if name not in case.axes]
    yield "; ".join([str(case.signature), *(" ".join(one) for one in (sizes, chosen) if one)])
    yield f"values {case.regime}, seed {case.seed}, mode {case.mode}"


def _listed(arrays: Mapping[str, Array]) -> Iterator[str]:
    for name, array in arrays.items():
        yield from array_lines(name, array)


def _no_outputs(subject: Subject, case: Case) -> Iterator[str]:
    evaluation = evaluate(subject, case)
    if evaluation.raised is not None:
        yield f"raises {evaluation.raised}"
        yield from evaluation.raised.frames
    for name, why in evaluation.missing.items():
        yield f"no {name}: {why}"


def _analytic(subject: Subject, case: Case) -> Iterator[str]:
    evaluation, words = evaluate(subject, case), subject.identity.words
    if evaluation.raised is not None:
        yield f"raises {evaluation.raised}"
        yield from evaluation.raised.frames
        return
    for spec in case.signature.differentiable:
        if spec.name in evaluation.gradients:
            yield from array_lines(words.gradient(spec.name), evaluation.gradients[spec.name])
        else:
            why = evaluation.missing.get(spec.name, "backward gave none")
            yield f"{words.gradient(spec.name)}: none ({why})"


def _differences(subject: Subject, case: Case) -> Iterator[Step]:
    """Yield the numerical gradients, and where backward differs from them."""
    if not deterministic(subject, case):
        why = "forward gives another answer every time, so it has no differences"
        yield Step("numerical gradient", (why,))
        return
    numerical: list[str] = []
    apart: list[str] = []
    for spec in case.signature.differentiable:
        name = subject.identity.words.gradient(spec.name)
        if case.primals[spec.name].size > _MOST_DIFFERENCED:
            numerical.append(f"{name}: {case.primals[spec.name].size} elements, not differenced")
            continue
        gradient, error = _numerical(subject, case, spec)
        numerical += array_lines(name, gradient)
        largest = np.nanmax(error, initial=0.0)
        numerical.append(f"  error bound: {largest:.0e}" + (" at most" if error.size > 1 else ""))
        claimed = evaluate(subject, case).gradients.get(spec.name)
        if claimed is not None and claimed.shape == gradient.shape:
            apart += _apart(name, claimed.astype(np.float64) - gradient, error)
        else:
            apart.append(f"{name}: nothing of its shape to compare with")
    yield Step("numerical gradient (differences of forward)", tuple(numerical))
    yield Step("difference (analytic - numerical; * outside the error bound)", tuple(apart))


def _numerical(subject: Subject, case: Case, spec: ArraySpec) -> tuple[Array, Array]:
    line = _Unclaimed(subject, case, spec.name)
    with np.errstate(all="ignore"):
        found = differentiate_elements(Probe(line.forward, line.pullback, *line.point))
    return found.gradient, found.error


class _Unclaimed(Line):
    """An array whose gradient nobody claims: differences do not ask for it."""

    def __init__(self, subject: Subject, case: Case, name: str) -> None:
        self.subject, self.case, self.name = subject, case, name
        self.outputs = evaluate(subject, case).outputs

    def pullback(self, x: Array, cotangent: Array) -> Array:
        """Return a gradient that claims nothing."""
        return np.zeros(x.shape)


def _apart(name: str, difference: Array, error: Array) -> Iterable[str]:
    def text(index: tuple[int, ...]) -> str:
        inside = abs(difference[index]) <= error[index]
        return f"{difference[index]:.2g}" + ("" if inside else " *")

    return array_lines(name, difference, text)


def _verdict(replay: Replay) -> Iterator[str]:
    """Yield whether it fails still, and the finding in full."""
    judgement = replay.judgement
    if judgement.refused:
        yield f"nothing to judge: the layer refuses this case ({judgement.refused})"
    elif judgement.fault is None:
        yield f"passes now: {replay.regression.check} finds nothing here"
        if judgement.undecided:
            yield f"(nor is it proved right here: {judgement.undecided})"
        for check, said in judgement.heard:
            others = {one.array for one in said if getattr(one, "headline", "")}
            yield from (f"(beside it, {check.name} tells a fault of {one})" for one in others)
    else:
        yield "still fails" if judgement.same else "fails in another way"
        for finding in replay.report.findings:  # its arrays are shown above
            yield from fault_lines(replace(finding, case={}, axes={}, shapes={}))
        if judgement.same and replay.regression.diagnosis:
            yield f"  looked like   {replay.regression.diagnosis}"
