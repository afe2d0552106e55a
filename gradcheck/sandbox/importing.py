"""A package that may not be read is, for a hand-in, not installed.

The folders on ``sys.path`` were listed before the process was confined, so the importer knows
packages that can no longer be opened. ``PermissionError`` from an import would be taken for a
fault of the hand-in, and an honest ``except ImportError`` would not catch it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class ReadableFinder:
    """Python's own finder, but for modules whose file cannot be opened."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, or None if there is none that could be read."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or not spec.has_location or not spec.origin:
            return spec
        try:
            with open(spec.origin, "rb"):
                return spec
        except PermissionError:
            return None
        except OSError:
            return spec  # in a zip file, or gone: for its loader to say

    @staticmethod
    def invalidate_caches() -> None:
        """Forget what the folders held."""
        PathFinder.invalidate_caches()


def hide_unreadable() -> None:
    """Let imports pass over what this process may not read, from now on."""
    sys.meta_path[:] = [ReadableFinder if one is PathFinder else one for one in sys.meta_path]
