"""Shapes that might work, the likeliest first: by the kind of layer, by its docstring, by rank.

A template gives axes to every array that we supply: inputs, labels, and those parameters that a
layer does not make itself. Which template works is found by trying.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.docstrings import from_docstring
from gradcheck.conventions.kind_templates import from_kind
from gradcheck.conventions.proposal import Proposal, Slot
from gradcheck.conventions.surface import constructor_of, tree_of
from gradcheck.conventions.template import Axes, Template
from gradcheck.kinds import Kind
from gradcheck.signature import ArraySpec, Domain

_MOST = 160


def templates(
    proposal: Proposal,
    kinds: Sequence[Kind],
    supplied: Sequence[str] = (),
    *,
    only_kinds: bool = False,
) -> Iterator[Template]:
    """Yield templates for the arrays of a proposal; ``supplied`` are those of the constructor."""
    if proposal.forms:
        yield from (Template({one.name: one for one in form}) for form in proposal.forms)
        return
    slots = (*proposal.slots, *(Slot(name, "array") for name in supplied))
    groups = _own_name(proposal, names.GROUPS)
    heads = _own_name(proposal, names.HEADS)
    found: list[Iterator[Template]] = [
        islice(from_kind(slots, kind, groups), _MOST) for kind in kinds
    ]
    if only_kinds:
        for one in found:
            yield from one
        return
    text = "\n".join(function.__doc__ or "" for function in proposal.functions[:1])
    if text and (told := from_docstring(slots, text)) is not None:
        found.append(iter((told,)))
    found.append(from_ranks(slots, proposal.symbol, scores=_takes_scores(proposal)))
    for templates_ in found:
        yield from (_headed(one, heads) for one in templates_) if heads else templates_


def _headed(template: Template, heads: str) -> Template:
    """Return a template whose features are as many for each head."""
    features = {"D": f"{heads}*D"}
    specs = {
        name: replace(spec, axes=tuple(features.get(term, term) for term in spec.axes))
        for name, spec in template.specs.items()
    }
    marked = tuple(features.get(term, term) for term in template.marked)
    return replace(template, specs=specs, marked=marked)


def _own_name(proposal: Proposal, words: frozenset[str]) -> str:
    """Return the layer's own name for the number of groups or heads, empty where it has none."""
    own = [name for name, _ in proposal.options]
    if proposal.cls is not None:
        own += [one.name for one in constructor_of(proposal.cls)]
    return next((name for name in own if names.plain(name) in words), "")


def _takes_scores(proposal: Proposal) -> bool:
    """Return whether the text speaks of a softmax or sigmoid: then inputs are no probabilities."""
    things = [*proposal.functions[:1], *([proposal.cls] if proposal.cls else [])]
    texts = [ast.unparse(tree) for one in things if (tree := tree_of(one)) is not None]
    return any(re.search(r"exp\(|softmax|sigmoid|logits", text) for text in texts)


_DATA: tuple[tuple[Axes, str], ...] = (
    (("N", "D"), "D"),
    (("N", "C", "H", "V"), "C"),
    (("N", "T", "D"), "D"),
    (("N", "C", "H"), "C"),
    (("N", "H", "V", "C"), "C"),
    (("N", "C", "H", "H"), "C"),
    (("N", "H", "H", "C"), "C"),
    (("D", "N"), "D"),
    (("D",), "D"),
    (("C", "H", "V"), "C"),
    (("H", "V", "C"), "C"),
    (("D", "1"), "D"),
    (("1", "D"), "D"),
    ((), ""),
)
_SINGLE = {("D",), ("D", "1"), ("1", "D"), ("C", "H", "V"), ("H", "V", "C"), ()}
_FURTHER: Mapping[Axes, tuple[Axes, ...]] = {
    ("N", "D"): (("N", "D"), ("N", "M"), ("D", "M"), ("N", "1"), ("1", "D"), ("D",)),
    ("N", "T", "D"): (("N", "T"), ("N", "D"), ("N", "T", "D"), ("N", "S", "D"), ("N", "D", "M")),
    ("D", "N"): (("D", "N"), ("M", "N")),
    ("D",): (("D",), ("M",)),
    (): ((),),
}


def from_ranks(slots: Sequence[Slot], symbol: str, *, scores: bool = True) -> Iterator[Template]:
    """Yield shapes for layers of no known kind, by the number of axes of their first input."""
    arrays = [slot for slot in slots if slot.role == "array"]
    if any(_RECURRENT.fullmatch(names.plain(slot.name)) for slot in arrays):
        yield from _recurrent(slots, arrays)
    if any(slot.role == "data" for slot in slots):
        for axes, mark in _DATA:
            choices = [list(_generic(slot, axes, symbol, slots, scores)) for slot in slots]
            for chosen in product(*choices):
                specs = {one.name: one for one in chosen}
                marks = tuple(dict.fromkeys(m for m in (mark, "D", "M") if m and not arrays))
                states = ("Q",) if any(slot.role == "state" for slot in slots) else ()
                yield Template(specs, (*marks[:1], *states), single=axes in _SINGLE)
    else:
        for axes in (("N", "T"), ("N",), ()):
            choices = [list(_generic(slot, axes, symbol, slots, scores)) for slot in slots]
            for chosen in product(*choices):
                yield Template({one.name: one for one in chosen}, ("U",))


_RECURRENT = re.compile(r"wh\d?")


def _recurrent(slots: Sequence[Slot], arrays: Sequence[Slot]) -> Iterator[Template]:
    """Yield the shapes of recurrent layers whose weights are called Wx, Wh and b."""
    for first, gates in product((("N", "T", "D"), ("N", "D")), ("Q", "4*Q", "3*Q")):
        shapes: dict[str, Axes] = {"wx": ("D", gates), "wh": ("Q", gates), "b": (gates,)}
        specs: dict[str, ArraySpec] = {}
        for slot in slots:
            word = names.plain(slot.name).rstrip("0123456789")
            word = "b" if word[:1] == "b" else word
            if slot in arrays and word in shapes:
                specs[slot.name] = ArraySpec(slot.name, shapes[word], "parameter")
            elif slot.role == "state":
                specs[slot.name] = ArraySpec(slot.name, ("N", "Q"), "input")
            else:
                specs[slot.name] = ArraySpec(slot.name, first, "input")
        yield Template(specs)


def _generic(
    slot: Slot, first: Axes, symbol: str, slots: Sequence[Slot], scores: bool
) -> Iterator[ArraySpec]:
    """Yield the shapes of one array beside a first input with the axes ``first``."""
    data = [one for one in slots if one.role == "data"]
    if slot.role == "mask":
        yield ArraySpec(slot.name, first[:-1], "label", "mask")
    elif slot.role == "data":
        if slot is data[0] and _looks_up(symbol):
            yield ArraySpec(slot.name, first[:-1], "label", "labels", "U")
            return
        if slot is data[0]:
            for domain in _domains(symbol, slots, scores):
                yield ArraySpec(slot.name, first, "input", domain)
            return
        for axes in _FURTHER.get(first, (first,)):
            yield ArraySpec(slot.name, axes, "input")
    elif slot.role == "ids":
        lead = first if not data else first[:1]
        yield ArraySpec(slot.name, lead, "label", "labels", "U")
    elif slot.role == "state":
        batch = ("N",) if "N" in first else ()
        yield ArraySpec(slot.name, (*batch, "Q"), "input")
        if first:
            yield ArraySpec(slot.name, (*batch, first[-1]), "input")
    elif slot.role == "label":
        yield from _labels(slot, first, symbol)
    else:
        yield from (
            ArraySpec(slot.name, one, "parameter") for one in _arrays(slot, first, slots, symbol)
        )


def _looks_up(symbol: str) -> bool:
    """Whether a name speaks of a table whose rows are chosen by whole numbers."""
    return any(word in names.plain(symbol) for word in ("embed", "lookup"))


def _labels(slot: Slot, first: Axes, symbol: str) -> Iterator[ArraySpec]:
    word = names.plain(symbol)
    binary = ("binary", "bce", "sigmoid", "logistic")
    ints = ArraySpec(slot.name, first[:-1], "label", "labels", first[-1] if first else "2")
    hot = ArraySpec(slot.name, first, "label", "one-hot")
    real = ArraySpec(slot.name, first, "label")
    bits = ArraySpec(slot.name, first, "label", "labels", "2")
    classes = ("cross", "softmax", "nll", "categorical", "entropy", "svm", "hinge", "likelihood")
    regression = ("mse", "mae", "square", "l1", "l2", "absolute", "huber")
    if any(part in word for part in binary):
        order = [bits, ints, hot, real]
    elif any(part in word for part in regression):
        order = [real, hot, ints, bits]
    elif any(part in word for part in classes):
        order = [ints, hot, bits, real] if first else [bits, real]
    else:
        order = [ints, real, hot, bits]
    yield from (one for one in order if first or one.domain != "one-hot")


def _domains(symbol: str, slots: Sequence[Slot], scores: bool) -> tuple[Domain, ...]:
    """Return the domains of the first input, the likeliest first."""
    word = names.plain(symbol)
    if not any(one.role == "label" for one in slots):
        return ("real", "positive")
    if not scores and any(part in word for part in ("binary", "bce")):
        return ("unit", "real")
    if not scores and any(part in word for part in ("entropy", "nll", "ce", "likelihood")):
        return ("probabilities", "real")
    return ("real", "positive", "probabilities", "unit")


def _arrays(slot: Slot, first: Axes, slots: Sequence[Slot], symbol: str) -> tuple[Axes, ...]:
    """Return the shapes of a parameter by its name, beside the other ones."""
    word = names.plain(slot.name)
    image = len(first) == 4
    features = next((axis for axis in ("C", "D") if axis in first), "D")
    ids = _looks_up(symbol) or any(one.role == "ids" for one in slots)
    if word[:1] == "w" or word in names.WEIGHTS:
        if ids:
            return (("U", features), ("U", "M"))
        if image:
            return _filters(features)
        return ((features, "M"), ("M", features), (features,), (1 * ("1",) + (features,)))
    alone = not any(
        names.plain(one.name)[:1] == "w" or names.plain(one.name) in names.WEIGHTS
        for one in slots
        if one.role == "array"
    )
    wide = features if alone else "M"
    return ((wide,), ("1", wide), (wide, "1"), (features,), ())


def _filters(features: str) -> tuple[Axes, ...]:
    """Return the shapes of the weights of a convolution; odd windows only as a last resort."""
    odd = "2*K+1"
    return (
        ("M", features, "K", "L"),
        (features, "M", "K", "L"),
        ("K", "L", features, "M"),
        ("M", features, odd, odd),
        (features, "M", odd, odd),
    )
