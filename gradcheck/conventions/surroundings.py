"""What a layer touches outside itself while it runs: prints, warnings, the global generator."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
_WATCHED = 8


class Surroundings:
    """Holds still what surrounds a layer, call after call.

    Prints are swallowed, warnings are kept, and a layer that draws from NumPy's global generator
    draws the same in every script. Whether a layer does is watched during its first calls only:
    keeping the generator costs as much as a small layer.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.draws = False

    @contextlib.contextmanager
    def held(self) -> Iterator[list[warnings.WarningMessage]]:
        """Run one script; yield the list in which its warnings appear."""
        draws = self._same_draws() if self.draws or self.calls < _WATCHED else _nothing()
        with (
            warnings.catch_warnings(record=True) as caught,
            contextlib.redirect_stdout(io.StringIO()),
            draws,
        ):
            warnings.simplefilter("always")
            yield caught

    def reseed(self) -> None:
        """Let the next point of the same batch draw what the first one drew."""
        if self.draws:
            np.random.seed(0)  # noqa: NPY002

    @contextlib.contextmanager
    def _same_draws(self) -> Iterator[None]:
        """Seed the generator, and leave it as it was found: it belongs to whoever called us."""
        self.calls += 1
        before: Any = np.random.get_state()  # noqa: NPY002 - teaching code uses this generator
        np.random.seed(0)  # noqa: NPY002
        begun: Any = np.random.get_state()  # noqa: NPY002
        try:
            yield
        finally:
            after: Any = np.random.get_state()  # noqa: NPY002
            same = after[2:] == begun[2:] and np.array_equal(after[1], begun[1])
            self.draws = self.draws or not same
            np.random.set_state(before)  # noqa: NPY002


def seeded(start: int | None, call: Callable[[], T]) -> tuple[T, int]:
    """Return what ``call`` gives, and the next draw of a generator that began at ``start``.

    Without a start nothing is seeded, and the draw is 0.
    """
    if start is None:
        return call(), 0
    before: Any = np.random.get_state()  # noqa: NPY002
    np.random.seed(start)  # noqa: NPY002
    try:
        return call(), int(np.random.randint(1, 2**31 - 1))  # noqa: NPY002
    finally:
        np.random.set_state(before)  # noqa: NPY002


def texts(caught: list[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return each different warning once."""
    return tuple(dict.fromkeys(f"{one.category.__name__}: {one.message}" for one in caught))


def _nothing() -> contextlib.AbstractContextManager[None]:
    return contextlib.nullcontext()
