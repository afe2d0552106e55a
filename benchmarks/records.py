"""What is known of a layer of the detection set: right, or wrong in exactly one way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.points import Point, point_of

Shows = Callable[[Any, Point], bool]


@dataclass(frozen=True)
class Entry:
    """A layer, how it is read, and its ordinary point.

    ``layer`` is a class or a pair of functions. It is checked as of ``kind``, or by
    ``signature`` (and ``parameters``) where it is of none.
    """

    layer: Any
    kind: str = ""
    signature: str = ""
    parameters: tuple[str, ...] = ()
    ordinary: Point | None = None

    @property
    def name(self) -> str:
        """The name of the class, or of the forward function."""
        one = self.layer[0] if isinstance(self.layer, tuple) else self.layer
        return str(one.__name__)

    @property
    def usual(self) -> Point:
        """The point at which a rule of thumb is tried: usual sizes, no option set."""
        return self.ordinary or point_of(self.kind)

    @property
    def how(self) -> dict[str, Any]:
        """The keywords of ``check_layer``."""
        if self.signature:
            return {"signature": self.signature, "parameters": self.parameters}
        return {"kind": self.kind} if self.kind and not isinstance(self.layer, tuple) else {}


@dataclass(frozen=True)
class Right(Entry):
    """A layer that is right; ``why`` tells what about it may look wrong."""

    why: str = ""


@dataclass(frozen=True)
class Wrong(Entry):
    """A layer that is wrong in one way.

    ``bug`` is the class of the mistake, one of ``benchmarks.bugs.BUGS``. ``names`` are patterns
    of diagnoses or checks that state it, where those of the class will not do. ``point`` is
    where the fault shows; ``shows`` demonstrates it where no wrong gradient of a first call does.
    Some are looked for in ``preview`` only.
    """

    bug: str = ""
    names: tuple[str, ...] = ()
    point: Point | None = None
    shows: Shows | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    preview: bool = False

    @property
    def how(self) -> dict[str, Any]:
        """The keywords of ``check_layer``."""
        return {**super().how, **({"preview": True} if self.preview else {})}

    @property
    def where(self) -> Point:
        """The point at which the fault is verified."""
        return self.point or self.usual.with_(**self.options)
