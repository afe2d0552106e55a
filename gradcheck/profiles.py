"""Profiles: how much a run looks at, by one name instead of five settings.

``ci`` draws from a fixed seed: what is green stays green until somebody changes a layer. ``dev``
and ``thorough`` draw from a fresh seed in every run, which is told and can be repeated, so that
the runs of a week see more than one run does.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from gradcheck.errors import UsageError, nearest

PROFILES: Mapping[str, Mapping[str, Any]] = {
    "dev": {
        "examples": 25,
        "seed": None,
        "mode": "fast",
        "shrink_seconds": 1.0,
        "dtypes": ("float64",),
    },
    "ci": {
        "examples": 60,
        "seed": 0,
        "mode": "fast",
        "shrink_seconds": 5.0,
        "dtypes": ("float64",),
    },
    "thorough": {
        "examples": 500,
        "seed": None,
        "mode": "thorough",
        "shrink_seconds": 20.0,
        "dtypes": ("float64", "float32"),
    },
}
"""What each profile sets; a seed of None is drawn afresh for every run."""


def profile_settings(name: str) -> Mapping[str, Any]:
    """Return what a profile sets, nothing for the empty name.

    Raises
    ------
    UsageError
        There is no such profile.
    """
    if not name:
        return {}
    if name not in PROFILES:
        near = nearest(str(name), PROFILES)
        raise UsageError(f"no profile {name!r}{near}. Known: {', '.join(PROFILES)}")
    return PROFILES[name]


def merged(*levels: Mapping[str, Any]) -> dict[str, Any]:
    """Return what several levels say together, the weakest first.

    A profile counts where it is named: above all that weaker levels say, below what its own level
    says for itself. The seed is None where a fresh one is asked for.
    """
    found: dict[str, Any] = {}
    for level in levels:
        found |= {**profile_settings(level.get("profile", "")), **level}
    return found


def fresh_seed() -> int:
    """Return a seed that nobody chose, short enough to be typed again."""
    return secrets.randbelow(1_000_000)
