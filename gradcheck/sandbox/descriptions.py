"""A reading of a layer as bytes: what the worker says that the layer is, and what is believed.

A layer must be described by whoever read its code, and that is the worker. So a description is a
claim. What the grader does not take from it: a kind that is not in its catalogue, a reference
whose arrays are not those of the kind, sizes that would fill its memory, texts that act on a
terminal. What it cannot know is whether the code really has another array; so the report tells
of which arrays the gradient was asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradcheck.meaning import Meaning
from gradcheck.sandbox.believing import see_kind, see_sizes
from gradcheck.sandbox.forms import (
    pack_form,
    pack_options,
    pack_texts,
    plain,
    some,
    unpack_form,
    unpack_options,
    unpack_texts,
)
from gradcheck.sandbox.meanings import pack_meaning, unpack_meaning
from gradcheck.sandbox.packing import NAME, PAGE, SENTENCE, SEVERAL, Malformed, Reader, Writer
from gradcheck.signature import Signature
from gradcheck.subject import Defect, Identity, Subject, Words

_SYMBOL = re.compile(r"[^\W\d][\w.]*(/[^\W\d][\w.]*)?")
_LARGEST_SIZE = 4096


@dataclass(frozen=True)
class Description:
    """What a subject says of itself; ``certain`` as in a reading."""

    identity: Identity
    forms: tuple[Signature, ...]
    options: Mapping[str, tuple[Any, ...]]
    fixed_axes: Mapping[str, int]
    constraints: tuple[str, ...]
    meanings: Mapping[Signature, Meaning]
    takes_upstream: bool
    updates: bool
    accumulation: str
    probed: bool
    certain: bool

    def fill(self, subject: Subject) -> None:
        """Let a subject be as it is described."""
        subject.identity, subject.forms, subject.options = self.identity, self.forms, self.options
        subject.fixed_axes, subject.constraints = self.fixed_axes, self.constraints
        subject.meanings, subject.takes_upstream = self.meanings, self.takes_upstream
        subject.updates, subject.accumulation = self.updates, self.accumulation
        subject.probed = self.probed


def pack_description(subject: Subject, certain: bool) -> bytes:
    """Return as bytes what a subject says of itself."""
    writer = Writer()
    _pack_identity(writer, subject.identity)
    writer.number(len(subject.forms))
    for form in subject.forms:
        pack_form(writer, form)
    options = {name: values for name, values in subject.options.items() if plain(values)}
    pack_options(writer, options)
    writer.number(len(subject.fixed_axes))
    for name, size in subject.fixed_axes.items():
        writer.text(name, NAME)
        writer.number(int(size))
    writer.texts(subject.constraints, SEVERAL, NAME)
    known = [form for form in subject.forms if form in subject.meanings]
    writer.number(len(known))
    for form in known:
        writer.number(subject.forms.index(form))
        pack_meaning(writer, subject.meanings[form])
    flags = (subject.takes_upstream, subject.updates, subject.probed, certain)
    for flag in flags:
        writer.number(int(flag))
    writer.text(subject.accumulation, NAME)
    return writer.done()


def unpack_description(data: bytes) -> Description:
    """Return what a worker says of a subject, as far as it can be believed.

    Raises
    ------
    Malformed
        It cannot be one of a layer.
    """
    reader = Reader(data)
    identity = _unpack_identity(reader)
    forms = tuple(unpack_form(reader) for _ in range(reader.number(0, 16)))
    options = unpack_options(reader)
    fixed = {reader.text(NAME): reader.number(-_LARGEST_SIZE, _LARGEST_SIZE) for _ in some(reader)}
    constraints = reader.texts(SEVERAL, NAME)
    meanings: dict[Signature, Meaning] = {}
    for _ in range(reader.number(0, len(forms))):
        form = forms[reader.number(0, len(forms) - 1)]
        meanings[form] = unpack_meaning(reader)
    takes, updates, probed, certain = (bool(reader.number(0, 1)) for _ in range(4))
    accumulation = reader.text(NAME)
    reader.end()
    if accumulation not in ("", "add", "overwrite"):
        raise Malformed("an unknown accumulation")
    if not forms and not identity.defects:
        raise Malformed("a layer without arrays")
    described = Description(
        identity, forms, options, fixed, constraints, meanings, takes, updates, accumulation,
        probed, certain,
    )  # fmt: skip
    see_sizes(described)
    see_kind(described)
    return described


def symbol_of(text: str) -> str:
    """Return a text that is the name of a layer.

    Raises
    ------
    Malformed
        It is none.
    """
    if not _SYMBOL.fullmatch(text):
        raise Malformed(f"a layer called {text!r}")
    return text


def _pack_identity(writer: Writer, one: Identity) -> None:
    for text in (one.symbol, one.convention, one.kind or ""):
        writer.text(text, NAME)
    writer.number(one.line or 0)
    pack_texts(writer, one.assumptions)
    pack_texts(writer, one.words.arrays)
    pack_texts(writer, one.words.gradients)
    writer.text(one.words.upstream, NAME)
    writer.number(min(len(one.defects), 8))
    for defect in one.defects[:8]:
        writer.text(defect.check, NAME)
        writer.text(defect.headline, SENTENCE)
        writer.text(defect.detail, PAGE)


def _unpack_identity(reader: Reader) -> Identity:
    symbol, convention, kind = symbol_of(reader.text(NAME)), reader.text(NAME), reader.text(NAME)
    line = reader.number(0, 10**9) or None
    assumptions = unpack_texts(reader)
    words = Words(unpack_texts(reader), unpack_texts(reader), reader.text(NAME))
    defects = tuple(
        Defect(reader.text(NAME), reader.text(SENTENCE), reader.lines(PAGE))
        for _ in range(reader.number(0, 8))
    )
    return Identity(symbol, convention, "", line, kind or None, assumptions, words, defects)
