"""Runs a piece of code in a confined process, forked by a fresh interpreter of one thread."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from gradcheck.sandbox.confinement import LEVELS, at_least, offered

ROOT = Path(__file__).parent.parent.parent
PLACES = [str(ROOT), str(Path(np.__file__).parent.parent)]

# What a zygote does: prepare, fork, confine. {before} runs in the parent, {inside} in the child.
PROGRAM = """
import os, sys, time, traceback
sys.path[:0] = {places!r}
from gradcheck.sandbox.confinement import confine, prepare
from gradcheck.sandbox.limits import Limits
{before}
prepared = prepare({level!r}, Limits(), {readable!r})
told, tells = os.pipe()
child = os.fork()
if not child:
    os.dup2(tells, 1)
    os.dup2(tells, 2)
    try:
        confine(prepared, {keep})
{inside}
    except BaseException as error:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(99)
    sys.stdout.flush()
    os._exit(0)
os.close(tells)
with os.fdopen(told, "rb") as pipe:
    text = pipe.read()
status = os.waitpid(child, 0)[1]
sys.stdout.buffer.write(str(os.waitstatus_to_exitcode(status)).encode() + b"\\n" + text)
"""


@dataclass(frozen=True)
class Ended:
    """How the confined process ended (below zero: by that signal), and what it printed."""

    code: int
    output: str


def needs(level: str) -> None:
    """Skip the test where the machine does not offer the level, and say why."""
    best = offered()
    if not at_least(best.level, level):
        pytest.skip(f"{level} is not offered here: {dict(best.missing)}")


def run(
    level: str,
    inside: str,
    *,
    before: str = "",
    readable: Sequence[str] = ("numpy",),
    keep: str = "()",
) -> Ended:
    """Run ``inside`` confined at a level; skip where it is not offered."""
    needs(level)
    program = PROGRAM.format(
        places=PLACES,
        before=textwrap.dedent(before),
        level=level,
        readable=tuple(readable),
        keep=keep,
        inside=textwrap.indent(textwrap.dedent(inside).strip(), " " * 8),
    )
    done = fresh(program)
    assert done.returncode == 0, done.stderr
    code, _, output = done.stdout.partition("\n")
    return Ended(int(code), output)


def fresh(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-I", "-B", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
    )


def refused(level: str, statement: str, *, before: str = "") -> None:
    """Assert that a statement raises OSError at a level, and none at level ``none``."""
    trying = f"""
    try:
        {statement}
    except (OSError, ValueError) as error:  # ValueError: how setrlimit says EPERM
        print("refused", type(error).__name__, error)
    else:
        print("done")
    """
    free = run("none", trying, before=before)
    assert free.output.startswith("done"), f"nothing to refuse: {free.output}"
    ended = run(level, trying, before=before)
    assert ended.code == 0, ended.output
    assert ended.output.startswith("refused"), ended.output


FROM_SECCOMP = [one for one in LEVELS if at_least(one, "seccomp")]
FROM_BASIC = [one for one in LEVELS if at_least(one, "basic")]
