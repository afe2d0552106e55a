"""How real code is read: layers of public repositories, with the truth about each.

    python benchmarks/public_layers.py LAYERS.json CHECKOUTS

``LAYERS.json`` lists layers (repo, path, symbol, truth, default_config_ok, conditions, defects);
``CHECKOUTS`` holds the repositories as folders named ``owner+name``. Neither is part of this
project.
Prints how many layers were found, read without any option, and judged rightly, and every
disagreement. A class in two configurations is one symbol: it fails if one of them is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from markdown import table

from gradcheck import check_module
from gradcheck.errors import GradcheckError

Row = Mapping[str, Any]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("layers", type=Path)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--examples", type=int, default=40)
    chosen = parser.parse_args()
    rows: list[Row] = json.loads(chosen.layers.read_text(encoding="utf-8"))
    files = list(dict.fromkeys((one["repo"], one["path"]) for one in rows))
    paths = [chosen.checkouts / repo.replace("/", "+") / path for repo, path in files]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        given = pool.map(verdicts, paths, [chosen.examples] * len(paths))
        found = dict(zip(files, given, strict=True))
    judged = [(one, found[one["repo"], one["path"]].get(symbol(one), "absent")) for one in rows]
    counts = Counter((truth(one), verdict) for one, verdict in judged)
    rows_of = [[*key, count] for key, count in sorted(counts.items())]
    table("Public layers", ["truth", "verdict", "layers"], rows_of)
    reached = sum(verdict not in ("absent", "unusable") for _, verdict in judged)
    print(f"\n{reached} of {len(rows)} reach a verdict without an option")
    for line in disagreements(judged):
        print(line)


def verdicts(path: Path, examples: int) -> dict[str, str]:
    """Return symbol -> verdict for the layers of a file, ``unusable`` where none was reached."""
    try:
        report = check_module(path, examples=examples, shrink_seconds=0.0)
    except GradcheckError:
        return {}
    return {
        one.symbol: "unusable"
        if any(finding.check == "layer-unusable" for finding in one.findings)
        else one.verdict
        for one in report.subjects
    }


def symbol(row: Row) -> str:
    """Return the name under which gradcheck reports a layer of the list."""
    name = re.sub(r"[\[(].*", "", row["symbol"])
    forward, _, backward = name.partition("/")
    usual = not backward or backward == forward.replace("forward", "backward")
    return forward if usual or "forward" not in forward else name


def truth(row: Row) -> str:
    """Return what is known of a layer: right, wrong always, or wrong under conditions only."""
    if row["truth"] == "wrong":
        if "not_implemented" in str(row["defects"]):
            return "unfinished"
        return "wrong" if not row["default_config_ok"] else "wrong under conditions"
    return "right" if row["truth"] == "correct" else "right by a convention of its own"


def disagreements(judged: list[tuple[Row, str]]) -> Iterator[str]:
    """Yield the layers whose verdict is not what is known of them."""
    accepted = {
        "right": {"pass", "inconclusive"},
        "wrong": {"fail", "error"},
        "wrong under conditions": {"fail", "error"},
        "unfinished": {"not-attempted"},
    }
    for one, verdict in judged:
        if verdict not in accepted.get(truth(one), {verdict}):
            yield f"- {one['repo']} {one['path']} {one['symbol']}: {truth(one)}, got {verdict}"


if __name__ == "__main__":
    main()
