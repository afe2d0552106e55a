"""A source whose code runs in workers: a fresh one for each layer, so that nothing leaks between.

The grader reads bytes, draws, differentiates and decides; a worker answers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

from gradcheck.conventions.candidates import Candidate
from gradcheck.errors import LayerLost, LayerUnsteady, UsageError, nearest
from gradcheck.kinds import find_kind
from gradcheck.opening import Listed
from gradcheck.readings import Reading
from gradcheck.sandbox.descriptions import Description
from gradcheck.sandbox.far_subject import FarSubject
from gradcheck.sandbox.hand_in import gather
from gradcheck.sandbox.limits import Limits
from gradcheck.sandbox.own_layer import see_that_ours_works
from gradcheck.sandbox.questions import Which
from gradcheck.sandbox.session import Session
from gradcheck.sandbox.shared import shared_sandbox
from gradcheck.sandbox.witness import Witness
from gradcheck.settings import LEVELS, Settings
from gradcheck.sources import Source, SourceModule
from gradcheck.subject import Subject

_BRIEF = 16  # what is only foreseen may take so small a part of the time that a request has


class FarSource:
    """A hand-in in workers.

    Raises
    ------
    SourceError
        Nothing of it can be read.
    UsageError
        The machine does not offer what is required, or a limit is none.
    """

    def __init__(self, target: str | Path, settings: Settings) -> None:
        self.limits = limits_of(settings)
        # Nothing beside what was named is handed over: beside a hand-in lie those of others.
        self.hand_in = gather(target, self.limits, within=_file_or_folder(target))
        self.settings = settings
        self.sandbox = shared_sandbox(self.limits, settings.isolate)
        self.confinement = str(self.sandbox.confinement)
        see_level(self.sandbox.confinement.level, settings.require, self.confinement)
        self.sessions: list[Session] = []
        self.used = 0.0
        self.waiting: Session | None = self._session(listed=True)
        held, unread = self.waiting.listing
        self.listed = tuple(Listed(*one) for one in held)
        modules = tuple(one.module for one in self.listed)
        self.source = Source(modules, unread, self.hand_in.symbol)
        self.unread = sum(len(held.candidates) for held in self.listed)
        self.which = {
            id(one): Which(module, number, one.symbol, one.place)
            for module, held in enumerate(self.listed)
            for number, one in enumerate(held.candidates)
        }

    def readings(
        self, candidate: Candidate, module: SourceModule, settings: Settings
    ) -> Iterator[Reading]:
        """Yield the ways in which a candidate may be read, in a worker of its own.

        Raises
        ------
        LayerLost
            The worker ended, or had to be ended.
        """
        self._see_time(candidate.symbol)
        session, self.waiting = self.waiting or self._session(), None
        self.sessions.append(session)
        self.unread -= 1
        self.sandbox.prepare(id(self.hand_in))  # for the witness
        turn = 0
        while True:
            described, blueprint = self._read(session, candidate)
            fresh = partial(self._fresh, candidate, module, described, blueprint, turn)
            subject = self._subject(session, described, module, Witness(fresh))
            yield Reading(subject, certain=described.certain)
            turn += 1

    def _read(self, session: Session, candidate: Candidate) -> tuple[Description, bytes]:
        which = self.which[id(candidate)]
        return session.reading(which, self._assumed_kind(which.symbol))

    def _subject(
        self,
        session: Session,
        described: Description,
        module: SourceModule,
        witness: Witness | None = None,
    ) -> FarSubject:
        """Return the layer that a worker read or made last."""
        return FarSubject(
            described,
            session.subjects - 1,
            partial(session.ask, symbol=described.identity.symbol),
            batch=self.limits.request_bytes,
            largest=self.limits.array_bytes,
            source=module.path,
            brief=self.limits.request_seconds / _BRIEF,
            witness=witness,
        )

    @contextlib.contextmanager
    def _fresh(
        self,
        candidate: Candidate,
        module: SourceModule,
        described: Description,
        blueprint: bytes,
        turn: int,
    ) -> Iterator[Subject]:
        """Give the same layer in a worker of its own, in which it was never called.

        Where nothing could be told of how it is made, that worker has to find it out itself.
        """
        session = self._session()
        if self.unread:
            self.sandbox.prepare(id(self.hand_in))  # for the next layer
        try:
            if not (blueprint and session.build(blueprint, candidate.symbol)):
                for _ in range(turn + 1):
                    found, _ = self._read(session, candidate)
                if found != described:
                    raise LayerUnsteady(
                        "not-deterministic",
                        f"{candidate.symbol} is read in another way in every process",
                        "so nothing that it gives in one can be compared with another one",
                    )
            yield self._subject(session, described, module)
        finally:
            self.used += session.worker.used
            session.close()

    def release(self) -> None:
        """End the workers of the layers read so far."""
        while self.sessions:
            session = self.sessions.pop()
            self.used += session.worker.used
            session.close()

    def close(self) -> None:
        """End all workers; the zygote waits for the next hand-in."""
        self.release()
        self.sandbox.forget(id(self.hand_in))
        if self.waiting is not None:
            self.waiting.close()
            self.waiting = None

    def _assumed_kind(self, symbol: str) -> str:
        assumed = self.settings.assumed_for(symbol).kind
        return find_kind(assumed).name if assumed else ""

    def _see_time(self, symbol: str) -> None:
        most = self.limits.total_seconds
        if self.used > most:
            what = f"{symbol} was not checked: the time of the hand-in is used up"
            told = f"its layers took {self.used:.0f} s together, {most:g} s are allowed"
            raise LayerLost("layer-times-out", what, f"{told} (--limit total_seconds=...)")

    def _session(self, *, listed: bool = False) -> Session:
        whose = partial(see_that_ours_works, self.sandbox)
        return Session(self.sandbox, self.hand_in, self.settings, self.limits, whose, listed=listed)


def _file_or_folder(target: str | Path) -> Path | None:
    """Return what exists on the disk of a target; None of an archive's member or nothing."""
    named = str(target)
    file, _, symbol = named.rpartition(":")
    path = Path(file) if symbol.isidentifier() and Path(file).is_file() else Path(named)
    return path if path.exists() else None


def limits_of(settings: Settings) -> Limits:
    """Return the limits with those that the settings change.

    Raises
    ------
    UsageError
        A name or a number is none.
    """
    usual = asdict(Limits())
    for name in settings.limits:
        if name not in usual:
            raise UsageError(f"no limit {name!r}{nearest(name, usual)}. Known: {', '.join(usual)}")
    given = {
        name: int(value) if isinstance(usual[name], int) and float(value).is_integer() else value
        for name, value in settings.limits.items()
    }
    return Limits(**{**usual, **given})


def see_level(level: str, required: str, told: str) -> None:
    """See that a worker is confined at least as well as required.

    Raises
    ------
    UsageError
        It is not.
    """
    if required and LEVELS.index(level) < LEVELS.index(required):
        raise UsageError(
            f"--require {required}: this machine confines a hand-in only at the level {told}; "
            "'gradcheck doctor' says why"
        )
