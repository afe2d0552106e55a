"""Write docs/regressions.md anew: the commands in it are run, and what they print is put there.

The text around them is that of the page itself: edit it there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = Path(__file__).with_name("regressions.md")
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_PROGRAMS = ("gradcheck", "pytest")
# pytest prints longer lines where it takes itself to be in continuous integration
_ENVIRONMENT = {name: one for name, one in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}


def page() -> str:
    """Return the page with what its commands print now, in a folder with the hand-in alone."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "examples" / "homework" / "hand_in.py", folder)
        text = PAGE.read_text(encoding="utf-8")
        return _BLOCK.sub(lambda block: f"```console\n{_ran(block[1], folder)}```", text)


def _ran(block: str, folder: str) -> str:
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{one}\n{_printed(one[2:], folder)}" for one in commands)


def _printed(command: str, folder: str) -> str:
    program = command.partition(" ")[0]
    if program in _PROGRAMS:
        command = f"{sys.executable} -m {command}"
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=_ENVIRONMENT | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (done.stdout + done.stderr).rstrip().splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
