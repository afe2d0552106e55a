"""Try proposals, shapes and constructions until one runs, at two sets of sizes.

An attempt counts only if it also works with other sizes: what works by accident of equal axes or
broadcasting does not.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from gradcheck.assumptions import Assumptions
from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.agreement import agrees
from gradcheck.conventions.construction import (
    Construction,
    constructions,
    named_sizes,
    rates_of,
    supplied_arrays,
)
from gradcheck.conventions.outcome import Found, Level, Maker
from gradcheck.conventions.proposal import Proposal
from gradcheck.conventions.surface import tree_of
from gradcheck.conventions.template import Template
from gradcheck.conventions.templates import templates
from gradcheck.conventions.trial import attempt
from gradcheck.kinds import Kind

NOTHING = Assumptions()
_SECONDS = 3.0  # of this thread's own time: a busy machine changes no verdict
_ATTEMPTS = 1500
_FURTHER = 200

_KNOWN: Mapping[str, tuple[int, int]] = {
    "N": (4, 5),
    "D": (5, 4),
    "C": (5, 4),
    "H": (7, 9),
    "V": (8, 11),
    "W": (8, 11),
    "T": (6, 7),
    "S": (7, 6),
    "K": (2, 4),
    "L": (3, 3),
    "M": (3, 2),
    "F": (3, 2),
    "Q": (3, 2),
    "U": (8, 9),
    "E": (2, 3),
    "m": (4, 5),
}
_OPEN = ((5, 4), (3, 2), (2, 3), (6, 7), (7, 8), (8, 9), (9, 10), (10, 11), (11, 12))
_NAMED = ((3, 2), (2, 3), (11, 6), (10, 11), (11, 10), (12, 13))


def search(
    proposals: Iterable[Proposal], kinds: Sequence[Kind], assumed: Assumptions = NOTHING
) -> Found | None:
    """Return the attempt that went furthest.

    Of those that are complete the first one whose gradients agree with a difference; where none
    does, the layer is wrong in any reading, and the first complete one is it. Other readings than
    the first are believed only for inputs of as many axes.
    """
    best: Found | None = None
    fallback: Found | None = None
    complete: Found | None = None
    deadline = time.thread_time() + _SECONDS
    left = _ATTEMPTS
    proposals = list(proposals)
    for proposal, template, construction in _attempts(proposals, kinds, assumed):
        left -= 1
        if left < 0 or time.thread_time() > deadline:
            break
        if complete is not None and not _comparable(template, complete.first.template, proposal):
            continue
        found = _try(proposal, template, construction)
        if best is not None and _is_square_of(template, best):
            continue  # images need not be square: what goes wrong at others is a fault
        # One sample at a time is believed only where forward takes no more.
        alone = template.single and proposal.rate is None
        if alone and best is not None and best.level >= Level.FORWARD:
            continue
        if found.level is Level.COMPLETE:
            if agrees(found) and (complete is None or _may_replace(found, complete)):
                return found
            if complete is None:
                complete = found
                other = _otherwise(found, proposals)
                if other is not None:
                    return other
                left, deadline = min(left, _FURTHER), min(deadline, time.thread_time() + 1.0)
            continue
        if best is None or found.level > best.level:
            best = found
        if fallback is None or _telling(found) > _telling(fallback):
            fallback = found
    if complete is not None:
        return complete
    return best if best is not None and best.level >= Level.FORWARD else fallback


def _otherwise(found: Found, proposals: Sequence[Proposal]) -> Found | None:
    """Return the same shapes called in another way, if the gradients agree then."""
    trial = found.first
    for one in proposals:
        alike = one.slots == trial.proposal.slots and one.cls is trial.proposal.cls
        if one is not trial.proposal and alike:
            other = _try(one, trial.template, trial.construction)
            complete = other.level is Level.COMPLETE and agrees(other)
            if complete and _may_replace(other, found):
                return other
    return None


def _may_replace(found: Found, complete: Found) -> bool:
    """Whether a reading under which all agrees is believed instead of one under which it does not.

    Not where it leaves a gradient aside that the other one found: that one may be the wrong one.
    """
    less = len(found.first.gradients) < len(complete.first.gradients)
    return not (less or found.first.applied or _batched(found))


def _batched(found: Found) -> bool:
    """Whether a parameter would have the size of the batch: no parameter has."""
    trial = found.first
    size = trial.sizes.get("N")
    return any(size in np.shape(trial.arrays[name]) for name in trial.parameters)


def _telling(found: Found) -> tuple[int, bool]:
    """Return how much a failed attempt says: how far it came, and whether shapes are not why."""
    return found.first.level, not isinstance(found.first.error, (ValueError, IndexError))


def _comparable(one: Template, other: Template, proposal: Proposal) -> bool:
    """Whether one reading may take the place of another: not by looking at less.

    As many axes, or both of one sample at a time; a narrower domain only for what a loss is given,
    since a wrong slope on the other side of a kink is not seen on one side.
    """
    alone = one.single and other.single
    if not alone and (_ones(one) != _ones(other) or _squares(one) != _squares(other)):
        return False
    if alone or _rank(one) == _rank(other):
        return _domains(one) == _domains(other) or _open_domains(proposal)
    return False


def _open_domains(proposal: Proposal) -> bool:
    """Whether the text speaks of probabilities or classes, so that its domains may be narrower.

    Elsewhere a narrower domain hides: on one side of a kink, for targets that are 0 and 1.
    """
    if not proposal.is_loss:
        return False
    things = [*proposal.functions, *([proposal.cls] if proposal.cls is not None else [])]
    trees = [tree_of(one) for one in things]
    text = "\n".join(ast.unparse(tree) for tree in trees if tree is not None)
    return (
        re.search(r"log|clip|arange|argmax|(?i:one_?hot|classes|n_class|prob)|np\.eye", text)
        is not None
    )


def _ones(template: Template) -> int:
    return sum(spec.axes.count("1") for spec in template.specs.values() if spec.role == "input")


def _is_square_of(template: Template, best: Found) -> bool:
    """Whether a template is of square images where others already went forward."""
    same = len(best.first.template.first) == len(template.first)
    return same and best.level >= Level.FORWARD and _squares(template)


def _squares(template: Template) -> bool:
    return len(set(template.first)) < len(template.first)


def _domains(template: Template) -> list[str]:
    return [spec.domain for spec in template.specs.values()]


def _rank(template: Template) -> tuple[int, bool]:
    return len(template.first), "N" in template.first


def _attempts(
    proposals: Iterable[Proposal], kinds: Sequence[Kind], assumed: Assumptions = NOTHING
) -> Iterator[tuple[Proposal, Template, Construction | None]]:
    for proposal in proposals:
        if assumed.convention and proposal.convention != assumed.convention:
            continue
        supplied = supplied_arrays(proposal.cls)
        for template in templates(proposal, kinds, supplied, only_kinds=bool(assumed.signature)):
            if not _as_assumed(template, assumed):
                continue
            if proposal.cls is None:
                yield proposal, template, None
                continue
            first, given = template.first, dict(assumed.arguments)
            if proposal.rate is not None:
                given = dict.fromkeys(rates_of(proposal.cls), proposal.rate) | given
            for construction in constructions(
                proposal.cls, template.marked, first, template.single, given
            ):
                yield proposal, template, construction


def _as_assumed(template: Template, assumed: Assumptions) -> bool:
    """Whether a template has the labels and the layout that are taken as given."""
    labels = [one for one in template.specs.values() if one.role == "label"]
    wanted = {"integers": "labels", "one-hot": "one-hot", "real": "real"}.get(assumed.labels)
    if wanted and labels and all(one.domain != wanted for one in labels):
        return False
    first = template.first
    if assumed.layout and len(first) == 4 and "C" in first:
        return first.index("C") == assumed.layout.index("C")
    return True


def _try(proposal: Proposal, template: Template, construction: Maker | None) -> Found:
    options = dict(construction.options if construction else {})
    options |= dict(proposal.options)
    usual = {name: values[0] for name, values in options.items()}
    numbers = {name: value for name, value in usual.items() if isinstance(value, int)}
    sizes = sizes_for(template, construction, 0) | numbers
    first = attempt(proposal, template, construction, sizes, usual)
    if first.level < Level.FORWARD:
        return Found(first, None)
    sizes = sizes_for(template, construction, 1) | numbers
    second = attempt(proposal, template, construction, sizes, usual)
    return Found(first, second)


def sizes_for(template: Template, construction: Maker | None, which: int) -> dict[str, int]:
    """Return sizes for all axes, no two alike where that can be avoided."""
    pairs: dict[str, tuple[int, int]] = {}
    for name in template.axes:
        wanted = _KNOWN.get(name) or _by_word(name) or _free(_OPEN, pairs)
        pairs[name] = wanted if wanted not in pairs.values() else _free(_OPEN, pairs)
    for name in named_sizes(construction.arguments) if construction else ():
        if name not in pairs:
            pairs[name] = _free(_NAMED, pairs)
    return {name: pair[which] for name, pair in pairs.items()}


def _free(
    choices: Sequence[tuple[int, int]], taken: Mapping[str, tuple[int, int]]
) -> tuple[int, int]:
    used = taken.values()
    return next((pair for pair in choices if pair not in used), (13, 14))


def _by_word(name: str) -> tuple[int, int] | None:
    word = names.plain(name)
    if word in names.WINDOWS:
        return (3, 2)
    if word.startswith(("nh", "height")) and word not in ("nh",) and word != "nhidden":
        return (6, 7)
    if word.startswith(("nw", "width")):
        return (7, 8)
    if "example" in word or "batch" in word:
        return (4, 5)
    return None
