"""What this machine offers, found by trying it in throwaway processes.

The trying forks, which a program with threads must not: so it is done in a fresh interpreter
(:func:`asked`), or where the program is a single thread anyhow, as the zygote is, in place
(:func:`mechanisms`, :func:`best_level`).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from gradcheck.errors import HarnessError
from gradcheck.sandbox import attempts, landlock, namespaces, resources, seccomp
from gradcheck.sandbox.another_user import other_user
from gradcheck.sandbox.confinement import (
    LEVELS,
    Prepared,
    at_least,
    confine,
    prepare,
)
from gradcheck.sandbox.limits import Limits

# Each with the lowest level that needs it. "another user" is taken where it can be had.
NEEDED_FROM = {
    "limits": "basic",
    "own session": "basic",
    "no new privileges": "basic",
    "dies with its parent": "basic",
    "capabilities dropped": "basic",
    "seccomp": "seccomp",
    "landlock": "strict",
    "namespaces": "namespaces",
}

# What level "basic" does without on other systems.
_LINUX_ONLY = {"no new privileges", "dies with its parent", "capabilities dropped"}
_LANDLOCK_SINCE, _SECCOMP_SINCE = (5, 13), (3, 17)


def in_child(work: Callable[[], str]) -> str:
    """Do something in a forked child and return the text that it returns; "" if it dies."""
    told, tells = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        with contextlib.suppress(BaseException):
            os.close(told)
            text = work().encode()
            while text:
                text = text[os.write(tells, text) :]
            status = 0
        os._exit(status)
    os.close(tells)
    with os.fdopen(told, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text.decode(errors="replace")


def mechanisms() -> dict[str, str]:
    """Try each mechanism; return of each "" where it works, or why it does not.

    Forks: to be called from a process of one thread.
    """
    told = dict(line.split("\t", 1) for line in in_child(_each_in_turn).splitlines())
    found = {name: told.get(name, "the process that tried it died") for name in NEEDED_FROM}
    found["namespaces"] = in_child(_try_namespaces)
    user, why = other_user()
    found["another user"] = "" if user is not None else why
    return found


def _each_in_turn() -> str:
    parent = os.getppid()
    limits = Limits()
    steps: dict[str, Callable[[], object]] = {
        "own session": resources.own_session,
        "dies with its parent": lambda: resources.die_with_parent(parent),
        "capabilities dropped": resources.drop_capabilities,
        "no new privileges": resources.no_new_privileges,
        "limits": lambda: resources.limit(limits),
        "landlock": lambda: landlock.restrict(landlock.ruleset([])),
        "seccomp": lambda: seccomp.install(seccomp.for_process(seccomp.ready(), os.getpid())),
    }
    lines = []
    for name, step in steps.items():
        try:
            step()
        except OSError as error:
            lines.append(f"{name}\t{_why(name, error)}")
        else:
            lines.append(f"{name}\t")
    return "\n".join(lines)


def _try_namespaces() -> str:
    try:
        namespaces.leave()
        namespaces.fork_inside()
    except OSError as error:
        return namespaces.why_not(error)
    return ""


def _why(name: str, error: OSError) -> str:
    """Say in one line why a mechanism is not to be had."""
    since = {"landlock": _LANDLOCK_SINCE, "seccomp": _SECCOMP_SINCE}.get(name)
    kernel = kernel_version()
    text = os.strerror(error.errno) if error.errno else str(error)
    if sys.platform != "linux":
        return "only on Linux"
    if error.errno == errno.ENOSYS and since is not None:
        if kernel is not None and kernel < since:
            return f"kernel {kernel[0]}.{kernel[1]} is older than {since[0]}.{since[1]}"
        return f"{text}: not built into this kernel, or hidden by a container's profile"
    if error.errno == errno.EOPNOTSUPP and name == "landlock":
        return "built in but not switched on (it is missing in lsm= of the boot line)"
    if error.errno == errno.EPERM and name == "landlock":
        return "not permitted: a container's profile refuses it (Docker before version 23)"
    return text


def kernel_version() -> tuple[int, int] | None:
    """Return the kernel's version, such as (5, 13), or None where it is no Linux."""
    found = re.match(r"(\d+)\.(\d+)", platform.release())
    return (int(found[1]), int(found[2])) if found and sys.platform == "linux" else None


def best_level(found: Mapping[str, str]) -> tuple[str, str]:
    """Return the highest level of which everything works, and why the next one does not.

    The level is put in force once as a whole, in a child that then reads the standard library.
    """
    why = ""
    for level in reversed(LEVELS[1:]):
        wanting = [one for one, needs in NEEDED_FROM.items() if at_least(level, needs)]
        if sys.platform != "linux":
            wanting = [one for one in wanting if one not in _LINUX_ONLY]
        failed = [f"{one}: {found[one]}" for one in wanting if found[one]]
        failed = failed or [one for one in [_whole(level)] if one]
        if not failed:
            return level, why
        why = failed[-1]
    return "none", why


def prepare_best(limits: Limits, readable: Sequence[str] = ("numpy",)) -> Prepared:
    """Prepare the highest level that can be put in force here, tried once in a child.

    Forks: to be called from a process of one thread, as the zygote is. What
    ``confinement.missing`` says of the levels that failed is why.

    Raises
    ------
    UsageError
        A package that is to be readable is not installed.
    """
    missing: dict[str, str] = {}
    for level in reversed(LEVELS):
        try:
            prepared = prepare(level, limits, readable)
        except OSError as error:
            missing[level] = error.strerror or str(error)
            continue
        told = in_child(functools.partial(_import_late, prepared))
        if told == "imported":
            break
        missing[level] = told or "the confined process died"
        if prepared.ruleset is not None:
            os.close(prepared.ruleset)
    confinement = prepared.confinement
    why = MappingProxyType({**missing, **confinement.missing})
    return replace(prepared, confinement=replace(confinement, missing=why))


def _whole(level: str) -> str:
    """Confine a child at a level and import something there; return what went wrong, or ""."""
    try:
        prepared = prepare(level, Limits(), ())
    except OSError as error:
        return f"{level}: {error}"
    try:
        told = in_child(lambda: _import_late(prepared))
    finally:
        if prepared.ruleset is not None:
            os.close(prepared.ruleset)
    return "" if told == "imported" else f"{level}: {told or 'the confined process died'}"


def _import_late(prepared: Prepared) -> str:
    try:
        confine(prepared, _open_descriptors())
        sys.modules.pop("fractions", None)
        import fractions

        return "imported" if fractions.Fraction(1, 2) * 2 == 1 else "wrong"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return f"{type(error).__name__}: {error}"


def _open_descriptors() -> range:
    """Return the descriptors below 64: a throwaway child has its own pipe among them."""
    return range(3, 64)


def refusals(level: str) -> dict[str, bool]:
    """Try in a confined child what no hand-in may do; return of each whether it was refused.

    Forks: to be called from a process of one thread.
    """
    prepared = prepare(level, Limits(), ())
    if resources.LINUX:
        resources.not_inspectable()  # as the zygote and the grader are, at every level
    folder = tempfile.mkdtemp(prefix="gradcheck-doctor-")
    try:
        for name in ("private", "removable", "movable"):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write("kept to ourselves")
            os.chmod(file.name, 0o600)
        secret = ctypes.create_string_buffer(b"1234")
        ground = attempts.Ground(folder, os.getpid(), ctypes.addressof(secret))
        text = in_child(lambda: _attempted(prepared, ground))
    finally:
        shutil.rmtree(folder)
    lines = [line.split("\t") for line in text.splitlines()]
    told = {name: word == "refused" for name, word in lines if name in attempts.ATTEMPTS}
    if set(told) != set(attempts.ATTEMPTS):
        raise OSError(errno.ECHILD, f"{level}: the confined process died while it tried")
    return told


def _attempted(prepared: Prepared, ground: attempts.Ground) -> str:
    confine(prepared, _open_descriptors())
    made = attempts.try_all(ground)
    return "\n".join(f"{name}\t{'refused' if done else 'done'}" for name, done in made.items())


def asked(*question: str) -> dict[str, str]:
    """Answer a question (see :func:`main`) in a fresh interpreter of one thread.

    Returns
    -------
    dict
        Name -> answer, in order.
    """
    root = str(Path(__file__).resolve().parent.parent.parent)
    code = (
        f"import sys; sys.path.append({root!r}); "
        "from gradcheck.sandbox.probing import main; main(sys.argv[1:])"
    )
    command = [sys.executable, "-I", "-B", "-S", "-c", code, *question]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        raise HarnessError(f"the confinement could not be probed: {last[-1]}")
    return dict(line.split("\t", 1) for line in done.stdout.splitlines())


def main(question: list[str]) -> None:
    """Answer ``offered`` or ``attempted LEVEL`` in lines of a name, a tab and the answer."""
    if question[0] == "offered":
        found = mechanisms()
        level, why = best_level(found)
        answers = {**found, "level": level, "why": why}
        if not found["landlock"]:
            answers["landlock version"] = str(landlock.version())
    else:
        answers = {
            name: "refused" if done else "done" for name, done in refusals(question[1]).items()
        }
    sys.stdout.write("".join(f"{name}\t{answer}\n" for name, answer in answers.items()))
