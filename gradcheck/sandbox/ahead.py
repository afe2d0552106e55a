"""Scripts that were foreseen, and their answers, which came before they were asked for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from gradcheck.subject import Arrays, Backward, Evaluation, Forward, Look, Script, Spoil, Step

Answer = tuple[Evaluation, ...]

_ARRAYS = ("primals", "cotangents")
_PLAIN: Mapping[type[Step], Callable[[Any], Any]] = {
    step: attrgetter(*(one.name for one in fields(step) if one.name not in _ARRAYS))
    for step in (Forward, Backward, Spoil, Look)
}
"""What tells steps apart beside their arrays."""


class Ahead:
    """What goes along with the next question, and what came back of it.

    An answer is that of one run of the very script, by values: it is handed out once, so whoever
    asks twice to see whether the answers are the same gets the answers of two runs.

    What is foreseen travels only as far as it is cheap: by the time that a script took at last
    what goes along must take less than ``brief`` seconds together, so that a slow layer is asked
    as ever, and its input is no more than ``most`` bytes.
    """

    def __init__(self, brief: float, most: int) -> None:
        self._brief, self._most = brief, most
        self._pace = float("inf")
        self._scripts: Callable[[], Iterable[Script]] | None = None
        self._options: Mapping[str, Any] = {}
        self._answers: dict[Any, list[Answer]] = {}

    def expect(self, scripts: Callable[[], Iterable[Script]], options: Mapping[str, Any]) -> None:
        """Take these in place of what was expected before."""
        self._scripts, self._options = scripts, options
        self._answers = {}

    def timed(self, seconds: float, count: int) -> None:
        """Learn how long so many scripts took, the way there and back included.

        One slow moment of the machine is forgotten after a faster one.
        """
        known = self._pace / 8 if self._pace < float("inf") else 0.0
        self._pace = max(seconds / count, known)

    def due(self, asked: int, options: Mapping[str, Any]) -> list[Script]:
        """Return what goes along with so many scripts that were asked; each only once."""
        room = int(min(self._brief / self._pace, 10**6)) - asked if self._pace else 0
        if self._scripts is None or room <= 0 or options != self._options:
            return []
        scripts, self._scripts = self._scripts, None
        return list(itertools.islice(self._small(scripts()), room))

    def keep(self, scripts: Sequence[Script], answers: Sequence[Answer]) -> None:
        """Keep the answers to what went along."""
        for script, answer in zip(scripts, answers, strict=True):
            self._answers.setdefault(_key(script), []).append(answer)

    def take(self, script: Script, options: Mapping[str, Any]) -> Answer | None:
        """Return an answer to this script that came early, None if there is none left."""
        if not self._answers or options != self._options:
            return None
        left = self._answers.get(_key(script))
        return left.pop(0) if left else None

    def _small(self, scripts: Iterable[Script]) -> Iterator[Script]:
        size = 0
        for script in scripts:
            size += sum(map(size_of, script))
            if size > self._most:
                return
            yield script


def size_of(step: Step) -> int:
    """Return how many bytes go with a step."""
    return sum(array.nbytes for array in _arrays(step).values())


def _arrays(step: Step) -> Arrays:
    if isinstance(step, Forward):
        return step.primals
    return step.cotangents if isinstance(step, Backward) else {}


def _key(script: Script) -> tuple[Any, ...]:
    """Return what makes a script this one: its steps, and each array with its place in memory."""
    key: list[Any] = []
    for step in script:  # flat, for there are thousands: a step is told by its type
        key += (type(step), _PLAIN[type(step)](step))
        for name, array in _arrays(step).items():
            key += (name, array.dtype, array.shape, array.strides, array.tobytes())
    return tuple(key)
