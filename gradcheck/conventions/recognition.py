"""The door for things that are not ours: a candidate in, a subject out.

Where a class is not written in the plain convention with the arrays of its kind (:mod:`placement`),
a way in which it runs is searched for.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradcheck.assumptions import Assumptions
from gradcheck.conventions.assembly import assemble
from gradcheck.conventions.candidates import Candidate
from gradcheck.conventions.meaning import meaning_of
from gradcheck.conventions.methods import mentions
from gradcheck.conventions.outcome import Found, Level, Trial
from gradcheck.conventions.probing import constraints_of, options_taken
from gradcheck.conventions.search import NOTHING, search
from gradcheck.conventions.telling import told_of
from gradcheck.conventions.unreadable import unreadable
from gradcheck.conventions.wired_subject import WiredSubject
from gradcheck.conventions.wiring import Wiring
from gradcheck.errors import AdaptError, HiddenUpdate, Unfinished
from gradcheck.kinds import Kind, declared, find_kind, match_kind, match_loosely
from gradcheck.subject import Arrays, Identity


def recognise(
    candidate: Candidate, source: str, files: Sequence[str], assumed: Assumptions = NOTHING
) -> tuple[WiredSubject, bool]:
    """Return the subject of a candidate, found by trying, and whether every gradient was there.

    Raises
    ------
    AdaptError
        Nothing was found that runs forward; the message says how far the best attempt came.
    """
    kinds = list(_assumed_kinds(candidate, assumed)) or list(_kinds(candidate))
    with _generator_kept():
        found = search(candidate.proposals(), kinds, assumed)
        if found is not None:
            _finished(candidate, found)
        if found is None or found.level < Level.FORWARD:
            raise unreadable(candidate.symbol, found, files)
        made = assemble(found, tuple(files))
        options = options_taken(found.first, made.options)
        constraints = constraints_of(found.first, made.wiring.signature, options)
        values = _values(made.wiring, found.first)
        meaning, how = meaning_of(
            found.first,
            made.wiring.signature,
            kinds,
            values,
            match_kind(_stem(candidate.symbol)),
        )
        wanted = find_kind(assumed.kind).name if assumed.kind else ""
        if wanted and (meaning is None or meaning.kind != wanted):
            raise AdaptError(
                f"{candidate.symbol}: its arrays, {made.wiring.signature}, are not those of a "
                f"layer of the kind {wanted!r}, which was assumed"
            )
        wirings = {made.wiring.signature: made.wiring}
        identity = Identity(
            candidate.symbol,
            found.first.proposal.convention,
            source,
            candidate.line,
            meaning.kind if meaning else None,
            words=made.words,
        )
        subject = WiredSubject(identity, wirings, options, {}, constraints, probed=True)
        told = {"read as": found.first.proposal.title}
        told |= told_of(subject, found.first, meaning, how) | dict(made.assumptions)
    subject.identity = dataclasses.replace(identity, assumptions=told)
    if told.get("images") == "NHWC" and not assumed.layout and found.first.template.first[1] == "C":
        # Read once more, so that the axes bear their own names in every message.
        again = dataclasses.replace(assumed, layout="NHWC")
        return recognise(candidate, source, files, again)
    if meaning is not None:
        subject.meanings = {made.wiring.signature: meaning}
    return subject, found.level is Level.COMPLETE


def _finished(candidate: Candidate, found: Found) -> None:
    """Raise where a part is still to be written, and where the gradients are not to be had."""
    if found.first.applied:
        raise HiddenUpdate(
            f"{candidate.symbol}: backward changes {', '.join(found.first.applied)} itself and "
            "keeps no gradient of it. Let backward take the learning rate, "
            "backward(dout, learning_rate), or keep the gradients (self.dW) beside the update"
        )
    error = found.first.error
    if found.level < Level.COMPLETE and isinstance(error, NotImplementedError):
        frames = traceback.extract_tb(error.__traceback__)
        raise Unfinished(candidate.symbol, frames[-1].name if frames else "forward")


def _values(wiring: Wiring, trial: Trial) -> Arrays:
    """Return what the subject gives at the arrays of an attempt."""
    subject = WiredSubject(Identity(trial.proposal.symbol, ""), {wiring.signature: wiring})
    names = [one.name for one in wiring.signature.arrays]
    return subject.forward({name: trial.arrays[name] for name in names}, trial.options).outputs


def _assumed_kinds(candidate: Candidate, assumed: Assumptions) -> Iterator[Kind]:
    """Yield the kind that is taken as given."""
    if assumed.signature:
        yield declared(candidate.symbol, assumed.signature)
    elif assumed.kind:
        yield find_kind(assumed.kind)


def names_kind(candidate: Candidate) -> bool:
    """Return whether the name of a candidate says what it is."""
    return next(_kinds(candidate), None) is not None


def _kinds(candidate: Candidate) -> Iterator[Kind]:
    """Yield the kinds that a name speaks of; of two losses first the one whose text fits."""
    kind = match_loosely(_stem(candidate.symbol))
    if kind is None:
        return
    other = find_kind(kind.otherwise) if kind.otherwise else None
    takes_scores = candidate.thing is not None and mentions(candidate.thing, r"exp\(|softmax")
    if other is not None and takes_scores:
        yield other
    yield kind
    if other is not None and not takes_scores:
        yield other


def _stem(symbol: str) -> str:
    """Return the name of the operation without what only says how it is written."""
    stem = symbol.partition("/")[0].rpartition(".")[2]
    return re.sub(r"_?(forward|naive|fast|layer)(?=_|$)", "", stem)


@contextlib.contextmanager
def _generator_kept() -> Iterator[None]:
    """Leave NumPy's global generator as it was found: it belongs to whoever called us."""
    before: Any = np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
