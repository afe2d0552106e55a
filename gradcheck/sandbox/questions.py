"""What a grader asks a worker, and a worker its grader: kinds of frames, and what goes with them.

The way to the worker is trusted, for what it carries was made here: it is pickled. Nothing that
comes from a worker is.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple

from gradcheck.assumptions import Assumptions
from gradcheck.subject import Backward, Forward

LOAD, READ, RUN, MANY, BUILD = 1, 2, 3, 4, 5
"""Read the hand-in; the next reading of a layer; scripts; a forward at many points; a layer as
another worker has told of it."""

MOST_BLUEPRINT = 1 << 20  # bytes of what is told

REFERENCE = 1
"""A worker asks what the reference of a kind gives, while it finds out what a layer is."""


@dataclass(frozen=True)
class Load:
    """The files of a hand-in and how they are read, as ``read_in_memory`` takes them.

    ``seconds`` is how long that may take; ``assume`` is what is taken as given about all layers,
    ``layers`` about single ones by name. Only one worker of a hand-in lists it (``listed``).
    """

    files: Mapping[str, bytes]
    asked: tuple[str, ...]
    shown: str
    symbol: str | None = None
    folder: str | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    run_module: bool = False
    seconds: float = 5.0
    assume: Assumptions = field(default_factory=Assumptions)
    layers: Mapping[str, Assumptions] = field(default_factory=dict)
    listed: bool = True


class Which(NamedTuple):
    """A layer of a hand-in: its module and its number in it, both as they were listed, and names.

    By its names a worker that has not listed the hand-in finds it without looking at the others.
    """

    module: int
    number: int
    symbol: str
    place: str


def _by_arguments(step: type[Any]) -> Callable[[Any], tuple[type[Any], tuple[Any, ...]]]:
    arguments = attrgetter(*(one.name for one in fields(step)))
    return lambda one: (step, arguments(one))


_STEPS: dict[type[Any], Any] = {
    **copyreg.dispatch_table,
    **{step: _by_arguments(step) for step in (Forward, Backward)},
}
"""Steps by the arguments that make them: what dataclasses do by themselves takes twice as long."""


def packed(question: Any) -> bytes:
    """Return a question as bytes, for a worker."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=5)
    pickler.dispatch_table = _STEPS
    pickler.dump(question)
    return buffer.getvalue()


def unpacked(data: bytes) -> Any:
    """Return a question, in the worker; only what the grader sent may come here."""
    return pickle.loads(data)
