"""Layer objects that exist already, in any convention, at concrete inputs.

The object is copied for every call; what it holds is found as for a class, but nothing is
randomised: its parameters are checked as they are.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradcheck.conventions.agreement import agrees
from gradcheck.conventions.assembly import assemble
from gradcheck.conventions.candidates import CLASS_CONVENTIONS
from gradcheck.conventions.meaning import meaning_of
from gradcheck.conventions.outcome import Found, Level
from gradcheck.conventions.proposal import Proposal, Slot
from gradcheck.conventions.sources import Source
from gradcheck.conventions.telling import told_of
from gradcheck.conventions.template import Template
from gradcheck.conventions.trial import attempt
from gradcheck.conventions.unreadable import unreadable
from gradcheck.conventions.wired_subject import WiredSubject
from gradcheck.kinds import match_loosely
from gradcheck.signature import ArraySpec
from gradcheck.subject import Array, Arrays, Identity


@dataclass(frozen=True)
class Copied:
    """An object in the place of a construction: each layer is a copy of it."""

    prototype: Any
    arguments: Mapping[str, Source] = field(default_factory=dict)
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    randomises: bool = False

    @property
    def cls(self) -> type[Any]:
        """The class of the object."""
        return type(self.prototype)

    def make(self, sizes: Any, options: Any, arrays: Any) -> Any:
        """Return a copy of the object."""
        return copy.deepcopy(self.prototype)


def adapt_live(layer: Any, inputs: Sequence[Array]) -> tuple[WiredSubject, Arrays, bool]:
    """Return the subject of an object, the arrays of the point, and if every gradient is there.

    Raises
    ------
    AdaptError
        No convention knows how to call it.
    """
    cls = type(layer)
    found = _found(layer, cls, inputs)
    if found is None or found.level < Level.FORWARD:
        raise unreadable(cls.__name__, found, ())
    made = assemble(found, ())
    trial, signature = found.first, made.wiring.signature
    primals = {one.name: trial.arrays[one.name] for one in signature.arrays}
    identity = Identity(cls.__name__, trial.proposal.convention, words=made.words)
    subject = WiredSubject(identity, {signature: made.wiring}, probed=True)
    kind = match_loosely(cls.__name__)
    values = subject.forward(primals).outputs
    meaning, how = meaning_of(trial, signature, [kind] if kind else [], values)
    told = {"read as": trial.proposal.title.replace("class", "object", 1)}
    told |= told_of(subject, trial, meaning, how) | dict(made.assumptions)
    told.pop("arrays", None)
    if meaning is not None:
        subject.meanings = {signature: meaning}
    subject.identity = replace(identity, kind=meaning.kind if meaning else None, assumptions=told)
    return subject, primals, found.level is Level.COMPLETE


def _found(layer: Any, cls: type[Any], inputs: Sequence[Array]) -> Found | None:
    """Return the first way of calling that agrees with a difference, else the furthest."""
    best: Found | None = None
    for proposal in _proposals(cls):
        if len(proposal.slots) != len(inputs):
            continue
        specs = {
            slot.name: _spec(slot, array)
            for slot, array in zip(proposal.slots, inputs, strict=True)
        }
        given = dict(zip(specs, inputs, strict=True))
        trial = attempt(proposal, Template(specs), Copied(layer), {}, {}, given)
        found = Found(trial, trial)
        if found.level is Level.COMPLETE and agrees(found):
            return found
        if best is None or found.level > best.level:
            best = found
    return best


def _proposals(cls: type[Any]) -> Iterator[Proposal]:
    for convention in CLASS_CONVENTIONS:
        yield from convention.propose(cls)


def _spec(slot: Slot, array: Array) -> ArraySpec:
    axes = tuple(str(size) for size in np.shape(array))
    label = np.asarray(array).dtype.kind != "f" or slot.role == "label"
    return ArraySpec(slot.name, axes, "label" if label else "input")
