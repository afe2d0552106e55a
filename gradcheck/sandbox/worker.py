"""What runs in a worker: it reads a hand-in from memory, finds its layers, and runs scripts.

All that surrounds it is confined by then, and nothing that it says is believed. Neither the
reference layers nor Hypothesis are ever loaded here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradcheck.conventions.candidates import Candidate, candidates_in
from gradcheck.errors import AdaptError, GradcheckError
from gradcheck.kinds import know_only
from gradcheck.readings import Reading, readings_of
from gradcheck.sandbox.answers import pack_points, pack_scripts
from gradcheck.sandbox.blueprint import blueprint, built
from gradcheck.sandbox.descriptions import pack_description
from gradcheck.sandbox.far_reference import kinds_that_ask
from gradcheck.sandbox.listings import Held, pack_listing
from gradcheck.sandbox.packing import Writer
from gradcheck.sandbox.questions import BUILD, LOAD, READ, REFERENCE, RUN, Load, unpacked
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
        self.layers: list[tuple[Candidate, SourceModule]] = []
        self.readings: dict[int, Iterator[Reading]] = {}
        self.subjects: list[Subject] = []
        self.modules: tuple[SourceModule, ...] = ()

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
            number, seconds = question
            with traced(seconds):
                return self.read(number)
        if kind == BUILD:
            self.subjects.append(built(question, self.modules))
            return b""
        handle, asked, options = question
        subject = self.subjects[handle]
        if kind == RUN and len(asked) == 1:
            return pack_scripts([subject.run(asked[0], options)])
        if kind == RUN:
            return pack_scripts(subject.run_many(asked, options))
        return pack_points(subject.forward_many(asked, options))

    def load(self, asked: Load) -> bytes:
        """Read the hand-in and list what it holds."""
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
        held: list[Held] = []
        for module in source.modules:
            found = candidates_in(module.definitions)
            held.append((module, found.candidates, dict(found.passed_over)))
            self.layers += [(one, module) for one in found.candidates]
        return pack_listing(held, dict(source.unread))

    def read(self, number: int) -> bytes:
        """Describe the next reading of a layer, and tell how another worker makes it."""
        if number not in self.readings:
            self.readings[number] = readings_of(*self.layers[number], self.settings)
        reading = next(self.readings[number], None)
        if reading is None:
            raise AdaptError("there is no way to read it")
        self.subjects.append(reading.subject)
        writer = Writer()
        writer.blob(pack_description(reading.subject, reading.certain))
        writer.blob(blueprint(reading.subject, self.modules))
        return writer.done()


def warm(table: bytes) -> None:
    """Read a layer of ours once, in the zygote, so that no worker pays for what loads lazily."""

    def refuse(_: bytes) -> bytes:
        raise AdaptError("no reference is asked for while a hand-in is listed")

    if not table:  # a zygote that serves no hand-ins
        return
    know_only(kinds_that_ask(unpacked(table), refuse))
    worker = Worker(None)
    worker.load(Load({"warming.py": _WARMING}, ("warming.py",), "warming.py"))


def serve(channel: Channel, table: bytes) -> None:
    """Answer the questions of the grader until it closes; ``table`` holds the kinds."""
    know_only(kinds_that_ask(unpacked(table), lambda asked: channel.ask(REFERENCE, asked)))
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
