"""The ways in which a thing may be read, the most trusted first; no check runs here.

A class is read by the kind that its name says where its forward does not speak against it, else as
a layer of no known kind, else as it was found to run (:mod:`gradcheck.conventions.recognition`).
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.assumptions import Assumptions
from gradcheck.case import Case, given_case, plain_case
from gradcheck.checks.evaluation import evaluate
from gradcheck.conventions import adapt
from gradcheck.conventions.candidates import Candidate, candidate_of
from gradcheck.conventions.live_objects import adapt_live
from gradcheck.conventions.objects import ObjectSubject
from gradcheck.conventions.recognition import names_kind, recognise
from gradcheck.conventions.rules import under_rules
from gradcheck.errors import AdaptError, HiddenUpdate, LayerFault, Unfinished
from gradcheck.kinds import UNKNOWN, find_kind
from gradcheck.reading import forward_fits, settle, shares_meaning, without_reference
from gradcheck.settings import Settings
from gradcheck.sources import SourceModule
from gradcheck.subject import Array, Subject


@dataclass(frozen=True)
class Reading:
    """A subject, at a ``given`` case or any.

    Where it is not ``certain`` what else the layer might be nobody knows: then it may only be
    called right.
    """

    subject: Subject
    given: Case | None = None
    certain: bool = True


def reading_of(
    candidate: Candidate, module: SourceModule, settings: Settings | None = None
) -> Subject:
    """Return the candidate in the way in which it is read first, settled by trying.

    Raises
    ------
    AdaptError
        No convention knows how to call it.
    """
    return first_of(readings_of(candidate, module, settings or Settings()))


def first_of(readings: Iterator[Reading]) -> Subject:
    """Return the subject of the first of several readings, settled by trying."""
    first = next(readings)
    return first.subject if first.subject.identity.defects else settle(first.subject, first.given)


def readings_of(
    candidate: Candidate, module: SourceModule, settings: Settings
) -> Iterator[Reading]:
    """Yield the ways in which a candidate may be read, under the rules that are assumed.

    Ends in an error, never in silence.

    Raises
    ------
    AdaptError
        There is no further way; the message says why none did.
    """
    assumed = settings.assumed_for(candidate.symbol, candidate.made_of)
    for one in _found_readings(candidate, module, assumed):
        yield replace(one, subject=under_rules(one.subject, assumed))


def _found_readings(
    candidate: Candidate, module: SourceModule, assumed: Assumptions
) -> Iterator[Reading]:
    plain = None if assumed.names_shape else _plain(candidate, module)
    fits = plain is not None and (
        bool(plain.identity.defects) or (plain.identity.kind is not None and _fits(plain))
    )
    told: AdaptError | None = None
    if fits:
        try:
            yield from readings_by_name(candidate.thing, (), Settings(), module, candidate.line)
        except AdaptError as error:
            told = error
    try:
        subject, complete = recognise(candidate, module.path, module.files, assumed)
        if complete or plain is None or not _runs(plain):
            # Of what never ran to its end nobody knows whether it was called as it is meant.
            certain = complete or names_kind(candidate)
            yield Reading(subject, certain=certain)
            told = told or (None if certain else _unsure(subject))
    except (Unfinished, HiddenUpdate):
        raise
    except AdaptError as error:
        told = error if told is None or isinstance(error, LayerFault) else told
    if plain is not None and not fits and (plain.identity.kind is not None or _runs(plain)):
        try:
            yield from readings_by_name(candidate.thing, (), Settings(), module, candidate.line)
        except AdaptError as error:
            told = told or error
    raise told or AdaptError(f"{candidate.symbol}: no way to call it was found")


def _unsure(subject: Subject) -> AdaptError:
    symbol, form = subject.identity.symbol, subject.forms[0]
    return AdaptError(
        f"{symbol}: forward runs for {form}, but no way was found to run backward to its end and "
        f"to find every gradient. If these are not its arrays, say which are: --assume "
        f"{symbol}:signature='x: N D -> y: N D'; or check an object at inputs of your own: "
        f"check_layer({symbol}(...), x)"
    )


def readings_by_name(
    layer: Any,
    inputs: Sequence[Any],
    settings: Settings,
    module: SourceModule | None = None,
    line: int | None = None,
) -> Iterator[Reading]:
    """Yield a layer as what its name says, where its forward does not speak against it.

    Otherwise as a layer of no known kind, then by the shapes of its namesake; ends in an error.

    Raises
    ------
    AdaptError
        It cannot be called, or there is no further way to read it.
    """
    source = module.path if module is not None else ""
    subject = adapt(layer, inputs, source=source, line=line)
    given = given_of(subject, inputs, settings)
    if shares_meaning(subject, given):
        yield Reading(subject, given)
        raise _misnamed(subject)
    named = find_kind(subject.identity.kind or "")
    if named.otherwise:
        with contextlib.suppress(AdaptError):
            other = adapt(layer, inputs, kind=find_kind(named.otherwise), source=source, line=line)
            if forward_fits(other, given_of(other, inputs, settings)):
                yield Reading(other, given_of(other, inputs, settings))
    with contextlib.suppress(AdaptError):
        plain = adapt(layer, inputs, kind=UNKNOWN, source=source, line=line)
        yield Reading(plain, given_of(plain, inputs, settings), certain=bool(given))
    yield Reading(without_reference(subject), given, certain=False)
    raise _misnamed(subject)


def _plain(candidate: Candidate, module: SourceModule) -> Subject | None:
    """Return the candidate read by the plain convention, None where that is not how it is written.

    A missing method is a fault only where no other convention has another name for it.
    """
    if candidate.thing is None:
        return None
    try:
        subject = adapt(candidate.thing, source=module.path, line=candidate.line)
    except AdaptError:
        return None
    missing = any(one.check.startswith("method") for one in subject.identity.defects)
    return None if missing and next(candidate.proposals(), None) is not None else subject


def _fits(subject: Subject) -> bool:
    """Whether forward and backward run, and every gradient is there in the shape of its array."""
    case = plain_case(subject, subject.forms[0])
    seen = evaluate(subject, case)
    return (
        seen.raised is None
        and bool(seen.outputs)
        and all(
            one.name in seen.gradients
            and seen.gradients[one.name].shape in _claims(case.primals[one.name], one.name)
            for one in case.signature.differentiable
        )
    )


def _claims(array: Array, name: str) -> tuple[tuple[int, ...], ...]:
    """Return the shapes of a gradient that speak of no other layer than the one that is named.

    One number for a whole bias is a sum over too much; a slope may be one for all channels.
    """
    return (array.shape, ()) if name in ("b", "beta") else (array.shape,)


def _runs(subject: Subject) -> bool:
    return bool(evaluate(subject, plain_case(subject, subject.forms[0])).outputs)


def given_of(subject: Subject, inputs: Sequence[Any], settings: Settings) -> Case | None:
    """Return the case of concrete inputs, None without any."""
    if not (inputs and isinstance(subject, ObjectSubject)):
        return None
    options = {name: value for name, (value,) in subject.options.items()}
    return given_case(
        subject.forms[0], subject.primals, settings.seed, mode=settings.mode, options=options
    )


def _misnamed(subject: Subject) -> AdaptError:
    symbol, kind = subject.identity.symbol, subject.identity.kind
    return AdaptError(
        f"{symbol} is named like a layer of the kind {kind}, but does not give what such a layer "
        f"gives for {subject.forms[0]}, so nothing is known of what it should give. If it is one "
        f"all the same: check_layer({symbol}, kind={kind!r}). Otherwise declare its arrays, "
        f"check_layer({symbol}, signature='x: N D -> y: N D'), or check an object at inputs of "
        f"your own: check_layer({symbol}(...), x)"
    )


def readings_of_live(layer: Any, inputs: Sequence[Any], settings: Settings) -> Iterator[Reading]:
    """Yield the ways to read what was handed over in Python: a class, functions or an object.

    ``layer`` may be a pair (forward, backward) of functions.

    Raises
    ------
    AdaptError
        There is no further way to read it.
    """
    candidate = candidate_of(layer)
    if candidate is not None and not inputs:
        files = (_file_of(candidate.made_of),)
        yield from readings_of(candidate, SourceModule("", (), {}, (), files), settings)
        return
    assumed = settings.assumed_for(type(layer).__name__, type(layer))
    if not inputs:
        for one in readings_by_name(layer, inputs, settings):
            yield replace(one, subject=under_rules(one.subject, assumed))
        return
    told: AdaptError | None = None
    plain: list[Reading] = []
    try:
        for one in readings_by_name(layer, inputs, settings):
            plain.append(one)  # noqa: PERF402 - what came before the error counts
    except AdaptError as error:  # there is no further way; those found so far count
        told = error
    fitting = [one for one in plain if _fits_at(one)]
    try:
        subject, primals, complete = adapt_live(layer, [np.asarray(one) for one in inputs])
        case = given_case(subject.forms[0], primals, settings.seed, mode=settings.mode)
        found = Reading(under_rules(subject, assumed), case)
        # What sees more of the layer is the better reading of it.
        if complete and (not fitting or _seen(found) > _seen(fitting[0])):
            yield found
    except AdaptError as error:
        told = told or error
    for one in plain:
        yield replace(one, subject=under_rules(one.subject, assumed))
    raise told or AdaptError(f"{type(layer).__name__}: no way to call it was found")


def _file_of(thing: Any) -> str:
    """Return the file that a class or function is from, empty for one typed into a session."""
    try:
        return inspect.getsourcefile(inspect.unwrap(thing)) or ""
    except (OSError, TypeError):
        return ""


def _seen(reading: Reading) -> int:
    """Return of how many arrays a reading checks the gradient."""
    return len(reading.subject.forms[0].differentiable)


def shows_every_gradient(subject: Subject) -> bool | None:
    """Return whether every gradient is there at an ordinary case; None where there is none.

    Of a layer that raises nothing can be said either.
    """
    try:
        case = plain_case(subject, subject.forms[0])
    except AdaptError:
        return None
    return None if evaluate(subject, case).raised else _shows_all(subject, case)


def _fits_at(reading: Reading) -> bool:
    """Whether every gradient is there at the given case."""
    return reading.given is not None and _shows_all(reading.subject, reading.given)


def _shows_all(subject: Subject, case: Case) -> bool:
    case = replace(case, memory={})
    seen = evaluate(subject, case)
    wanted = [one.name for one in case.signature.differentiable]
    return seen.raised is None and all(name in seen.gradients for name in wanted)
