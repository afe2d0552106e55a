"""What a run may be told: one frozen record, the same for library, command line and pytest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How much is drawn, from which seed, and what counts.

    ``examples`` cases are drawn for each layer; ``select`` and ``ignore`` name checks by name,
    code or code prefix; ``strict`` makes failures of textbook approximations and of an ignored
    upstream gradient; ``shrink_seconds`` bounds the search for the smallest case of one fault.
    """

    examples: int = 60
    seed: int = 0
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    dtypes: tuple[str, ...] = ("float64",)
    shrink_seconds: float = 2.0

    def as_mapping(self) -> Mapping[str, Any]:
        """Return the settings for the report."""
        return asdict(self)
