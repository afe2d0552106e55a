"""What runs in a worker: it reads a hand-in from memory, finds its layers, and runs scripts.

All that surrounds it is confined by then, and nothing that it says is believed. Neither the
reference layers nor Hypothesis are ever loaded here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradcheck.conventions.candidates import Candidate, Found, candidates_in, class_among
from gradcheck.errors import AdaptError, GradcheckError
from gradcheck.kinds import know_only
from gradcheck.readings import Reading, readings_of
from gradcheck.sandbox.answers import pack_points, pack_scripts
from gradcheck.sandbox.blueprint import blueprint, built
from gradcheck.sandbox.descriptions import pack_description
from gradcheck.sandbox.far_reference import kinds_that_ask
from gradcheck.sandbox.listings import Held, pack_listing
from gradcheck.sandbox.packing import Writer
from gradcheck.sandbox.questions import BUILD, LOAD, READ, REFERENCE, RUN, Load, Which, unpacked
from gradcheck.sandbox.refusals import pack_error
from gradcheck.sandbox.traces import traced
from gradcheck.settings import Settings
from gradcheck.sources import SourceModule, read_in_memory
from gradcheck.stack_room import with_room
from gradcheck.subject import Subject

if TYPE_CHECKING:
    from gradcheck.sandbox.frames import Channel

PRELOAD = (
    "gradcheck.conventions.probing",
    "gradcheck.sources.in_memory",
    "gradcheck.sources.notebook",
)
_WARMING = b"""
import numpy as np

class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return 2 * self.x * dout
"""
DONE, REFUSED = 0, 1
"""Status of an answer: what was asked for, or an error of ours."""


class Worker:
    """A hand-in under questions."""

    def __init__(self, channel: Channel | None) -> None:
        self.channel = channel
        self.settings = Settings()
        self.readings: dict[Which, Iterator[Reading]] = {}
        self.subjects: list[Subject] = []
        self.modules: tuple[SourceModule, ...] = ()
        self.found: dict[int, Found] = {}

    def answer(self, kind: int, question: Any) -> bytes:
        """Return the answer to one question.

        Raises
        ------
        GradcheckError
            The hand-in cannot be read, or a layer of it cannot.
        """
        if kind == LOAD:
            with traced(question.seconds):
                return self.load(question)
        if kind == READ:
            which, seconds = question
            with traced(seconds):
                return self.read(which)
        if kind == BUILD:
            self.subjects.append(built(question, self.modules))
            return b""
        handle, asked, options, names = question
        subject = self.subjects[handle]
        if kind == RUN and len(asked) == 1:
            return pack_scripts([subject.run(asked[0], options)], names)
        if kind == RUN:
            return pack_scripts(subject.run_many(asked, options), names)
        return pack_points(subject.forward_many(asked, options), names)

    def load(self, asked: Load) -> bytes:
        """Read the hand-in and list what it holds, where that is asked for."""
        self.settings = Settings(assume=asked.assume, layers=asked.layers, isolate="best")
        source = read_in_memory(
            asked.files,
            asked.asked,
            asked.shown,
            asked.symbol,
            folder=asked.folder,
            refused=asked.refused,
            run_module=asked.run_module,
        )
        self.modules = source.modules
        if not asked.listed:
            return b""
        held: list[Held] = []
        for number, module in enumerate(source.modules):
            found = self._found(number)
            held.append((module, found.candidates, dict(found.passed_over)))
        return pack_listing(held, dict(source.unread))

    def read(self, which: Which) -> bytes:
        """Describe the next reading of a layer, and tell how another worker makes it."""
        if which not in self.readings:
            module = self.modules[which.module]
            self.readings[which] = readings_of(self._candidate(which), module, self.settings)
        reading = next(self.readings[which], None)
        if reading is None:
            raise AdaptError("there is no way to read it")
        self.subjects.append(reading.subject)
        writer = Writer()
        writer.blob(pack_description(reading.subject, reading.certain))
        writer.blob(blueprint(reading.subject, self.modules))
        return writer.done()

    def _candidate(self, which: Which) -> Candidate:
        if which.module not in self.found:
            # All of a large file are not looked at again for each single one of them.
            definitions = self.modules[which.module].definitions
            alone = class_among(definitions, which.symbol, which.place)
            if alone is not None:
                return alone
        return self._found(which.module).candidates[which.number]

    def _found(self, module: int) -> Found:
        if module not in self.found:
            self.found[module] = candidates_in(self.modules[module].definitions)
        return self.found[module]


class _References:
    """Asks the grader for what the references give; in the zygote there is nobody to be asked."""

    channel: Channel | None = None

    def __call__(self, asked: bytes) -> bytes:
        if self.channel is None:
            raise AdaptError("no reference is asked for while a hand-in is listed")
        return self.channel.ask(REFERENCE, asked)


_REFERENCES = _References()


def warm(table: bytes) -> None:
    """Learn the kinds, which ``table`` holds, and read a layer of ours once, in the zygote.

    So no worker pays for that, nor for what loads lazily.
    """
    if not table:  # a zygote that serves no hand-ins
        return
    know_only(kinds_that_ask(unpacked(table), _REFERENCES))
    worker = Worker(None)
    worker.load(Load({"warming.py": _WARMING}, ("warming.py",), "warming.py"))


def serve(channel: Channel, _: bytes) -> None:
    """Answer the questions of the grader until it closes."""
    _REFERENCES.channel = channel
    worker = Worker(channel)
    with_room(lambda: _answer_all(worker))


def _answer_all(worker: Worker) -> None:
    channel = worker.channel
    while channel is not None:
        kind, payload = channel.next()
        try:
            answered = worker.answer(kind, unpacked(payload))
        except GradcheckError as error:
            channel.reply(pack_error(error), REFUSED)
        except (SystemExit, MemoryError):  # the layer ends the process, or the limit ends the layer
            raise
        except BaseException as error:  # noqa: BLE001 - a layer may raise anything
            told = AdaptError(f"{type(error).__name__}: {_text(error)}")
            channel.reply(pack_error(told), REFUSED)
        else:
            channel.reply(answered, DONE)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - also its own text may raise
        return "(its text cannot be had)"
