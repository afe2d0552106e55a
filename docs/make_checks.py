"""Write docs/checks.md from the catalogue: python docs/make_checks.py."""

from __future__ import annotations

from pathlib import Path

from gradcheck.checks.catalogue import CHECKS
from gradcheck.checks.check import Check

PAGE = Path(__file__).with_name("checks.md")
_INTRODUCTION = """# Checks

Made from the docstrings of the checks by `python docs/make_checks.py`; do not edit. The same text
is printed by `gradcheck explain NAME` or `gradcheck explain CODE`.
"""


def page() -> str:
    """Return the page."""
    table = ["| code | check | what |", "|---|---|---|"]
    table += [f"| {one.code} | [{one.name}](#{one.name}) | {_first_line(one)} |" for one in CHECKS]
    return "\n".join([_INTRODUCTION, *table, "", *(_section(one) for one in CHECKS)])


def _first_line(check: Check) -> str:
    return check.documentation.split("\n")[0]


def _section(check: Check) -> str:
    lines = [f"## {check.name}", "", f"{check.code}, {check.category}, {check.stage}.", ""]
    for line in check.documentation.split("\n"):
        label, colon, rest = line.partition(":")
        labelled = colon and label in (
            "What it finds",
            "Why it matters",
            "A wrong layer",
            "How to repair it",
            "Limits",
        )
        lines += ["", f"**{label}:**{rest}"] if labelled else [line]
    return "\n".join([*lines, ""]).replace("\n\n\n", "\n\n")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
