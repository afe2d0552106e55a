"""How far a worker is confined: the levels, what each takes, and how it is put in force.

A worker is forked from a zygote. What can be prepared is prepared there once (:func:`prepare`);
the worker then confines itself in about two milliseconds (:func:`confine`). If one mechanism of
the level fails, so does :func:`confine`: the level is never lowered in silence.

========== ======================================================================
none       a separate process, and nothing else
basic      limits, a session of its own, no descriptors, no capabilities, dies with its parent
seccomp    basic and a filter of system calls, and another user where the zygote is root's
strict     seccomp and Landlock: only Python's own files can be read
namespaces strict, and no other process and no network to be seen
========== ======================================================================
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from gradcheck.errors import UsageError, nearest
from gradcheck.sandbox import importing, landlock, namespaces, resources, seccomp
from gradcheck.sandbox.another_user import OTHER_USER, other_user
from gradcheck.sandbox.limits import Limits
from gradcheck.sandbox.readable import readable as readable_paths
from gradcheck.sandbox.readable import standard_folders

LEVELS = ("none", "basic", "seccomp", "strict", "namespaces")


@dataclass(frozen=True)
class Confinement:
    """What confines a worker, and why not more.

    Parameters
    ----------
    level
        One of :data:`LEVELS`.
    mechanisms
        What is in force, such as ``("landlock 7", "seccomp", "rlimits")``.
    missing
        Mechanism -> why it is not in force.
    note
        What else there is to say, such as that nobody has tried this system.
    """

    level: str
    mechanisms: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""

    def __str__(self) -> str:
        inside = ", ".join((*self.mechanisms, *((self.note,) if self.note else ())))
        return f"{self.level} ({inside})" if inside else self.level


@dataclass(frozen=True)
class Prepared:
    """What the workers of one zygote need to confine themselves.

    Parameters
    ----------
    confinement
        What will be in force.
    limits
        Limits of a worker.
    parent
        The process that prepared it, and forks the workers.
    ruleset
        Descriptor of Landlock's ruleset, or None.
    program
        The seccomp filter without the number of its process, or None.
    user
        The user to become, or None.
    """

    confinement: Confinement
    limits: Limits
    parent: int
    ruleset: int | None = None
    program: bytes | None = None
    user: int | None = None

    @property
    def level(self) -> str:
        """The level that was prepared."""
        return self.confinement.level


def at_least(level: str, other: str) -> bool:
    """Return whether a level confines as much as another, or more."""
    return LEVELS.index(level) >= LEVELS.index(other)


def known_level(level: str) -> str:
    """Return the level, or raise UsageError where there is no such."""
    if level not in LEVELS:
        raise UsageError(
            f"{level!r} is no level of confinement ({', '.join(LEVELS)}){nearest(level, LEVELS)}"
        )
    return level


def prepare(level: str, limits: Limits, readable: Sequence[str] = ("numpy",)) -> Prepared:
    """Prepare, in the zygote, what its workers will confine themselves with.

    Parameters
    ----------
    level
        One of :data:`LEVELS`.
    limits
        Limits of a worker.
    readable
        Packages by name, or absolute paths, that a worker may read besides the standard library.

    Raises
    ------
    UsageError
        No such level, no such package.
    OSError
        A mechanism of the level is not offered here.
    """
    known_level(level)
    parent = os.getpid()
    if level == "none":
        return Prepared(Confinement("none"), limits, parent)
    missing: dict[str, str] = {}
    user, program, ruleset, version = None, None, None, 0
    if at_least(level, "seccomp"):
        program = seccomp.ready()
        user, why = other_user()
        if why:
            missing["another user"] = why
    if at_least(level, "strict"):
        version = landlock.version()
        ruleset = landlock.ruleset(readable_paths(readable))
        for folder in standard_folders():
            landlock.list_only(ruleset, folder)
    confinement = Confinement(level, _in_force(level, version, user), MappingProxyType(missing))
    return Prepared(confinement, limits, parent, ruleset, program, user)


def confine(prepared: Prepared, keep: Iterable[int] = ()) -> None:
    """Confine this process, forked from the one that prepared it; for good.

    At level "namespaces" it returns in a grandchild; the child waits for it with every descriptor
    closed and ends as it ended, so that the zygote sees the same exit status or signal. Killing the
    child kills the grandchild.

    Parameters
    ----------
    prepared
        From :func:`prepare`.
    keep
        Descriptors that stay open besides 0, 1 and 2. Standard input becomes ``/dev/null``.

    Raises
    ------
    OSError
        A mechanism failed: the process is not confined as it should be, and must end.
    """
    if prepared.level == "none":
        return
    linux = resources.LINUX
    resources.reset_signals()
    resources.no_input()
    resources.own_session()
    resources.close_all_but([*keep, *([] if prepared.ruleset is None else [prepared.ruleset])])
    if prepared.user is not None:
        resources.become(prepared.user)
    if linux:
        resources.die_with_parent(prepared.parent)
    if prepared.level == "namespaces":
        namespaces.leave()
        resources.die_with_parent(prepared.parent)  # a change of rights forgets it
        namespaces.fork_inside(prepared.limits.cpu_seconds)
    resources.limit(prepared.limits)
    if prepared.program is None:
        resources.limit_processes(prepared.limits.processes)
    if linux:
        resources.drop_capabilities()
        resources.no_new_privileges()
        resources.not_inspectable()
    if prepared.ruleset is not None:
        landlock.restrict(prepared.ruleset)
        os.close(prepared.ruleset)
        importing.hide_unreadable()
    if prepared.program is not None:
        seccomp.install(seccomp.for_process(prepared.program, os.getpid()))


@cache
def offered() -> Confinement:
    """Return the most that this machine offers: tried in a throwaway process, once per process."""
    if not hasattr(os, "fork"):
        return Confinement(
            "none",
            missing={"basic": f"{sys.platform} has no fork, limits or sessions"},
            note="untested",
        )
    from gradcheck.sandbox.probing import NEEDED_FROM, asked

    answers = asked("offered")
    level = answers["level"]
    missing = {one: answers[one] for one in NEEDED_FROM if answers[one]}
    if answers["another user"]:
        missing["another user"] = answers["another user"]
    if answers["why"] and not any(
        not at_least(level, NEEDED_FROM.get(one, level)) for one in missing
    ):
        missing[LEVELS[LEVELS.index(level) + 1]] = answers["why"]
    user = None if answers["another user"] else OTHER_USER
    mechanisms = _in_force(level, answers.get("landlock version", ""), user)
    note = "" if resources.LINUX else "untested"
    return Confinement(level, mechanisms, MappingProxyType(missing), note)


@cache
def attempted(level: str) -> Mapping[str, bool]:
    """Try at a level, in a throwaway process, what no hand-in may do.

    Returns
    -------
    Mapping
        What was tried -> whether it was refused.

    Raises
    ------
    UsageError
        No such level.
    HarnessError
        The level is not offered here.
    """
    from gradcheck.sandbox.probing import asked

    answers = asked("attempted", known_level(level))
    return MappingProxyType({name: word == "refused" for name, word in answers.items()})


def _in_force(level: str, landlock_version: object, user: int | None) -> tuple[str, ...]:
    """Name what is in force at a level."""
    names = []
    if at_least(level, "strict"):
        names.append(f"landlock {landlock_version}")
    if at_least(level, "seccomp"):
        names.append("seccomp")
    if at_least(level, "basic"):
        names.append("rlimits")
    if level == "namespaces":
        names.append("namespaces")
    if user is not None and at_least(level, "seccomp"):
        names.append(f"user {user}")
    return tuple(names)
