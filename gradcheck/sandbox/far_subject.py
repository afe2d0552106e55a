"""The subject that lives in a worker: the same scripts, each one message there and one back."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from gradcheck.checks.foreseeing import same_outputs
from gradcheck.output_shapes import OutputShapes
from gradcheck.sandbox.ahead import Ahead, size_of
from gradcheck.sandbox.answers import unpack_points, unpack_scripts
from gradcheck.sandbox.descriptions import Description
from gradcheck.sandbox.nearby import Nearby, told_apart
from gradcheck.sandbox.questions import MANY, RUN
from gradcheck.sandbox.witness import Witness
from gradcheck.subject import Arrays, Backward, Evaluation, Forward, Script, Subject


class Ask(Protocol):
    """Asks one question and returns its answer, unpacked.

    Its kind, what goes with it, what says in words what the layer does meanwhile, how the answer
    is unpacked, and what is done here meanwhile.
    """

    def __call__(
        self,
        kind: int,
        question: Any,
        told: Callable[[], str],
        unpack: Callable[[bytes], Any],
        meanwhile: Callable[[], None] | None = None,
    ) -> Any:
        """Ask."""


_SEED = 32  # bytes
_PARTS = 4  # a part of a batch is enough for what is small
_SHAPES_TOLD = 3  # of those that were in one message
_ONE_IN = 8  # batches of which one point is asked for once more, alone


class FarSubject(Subject):
    """A layer in a worker, known by what the worker said of it.

    ``ask`` sends a question and returns the answer, or raises what the end of the worker means.
    ``source`` is the file as the user named it; ``batch`` bounds the bytes of the points that
    travel together, ``largest`` those of one array, ``brief`` the seconds for which the worker may
    answer what was only foreseen. ``witness`` sees to what it answers.
    """

    def __init__(
        self,
        described: Description,
        handle: int,
        ask: Ask,
        *,
        batch: int,
        largest: int,
        source: str,
        brief: float = 0.0,
        witness: Witness | None = None,
    ) -> None:
        described.fill(self)
        self.identity = replace(self.identity, source=source)
        self._handle, self._ask = handle, ask
        self._batch, self._largest = batch, largest
        self._names = tuple(sorted({name for form in described.forms for name in form.by_name}))
        self._order = random.Random(os.urandom(_SEED))  # what it gives nobody can foresee
        self.output_shapes = OutputShapes()
        self._nearby, self._witness = Nearby(), witness
        self._ahead = Ahead(brief, batch // _PARTS)

    def run(
        self, script: Script, options: Mapping[str, Any] | None = None
    ) -> tuple[Evaluation, ...]:
        """Let the worker run the steps."""
        return self.run_many((script,), options)[0]

    def run_many(
        self, scripts: Sequence[Script], options: Mapping[str, Any] | None = None
    ) -> list[tuple[Evaluation, ...]]:
        """Let the worker run the scripts one after another."""
        self._nearby.still()
        options = dict(options or {})
        known = [self._ahead.take(script, options) for script in scripts]
        missing = [number for number, answer in enumerate(known) if answer is None]
        sizes = [sum(map(size_of, scripts[number])) for number in missing]
        for places in self._batches(range(len(missing)), sizes):
            chosen = [scripts[missing[place]] for place in places]
            along = self._ahead.due(len(chosen), options)
            came = self._run([*chosen, *along], options)
            self._ahead.keep(along, came[len(chosen) :])
            for place, answer in zip(places, came, strict=False):
                known[missing[place]] = answer
        answers = [answer for answer in known if answer is not None]
        for script, answer in zip(scripts, answers, strict=True):
            if isinstance(script[0], Forward):
                self._nearby.note(script[0].primals, answer[0], options or {})
            if self._witness is not None:
                self._witness.note_script(script, options or {}, answer)
        return answers

    def _run(
        self, scripts: Sequence[Script], options: Mapping[str, Any]
    ) -> list[tuple[Evaluation, ...]]:
        unpack = partial(unpack_scripts, scripts=scripts, names=self._names, largest=self._largest)
        told = partial(_told, scripts)
        begun = time.monotonic()
        answers: list[tuple[Evaluation, ...]] = self._ask(
            RUN, (self._handle, scripts, options, self._names), told, unpack
        )
        self._ahead.timed(time.monotonic() - begun, len(scripts))
        return answers

    def foresee(
        self, scripts: Callable[[], Iterable[Script]], options: Mapping[str, Any] | None = None
    ) -> None:
        """Let these travel with the next question, so that their answers are there when asked."""
        self._ahead.expect(scripts, dict(options or {}))

    def forward_many(
        self, points: Sequence[Arrays], options: Mapping[str, Any] | None = None
    ) -> list[Evaluation]:
        """Let the worker run forward at the points, in an order that tells nothing of them."""
        self._nearby.still()
        if len(points) == 1 and (early := self._ahead.take((Forward(points[0]),), options or {})):
            return [early[0]]
        beside = self._nearby.beside(self, points, options or {})
        order = list(range(len(points)))
        self._order.shuffle(order)
        found: dict[int, Evaluation] = {}
        sizes = [sum(array.nbytes for array in primals.values()) for primals in points]
        for numbers in self._batches(order, sizes):
            chosen = [dict(points[number]) for number in numbers]
            question = (self._handle, chosen, dict(options or {}), self._names)
            unpack = partial(
                unpack_points, count=len(chosen), names=self._names, largest=self._largest
            )
            told = partial(_told, [(Forward(chosen[0]),)])
            answers = self._ask(MANY, question, told, unpack, beside.compute if beside else None)
            found.update(zip(numbers, answers, strict=True))
        answers = [found[number] for number in range(len(points))]
        if self._witness is not None:
            self._witness.note_points(points, options or {}, answers)
        if beside is not None:
            self._nearby.see(beside, answers)
        if self.repeatable and answers and not self._order.randrange(_ONE_IN):
            number = self._order.randrange(len(answers))
            alone = self.forward(points[number], options)
            if not same_outputs(answers[number].outputs, alone.outputs):
                self._nearby.forged = told_apart(self)
                raise self._nearby.forged
        return answers

    def attest(self) -> None:
        """Let a fresh worker be asked again a part of what this one answered."""
        if self._witness is not None:
            self._witness.see(self)

    def _batches(self, order: Sequence[int], sizes: Sequence[int]) -> Iterator[list[int]]:
        batch: list[int] = []
        size = 0
        for number in order:
            if batch and size + sizes[number] > self._batch:
                yield batch
                batch, size = [], 0
            batch.append(number)
            size += sizes[number]
        if batch:
            yield batch


def _told(scripts: Sequence[Script]) -> str:
    """Return in words which call is running, and on which shapes, as far as that is known."""
    calls = {Forward: "forward", Backward: "backward"}
    steps = [step for script in scripts for step in script]
    named = list(dict.fromkeys(calls[type(one)] for one in steps if type(one) in calls))
    shapes = dict.fromkeys(_shapes(step) for step in steps if isinstance(step, Forward))
    told = ", or with ".join(one for one in list(shapes)[:_SHAPES_TOLD] if one)
    return f"{' or '.join(named) or 'a call'} with {told}" if told else " or ".join(named)


def _shapes(step: Forward) -> str:
    return ", ".join(f"{name} {np.shape(one)}" for name, one in step.primals.items())
