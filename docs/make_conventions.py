"""Write docs/conventions.md from the tests of the conventions: python docs/make_conventions.py.

Every row is a layer of ``tests/conventions/styles``, read and checked while the page is made.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from gradcheck import check_module
from gradcheck.errors import GradcheckError
from gradcheck.findings import Report, SubjectReport
from tests.conventions.expected import STYLE_FILES, STYLES, Expected, Style

PAGE = Path(__file__).with_name("conventions.md")
_INTRODUCTION = """# How layers are recognised

Made by `python docs/make_conventions.py`; do not edit.

People do not write layers for gradcheck, so it reads them as they are. Names and the number of
arguments, read without running anything, propose how a thing might be called. One forward and one
backward on small arrays, at two sets of unequal sizes, confirm or refute each proposal, and show
which arrays the layer made itself and where each gradient lies. Of several readings that run, the
first whose gradients agree with a difference is taken; where none does, the layer is wrong in any
reading.

What a way of writing leaves open is found by trying and told in the report, under "Read as"; all
of it can be said beforehand:

| assumption | values | what it says |
|---|---|---|
| `kind` | `affine`, `conv2d`, ... (docs/layers.md) | what the layer is |
| `signature` | `"x: N D, W: D M -> y: N M"` | its arrays by named axes |
| `convention` | the names below | how it is written |
| `grad_reduction` | `sum`, `mean` | `mean`: its parameters' gradients are averaged over the batch |
| `loss_gradient` | `mean`, `sum` | `sum`: the loss is a mean, its gradient is that of the sum |
| `loss_reduction` | `mean`, `sum` | how the losses of the samples make one number |
| `labels` | `integers`, `one-hot`, `real` | what a loss is given |
| `layout` | `NCHW`, `NHWC` | where the channels of an image are |
| `arguments` | a table | what its constructor is given |

`gradcheck check FILE --assume NAME=VALUE` (or `LAYER:NAME=VALUE`, `arguments.stride=2`),
`[assume]` and `[layers.LAYER]` in `gradcheck.toml`, and the decorator
`@gradcheck.assume(NAME=VALUE)` say the same. The file is looked for in the current folder and
above it, never in a hand-in.

The tables below are made from the tests: each layer is one of `tests/conventions/styles`, written
for them in the style of a course, right or wrong on purpose. The verdict expected was established
by central differences that have nothing to do with gradcheck; the verdict given and the reading
are those of {examples} cases without any option.
"""
_TITLES: Mapping[int, str] = {
    1: "A class with forward(x) and backward(dout)",
    2: "A class with parallel lists of parameters and gradients",
    3: "A class with dicts of parameters and gradients",
    4: "A pair of functions with a cache",
    5: "A pair of functions whose examples are columns",
    6: "A class with dLdW, or with the local derivative",
    7: "A class that applies its gradients in backward",
    8: "A class whose backward is given the inputs again",
    9: "A class with static forward(ctx, ...) and backward(ctx, grad)",
    10: "An operation with compute and gradient",
    11: "An object with operators, backward() and grad",
    13: "A function called with variables that hold its arrays",
    0: "Unfinished",
}
_HEAD = ["| file | layer | expected | given | read as |", "|---|---|---|---|---|"]


def page(examples: int) -> str:
    """Return the page."""
    files = sorted(STYLE_FILES.items(), key=lambda item: (item[1].number or 99, item[0]))
    lines = [_INTRODUCTION.format(examples=examples)]
    given = expected = 0
    for number, styles in groupby(files, key=lambda item: item[1].number):
        lines += [f"## {_title(number)}", "", *_HEAD]
        for file, style in styles:
            found = _reports(file, examples)
            lines += [_row(file, name, one, found) for name, one in style.layers.items()]
            expected += len(style.layers)
            given += _agreeing(style, found)
        lines.append("")
    lines.append(f"{given} of {expected} verdicts are those expected.")
    return "\n".join([*lines, ""])


def _title(number: int) -> str:
    return f"{number}. {_TITLES[number]}" if number else _TITLES[number]


def _reports(file: str, examples: int) -> Mapping[str, SubjectReport]:
    """Return what is said of each layer of a file; of none, where the file cannot be read."""
    try:
        report: Report = check_module(STYLES / file, examples=examples)
    except GradcheckError as error:
        print(f"{file}: {error}", file=sys.stderr)
        return {}
    return {one.symbol: one for one in report.subjects}


def _row(file: str, name: str, wanted: Expected, found: Mapping[str, SubjectReport]) -> str:
    one = found.get(name)
    verdict = wanted.verdict + (f", {wanted.array}" if wanted.array else "")
    given = _given(one) if one else "not found"
    assumed = _assumed(one) if one else "-"
    return f"| {file} | `{name}` | {verdict} | {given} | {assumed} |"


def _given(one: SubjectReport) -> str:
    arrays = dict.fromkeys(finding.array for finding in one.faults if finding.array)
    return ", ".join([one.verdict, *arrays])


def _assumed(one: SubjectReport) -> str:
    told = (
        text if name == "read as" else f"{name}: {text}" for name, text in one.assumptions.items()
    )
    return "; ".join(told).replace("|", "\\|") or "-"


def _agreeing(style: Style, found: Mapping[str, SubjectReport]) -> int:
    return sum(
        name in found and _same(wanted.verdict, found[name])
        for name, wanted in style.layers.items()
    )


def _same(expected: str, given: SubjectReport) -> bool:
    """Whether the verdicts agree; a layer that could not be checked at all agrees with nothing."""
    checked = all(one.check != "layer-unusable" for one in given.findings)
    return checked and (expected == given.verdict or (expected, given.verdict) == ("fail", "error"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=30)
    PAGE.write_text(page(parser.parse_args().examples), encoding="utf-8")
