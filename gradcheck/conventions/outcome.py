"""What attempts to run a proposal showed: plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

import numpy as np

from gradcheck.conventions.places import Place
from gradcheck.conventions.proposal import Proposal
from gradcheck.conventions.readers import Reader
from gradcheck.conventions.sources import Source
from gradcheck.conventions.template import Template
from gradcheck.signature import ArraySpec
from gradcheck.subject import Array


class Level(IntEnum):
    """How far an attempt came."""

    NOTHING = 0
    CONSTRUCTED = 1
    FORWARD = 2
    BACKWARD = 3
    COMPLETE = 4


class Maker(Protocol):
    """What makes a layer: a constructor with its arguments, or a copy of an object."""

    @property
    def cls(self) -> type[Any]:
        """The class of the layer."""

    @property
    def arguments(self) -> Mapping[str, Source]:
        """Where the arguments of the constructor come from."""

    @property
    def options(self) -> Mapping[str, tuple[Any, ...]]:
        """The arguments that may be varied."""

    @property
    def randomises(self) -> bool:
        """Whether what the layer made itself is given other values."""

    def make(
        self, sizes: Mapping[str, int], options: Mapping[str, Any], arrays: Mapping[str, Array]
    ) -> Any:
        """Return a fresh layer."""


@dataclass
class Trial:
    """What one attempt showed. ``parameters`` are the arrays that the layer made itself."""

    proposal: Proposal
    template: Template
    construction: Maker | None
    sizes: Mapping[str, int]
    options: Mapping[str, Any] = field(default_factory=dict)
    level: Level = Level.NOTHING
    error: BaseException | None = None
    arrays: dict[str, Array] = field(default_factory=dict)
    outputs: dict[str, Reader] = field(default_factory=dict)
    values: dict[str, Array] = field(default_factory=dict)
    parameters: dict[str, Place] = field(default_factory=dict)
    gradients: dict[str, tuple[Reader, ...]] = field(default_factory=dict)
    found: dict[str, Array] = field(default_factory=dict)
    lazy: bool = False
    layer: Any = None
    ignored: dict[str, ArraySpec] = field(default_factory=dict)
    constants: list[str] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of all arrays, those that the layer made included."""
        return {name: np.shape(array) for name, array in self.arrays.items()}


@dataclass(frozen=True)
class Found:
    """An attempt, and the same one at other sizes (None where that did not run as far)."""

    first: Trial
    second: Trial | None

    @property
    def level(self) -> Level:
        """How far both came."""
        if self.second is None:
            return Level.NOTHING
        return min(self.first.level, self.second.level)
