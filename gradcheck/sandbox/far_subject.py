"""The subject that lives in a worker: the same scripts, each one message there and one back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from gradcheck.checks.foreseeing import same_outputs
from gradcheck.sandbox.answers import unpack_points, unpack_scripts
from gradcheck.sandbox.descriptions import Description
from gradcheck.sandbox.nearby import Nearby, told_apart
from gradcheck.sandbox.questions import MANY, RUN
from gradcheck.sandbox.witness import Witness
from gradcheck.subject import Arrays, Backward, Evaluation, Forward, Script, Step, Subject

Ask = Callable[[int, Any, Callable[[], str], Callable[[bytes], Any]], Any]
"""Asks one question: its kind, what goes with it, what says in words what the layer does meanwhile,
and how the answer is unpacked."""


_ONE_IN = 8  # batches of which one point is asked for once more, alone


class FarSubject(Subject):
    """A layer in a worker, known by what the worker said of it.

    ``ask`` sends a question and returns the answer, or raises what the end of the worker means.
    ``source`` is the file as the user named it; ``batch`` bounds the bytes of the points that
    travel together, ``largest`` those of one array. ``witness`` sees to what it answers.
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
        witness: Witness | None = None,
    ) -> None:
        described.fill(self)
        self.identity = replace(self.identity, source=source)
        self._handle, self._ask = handle, ask
        self._batch, self._largest = batch, largest
        self._names = {name for form in described.forms for name in form.by_name}
        self._order = random.SystemRandom()
        self._nearby, self._witness = Nearby(), witness

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
        answers: list[tuple[Evaluation, ...]] = []
        sizes = [sum(map(_size, script)) for script in scripts]
        for numbers in self._batches(range(len(scripts)), sizes):
            chosen = [scripts[number] for number in numbers]
            question = (self._handle, chosen, dict(options or {}))
            unpack = partial(
                unpack_scripts, scripts=chosen, names=self._names, largest=self._largest
            )
            answers += self._ask(RUN, question, partial(_told, chosen[0]), unpack)
        for script, answer in zip(scripts, answers, strict=True):
            if isinstance(script[0], Forward):
                self._nearby.note(script[0].primals, answer[0], options or {})
            if self._witness is not None:
                self._witness.note_script(script, options or {}, answer)
        return answers

    def forward_many(
        self, points: Sequence[Arrays], options: Mapping[str, Any] | None = None
    ) -> list[Evaluation]:
        """Let the worker run forward at the points, in an order that tells nothing of them."""
        self._nearby.still()
        order = list(range(len(points)))
        self._order.shuffle(order)
        found: dict[int, Evaluation] = {}
        sizes = [sum(array.nbytes for array in primals.values()) for primals in points]
        for numbers in self._batches(order, sizes):
            chosen = [dict(points[number]) for number in numbers]
            question = (self._handle, chosen, dict(options or {}))
            unpack = partial(
                unpack_points, count=len(chosen), names=self._names, largest=self._largest
            )
            told = partial(_told, (Forward(chosen[0]),))
            answers = self._ask(MANY, question, told, unpack)
            found.update(zip(numbers, answers, strict=True))
        answers = [found[number] for number in range(len(points))]
        if self._witness is not None:
            self._witness.note_points(points, options or {}, answers)
        self._nearby.see(self, points, answers, options or {})
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


def _size(step: Step) -> int:
    """Return how many bytes go with a step."""
    if isinstance(step, Forward):
        return sum(array.nbytes for array in step.primals.values())
    return sum(a.nbytes for a in step.cotangents.values()) if isinstance(step, Backward) else 0


def _told(script: Script) -> str:
    """Return in words which call is running, and on which shapes."""
    calls = {Forward: "forward", Backward: "backward"}
    named = list(dict.fromkeys(calls[type(one)] for one in script if type(one) in calls))
    first = next((one for one in script if isinstance(one, Forward)), None)
    shapes = {} if first is None else {name: np.shape(one) for name, one in first.primals.items()}
    told = ", ".join(f"{name} {tuple(shape)}" for name, shape in shapes.items())
    return f"{' or '.join(named) or 'a call'} with {told}" if told else " or ".join(named)
