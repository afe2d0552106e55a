"""Layers one after another as one subject: a network, or a layer under its loss, end to end.

Each layer by itself may be right only by convention: a loss whose gradient is not divided by the
batch size, under layers that divide theirs. End to end such factors cancel, or they do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gradcheck.case import plain_case
from gradcheck.errors import AdaptError
from gradcheck.signature import ArraySpec, Signature
from gradcheck.subject import (
    Array,
    Arrays,
    Backward,
    Evaluation,
    Forward,
    Identity,
    Script,
    Subject,
    Words,
)

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Link:
    """One layer of a chain, in one of its forms with the axes named as in the chain.

    ``entry`` is the array that the layer before fills, empty in the first; ``name`` is what the
    layer is called in the chain.
    """

    subject: Subject
    name: str
    form: Signature
    entry: str
    options: Mapping[str, Any]

    @property
    def own(self) -> dict[str, str]:
        """Names of the layer's arrays -> names in the chain; the filled one left out."""
        first = not self.entry
        return {
            one.name: one.name if first and one.role == "input" else f"{self.name}.{one.name}"
            for one in self.form.arrays
            if one.name != self.entry
        }


class Chain(Subject):
    """Layers of which each gets the output of the one before; gradients of all their arrays.

    Answers a forward, and a forward with its backward; a chain keeps no state between scripts.
    """

    def __init__(self, links: Sequence[Link], constraints: tuple[str, ...] = ()) -> None:
        self.links = tuple(links)
        self.constraints = constraints
        last = links[-1].subject
        self.unit_upstream, self.takes_upstream = last.unit_upstream, last.takes_upstream
        arrays = [
            replace(spec, name=link.own[spec.name])
            for link in links
            for spec in link.form.arrays
            if spec.name in link.own
        ]
        self.forms = (Signature(tuple(arrays), links[-1].form.outputs),)
        gradients = {
            name: f"{link.name}.{link.subject.identity.words.gradient(own)}"
            for link in links
            for own, name in link.own.items()
            if "." in name
        }
        symbol = " -> ".join(link.name for link in links)
        words = Words({}, gradients, last.identity.words.upstream)
        source = links[0].subject.identity.source
        self.identity = Identity(symbol, "chain", source=source, words=words)

    def run(
        self, script: Script, options: Mapping[str, Any] | None = None
    ) -> tuple[Evaluation, ...]:
        """Run one forward, or one forward and its backward.

        Raises
        ------
        ValueError
            The script asks for more.
        """
        first, *rest = script
        if (
            not isinstance(first, Forward)
            or len(rest) > 1
            or not all(isinstance(one, Backward) for one in rest)
        ):
            raise ValueError("a chain answers one forward, and one backward after it")
        flow: list[Arrays] = []
        answer = Evaluation()
        for link in self.links:
            primals = {own: first.primals[name] for own, name in link.own.items()}
            if link.entry:
                primals[link.entry] = next(iter(answer.outputs.values()))
            flow.append(primals)
            answer = link.subject.forward(primals, link.options)
            if answer.raised or not answer.outputs:
                return (answer,)
        backward = [
            self._backward(flow, one.cotangents) for one in rest if isinstance(one, Backward)
        ]
        return (answer, *backward)

    def _backward(self, flow: Sequence[Arrays], cotangents: Arrays) -> Evaluation:
        gradients: dict[str, Array] = {}
        upstream = dict(cotangents)
        for link, primals in reversed(list(zip(self.links, flow, strict=True))):
            answer = link.subject.vjp(primals, upstream, link.options)
            if answer.raised:
                return answer
            own = link.own
            gradients |= {own[n]: g for n, g in answer.gradients.items() if n in own}
            if link.entry:
                if link.entry not in answer.gradients:
                    return Evaluation({}, gradients, dict(answer.missing))
                upstream = {self._before(link): answer.gradients[link.entry]}
        return Evaluation({}, gradients)

    def _before(self, link: Link) -> str:
        return self.links[self.links.index(link) - 1].form.outputs[0].name


def chained(subjects: Sequence[Subject]) -> Chain:
    """Return the layers as one chain, in the first of their forms that fit together.

    Raises
    ------
    AdaptError
        The output of one is no input of the next, whatever the form.
    """
    symbols = [one.identity.symbol for one in subjects]
    names = [
        symbol if symbols.count(symbol) == 1 else f"{symbol}{symbols[: n + 1].count(symbol)}"
        for n, symbol in enumerate(symbols)
    ]
    for form in subjects[0].forms:
        first = _link(subjects[0], names[0], form, "", {})
        found = _continued([first], list(subjects[1:]), names[1:])
        if found is not None:
            return Chain(found, _constraints(found))
    raise AdaptError(f"{' -> '.join(names)}: the output of one is no input of the next")


def _continued(links: list[Link], rest: list[Subject], names: list[str]) -> list[Link] | None:
    if not rest:
        return links
    leaving = _leaving(links[-1])
    for form in rest[0].forms if leaving is not None else ():
        entry = next((one for one in form.inputs if one.role == "input"), None)
        if entry is None or len(entry.axes) != len(leaving or ()) or entry.open:
            continue
        if not all(term.isidentifier() for term in entry.axes):
            continue
        mapping = dict(zip(entry.axes, leaving or (), strict=True))
        taken = {name for link in links for name in link.form.names}
        for name in form.names:
            if name not in mapping and name in taken:
                mapping[name] = next(
                    f"{name}{n}" for n in range(2, 99) if f"{name}{n}" not in taken
                )
        link = _link(rest[0], names[0], form, entry.name, mapping)
        found = _continued([*links, link], rest[1:], names[1:])
        if found is not None:
            return found
    return None


def _link(
    subject: Subject, name: str, form: Signature, entry: str, mapping: Mapping[str, str]
) -> Link:
    options = {option: values[0] for option, values in subject.options.items()}
    sizes = {option: str(int(one)) for option, one in options.items() if isinstance(one, int)}
    sizes |= {axis: str(size) for axis, size in subject.fixed_axes.items()}
    terms = {**sizes, **mapping}
    arrays = tuple(_renamed(one, terms) for one in form.arrays)
    outputs = tuple(_renamed(one, terms) for one in form.outputs)
    return Link(subject, name, Signature(arrays, outputs, form.when), entry, options)


def _renamed(spec: ArraySpec, terms: Mapping[str, str]) -> ArraySpec:
    if spec.open:
        return spec
    axes = tuple(_term(one, terms) for one in spec.axes)
    return replace(spec, axes=axes, below=_term(spec.below, terms), least=_term(spec.least, terms))


def _term(term: str, terms: Mapping[str, str]) -> str:
    def named(match: re.Match[str]) -> str:
        new = terms.get(match[0], match[0])
        return new if new.isalnum() or match[0] == term else f"({new})"

    return _NAME.sub(named, term)


def _leaving(link: Link) -> tuple[str, ...] | None:
    """Return the axes of the one output of a link; an open one is tried at unequal sizes."""
    if len(link.form.outputs) != 1:
        return None
    output = link.form.outputs[0]
    if not output.open:
        return output.axes
    case = plain_case(link.subject, link.form)
    outputs = link.subject.forward(case.primals, link.options).outputs
    if output.name not in outputs:
        return None
    sizes: dict[int, str] = {}
    for name, size in case.axes.items():
        sizes.setdefault(size, name)
    shape = outputs[output.name].shape
    return tuple(sizes.get(size, str(size)) for size in shape)


def _constraints(links: Sequence[Link]) -> tuple[str, ...]:
    """Return the constraints of the first layer; those of later ones are in names of their own."""
    known = set(links[0].form.names)
    first = links[0].subject.constraints
    return tuple(one for one in first if set(_NAME.findall(one)) <= known)
