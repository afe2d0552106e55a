"""The subject that lives in a worker: the same scripts, each one message there and one back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from gradcheck.sandbox.answers import unpack_points, unpack_script
from gradcheck.sandbox.descriptions import Description
from gradcheck.sandbox.questions import MANY, RUN
from gradcheck.subject import Arrays, Backward, Evaluation, Forward, Script, Subject

Unpack = Callable[[bytes], list[Evaluation]]
Ask = Callable[[int, Any, Callable[[], str], Unpack], list[Evaluation]]
"""Asks one question: its kind, what goes with it, what says in words what the layer does meanwhile,
and how the answer is unpacked."""


class FarSubject(Subject):
    """A layer in a worker, known by what the worker said of it.

    ``ask`` sends a question and returns the answer, or raises what the end of the worker means.
    ``source`` is the file as the user named it; ``batch`` bounds the bytes of the points that
    travel together, ``largest`` those of one array.
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
    ) -> None:
        described.fill(self)
        self.identity = replace(self.identity, source=source)
        self._handle, self._ask = handle, ask
        self._batch, self._largest = batch, largest
        self._names = {name for form in described.forms for name in form.by_name}
        self._order = random.SystemRandom()

    def run(
        self, script: Script, options: Mapping[str, Any] | None = None
    ) -> tuple[Evaluation, ...]:
        """Let the worker run the steps."""
        question = (self._handle, script, dict(options or {}))
        unpack = partial(unpack_script, script=script, names=self._names, largest=self._largest)
        return tuple(self._ask(RUN, question, partial(_told, script), unpack))

    def forward_many(
        self, points: Sequence[Arrays], options: Mapping[str, Any] | None = None
    ) -> list[Evaluation]:
        """Let the worker run forward at the points, in an order that tells nothing of them."""
        order = list(range(len(points)))
        self._order.shuffle(order)
        found: dict[int, Evaluation] = {}
        for numbers in self._batches(order, points):
            chosen = [dict(points[number]) for number in numbers]
            question = (self._handle, chosen, dict(options or {}))
            unpack = partial(
                unpack_points, count=len(chosen), names=self._names, largest=self._largest
            )
            told = partial(_told, (Forward(chosen[0]),))
            answers = self._ask(MANY, question, told, unpack)
            found.update(zip(numbers, answers, strict=True))
        return [found[number] for number in range(len(points))]

    def _batches(self, order: Sequence[int], points: Sequence[Arrays]) -> Iterator[list[int]]:
        batch: list[int] = []
        size = 0
        for number in order:
            own = sum(array.nbytes for array in points[number].values())
            if batch and size + own > self._batch:
                yield batch
                batch, size = [], 0
            batch.append(number)
            size += own
        if batch:
            yield batch


def _told(script: Script) -> str:
    """Return in words which call is running, and on which shapes."""
    calls = {Forward: "forward", Backward: "backward"}
    named = list(dict.fromkeys(calls[type(one)] for one in script if type(one) in calls))
    first = next((one for one in script if isinstance(one, Forward)), None)
    shapes = {} if first is None else {name: np.shape(one) for name, one in first.primals.items()}
    told = ", ".join(f"{name} {tuple(shape)}" for name, shape in shapes.items())
    return f"{' or '.join(named) or 'a call'} with {told}" if told else " or ".join(named)
