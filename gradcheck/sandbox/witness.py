"""A witness: a fresh process, which has seen nothing, is asked again a part of what was answered.

A layer that remembers what it was asked can bend its forward next to a case until the slopes fit
its backward; one that counts its calls can be another layer later on. So at the end some of the
answers, chosen when it is too late to prepare for them, are asked for once more in a worker that
never called the layer: some of them alone. An honest layer gives the same bits.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from gradcheck.checks.sameness import difference
from gradcheck.errors import LayerForged, LayerUnsteady
from gradcheck.numerics.rounding import unit_roundoff
from gradcheck.subject import Array, Arrays, Backward, Evaluation, Forward, Script, Subject, Words

_POINTS, _SCRIPTS = 48, 24  # as many are kept of what may be thousands
_SINGLE = 12  # are asked alone: a layer may look whether it is asked for many at once
_SHARE = 0.05  # of all evaluations at most: few cases are no reason for many questions
_AT_LEAST = 48  # of a few cases two points in three may show nothing
_MOST_BYTES = 32 << 20  # of each sample: of large outputs fewer are kept
# Units of rounding of the largest number around: the same code on the same numbers gives the same
# bits, but for sums that a library may take in another order where memory is aligned otherwise.
_UNITS = 2.0**13
_SEED = 32  # bytes
_REPEATS = 8  # of a call that gave something else elsewhere: a mask may be the same by luck
_NO_WORDS = Words()

Answers = tuple[Evaluation, ...]
Fresh = Callable[[], AbstractContextManager[Subject]]
"""Gives the layer in a process of its own, in which it was never called."""


@dataclass(frozen=True)
class Seen:
    """A script and what it gave."""

    script: Script
    options: Mapping[str, Any]
    answers: Answers

    @cached_property
    def size(self) -> int:
        """How many bytes its arrays have."""
        return _bytes(self)


@dataclass
class Sample:
    """As many as fit of all that was seen, each with the same chance."""

    room: int
    order: random.Random
    kept: list[Seen] = field(default_factory=list)
    offered: int = 0
    size: int = 0

    def offer(self, one: Seen) -> None:
        """Keep it, or not."""
        self.offered += 1
        if len(self.kept) < self.room:
            self.kept.append(one)
        elif (place := self.order.randrange(self.offered)) < self.room:
            self.size -= self.kept[place].size
            self.kept[place] = one
        else:
            return
        self.size += one.size
        while len(self.kept) > 1 and self.size > _MOST_BYTES:
            self.size -= self.kept.pop(self.order.randrange(len(self.kept))).size
            self.room = len(self.kept)


class Witness:
    """Remembers a sample of what a layer answered, and has it asked again elsewhere."""

    def __init__(self, fresh: Fresh) -> None:
        self._fresh = fresh
        self._order = random.Random(os.urandom(_SEED))  # what it picks nobody can foresee
        self._points = Sample(_POINTS, self._order)
        self._scripts = Sample(_SCRIPTS, self._order)
        self._evaluations = 0

    def note_script(self, script: Script, options: Mapping[str, Any], answers: Answers) -> None:
        """Remember a forward and backward; longer scripts are compared with such ones anyway."""
        self._evaluations += len(answers)
        plain = len(script) == 2 and all(one.layout == "given" for one in _calls(script))
        profiled = any(isinstance(one, Backward) and one.profiled for one in script)
        if plain and not profiled and _is_whole(script, answers):
            self._scripts.offer(Seen(script, options, answers))

    def note_points(
        self, points: Sequence[Arrays], options: Mapping[str, Any], answers: Sequence[Evaluation]
    ) -> None:
        """Remember one of the points from which differences are taken."""
        self._evaluations += len(answers)
        if points:
            number = self._order.randrange(len(points))
            one = Seen((Forward(points[number]),), options, (answers[number],))
            if _is_whole(one.script, one.answers):
                self._points.offer(one)

    def see(self, subject: Subject) -> None:
        """Ask again, and compare.

        Raises
        ------
        LayerForged
            The layer is another one in a fresh process.
        LayerUnsteady
            It is another one in every process.
        """
        if not subject.repeatable:
            return
        chosen = self._chosen()
        if not chosen:
            return
        with self._fresh() as other:
            found = next((pair for pair in _asked(other, chosen) if differing(*pair)), None)
        if found is not None:
            self._judge(subject, *found)

    def _chosen(self) -> list[Seen]:
        """Return what to ask again: a backward that is not all zeros, then points, then the others.

        The first is what anybody would call first, and the only call that can show what a layer
        does in its first one alone. The points come before the cases that they are next to: a
        layer that bends next to what it has seen has seen nothing there.
        """
        most = max(_AT_LEAST, int(_SHARE * self._evaluations))
        scripts = self._order.sample(self._scripts.kept, min(len(self._scripts.kept), most // 3))
        scripts.sort(key=_tells, reverse=True)
        left = min(len(self._points.kept), most - len(scripts))
        later = scripts[1:]
        self._order.shuffle(later)
        return [*scripts[:1], *self._order.sample(self._points.kept, left), *later]

    def _judge(self, subject: Subject, one: Seen, theirs: Answers) -> None:
        """Tell a layer that depends on its history from one that draws.

        The one gives the same as long as nothing else is asked, or starts in the same way in
        every process; the other does neither.
        """
        again = [subject.run(one.script, one.options) for _ in range(_REPEATS)]
        same = all(differing(replace(one, answers=again[0]), each) is None for each in again)
        if same:
            third = self._elsewhere(one)
            known = (one.answers, theirs)
            same = any(differing(replace(one, answers=each), third) is None for each in known)
            # In the witness it may have been asked something close to it before.
            same = same or differing(replace(one, answers=third), self._elsewhere(one)) is None
        error = LayerForged if same else LayerUnsteady
        raise error(*_words(subject, one, theirs, steady=same))

    def _elsewhere(self, one: Seen) -> Answers:
        """Return what is given in a process in which nothing else is asked."""
        with self._fresh() as other:
            return other.run(one.script, one.options)


def _asked(other: Subject, chosen: Sequence[Seen]) -> Iterator[tuple[Seen, Answers]]:
    """Ask a witness: the first and the last calls one by one, the others cheaply together."""
    half = _SINGLE // 2
    for one in chosen[:half]:
        yield one, other.run(one.script, one.options)
    waiting, last = list(chosen[half:-half]), chosen[max(half, len(chosen) - half) :]
    while waiting:
        together = [one for one in waiting if one.options == waiting[0].options]
        waiting = [one for one in waiting if one.options != waiting[0].options]
        answers = other.run_many([one.script for one in together], together[0].options)
        yield from zip(together, answers, strict=True)
    for one in last:
        yield one, other.run(one.script, one.options)


def differing(
    one: Seen, others: Sequence[Evaluation], words: Words = _NO_WORDS
) -> tuple[str, str] | None:
    """Return "forward" or "backward" and how its answers differ by more than rounding, or None."""
    sizes = [array for step in one.script for array in _given(step)]
    calls = ["forward" if isinstance(step, Forward) else "backward" for step in one.script]
    for number, mine in enumerate(one.answers):
        if number >= len(others):
            return calls[number], "it is not reached there"
        theirs = others[number]
        if theirs.raised is not None:
            return calls[number], f"there it raises {theirs.raised}"
        values = mine.outputs or mine.gradients
        again = theirs.outputs or theirs.gradients
        sizes += values.values()
        for name, value in values.items():
            own = name if mine.outputs else words.gradient(name)
            if name not in again:
                return calls[number], f"there it gives no {own}"
            if not _close(value, again[name], sizes):
                return calls[number], f"{own}{difference(again[name], value)}"
    return None


def _close(value: Array, again: Array, among: Sequence[Array]) -> bool:
    if value.shape != again.shape or value.dtype != again.dtype:
        return False
    if np.array_equal(value, again, equal_nan=value.dtype.kind == "f"):
        return True
    floats = [one for one in among if one.dtype.kind == "f"]
    if value.dtype.kind != "f" or not floats:
        return False
    scale = max(float(np.abs(one[np.isfinite(one)]).max(initial=0.0)) for one in floats)
    unit = max(float(unit_roundoff(one.dtype)) for one in floats)
    with np.errstate(all="ignore"):
        near = np.abs(value - again) <= _UNITS * unit * scale
    return bool((near | (value == again) | (np.isnan(value) & np.isnan(again))).all())


def _words(subject: Subject, one: Seen, theirs: Answers, *, steady: bool) -> tuple[str, str, str]:
    symbol = subject.identity.symbol
    call, how = differing(one, theirs, subject.identity.words) or ("forward", "")
    shapes = {name: array.shape for name, array in _primals(one.script).items()}
    told = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    if not steady:
        return (
            "not-deterministic",
            f"{symbol}.{call} gives another value in every process",
            f"with {told}: {how}, and another value again; seed what is drawn when the file is "
            "loaded, or in the first call",
        )
    return (
        "history-matters",
        f"{symbol}.{call} gives another value in a fresh process",
        f"with {told}, in a process in which it had not been called for these checks: {how}; so "
        "something outside of its instances (a global variable, an attribute of the class) that "
        "earlier calls have changed decides what it gives",
    )


def _is_whole(script: Script, answers: Sequence[Evaluation]) -> bool:
    """Whether every step gave something: of what raised or came to nothing others speak."""
    return len(answers) == len(script) and all(
        one.raised is None and (one.outputs or one.gradients) for one in answers
    )


def _bytes(one: Seen) -> int:
    given = sum(array.nbytes for step in one.script for array in _given(step))
    values = (array for each in one.answers for array in each.outputs.values())
    gradients = (array for each in one.answers for array in each.gradients.values())
    return given + sum(array.nbytes for array in (*values, *gradients))


def _tells(one: Seen) -> bool:
    """Whether there is a gradient other than zero."""
    return any(np.any(array) for array in one.answers[-1].gradients.values())


def _calls(script: Script) -> list[Forward | Backward]:
    return [one for one in script if isinstance(one, (Forward, Backward))]


def _primals(script: Script) -> Arrays:
    return next((step.primals for step in script if isinstance(step, Forward)), {})


def _given(step: Any) -> list[Array]:
    arrays = step.primals if isinstance(step, Forward) else getattr(step, "cotangents", {})
    return [np.asarray(one) for one in arrays.values()]
