"""What became of a failure that was kept, as a record of the report."""

from __future__ import annotations

from typing import Literal

import msgspec

Outcomes = Literal["fails", "passes", "unjudged"]


class Recheck(msgspec.Struct, frozen=True, kw_only=True):
    """One regression file that was looked at: whether its case fails, passes, or nobody knows."""

    file: str
    check: str
    array: str | None = None
    outcome: Outcomes
    note: str = ""  # what to tell of it, empty where a finding does
