"""Which bugs are caught, which right layers accused, which mistakes named: beside today's rules.

    python benchmarks/detection.py [--seeds 1] [--full] [--jobs 2] [--first-seed 1] [--only BUG ...]

The population is open: ``wrong_layers/`` (each wrong in one way, and verified to be wrong without
gradcheck by ``verified_wrong.py``) and ``right_layers/``. Every wrong layer is checked with one
seed, every right one with ``--seeds`` seeds (``--full``: 100), with the defaults of
``check_layer`` (one wrong layer with the checks in preview, which look for its bug). The rules of
thumb (``rules_of_thumb.py``) are tried in the same run.
Prints, by class of bug, what is caught, told as a remark only, or missed, how often the diagnosis
names the mistake, is silent, or names another one, and what each rule of thumb sees; then the
false alarms with the 95 % bound of their rate; then every miss, alarm and wrong name. Exit code 1
if there is one.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

# Before NumPy is loaded: one thread for each process.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

# benchmarks/ is not installed: it is found beside this file.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.bugs import BUGS
from benchmarks.markdown import rate_bound, table
from benchmarks.records import Entry, Wrong
from benchmarks.right_layers import RIGHT
from benchmarks.rules_of_thumb import RULES, accused, installed
from benchmarks.wrong_layers import WRONG
from gradcheck import check_layer
from gradcheck.errors import GradcheckError

_UNNAMED = ("input-gradient-wrong", "parameter-gradient-wrong", "layer-unusable")
_CONDITION = "only-when-"  # says when it shows, not what it is
_NONE = "not installed"


@dataclass(frozen=True)
class Judged:
    """What gradcheck and the rules say of one layer; ``alarms`` is seed -> headlines."""

    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    headlines: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """Caught, told as a remark only, or missed."""
        return "caught" if self.faults else "remark" if self.remarks else "missed"

    def naming(self, wrong: Wrong) -> str:
        """Whether the mistake is named: right, silent or wrong."""
        patterns = wrong.names or BUGS[wrong.bug]
        diagnoses = [name for name in self.diagnoses if not name.startswith(_CONDITION)]
        checks = [name for name in (*self.faults, *self.remarks) if name not in _UNNAMED]
        if any(not _fits(name, (*patterns, *BUGS[wrong.bug])) for name in diagnoses):
            return "wrong"
        named = any(_fits(name, patterns) for name in checks)
        return "right" if named or diagnoses else "silent"


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def judge(one: Entry, seed: int) -> Judged:
    """Check one layer."""
    try:
        findings = check_layer(one.layer, seed=seed, **one.how).findings
    except GradcheckError as error:
        return Judged(headlines=(f"not read: {error}",))
    told = [finding for finding in findings if finding.check != "layer-unusable"]
    return Judged(
        tuple(finding.check for finding in told if finding.verdict != "pass"),
        tuple(finding.check for finding in told if finding.verdict == "pass"),
        tuple(finding.diagnosis.name for finding in told if finding.diagnosis),
        tuple(finding.headline for finding in findings if finding.verdict != "pass"),
    )


def _judged(wrong: bool, seed: int, number: int) -> Judged:
    return judge((WRONG if wrong else RIGHT)[number], seed)


def _ruled(wrong: bool, seed: int, number: int) -> list[str]:
    one = (WRONG if wrong else RIGHT)[number]
    return [rule for rule in RULES if installed(rule) and accused(rule, one, seed)]


def main() -> int:
    """Print the tables; exit code 1 where a bug is missed, a layer accused, a mistake misnamed."""
    given = _arguments()
    chosen = [n for n, one in enumerate(WRONG) if not given.only or one.bug in given.only]
    rights = list(range(len(RIGHT))) if not given.only else []
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    with ProcessPoolExecutor(given.jobs) as pool:
        run = partial(pool.map, chunksize=4)
        caught = list(run(partial(_judged, True, given.first_seed), chosen))
        seen = list(run(partial(_ruled, True, given.first_seed), chosen))
        alarms = [_told(seed, list(run(partial(_judged, False, seed), rights))) for seed in seeds]
        ruled = [list(run(partial(_ruled, False, seed), rights)) for seed in seeds[:10]]
    wrong = [WRONG[number] for number in chosen]
    kinds = len({one.kind for one in wrong if one.kind})
    print(f"{len(wrong)} wrong layers of {kinds} kinds, {len(rights)} right ones, seeds {seeds}")
    columns = ["bug", "layers", "caught", "remark", "missed", "right", "silent", "wrong", *RULES]
    table("Bugs", columns, _by_bug(wrong, caught, seen))
    if rights:
        _right_table(alarms, ruled)
    lines = [*_misses(wrong, caught), *_alarms(alarms)]
    print("\n" + "\n".join(lines))
    return 1 if lines else 0


def _told(seed: int, judged: list[Judged]) -> list[Judged]:
    """The same; a run of many seeds says on stderr how far it is, and loses nothing if stopped."""
    print("\n".join((f"seed {seed} done", *_alarms([judged]))), file=sys.stderr, flush=True)
    return judged


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--full", action="store_true", help="100 seeds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=list(BUGS))
    given = parser.parse_args()
    if given.full:
        given.seeds = 100
    return given


def _by_bug(
    wrong: Sequence[Wrong], caught: Sequence[Judged], seen: Sequence[list[str]]
) -> Iterator[list[Any]]:
    for bug in (*BUGS, "all"):
        here = [at for at, one in enumerate(wrong) if bug in (one.bug, "all")]
        if not here:
            continue
        outcomes = [caught[at].outcome for at in here]
        names = [caught[at].naming(wrong[at]) for at in here]
        yield [
            bug,
            len(here),
            *(outcomes.count(outcome) for outcome in ("caught", "remark", "missed")),
            *(names.count(name) for name in ("right", "silent", "wrong")),
            *(_count(rule, seen, here) for rule in RULES),
        ]


def _count(rule: str, seen: Sequence[list[str]], here: Iterable[int]) -> int | str:
    return sum(rule in seen[at] for at in here) if installed(rule) else _NONE


def _right_table(alarms: Sequence[Sequence[Judged]], ruled: Sequence[Sequence[list[str]]]) -> None:
    count: Callable[[str], int] = lambda rule: sum(rule in one for row in ruled for one in row)  # noqa: E731
    runs = sum(map(len, alarms))
    accusations = sum(bool(one.headlines) for row in alarms for one in row)
    rows: list[list[Any]] = [["gradcheck", runs, accusations, rate_bound(accusations, runs)]]
    tried = sum(map(len, ruled))
    for rule in RULES:
        if installed(rule):
            rows.append([rule, tried, count(rule), rate_bound(count(rule), tried)])
        else:
            rows.append([rule, _NONE, "", ""])
    table("False alarms", ["by", "right layers x seeds", "alarms", "rate"], rows)


def _misses(wrong: Sequence[Wrong], caught: Sequence[Judged]) -> Iterator[str]:
    for one, found in zip(wrong, caught, strict=True):
        if found.outcome != "caught":
            told = ", ".join((*found.remarks, *found.headlines)) or "nothing said"
            yield f"- {found.outcome}: {one.name} ({one.bug}): {told}"
        if found.naming(one) == "wrong":
            names = ", ".join(found.diagnoses)
            yield f"- named wrongly: {one.name} ({one.bug}): {names}"


def _alarms(alarms: Sequence[Sequence[Judged]]) -> Iterator[str]:
    for row in alarms:
        for one, found in zip(RIGHT, row, strict=False):
            if found.headlines:
                yield f"- false alarm: {one.name}: {'; '.join(found.headlines)}"


if __name__ == "__main__":
    sys.exit(main())
