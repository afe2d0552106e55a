"""Machines that offer less, made by hiding calls of this one behind a filter, as containers do."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from gradcheck.sandbox.system_calls import AARCH64, architecture
from tests.sandbox.confined import PLACES, fresh, needs

# Numbers on x86-64 and aarch64.
CALLS = {"unshare": (272, 97), "landlock": (444, 444), "seccomp": (317, 277), "prctl": (157, 167)}
SET_SECCOMP = 22


def on_a_lesser_machine(hidden: dict[str, int], question: str) -> dict[str, str]:
    """Answer a question of gradcheck.sandbox.probing where calls answer with an error."""
    column = architecture() == AARCH64
    numbers = {CALLS[name][column]: code for name, code in hidden.items()}
    program = f"""
import struct, sys
sys.path[:0] = {PLACES!r}
from gradcheck.sandbox import resources, seccomp
program = [(0x20, 0, 0, 0)]
for number, code in {numbers!r}.items():
    if number == {CALLS["prctl"][column]}:
        program += [(0x15, 0, 4, number), (0x20, 0, 0, 16), (0x15, 0, 1, {SET_SECCOMP})]
        program += [(0x06, 0, 0, 0x50000 | code), (0x06, 0, 0, 0x7FFF0000)]
    else:
        program += [(0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | code)]
program.append((0x06, 0, 0, 0x7FFF0000))
resources.no_new_privileges()
seccomp.install(b"".join(struct.pack("<HBBI", *one) for one in program))
from gradcheck.sandbox.probing import main
main({question.split()!r})
"""
    done = fresh(program)
    assert done.returncode == 0, done.stderr
    return dict(line.split("\t", 1) for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("hidden", "level", "mechanism", "why"),
    [
        ({"unshare": errno.EPERM}, "strict", "namespaces", "not permitted"),
        ({"unshare": errno.ENOSPC}, "strict", "namespaces", "no more namespaces"),
        (
            {"unshare": errno.EPERM, "landlock": errno.ENOSYS},
            "seccomp",
            "landlock",
            "not built into this kernel, or hidden",
        ),
        (
            {"unshare": errno.EPERM, "landlock": errno.EPERM},
            "seccomp",
            "landlock",
            "Docker before version 23",
        ),
        ({"landlock": errno.EOPNOTSUPP}, "seccomp", "landlock", "not switched on"),
        (
            {"seccomp": errno.ENOSYS, "prctl": errno.EINVAL},
            "basic",
            "seccomp",
            "Invalid argument",
        ),
    ],
)
def test_a_lesser_machine_offers_a_lower_level(
    hidden: dict[str, int], level: str, mechanism: str, why: str
) -> None:
    needs("strict")
    answers = on_a_lesser_machine(hidden, "offered")
    assert answers["level"] == level
    assert why in answers[mechanism]
    assert answers["why"]


def test_the_filter_is_put_in_force_where_only_prctl_is_known() -> None:
    needs("strict")
    answers = on_a_lesser_machine(
        {"unshare": errno.EPERM, "seccomp": errno.EPERM}, "attempted strict"
    )
    assert set(answers.values()) == {"refused"}


def test_in_a_container_with_dockers_defaults_strict_refuses_everything() -> None:
    needs("strict")
    answers = on_a_lesser_machine({"unshare": errno.EPERM}, "attempted strict")
    assert set(answers.values()) == {"refused"}


@pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
def test_another_user_is_taken_only_if_python_can_be_read_by_it() -> None:
    from gradcheck.sandbox.another_user import OTHER_USER
    from gradcheck.sandbox.confinement import offered

    best = offered()
    if os.geteuid() != 0:
        assert best.missing["another user"] == "only root can change the user"
    elif "another user" in best.missing:
        assert "could not read" in best.missing["another user"]
    else:
        assert f"user {OTHER_USER}" in best.mechanisms
