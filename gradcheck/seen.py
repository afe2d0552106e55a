"""What the checks gave over all cases of a layer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.catalogue import fails
from gradcheck.checks.check import Check
from gradcheck.findings import Finding, Outcome

FaultKey = tuple[str, str | None]
"""A fault is told from another by its check and its array."""
Judged = tuple[Check, Case, Sequence[Finding | Outcome]]
"""What a check said of a case that was kept from an earlier run."""

KEPT = -1  # the number of a case that was not drawn, and is the smallest already

_FAILURES_KEPT = 12
_PASSES_KEPT = 24
_FEW = 3  # failures are enough where each takes long to confirm,
_LONG = 4.0  # after this many seconds


@dataclass
class Tally:
    """What one check gave over all cases."""

    cases: int = 0
    outcomes: list[Outcome] = field(default_factory=list)


@dataclass
class Exploration:
    """What all checks gave over all cases.

    ``fail`` names checks and categories whose remarks are failures; ``failing`` keeps the first
    cases of each fault (the number of the case among those drawn, the case, the finding),
    ``passing`` by check the first cases in which it found no fault of any array, ``remarks`` the
    remark with the largest discrepancy of its kind and ``remarked`` its case, ``codes`` the codes
    of the checks that found a fault.
    """

    tallies: dict[str, Tally]
    failing: dict[FaultKey, list[tuple[int, Case, Finding]]] = field(default_factory=dict)
    passing: dict[str, list[Case]] = field(default_factory=dict)
    remarks: dict[FaultKey, Finding] = field(default_factory=dict)
    remarked: dict[FaultKey, Case] = field(default_factory=dict)
    cases: int = 0
    fail: tuple[str, ...] = ()
    codes: set[str] = field(default_factory=set)
    started: float = field(default_factory=time.thread_time)

    def take(
        self,
        check: Check,
        case: Case,
        found: Sequence[Finding | Outcome],
        number: int | None = None,
    ) -> None:
        """Book what ``check`` gave for ``case``; what fails nothing is a remark."""
        number = self.cases if number is None else number
        found = [one if self._counts(check, one) else _remark(one) for one in found]
        tally = self.tallies[check.name]
        tally.cases += 1
        for one in found:
            if isinstance(one, Outcome):
                tally.outcomes.append(one)
            elif one.verdict == "pass":
                self._keep_remark(one, case)
            else:
                self.failing.setdefault((one.check, one.array), []).append((number, case, one))
                self.codes.add(check.code)
        kept = self.passing.setdefault(check.name, [])
        if len(kept) < _PASSES_KEPT and not any(faults(found)):
            kept.append(case)

    def explains(self, check: Check) -> bool:
        """Whether a fault was found that explains whatever ``check`` might find."""
        return any(code.startswith(check.unless) for code in self.codes)

    def settled(self, check: Check) -> bool:
        """Whether ``check`` has seen enough: cases, or failures for any diagnosis."""
        if 0 < check.most <= self.tallies[check.name].cases:
            return True
        kept = [cases for (name, _), cases in self.failing.items() if name == check.name]
        if not kept or min(map(len, kept)) < _FEW:
            return False
        # Ordinary values tell most of the mistake: those of extreme ones do not count.
        ordinary = min(sum(case.generic for _, case, _ in cases) for cases in kept)
        late = time.thread_time() - self.started > _LONG
        return late or ordinary >= _FAILURES_KEPT

    def _counts(self, check: Check, one: Finding | Outcome) -> bool:
        plain = not isinstance(one, Finding) or one.verdict != "fail"
        return plain or fails(check, self.fail)

    def _keep_remark(self, remark: Finding, case: Case) -> None:
        key = (remark.check, remark.array)
        known = self.remarks.get(key)
        if known is None or (remark.size or 0.0) > (known.size or 0.0):
            self.remarks[key] = remark
            self.remarked[key] = case


def _remark(one: Finding | Outcome) -> Finding | Outcome:
    return replace(one, verdict="pass", case={})


def faults(found: Sequence[Finding | Outcome]) -> Iterator[Finding]:
    """Yield the findings that fail a layer."""
    return (one for one in found if isinstance(one, Finding) and one.verdict != "pass")
