"""How a layer is read for a baseline: as a check reads it, or as it was read when recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gradcheck.baseline.contents import (
    CaseRecord,
    FormRecord,
    LayerRecord,
    form_record,
    options_of,
)
from gradcheck.conventions.candidates import Candidate
from gradcheck.errors import AdaptError, SignatureError
from gradcheck.reading import settle
from gradcheck.readings import Reading, readings_of
from gradcheck.runner import check_subject
from gradcheck.settings import Settings
from gradcheck.signature import Signature
from gradcheck.sources import SourceModule
from gradcheck.subject import Subject

_TRIED = 12  # cases that an uncertain reading must pass before it is believed


def readable(candidate: Candidate, module: SourceModule, settings: Settings) -> Subject:
    """Return a layer in the reading in which it is checked, settled by trying.

    Raises
    ------
    AdaptError
        It cannot be called, or a part of it is still to be written.
    """
    told: AdaptError | None = None
    for one in _readings(candidate, module, settings):
        if one.subject.identity.defects:
            raise AdaptError(one.subject.identity.defects[0].headline)
        try:
            if one.certain or _passes(one, settings):
                return settle(one.subject, one.given)
        except AdaptError as error:
            told = told or error
    raise told or AdaptError(f"{candidate.symbol}: there is no way to read it")


def read_again(
    candidate: Candidate, module: SourceModule, settings: Settings, layer: LayerRecord
) -> tuple[Subject, list[Signature]] | None:
    """Return a layer in a reading that takes all recorded cases, with the form of each case.

    None where it can be called, but not as it was. A changed value may change what a layer is
    taken for, so every reading is tried, and none is settled by the values it gives.

    Raises
    ------
    AdaptError
        It cannot be called at all.
    """
    told: AdaptError | None = None
    runs = False
    loose: tuple[Subject, list[Signature]] | None = None
    try:
        for one in _readings(candidate, module, settings):
            if one.subject.identity.defects:
                raise AdaptError(one.subject.identity.defects[0].headline)
            runs = True
            forms = _forms_of(one.subject, layer.forms, layer.cases)
            if forms is None:
                continue
            wanted = [layer.forms[case.form] for case in layer.cases]
            if all(map(_written_alike, forms, wanted)):
                return one.subject, forms
            loose = loose or (one.subject, forms)
    except AdaptError as error:
        told = error
    if runs:
        return loose
    raise told or AdaptError(f"{candidate.symbol}: there is no way to read it")


def _readings(candidate: Candidate, module: SourceModule, settings: Settings) -> Iterator[Reading]:
    if candidate.unfinished:
        raise AdaptError(f"{candidate.unfinished} is still to be written")
    yield from readings_of(candidate, module, settings)


def _passes(reading: Reading, settings: Settings) -> bool:
    few = replace(settings, examples=min(settings.examples, _TRIED), shrink_seconds=0.0)
    return check_subject(reading.subject, few, reading.given).verdict == "pass"


def _forms_of(
    subject: Subject, recorded: Sequence[FormRecord], cases: Sequence[CaseRecord]
) -> list[Signature] | None:
    """Return for each case the form with the same arrays; None where one has none."""
    known = {form_record(form).text: form for form in subject.forms}
    found = []
    for case in cases:
        wanted = recorded[case.form]
        fitting = [form for form in known.values() if _takes(form, wanted, case)]
        fitting.sort(key=lambda form: not _written_alike(form, wanted))
        if not fitting or not set(case.options) <= set(subject.options):
            return None
        found.append(fitting[0])
    return found


def _written_alike(form: Signature, wanted: FormRecord) -> bool:
    """Whether the arrays that go in have the same axes, by their names."""
    return str(form).partition(" -> ")[0] == wanted.text.partition(" -> ")[0]


def _takes(form: Signature, wanted: FormRecord, case: CaseRecord) -> bool:
    own = form_record(form)
    options = options_of(case)
    if own.arrays != wanted.arrays or own.outputs != wanted.outputs:
        return False
    sizes = {n: one for n, one in options.items() if isinstance(one, int)}
    try:
        form.bind({name: one.shape for name, one in case.primals.items()}, sizes)
    except SignatureError:
        return False
    return form.holds_for(options)
