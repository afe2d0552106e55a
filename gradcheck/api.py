"""``check_layer``: one layer, as an object or a class, in whichever way it is read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from gradcheck.chain import chained
from gradcheck.conventions import adapt
from gradcheck.errors import AdaptError, LayerFault, LayerLost, UsageError
from gradcheck.findings import Report, SubjectReport
from gradcheck.kinds import Kind, declared, find_kind
from gradcheck.reading import settle
from gradcheck.readings import Reading, given_of, readings_of_live, shows_every_gradient
from gradcheck.runner import assemble, check_subject
from gradcheck.settings import Settings, settings_from
from gradcheck.stack_room import with_room
from gradcheck.subject import Subject


def check_layer(
    layer: Any,
    *inputs: Any,
    kind: str | None = None,
    signature: str | None = None,
    parameters: Sequence[str] = (),
    **options: Any,
) -> Report:
    """Check the backward pass of one layer.

    Parameters
    ----------
    layer
        A class in any of the conventions that are known (docs/conventions.md), an object of one, a
        pair of functions ``(affine_forward, affine_backward)``, or a loss ``softmax_loss`` that
        returns its gradient as well.
    *inputs
        Concrete arguments of ``forward`` (for an object): the layer is checked at this point,
        with its parameters as they are. Without them cases are drawn for the kind of layer.
    kind
        The kind of layer (``"affine"``), where the name of the class does not say it.
    signature
        The layer's own arrays by named axes, ``"x: N D, W: D M -> y: N M"``, where it is of no
        known kind; then its forward has no reference. ``parameters`` names those that go into
        the constructor.
    **options
        Fields of :class:`gradcheck.settings.Settings`: ``examples``, ``seed``, ``select``,
        ``ignore``, ``strict``, ``mode``, ``dtypes``, ``assume`` (what is taken as given where a
        reading is open, a dict of :class:`gradcheck.assumptions.Assumptions`),
        ``save_regressions`` (a folder that keeps failing cases, which are then checked first).

    Returns
    -------
    Report
        With one subject. ``report.raise_if_failed()`` turns it into an assertion.

    Raises
    ------
    UsageError
        The layer cannot be called, or an argument is no known name.
    """
    settings = settings_from(options)
    known = _kind(layer, kind, signature, parameters)
    if known is None:
        readings = readings_of_live(layer, inputs, settings)
        return assemble([check_readings(readings, settings)], settings)
    subject = adapt(layer, inputs, kind=known)
    if kind is not None and not inputs and not subject.identity.defects:
        subject = _as_written(subject, layer, kind, settings)
    given = given_of(subject, inputs, settings)
    return assemble([check_subject(subject, settings, given)], settings)


def _as_written(subject: Subject, layer: Any, kind: str, settings: Settings) -> Subject:
    """Return the layer of a kind in another convention, where the usual one misses gradients."""
    if shows_every_gradient(subject) is not False:  # also where it raises: that is told
        return subject
    said = replace(settings, assume=replace(settings.assume, kind=kind))
    with contextlib.suppress(AdaptError):
        for one in readings_of_live(layer, (), said):
            if one.certain and shows_every_gradient(one.subject) is True:
                return one.subject
    return subject


def check_chain(layers: Sequence[Any], **options: Any) -> Report:
    """Check layers one after another, as a network: the gradients of all, end to end.

    Parameters
    ----------
    layers
        Classes, objects or pairs of functions, each as :func:`check_layer` takes it; the output of
        each is the input of the next, labels go to the one that takes them (a loss comes last).
    **options
        Those of :func:`check_layer`.

    Returns
    -------
    Report
        With one subject, of which an array is called ``Affine.W``.

    Raises
    ------
    AdaptError
        A layer cannot be read, or the output of one is no input of the next.
    """
    settings = settings_from({"select": GRADIENTS, **options})
    subjects = []
    for layer in layers:
        reading = next(readings_of_live(layer, (), settings))
        subjects.append(settle(reading.subject, reading.given))
    return assemble([check_subject(chained(subjects), settings)], settings)


GRADIENTS = ("GC101", "GC102", "GC103", "GC104", "GC105")
"""What is asked of a chain; the rest is a matter of each layer."""


def check_readings(readings: Iterator[Reading], settings: Settings) -> SubjectReport:
    """Check a layer in the first of its readings that settles what it is.

    Raises
    ------
    AdaptError
        No reading does; the message is that of the first that should have.
    """
    return with_room(lambda: _settled(readings, settings))


def _settled(readings: Iterator[Reading], settings: Settings) -> SubjectReport:
    told: AdaptError | None = None
    try:
        for one in readings:
            try:
                report = check_subject(one.subject, settings, one.given)
            except LayerLost:  # of what ended its process there is no other reading
                raise
            except AdaptError as error:
                told = told or (error if one.certain else None)
                continue
            if one.certain or report.verdict == "pass":
                return report
    except AdaptError as error:  # there is no further reading
        told = error if told is None or isinstance(error, LayerFault) else told
    raise told or AdaptError("there is no way to read it")


def _kind(
    layer: Any, kind: str | None, signature: str | None, parameters: Sequence[str]
) -> Kind | None:
    if kind is not None and signature is not None:
        raise UsageError("give a kind or a signature, not both")
    if signature is not None:
        name = layer.__name__ if isinstance(layer, type) else type(layer).__name__
        return declared(name, signature, tuple(parameters))
    return find_kind(kind) if kind is not None else None
