"""What the pytest plugin costs those who do not use it, and what collecting layers costs.

    python benchmarks/plugin.py [--pairs 15] [--limit 5]

Runs ``pytest --co`` in an empty project with the plugin and without it, in pairs whose order
alternates, so that a slow moment meets both; the median of the differences within the pairs is what
the plugin adds, in time on the clock and of the processor. The same in a project with 200 tests of
its own. Other plugins are left out, as some take longer to load than what is measured. The exit
code is 1 if an empty project pays more than ``--limit`` milliseconds of the processor. Last, what
it costs to collect the example repository with its ``gradcheck.toml``, beside not doing so.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# benchmarks/ is not installed: it is found beside this file.
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.markdown import table  # noqa: E402

PLUGIN = ("-p", "gradcheck.pytest_plugin")
TESTS = "".join(f"def test_{number}(): pass\n" for number in range(200))


def taken(folder: Path, *arguments: str) -> tuple[float, float]:
    """Return how many ms ``pytest --co`` takes in a folder: on the clock, of the processor."""
    command = [sys.executable, "-m", "pytest", "--co", "-q", "-p", "no:cacheprovider", *arguments]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": path}
    environment["PYTHONPYCACHEPREFIX"] = str(folder.parent / "compiled")  # as after an installation
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    worked, start = _worked(), time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    return (time.perf_counter() - start) * 1e3, (_worked() - worked) * 1e3


def _worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compared(folder: Path, pairs: int, more: tuple[str, ...], less: tuple[str, ...]) -> list[float]:
    """Return medians of both in ms, their ratio, the median differences: clock, processor."""
    taken(folder, *more), taken(folder, *less)  # compiled files are there for both
    measured = []
    for number in range(pairs):
        order = (more, less) if number % 2 else (less, more)
        seen = {arguments: taken(folder, *arguments) for arguments in order}
        measured.append((*seen[less], *seen[more]))
    clock, _, clock_with, _ = (statistics.median(one) for one in zip(*measured, strict=True))
    added = statistics.median(one[2] - one[0] for one in measured)
    worked = statistics.median(one[3] - one[1] for one in measured)
    return [clock, clock_with, clock_with / clock, added, worked]


def _row(name: str, figures: list[float]) -> list[str]:
    clock, with_it, ratio, added, worked = figures
    return [name, f"{clock:.0f}", f"{with_it:.0f}", f"{ratio:.3f}", f"{added:.1f}", f"{worked:.1f}"]


def main() -> int:
    """Print the table; 1 if the plugin costs an empty project too much."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=15)
    options.add_argument("--limit", type=float, default=5.0, help="milliseconds")
    given = options.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        empty, full, example = (Path(place, name) for name in ("empty", "full", "example"))
        empty.mkdir()
        full.mkdir()
        (full / "test_all.py").write_text(TESTS)
        shutil.copytree(ROOT / "examples" / "numpy_layers", example)
        for name, folder in (("empty project", empty), ("200 tests", full)):
            rows.append(_row(name, compared(folder, given.pairs, PLUGIN, ())))
        off = (*PLUGIN, "--no-gradcheck", "gradcheck.toml")
        few = max(3, given.pairs // 3)
        rows.append(
            ["example repository", *compared(example, few, (*PLUGIN, "gradcheck.toml"), off)]
        )
    headings = ["pytest --co in", "without, ms", "with, ms", "ratio", "added, ms", "of processor"]
    table("What the plugin costs", headings, rows)
    added = float(rows[0][-1])
    print(
        f"\nadded to an empty project: {added} ms of the processor; the limit is {given.limit} ms"
    )
    return int(added > given.limit)


if __name__ == "__main__":
    sys.exit(main())
