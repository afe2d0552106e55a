"""``gradcheck list``: what a source holds and how it would be read, without checking it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gradcheck.conventions.candidates import Candidate
from gradcheck.errors import AdaptError, LayerFault
from gradcheck.inventory import Inventory, ListedLayer, ListedModule, PassedOver
from gradcheck.opening import Listed, Opened, chosen_among, opened, reasons_unread
from gradcheck.readings import first_of
from gradcheck.settings import Settings, settings_from
from gradcheck.sources import Source, SourceModule
from gradcheck.subject import Subject
from gradcheck.version import __version__


def list_module(
    source: str | Path, *, symbols: Sequence[str] = (), run_module: bool = False, **options: Any
) -> Inventory:
    """Return what a source holds, or only the layers named in ``symbols``.

    The arguments are those of :func:`gradcheck.check_module`. Forward and backward of each layer
    run as far as needed to know how they are called.

    Raises
    ------
    SourceError
        Nothing can be read.
    UsageError
        A name in ``symbols`` is no layer of the source.
    """
    settings = settings_from({**options, "run_module": run_module})
    here = opened(source, settings)
    try:
        chosen = chosen_among(here.listed, symbols, str(source))
        layers = {id(one): _layer(one, module, settings, here) for module, one in chosen}
        return _inventory(here.source, here.listed, layers, whole=not symbols)
    finally:
        here.close()


def joined(inventories: Iterable[Inventory]) -> Inventory:
    """Return one inventory of all."""
    told = list(inventories)
    modules = tuple(module for one in told for module in one.modules)
    unread = {path: why for one in told for path, why in one.unread.items()}
    return Inventory(version=__version__, modules=modules, unread=unread)


def _inventory(
    read: Source, listed: Iterable[Listed], chosen: Mapping[int, ListedLayer], *, whole: bool
) -> Inventory:
    modules = []
    for one in listed:
        layers = tuple(chosen[id(layer)] for layer in one.candidates if id(layer) in chosen)
        if layers or whole:
            module = ListedModule(
                path=one.module.path,
                layers=layers,
                passed_over=tuple(_passed_over(one)) if whole else (),
                notes=one.module.notes,
            )
            modules.append(module)
    unread = reasons_unread(read) if whole else {}
    return Inventory(version=__version__, modules=tuple(modules), unread=unread)


def _layer(
    candidate: Candidate, module: SourceModule, settings: Settings, here: Opened
) -> ListedLayer:
    layer = ListedLayer(
        symbol=candidate.symbol, line=candidate.line, cell=candidate.place, status="unusable"
    )
    if candidate.unfinished:
        why = f"{candidate.unfinished} is still to be written"
        return replace(layer, status="not-attempted", why=why)
    try:
        return _read(layer, first_of(here.readings(candidate, module, settings)))
    except LayerFault as error:
        return replace(layer, why=f"{error.headline}: {error.detail.splitlines()[0]}")
    except AdaptError as error:
        return replace(layer, why=str(error).removeprefix(f"{candidate.symbol}: "))


def _read(layer: ListedLayer, subject: Subject) -> ListedLayer:
    identity, words = subject.identity, subject.identity.words
    layer = replace(
        layer,
        status="faulty" if identity.defects else "read",
        convention=identity.convention,
        kind=identity.kind,
        assumptions=dict(identity.assumptions),
        why="; ".join(one.headline for one in identity.defects),
    )
    if not subject.forms:
        return layer
    usual = subject.forms[0]
    names = [one.name for one in usual.parameters]
    parameters = {words.array(name): words.gradient(name) for name in names}
    return replace(layer, signature=str(usual), parameters=parameters)


def _passed_over(listed: Listed) -> Iterable[PassedOver]:
    places = {one.name: (one.line, one.place) for one in listed.module.definitions}
    for symbol, why in listed.passed_over.items():
        line, cell = places.get(symbol, (None, ""))
        yield PassedOver(symbol=symbol, line=line, cell=cell, why=why)
