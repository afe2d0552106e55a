"""Hold one layer against its record, over all recorded cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcheck.baseline.changes import ArrayChange, LayerChange, SmallCase, State
from gradcheck.baseline.contents import CaseRecord, LayerRecord, array_of
from gradcheck.baseline.differences import CaseDifference, Key, differences
from gradcheck.baseline.reading import read_again
from gradcheck.conventions.candidates import Candidate
from gradcheck.errors import AdaptError
from gradcheck.settings import Settings
from gradcheck.sources import SourceModule
from gradcheck.subject import Subject, Words


def compare_layer(
    layer: LayerRecord, candidate: Candidate, module: SourceModule, settings: Settings
) -> LayerChange:
    """Return how a layer as it is now differs from its record."""
    if layer.status != "recorded":
        return _plainly(layer, candidate, module, "not-compared", layer.why)
    try:
        read = read_again(candidate, module, settings, layer)
    except AdaptError as error:
        return _plainly(layer, candidate, module, "unreadable", str(error).splitlines()[0])
    if read is None:
        recorded = "; ".join(one.text for one in layer.forms)
        why = f"it cannot be called any more as it was recorded: {recorded}"
        return _plainly(layer, candidate, module, "signature-changed", why)
    subject, forms = read
    told = [differences(subject, *pair) for pair in zip(forms, layer.cases, strict=True)]
    return _summed(layer, candidate, module, subject, told)


def not_found(layer: LayerRecord, why: str = "") -> LayerChange:
    """Return what is said of a recorded layer that is not there any more."""
    return LayerChange(source=layer.source, symbol=layer.symbol, state="gone", why=why)


def not_recorded(candidate: Candidate, module: SourceModule) -> LayerChange:
    """Return what is said of a layer of which nothing is recorded."""
    return LayerChange(
        source=module.path, symbol=candidate.symbol, line=candidate.line, state="new"
    )


def _summed(
    layer: LayerRecord,
    candidate: Candidate,
    module: SourceModule,
    subject: Subject,
    told: Sequence[CaseDifference],
) -> LayerChange:
    counts = {state: sum(one.state == state for one in told) for state in ("same", "rounding")}
    changed = len(told) - sum(counts.values())
    state, why = _state(told, changed, counts["rounding"])
    return LayerChange(
        source=module.path,
        symbol=candidate.symbol,
        line=candidate.line,
        state=state,
        why=why,
        cases=len(told),
        same=counts["same"],
        rounding=counts["rounding"],
        changed=changed,
        arrays=tuple(_arrays(layer, subject, told)),
        ratio=max((one.ratio for one in told), default=0.0),
        noisier=max((one.noisier for one in told), default=1.0),
    )


def _state(told: Sequence[CaseDifference], changed: int, rounding: int) -> tuple[State, str]:
    if any(one.unsteady for one in told):
        return "not-deterministic", "it gives another answer every time, which it did not"
    raised = next((one.raised for one in told if one.raised), None)
    if raised is not None:
        frame = f" ({raised.frames[-1]})" if raised.frames else ""
        return "raises", f"{raised.during} raises {str(raised).splitlines()[0]}{frame}"
    quiet = next((one.raises_no_more for one in told if one.raises_no_more), "")
    if quiet:
        return "changed", f"it raised {quiet.splitlines()[0]} and does not any more"
    return ("changed" if changed else "rounding" if rounding else "same"), ""


def _arrays(
    layer: LayerRecord, subject: Subject, told: Sequence[CaseDifference]
) -> list[ArrayChange]:
    """Return the results that changed, the one with the smallest case first.

    Where the layer raises now there is none, but a case to show: it stands for the whole.
    """
    words = subject.identity.words
    found: dict[Key, list[int]] = {}
    for number, one in enumerate(told):
        for key in one.results:
            found.setdefault(key, []).append(number)
        if one.raised or one.raises_no_more or one.unsteady:
            found.setdefault(("layer", ""), []).append(number)
    changes = []
    for key, numbers in found.items():
        least = min(numbers, key=lambda number: (layer.cases[number].size, number))
        worst = told[least].results.get(key)
        changes.append(
            ArrayChange(
                array=_word(key, words, len(layer.cases[least].outputs)),
                cases=len(numbers),
                smallest=_shown(layer.cases[least], least, words),
                **({} if worst is None else vars(worst)),
            )
        )
    return sorted(changes, key=lambda one: (one.smallest.size, one.smallest.number))


def _word(key: Key, words: Words, outputs: int) -> str:
    role, name = key
    if role == "gradient":
        told = words.gradient(name)  # which a table of gradients calls like the array itself
        return f"gradient of {told}" if told == words.array(name) else told
    return ("the output" if outputs == 1 else words.array(name)) if role == "output" else ""


def _shown(case: CaseRecord, number: int, words: Words) -> SmallCase:
    values: dict[str, Any] = {
        words.array(name): array_of(one).tolist() for name, one in case.primals.items()
    }
    for name, one in case.cotangents.items():
        told = words.upstream if len(case.cotangents) == 1 else f"d{name}"
        told = told if "upstream" in told else f"{told} (upstream)"
        values[told] = array_of(one).tolist()
    values |= {f"option {name}": value for name, value in case.options.items()}
    return SmallCase(
        number=number + 1, size=case.size, regime=case.regime, axes=case.axes, values=values
    )


def _plainly(
    layer: LayerRecord, candidate: Candidate, module: SourceModule, state: State, why: str
) -> LayerChange:
    return LayerChange(
        source=module.path,
        symbol=candidate.symbol,
        line=candidate.line,
        state=state,
        why=why,
        cases=len(layer.cases),
    )
