"""How much a report gives away: nothing but the fault, where it is, its name, the repair.

An instructor may not want to give the answer away; then it must not be in the JSON either.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from gradcheck.findings import Finding

HINTS = ("none", "where", "name", "fix")
"""Each level tells what the one before tells, and more; the last is all there is."""


def hinted(found: Finding, level: str) -> Finding:
    """Return the finding with what a level of :data:`HINTS` tells."""
    if level == "fix":
        return found
    if level == "name":
        named = found.diagnosis
        return replace(found, diagnosis=None if named is None else replace(named, repair=""))
    if level == "where":
        return replace(found, diagnosis=None)
    # "dW is wrong, 0.5 where 1.0 is right": the numbers come after the comma.
    headline = found.headline.partition(", ")[0] if found.numbers else found.headline
    kept = found.detail if found.code.startswith("GC0") else ""  # an exception of their own code
    return replace(
        found,
        headline=headline,
        detail=kept,
        numbers=None,
        axes={},
        shapes={},
        case={},
        diagnosis=None,
        size=None,
        record=msgspec.UNSET,
    )
