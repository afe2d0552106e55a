"""One attempt to run a proposal on small arrays with unequal axes, and what it shows.

After forward and backward have run once it is known what came out, which arrays the layer made
itself, and where each gradient lies.
"""

from __future__ import annotations

import contextlib
import copy
import io
import warnings
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from gradcheck.case import make_case
from gradcheck.conventions.arguments import Cache, Memory
from gradcheck.conventions.found_gradients import (
    differentiable,
    is_numbers,
    read_gradients,
    run_forward,
    same_array,
)
from gradcheck.conventions.found_parameters import read_parameters
from gradcheck.conventions.making import randomised
from gradcheck.conventions.outcome import Level, Maker, Trial
from gradcheck.conventions.places import Place, arrays_in
from gradcheck.conventions.proposal import Proposal
from gradcheck.conventions.readers import Held, Item, Reader, Whole
from gradcheck.conventions.surface import method_of, returned_counts
from gradcheck.conventions.template import Template
from gradcheck.signature import ArraySpec, Signature
from gradcheck.subject import Array


def attempt(
    proposal: Proposal,
    template: Template,
    construction: Maker | None,
    sizes: Mapping[str, int],
    options: Mapping[str, Any],
    given: Mapping[str, Array] | None = None,
) -> Trial:
    """Run forward and backward once, at drawn arrays or at those given, and return how it went."""
    trial = Trial(proposal, template, construction, sizes, options)
    trial.arrays = {name: np.array(array) for name, array in (given or {}).items()}
    np.random.seed(0)  # noqa: NPY002 - whoever called us holds and restores the generator
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        try:
            _run(trial)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - told if none goes further
            trial.error = error
    return trial


def _run(trial: Trial) -> None:
    template = trial.template
    signature = Signature(tuple(template.specs.values()), (ArraySpec("_", ("...",), "output"),))
    if not trial.arrays:
        case = make_case(signature, {**trial.sizes}, dict(trial.options), seed=7)
        trial.arrays = {name: np.array(array) for name, array in case.primals.items()}
    memory = Memory(dict(trial.arrays), trial.options)
    layer = _made(trial, memory)
    trial.layer, trial.level = layer, Level.CONSTRUCTED
    if trial.construction is not None and trial.construction.randomises:
        randomised(layer, np.random.default_rng(3))
    early = arrays_in(layer)
    value = run_forward(trial, layer, memory)
    _read_outputs(trial, layer, value, memory)
    if not trial.values:
        return
    trial.level = Level.FORWARD
    _backward(trial, layer, memory, early)


def _made(trial: Trial, memory: Memory) -> Any:
    if trial.construction is None:
        return SimpleNamespace()
    return trial.construction.make(trial.sizes, trial.options, memory.arrays)


def _read_outputs(trial: Trial, layer: Any, value: Any, memory: Memory) -> None:
    """Find where forward left its outputs: returned, one of several returned, or an attribute."""
    outputs = trial.proposal.outputs
    caches = sum(isinstance(a, Cache) for call in trial.proposal.backward for a in call.arguments)
    readers: dict[str, Reader] = {}
    if value is None and not _returns_gradient(trial):
        for word in ("output", "out", "outputs", "y", "a", "z", "A", "Z", "result"):
            if isinstance(getattr(layer, word, None), (np.ndarray, float, np.floating)):
                readers = {outputs[0]: Held(Place(((".", word),)))}
                break
    elif (isinstance(value, tuple) and (caches or trial.proposal.gradient_in_forward)) or (
        isinstance(value, (tuple, list)) and not is_numbers(value)
    ):
        readers = {name: Item(number) for number, name in enumerate(outputs)}
        plain = (float, int, np.number, np.ndarray)
        single = [n for n, one in enumerate(value) if isinstance(one, plain) and np.size(one) == 1]
        if trial.proposal.is_loss and not trial.proposal.upstream and single:
            readers = {outputs[0]: Item(single[0])}
    elif _keeps_loss(trial, layer, value):
        readers = {outputs[0]: Held(Place(((".", "loss"),)))}
    else:
        readers = {outputs[0]: Whole()}
    for name, reader in readers.items():
        found = reader.read(layer, value, memory)
        if found is None:
            continue
        array = np.asarray(found)
        if array.dtype.kind in "fiu":
            trial.outputs[name] = reader
            trial.values[name] = array
            memory.outputs[name] = found


def _keeps_loss(trial: Trial, layer: Any, value: Any) -> bool:
    """Whether a loss passes something on and keeps its one number in ``self.loss``."""
    kept = getattr(layer, "loss", None)
    alone = trial.proposal.is_loss and not trial.proposal.upstream
    return alone and np.size(value) > 1 and isinstance(kept, (float, np.floating))


def _returns_gradient(trial: Trial) -> bool:
    """Whether backward returns something: then a forward that does not has forgotten to."""
    cls, calls = trial.proposal.cls, trial.proposal.backward
    target = calls[0].target if calls else ""
    method = method_of(cls, target) if cls is not None and isinstance(target, str) else None
    return method is not None and bool(returned_counts(method))


def _backward(trial: Trial, layer: Any, memory: Memory, made: Mapping[Place, Array]) -> None:
    rng = np.random.default_rng(5)
    memory.upstream = {
        name: np.asarray(rng.standard_normal(value.shape)) for name, value in trial.values.items()
    }
    before = {place: np.array(array) for place, array in arrays_in(layer).items()}
    early = {place for place, array in made.items() if place.read(layer) is array}
    if not made and before and trial.construction is not None:
        early = _made_by_forward(trial, layer, memory)
        trial.lazy = bool(early)
    memory.answers = [call.run(layer, memory) for call in trial.proposal.backward]
    trial.level = Level.BACKWARD
    value = memory.answers[0] if memory.answers else memory.returned
    read_gradients(trial, layer, value, memory)
    read_parameters(trial, layer, value, memory, before, early)
    trial.lazy = trial.lazy and bool(trial.parameters)
    # A parameter without a gradient is a fault to be told, and no other way of calling.
    wanted = [*differentiable(trial), *(name for name in trial.parameters if name in trial.found)]
    complete = all(
        name in trial.found and trial.found[name].shape == np.shape(trial.arrays[name])
        for name in wanted
    )
    if complete and wanted and all(np.isfinite(one).all() for one in trial.values.values()):
        trial.level = Level.COMPLETE


def _made_by_forward(trial: Trial, layer: Any, memory: Memory) -> set[Place]:
    """Return the arrays that the first forward made and that a forward of other inputs keeps."""
    again = copy.deepcopy(layer)
    held = {place: np.array(array) for place, array in arrays_in(again).items()}
    moved = {
        name: array + 0.25 if np.asarray(array).dtype.kind == "f" else array
        for name, array in memory.arrays.items()
    }
    other = Memory(moved, trial.options)
    try:
        for call in trial.proposal.forward:
            call.run(again, other)
    except Exception:  # noqa: BLE001 - what cannot run twice has made nothing to keep
        return set()
    now = arrays_in(again)
    return {
        place for place, array in held.items() if place in now and same_array(array, now[place])
    }
