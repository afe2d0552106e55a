"""What ``gradcheck doctor`` finds out: the system, its mechanisms, and what each level refuses."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

from gradcheck.errors import GradcheckError
from gradcheck.sandbox.confinement import LEVELS, Confinement, at_least, attempted, offered


@dataclass(frozen=True)
class Examination:
    """What this machine offers.

    Parameters
    ----------
    system
        What it is -> its name or version.
    mechanisms
        Mechanism -> "" where it works, or why it does not.
    level, in_force
        The best level, and the same with its mechanisms, as reports show it.
    why_not_more
        Why the next level is not offered; "" at the highest.
    refused
        Level -> what was tried -> whether it was refused.
    failed
        Level -> why nothing could be tried at it.
    """

    system: Mapping[str, str]
    mechanisms: Mapping[str, str]
    level: str
    in_force: str
    why_not_more: str
    refused: Mapping[str, Mapping[str, bool]]
    failed: Mapping[str, str]

    def to_json(self) -> str:
        """Return all of it as JSON, without a newline at the end."""
        return json.dumps(asdict(self), indent=2)

    @property
    def sound(self) -> bool:
        """Whether what should work here does: on Linux at least ``basic``, and every trial."""
        lowest = "basic" if sys.platform == "linux" else "none"
        return at_least(self.level, lowest) and not self.failed


def examine(every_level: bool = False) -> Examination:
    """Probe this machine, and try what is forbidden at its best level, or at every level.

    Raises
    ------
    HarnessError
        Nothing could be probed.
    """
    confinement = offered()
    levels = LEVELS if every_level else (confinement.level,)
    refused, failed = _tried(one for one in levels if at_least(confinement.level, one))
    return Examination(
        system=_system(),
        mechanisms=_mechanisms(confinement),
        level=confinement.level,
        in_force=str(confinement),
        why_not_more=_why_not_more(confinement),
        refused=refused,
        failed=failed,
    )


def _tried(levels: Iterable[str]) -> tuple[dict[str, Mapping[str, bool]], dict[str, str]]:
    refused: dict[str, Mapping[str, bool]] = {}
    failed = {}
    if not hasattr(os, "fork"):
        return {}, {}
    for level in levels:
        try:
            refused[level] = dict(attempted(level))
        except GradcheckError as error:
            failed[level] = str(error)
    return refused, failed


def _mechanisms(confinement: Confinement) -> dict[str, str]:
    from gradcheck.sandbox.probing import NEEDED_FROM

    names = [*NEEDED_FROM, "another user"]
    whole = confinement.missing.get("basic", "")  # a system of which nothing was tried
    return {one: confinement.missing.get(one, whole) for one in names}


def _why_not_more(confinement: Confinement) -> str:
    from gradcheck.sandbox.probing import NEEDED_FROM

    if confinement.level == LEVELS[-1]:
        return ""
    above = LEVELS[LEVELS.index(confinement.level) + 1]
    reasons = [
        f"{name}: {why}"
        for name, why in confinement.missing.items()
        if NEEDED_FROM.get(name, name) == above
    ]
    return f"{above}: not offered ({'; '.join(reasons) or 'it could not be put in force'})"


def _system() -> dict[str, str]:
    user = str(os.getuid()) if hasattr(os, "getuid") else ""
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "user": f"{user} (root)" if user == "0" else user,
        "python": platform.python_version(),
        "numpy": _version("numpy"),
        "gradcheck": _version("gradcheck"),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
