"""A source opened: its layers, and the ways to read each; here or in a worker.

Whoever checks the layers does not know which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gradcheck.conventions.candidates import Candidate, candidates_in
from gradcheck.errors import SourceError, UsageError, nearest
from gradcheck.readings import Reading, readings_of
from gradcheck.settings import Settings
from gradcheck.sources import Source, SourceModule, read_source

Chosen = tuple[SourceModule, Candidate]


@dataclass(frozen=True)
class Listed:
    """The layers of one module, and what in it was passed over."""

    module: SourceModule
    candidates: tuple[Candidate, ...]
    passed_over: dict[str, str]


class Opened(Protocol):
    """What can be asked of an open source; ``confinement`` says what holds its code, if anything.

    ``release`` ends what the readings so far have kept alive.
    """

    source: Source
    listed: tuple[Listed, ...]
    confinement: str

    def readings(
        self, candidate: Candidate, module: SourceModule, settings: Settings
    ) -> Iterator[Reading]:
        """Yield the ways in which a candidate may be read; ends in an error, never in silence."""

    def release(self) -> None:
        """End what was only needed for the layers read so far."""

    def close(self) -> None:
        """End it all."""


class OpenedHere:
    """A source whose code runs in this process."""

    confinement = ""

    def __init__(self, target: str | Path, settings: Settings) -> None:
        self.source = read_source(target, run_module=settings.run_module)
        self.listed = tuple(layers_of(self.source))

    def readings(
        self, candidate: Candidate, module: SourceModule, settings: Settings
    ) -> Iterator[Reading]:
        """Yield the ways in which a candidate may be read."""
        return readings_of(candidate, module, settings)

    def release(self) -> None:
        """Keep all: nothing of it costs anything."""

    def close(self) -> None:
        """Forget the modules of the source."""
        self.source.close()


def opened(target: str | Path, settings: Settings) -> Opened:
    """Open a source in the way that the settings ask for.

    Raises
    ------
    SourceError
        Nothing of it can be read.
    UsageError
        It cannot be isolated as it is asked for.
    """
    if settings.isolate:
        from gradcheck.sandbox.far_source import FarSource  # only here are processes started

        return FarSource(target, settings)
    return OpenedHere(target, settings)


def layers_of(source: Source) -> Iterator[Listed]:
    """Yield what may be a layer, module by module."""
    for module in source.modules:
        found = candidates_in(module.definitions)
        yield Listed(module, found.candidates, dict(found.passed_over))


def chosen_among(
    listed: Sequence[Listed], symbols: Sequence[str], source: str
) -> list[tuple[SourceModule, Candidate]]:
    """Return the candidates named in ``symbols``, all of them where it is empty.

    Raises
    ------
    SourceError, UsageError
        A name is no layer.
    """
    everything = [(one.module, candidate) for one in listed for candidate in one.candidates]
    if not symbols:
        return everything
    known = [candidate.symbol for _, candidate in everything]
    passed_over = {name: why for one in listed for name, why in one.passed_over.items()}
    for symbol in symbols:
        if symbol in known:
            continue
        if symbol in passed_over:
            raise SourceError(f"{source}: {symbol} is no layer: {passed_over[symbol]}")
        lost = [one for _, one in _noted(listed) if f" {symbol} " in one]
        if lost:
            raise SourceError(f"{source}: {lost[0]}")
        everywhere = ", ".join(known) or "none"
        raise UsageError(
            f"{source}: no layer {symbol!r}{nearest(symbol, known)}. Its layers: {everywhere}"
        )
    return [pair for pair in everything if pair[1].symbol in symbols]


def no_layer(source: str, read: Source, listed: Sequence[Listed]) -> str:
    """Return in words why nothing of a source is a layer."""
    if not read.modules and read.unread:
        return "; ".join(f"{path}: {why}" for path, why in read.unread.items())
    names = [one.name for module in read.modules for one in module.definitions]
    has = f"it defines {', '.join(names[:12])}" if names else "it defines no class or function"
    reasons = {name: why for one in listed for name, why in one.passed_over.items()}
    notes = [note for _, note in _noted(listed)]
    lost = [f"; {path}: {why}" for path, why in reasons_unread(read).items()]
    told = "".join(f"; {name}: {why}" for name, why in list(reasons.items())[:6])
    told += "".join([*(f"; {note}" for note in notes[:4]), *lost[:4]])
    return (
        f"{source}: no layer found; {has}{told}. A layer is a class with the methods forward(x) "
        "and backward(dout), or a pair of functions such as op_forward and op_backward"
    )


def _noted(listed: Iterable[Listed]) -> Iterator[tuple[str, str]]:
    """Yield path and note of all that did not run as it should."""
    return ((one.module.path, note) for one in listed for note in one.module.notes)


def reasons_unread(source: Source) -> dict[str, str]:
    """Return in one line each why files could not be read, without their names."""
    told = {}
    for path, why in source.unread.items():
        rest = why.splitlines()[0].removeprefix(path).lstrip(": ")
        told[path] = f"line {rest}" if rest[:1].isdigit() else rest
    return told
