"""Another user for the workers of a zygote that is root's: tried before it is taken."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence

from gradcheck.sandbox import resources

# A user that nothing else runs as: below 65,536 (containers map no more), not "nobody".
OTHER_USER = 65_310


def other_user() -> tuple[int | None, str]:
    """Return the user that a root's worker can become, or None and why not.

    An interpreter in root's private home folder cannot be read by another user: its modules that
    are imported late would be missing. A child tries it.
    """
    if not resources.LINUX or os.geteuid() != 0:
        return None, "only root can change the user"
    late = _late_imports()  # sought now: as another user they might not even be found
    told, tells = os.pipe()
    child = os.fork()
    if not child:
        _try_other_user(tells, late)
    os.close(tells)
    with os.fdopen(told, "rb") as pipe:
        why = pipe.read(400).decode(errors="replace")
    os.waitpid(child, 0)
    return (None, why) if why else (OTHER_USER, "")


def _try_other_user(tells: int, late: Sequence[str]) -> None:
    """Become another user and read what a late import would; tell what fails, and end."""
    failed = f"cannot become user {OTHER_USER}"
    try:
        resources.become(OTHER_USER)
        for path in late:
            failed = f"user {OTHER_USER} could not read {path}"
            with open(path, "rb") as file:
                file.read(1)
    except OSError as error:
        os.write(tells, f"{failed}: {error.strerror}".encode())
    finally:
        os._exit(0)


def _late_imports() -> list[str]:
    specs = [importlib.util.find_spec(one) for one in ("decimal", "numpy")]
    return [one.origin for one in specs if one is not None and one.origin]
