"""How pytest-xdist shares out layers under ``--dist loadgroup``: all checks of one to one worker.

The marker ``xdist_group`` says so where pytest-xdist writes the group into the node id. With
pytest 9.2 its release 3.8 does not (it sets an attribute that no longer is the id), so the layer is
read from the node id as well.
"""

from __future__ import annotations

import re

from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]

_IN_CONFIGURATION = re.compile(r"(?:^|.*/)(?:gradcheck|pyproject)\.toml::.+::[a-z-]+")
_IN_PYTHON = re.compile(r".+::[^\[]+\[.+?-(?P<check>[a-z]+(?:-[a-z]+)+)\]")


class LayerGroups(LoadGroupScheduling):  # type: ignore[misc]
    """Groups as pytest-xdist makes them, and the checks of each layer in one."""

    def _split_scope(self, nodeid: str) -> str:
        return layer_of(nodeid) or str(super()._split_scope(nodeid))


def layer_of(nodeid: str) -> str:
    """Return what all checks of a layer have in common, nothing for an item that is not ours."""
    if _IN_CONFIGURATION.fullmatch(nodeid):
        return nodeid.rpartition("::")[0]
    found = _IN_PYTHON.fullmatch(nodeid)
    if found is None:
        return ""
    from gradcheck.checks.catalogue import CHECKS  # loads much: only where an id looks like ours

    ends = [one.name for one in CHECKS if found["check"].endswith(one.name)]
    longest = max(ends, key=len, default="")
    return nodeid.removesuffix(f"-{longest}]") if longest else ""
