"""A confined worker reads a hand-in from memory, for it may read nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy
import pytest

from gradcheck.sandbox.hand_in import gather

confinement = pytest.importorskip("gradcheck.sandbox.confinement")
limits = pytest.importorskip("gradcheck.sandbox.limits")

ROOT = Path(__file__).parents[2]
PACKAGES = Path(numpy.__file__).parents[1]
HAND_IN = {
    "layers.py": "import numpy as np\nimport pytest\n"
    "from common.base import Base\nfrom own import n\n"
    "class A(Base):\n    def get(self):\n        from late import m\n"
    "        return float(np.tanh(self.k) + n + m)\n"
    "def get(): return A().get()\n"
    "def peek():\n    try: return open(PLACE).read()\n    except OSError as error:\n"
    "        return error.strerror\n",
    "own.py": "n = 1\n",
    "late.py": "m = 2\n",
    "common/base.py": "class Base: k = 0.0\n",
    "work.ipynb": json.dumps(
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": "def get(): return 5"}]}
    ),
    "broken.py": "x = = 1\n",
}
WORKER = """
import json, os, sys
sys.path[:0] = [{root!r}, {packages!r}]
import numpy
import gradcheck.sources.in_memory
from gradcheck.sandbox import confinement, limits
one = json.load(sys.stdin)
sys.path.remove({root!r})
os.chdir("/")
prepared = confinement.prepare({level!r}, limits.Limits())
sys.stdout.flush()
if (child := os.fork()) == 0:
    confinement.confine(prepared)
    files = {{name: text.encode() for name, text in one.pop("files").items()}}
    source = gradcheck.sources.in_memory.read_in_memory(files, **one)
    told = [[m.path, [[d.name, d.line] for d in m.definitions], m.notes] for m in source.modules]
    values = [[d.value() for d in m.definitions if d.name in ("get", "peek")]
              for m in source.modules]
    source.close()
    print(json.dumps([told, values, dict(source.unread)]), flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


@pytest.mark.parametrize("level", ["strict", "namespaces"])
def test_a_hand_in_is_read_where_no_file_can_be_opened(tmp_path: Path, level: str) -> None:
    offered = confinement.offered().level
    if confinement.LEVELS.index(offered) < confinement.LEVELS.index(level):
        pytest.skip(f"only {offered} is offered here")
    folder = tmp_path / "hand_in"
    for name, text in HAND_IN.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("PLACE", repr(str(folder / "own.py"))))
    one = asdict(gather(folder, limits.Limits()))
    one["files"] = {name: data.decode() for name, data in one["files"].items()}
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-B",
            "-c",
            WORKER.format(root=str(ROOT), packages=str(PACKAGES), level=level),
        ],
        input=json.dumps(one),
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    told, values, unread = json.loads(done.stdout)
    by_name = {Path(path).name: (definitions, notes) for path, definitions, notes in told}
    assert by_name["layers.py"] == (
        [["A", 5], ["get", 9], ["peek", 10]],
        ["pytest is not installed, nor a file beside this one; what needs it was left out"],
    )
    assert [one for one in values if one] == [[3.0, "Permission denied"], [5]]
    assert [Path(name).name for name in unread] == ["broken.py"]
    assert (
        "broken.py:1: Python cannot read this: invalid syntax\n    x = = 1" in unread.popitem()[1]
    )
