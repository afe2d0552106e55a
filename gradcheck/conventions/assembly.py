"""From a successful attempt to a subject: signature, wiring, options, words, assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from gradcheck.conventions.arguments import Memory
from gradcheck.conventions.construction import Construction, named_sizes
from gradcheck.conventions.making import MakeAsFound, MakeNothing
from gradcheck.conventions.outcome import Found, Maker, Trial
from gradcheck.conventions.readers import Held, Item, Reader, Reduced, Times, Whole
from gradcheck.conventions.sources import Option, Size
from gradcheck.conventions.symbols import axis_terms
from gradcheck.conventions.wiring import Make, Wiring
from gradcheck.errors import AdaptError
from gradcheck.signature import ArraySpec, Signature
from gradcheck.subject import Words


@dataclass(frozen=True)
class Assembled:
    """All that a subject is made of."""

    wiring: Wiring
    options: Mapping[str, tuple[Any, ...]]
    words: Words
    assumptions: Mapping[str, str]


def assemble(found: Found, files: tuple[str, ...]) -> Assembled:
    """Return what the subject of a layer is made of.

    Raises
    ------
    AdaptError
        The shapes of a parameter follow from no sizes that are known.
    """
    trial, other = found.first, found.second or found.first
    signature = _signature(trial, other)
    construction: Maker | None = trial.construction
    options = dict(trial.proposal.options)
    if isinstance(construction, Construction):
        construction = _with_options(construction, signature, trial, other)
    if construction is not None:
        options |= construction.options
    outputs, gradients, told = _read(trial)
    wiring = Wiring(
        signature,
        _maker(trial, construction, signature),
        trial.proposal.forward,
        trial.proposal.backward,
        outputs,
        gradients,
        {name: (place,) for name, place in trial.parameters.items()},
        files,
        updates=trial.proposal.rate is not None,
    )
    return Assembled(wiring, options, _words(trial), told)


def _signature(trial: Trial, other: Trial) -> Signature:
    specs = {**trial.template.specs, **trial.ignored}
    for name in trial.parameters:
        if name in specs:
            specs[name] = replace(specs[name], role="parameter")
            continue
        shapes = trial.shapes[name], other.shapes.get(name, trial.shapes[name])
        terms = axis_terms(*shapes, *(_axes_of(one) for one in (trial, other)))
        if terms is None:
            raise AdaptError(
                f"{trial.proposal.symbol}: the shape of {name}, {shapes[0]} and {shapes[1]}, "
                "follows from no size that is known"
            )
        specs[name] = ArraySpec(name, terms, "parameter")
    for name in trial.template.specs:
        slots = {slot.name for slot in trial.proposal.slots}
        if name not in slots and name not in trial.parameters:
            specs[name] = replace(specs[name], role="constant")
    outputs = tuple(ArraySpec(name, ("...",), "output") for name in trial.proposal.outputs)
    return Signature(tuple(specs.values()), outputs)


def _axes_of(trial: Trial) -> dict[str, int]:
    """Return the sizes that a shape may follow from: those of axes, and none of options."""
    made = named_sizes(trial.construction.arguments) if trial.construction else ()
    known = {*trial.template.axes, *made}
    return {name: size for name, size in trial.sizes.items() if name in known}


def _with_options(
    construction: Construction, signature: Signature, trial: Trial, other: Trial
) -> Construction:
    """Turn sizes that no array shows into options: the window of a pooling layer, a factor."""
    shown = set(signature.free_axes)
    arguments = {
        name: Option(name, (trial.sizes[one.term], other.sizes[one.term]), one.wrapped)
        if isinstance(one, Size) and one.term.isidentifier() and one.term not in shown
        else one
        for name, one in construction.arguments.items()
    }
    return replace(construction, arguments=arguments)


def _maker(trial: Trial, construction: Maker | None, signature: Signature) -> Make:
    if construction is None:
        return MakeNothing()
    return MakeAsFound(construction, trial.proposal, trial.parameters, trial.lazy, signature)


def _read(
    trial: Trial,
) -> tuple[dict[str, Reader], dict[str, tuple[Reader, ...]], dict[str, str]]:
    """Return where outputs and gradients are read, and what a derivative without upstream means."""
    proposal = trial.proposal
    outputs = {name: trial.outputs.get(name, Whole()) for name in proposal.outputs}
    wanted = _wanted(trial)
    gradients = {
        name: trial.gradients.get(name, (Item(number) if len(wanted) > 1 else Whole(),))
        for number, name in enumerate(wanted)
    }
    if proposal.upstream or not trial.values:
        return outputs, gradients, {}
    output = proposal.outputs[0]
    value = trial.values[output]
    if value.size == 1:
        return outputs, gradients, {}
    first = next(iter(gradients))
    claimed = trial.found.get(first)
    if claimed is not None and claimed.shape == value.shape:
        gradients[first] = tuple(Times(one, output) for one in gradients[first])
        return outputs, gradients, {"derivative": "local, multiplied by the upstream gradient here"}
    how = _reduction(trial, first)
    outputs[output] = Reduced(outputs[output], how)
    return outputs, gradients, {"loss": f"{how} over the batch"}


def _reduction(trial: Trial, first: str) -> str:
    """Return whether a gradient is that of the mean or of the sum of the losses of the samples.

    Asked of the layer itself by one difference along a random direction.
    """
    from gradcheck.conventions.trial import attempt  # here, since a subject is made only once

    claimed = trial.found.get(first)
    if claimed is None or claimed.shape != np.shape(trial.arrays[first]):
        return "mean"
    slope = _slope(trial, first, claimed)
    along = float((claimed * claimed).sum())
    count = trial.values[trial.proposal.outputs[0]].size
    del attempt
    if slope is None or not np.isfinite(slope) or along == 0:
        return "mean"
    return "sum" if abs(slope - along) < abs(slope / count - along) else "mean"


def _slope(trial: Trial, first: str, direction: Any) -> float | None:
    """Return the derivative of the sum of the outputs along ``direction``."""
    if trial.construction is None:
        layer: Any = SimpleNamespace()
    else:
        layer = trial.layer
    step = 1e-5 / max(1e-12, float(np.abs(direction).max()))
    sums = []
    for sign in (1, -1):
        moved = {name: np.array(one) for name, one in trial.arrays.items()}
        moved[first] = moved[first] + sign * step * direction
        memory = Memory(moved, trial.options)
        try:
            for call in trial.proposal.forward:
                value = call.run(layer, memory)
        except Exception:  # noqa: BLE001 - then the usual meaning stands
            return None
        found = trial.outputs[trial.proposal.outputs[0]].read(layer, value, memory)
        sums.append(float(np.sum(np.asarray(found))))
    return (sums[0] - sums[1]) / (2 * step)


def _wanted(trial: Trial) -> list[str]:
    specs = {**trial.template.specs, **trial.ignored}
    given = [slot.name for slot in trial.proposal.slots if specs[slot.name].differentiable]
    return list(dict.fromkeys((*given, *trial.parameters)))


def _words(trial: Trial) -> Words:
    gradients = {}
    for name, readers in trial.gradients.items():
        held = [one.place for one in readers if isinstance(one, Held)]
        named = bool(held) and isinstance(held[0].steps[-1][1], str)  # ``grads[0]`` names nothing
        gradients[name] = held[0].name if named else f"d{name}"
    return Words({}, gradients, trial.proposal.upstream_name)
