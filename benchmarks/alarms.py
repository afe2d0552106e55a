"""How often is a correct gradient accused, and what is said instead?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import get_args

from benchmarks.instance import DEGENERATE, MODES, instance
from benchmarks.markdown import rate_bound, table
from benchmarks.population import POPULATION, SCALES, pairs
from gradcheck.numerics import Outcome

OUTCOMES = get_args(Outcome)


@dataclass(slots=True)
class Tally:
    """Outcomes and evaluations of a run of checks, and how to repeat the unwelcome ones."""

    outcomes: Counter[str] = field(default_factory=Counter)
    evaluations: int = 0
    accused: list[str] = field(default_factory=list)
    unclear: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """The number of checks that had finite numbers to compare."""
        return self.outcomes.total() - self.outcomes["non-finite"]

    def row(self, *title: object) -> list[object]:
        """Return the row of the table."""
        counts = [self.outcomes[name] for name in OUTCOMES]
        mean = self.evaluations / max(self.outcomes.total(), 1)
        bound = rate_bound(self.outcomes["disagrees"], self.count)
        return [*title, self.outcomes.total(), *counts, mean, bound]


def false_alarms(checks: int, seed: int) -> int:
    """Print the table of generic points; ``checks`` in float64, half as many in float32."""
    rows, tallies = [], []
    runs = [("float64", None, checks), ("float32", None, checks // 2)]
    if MODES:
        runs.append(("float64", "thorough", checks // 10))
    for dtype, mode, share in runs:
        whole, title = Tally(), f"{dtype}, {mode or 'fast'}"
        for scale in SCALES:
            tally = _run(dtype, scale, share // len(SCALES), seed, ("",), mode)
            rows.append(tally.row(title, f"{scale:g}"))
            whole = _sum(whole, tally)
            tallies.append((f"{title}, scale {scale:g}", tally))
        rows.append(whole.row(f"**{title}**", "all"))
    table(
        f"False alarms: correct gradients of {len(POPULATION)} layers, {len(pairs())} arrays",
        _columns("dtype, mode", "scale"),
        rows,
    )
    generic = tallies[SCALES.index(1.0)][1]
    share = generic.outcomes["inconclusive"] / max(generic.count, 1)
    print(f"\nInconclusive at generic points, float64, scale 1: {share:.3%} (target 0.1 %).")
    return _details(tallies)


def degenerate(checks: int, seed: int) -> int:
    """Print the table of exact zeros and ties at scale 1."""
    rows, tallies = [], []
    for dtype in ("float64", "float32"):
        for kind in DEGENERATE:
            tally = _run(dtype, 1.0, checks // (2 * len(DEGENERATE)), seed, (kind,))
            rows.append(tally.row(dtype, kind))
            tallies.append((f"{dtype}, {kind}", tally))
    table("Exact zeros and ties: correct gradients", _columns("dtype", "inputs"), rows)
    return _details(tallies)


def _columns(*first: str) -> list[str]:
    return [*first, "checks", *OUTCOMES, "forward evaluations", "rate of disagrees (95 %)"]


def _run(
    dtype: str,
    scale: float,
    checks: int,
    seed: int,
    kinds: tuple[str, ...],
    mode: str | None = None,
) -> Tally:
    tally = Tally()
    for name, array, number, kind in _cases(checks, seed, kinds):
        drawn = instance(name, array, scale, dtype, number, kind)
        seen = drawn.check(drawn.rng, mode=mode)
        tally.outcomes[seen.outcome] += 1
        tally.evaluations += seen.forward_calls
        if seen.outcome == "disagrees":
            call = f'repeat("{name.name}", "{array}", {scale:g}, "{dtype}", {number}, "{kind}")'
            tally.accused.append(call if mode is None else f"{call[:-1]}, {mode!r})")
        if seen.outcome == "inconclusive":
            tally.unclear[f"{name.name} {array}: {seen.reason}"] += 1
    return tally


def _cases(checks: int, seed: int, kinds: tuple[str, ...]) -> Iterator[tuple]:
    """Go through all arrays again and again, each time with the next seed."""
    everything = pairs()
    for position in range(checks):
        name, array = everything[position % len(everything)]
        number = seed * 1_000_000 + position // len(everything)
        yield name, array, number, kinds[position % len(kinds)]


def _sum(a: Tally, b: Tally) -> Tally:
    return Tally(
        a.outcomes + b.outcomes,
        a.evaluations + b.evaluations,
        a.accused + b.accused,
        a.unclear + b.unclear,
    )


def _details(tallies: list[tuple[str, Tally]]) -> int:
    accused = 0
    for title, tally in tallies:
        accused += len(tally.accused)
        for call in tally.accused:
            print(f"\nDISAGREES on a correct gradient: {call}")
        for reason, count in tally.unclear.most_common(4):
            print(f"\nInconclusive, {title}: {count} x {reason}")
    return accused
