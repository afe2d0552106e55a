"""Write docs/mistakes.md from the known mistakes: python docs/make_mistakes.py."""

from __future__ import annotations

from pathlib import Path

from gradcheck.kinds import catalogue
from gradcheck.mutants import MUTANTS, Mutant, mutants_of

PAGE = Path(__file__).with_name("mistakes.md")
_INTRODUCTION = """# Known mistakes

Made by `python docs/make_mistakes.py`; do not edit.

A wrong gradient is held against known mistakes, in this order; the first that equals it to rounding
in all failing cases is named, with the evidence. Where nothing does, nothing is named.

1. **Mutants**: the wrong backwards below, computed beside the reference layer of the kind.
2. **Factors**: the size of an axis or its inverse, products of two, an option, a parameter, 2, 1/2,
   -1, a learning rate; each confirmed by cases in which that very axis or option differs.
3. **Another upstream gradient**: ignored, its sign, clipped, of the last step or row alone.
4. **Structure**: mask missing, diagonal Jacobian, a path through mean or variance wrong, local
   derivative at the wrong quantity, transposed, axes or blocks exchanged, shifted, summed over an
   axis, only one slice filled, overlapping windows overwritten, float32 inside, drawn again.
5. **Where and when**: only the last row, the border, one channel; only with a stride above one.

`--hints where` keeps the name out of a report, `--hints name` the repair.
"""


def page() -> str:
    """Return the page."""
    parts = [_INTRODUCTION, f"{len(MUTANTS)} mutants of {len(_kinds())} kinds of layers:", ""]
    for kind in _kinds():
        parts += [f"## {kind}", "", "| mistake | what it looks like | repair |", "|---|---|---|"]
        parts += [_row(one) for one in mutants_of(kind)]
        parts.append("")
    return "\n".join(parts)


def _kinds() -> list[str]:
    return [one.name for one in catalogue() if mutants_of(one.name)]


def _row(mutant: Mutant) -> str:
    cells = (mutant.name, mutant.text.replace("{gradient}", "the gradient"), mutant.repair)
    return "| " + " | ".join(one.replace("|", "\\|").replace("\n", " ") for one in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
