"""Write the tables of docs/isolation.md: python docs/make_isolation.py, on Linux and as root.

What a level refuses is tried on the machine that runs this; one that offers fewer levels has fewer
columns. As root the weak levels refuse the least, so that the page promises no more than any user
will find.
"""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from gradcheck.doctor_command import told
from gradcheck.sandbox.examination import examine
from gradcheck.sandbox.limits import GIB, KIB, MIB, Limits

PAGE = Path(__file__).with_name("isolation.md")

LIMITS = {
    "load_seconds": "wall time to run the definitions, and to find out how a layer is called",
    "request_seconds": "wall time of one question; up to eight scripts or forwards count as one",
    "wall_seconds": "wall time of all questions about one layer; the grader's own work not counted",
    "total_seconds": "the same of all layers of a hand-in; what comes later is not checked",
    "cpu_seconds": "processor time of one worker",
    "cpu_grace_seconds": "how much later a worker is killed that ignores the end of that",
    "memory_bytes": "addresses of a worker, Python and NumPy included; 512 MiB at least",
    "file_bytes": "longest file that may be written (from `seccomp` on none can be opened for it)",
    "core_bytes": "longest core dump",
    "open_files": "descriptors that are open at a time; 16 at least",
    "processes": "processes of the user, at level `basic`; above it none can be started at all",
    "source_bytes": "longest file of a hand-in; a notebook may be eight times as long",
    "source_files": "files of a hand-in",
    "array_bytes": "largest array that is taken from a worker",
    "request_bytes": "size up to which perturbed forwards travel together",
    "output_bytes": "how much is kept of what it prints; the rest is counted and thrown away",
    "questions": "how often a worker may ask for the forward of a reference, in one question",
    "question_bytes": "the longest of these",
}


def limits_table() -> str:
    """Return the limits with their defaults as a table."""
    usual = Limits()
    rows = [
        f"| `{one.name}` | {_sized(one.name, getattr(usual, one.name))} | {LIMITS[one.name]} |"
        for one in fields(Limits)
    ]
    return "\n".join(["| limit | default | what |", "|---|---|---|", *rows])


def refusals_table() -> str:
    """Return what each level of this machine refuses, as ``gradcheck doctor --all`` prints it."""
    lines = list(told(examine(every_level=True)))
    start = next(at for at, line in enumerate(lines) if line.startswith("tried "))
    return "\n".join(["```text", *lines[start:], "```"])


def block(page: str, name: str) -> str:
    """Return what stands in a page between two marks."""
    return page.split(f"<!-- {name} -->\n")[1].split(f"\n<!-- end of {name} -->")[0]


def page() -> str:
    """Return the page with its tables made anew."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in (("limits", limits_table()), ("refusals", refusals_table())):
        old = f"<!-- {name} -->\n{block(text, name)}\n<!-- end of {name} -->"
        text = text.replace(old, f"<!-- {name} -->\n{table}\n<!-- end of {name} -->")
    return text


def refusals_in(table: str) -> dict[str, dict[str, bool]]:
    """Return level -> what was tried -> whether it was refused, as a page tells it."""
    head, *rows = table.removeprefix("```text\n").partition("\n\n")[0].splitlines()
    levels = head.split()[1:]
    cells = [re.split(r"  +", row.strip()) for row in rows]
    return {
        level: {name: words[at] == "refused" for name, *words in cells}
        for at, level in enumerate(levels)
    }


def _sized(name: str, value: float) -> str:
    if not name.endswith("_bytes"):
        return f"{value:g} s" if name.endswith("_seconds") else f"{value:g}"
    for unit, word in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if value >= unit:
            return f"{value / unit:g} {word}"
    return f"{value:g}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
