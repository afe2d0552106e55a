"""Waivers: faults that are known and accepted for a while, each with a reason.

A waiver that matches nothing any more is told, so that none outlives its fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

from msgspec.structs import replace

from gradcheck.errors import UsageError, nearest
from gradcheck.findings import Finding, SubjectReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """``layer`` is a name, ``*`` and ``?`` allowed; ``check`` a name, a code or its beginning."""

    layer: str
    check: str
    reason: str
    array: str = ""

    def of_layer(self, symbol: str) -> bool:
        """Return whether the waiver is for a layer of this name."""
        return fnmatchcase(symbol, self.layer)

    def matches(self, symbol: str, found: Finding) -> bool:
        """Return whether the waiver accepts a finding of a layer."""
        checks = self.check.lower() == found.check or found.code.startswith(self.check.upper())
        return self.of_layer(symbol) and checks and self.array in ("", found.array)

    def __str__(self) -> str:
        return f"{self.layer}:{self.check}" + (f" ({self.array})" if self.array else "")


def waiver_from(text: str) -> Waiver:
    """Return the waiver that ``LAYER:CHECK=REASON`` says.

    Raises
    ------
    UsageError
        The text has another form.
    """
    target, _, reason = text.partition("=")
    layer, _, check = target.rpartition(":")
    return _made({"layer": layer, "check": check, "reason": reason.strip()}, f"--waive {text!r}")


def waivers_from(tables: Any, where: str) -> tuple[Waiver, ...]:
    """Return the waivers that ``[[waivers]]`` lists.

    Raises
    ------
    UsageError
        It is no list of tables, or one of them lacks a key or has one that is not known.
    """
    if not isinstance(tables, list) or not all(isinstance(one, Mapping) for one in tables):
        raise UsageError(f"{where} is {tables!r}, expected [[waivers]] with layer, check, reason")
    return tuple(_made(one, f"{where} {number}") for number, one in enumerate(tables, start=1))


def _made(given: Mapping[str, Any], where: str) -> Waiver:
    known = [one.name for one in fields(Waiver)]
    for name, value in given.items():
        if name not in known:
            raise UsageError(f"{where}: unknown key {name!r}{nearest(name, known)}")
        if not isinstance(value, str):
            raise UsageError(f"{where}: {name} = {value!r} is no text")
    for name in ("layer", "check", "reason"):
        if not given.get(name):
            raise UsageError(f"{where}: no {name}; a waiver is LAYER:CHECK=REASON")
    return Waiver(**given)


def waived(found: Finding, symbol: str, waivers: Iterable[Waiver]) -> Finding:
    """Return the finding, accepted where a waiver says so; what is only a remark stays one."""
    if found.verdict not in ("fail", "error"):
        return found
    reasons = (one.reason for one in waivers if one.matches(symbol, found))
    reason = next(reasons, None)
    return found if reason is None else replace(found, verdict="waived", waiver=reason)


def stale(waivers: Sequence[Waiver], subjects: Sequence[SubjectReport]) -> Iterator[str]:
    """Yield in words the waivers of checked layers that accepted nothing.

    One of a check that did not run, or of a layer that was not asked for, says nothing.
    """
    for one in waivers:
        layers = [subject for subject in subjects if one.of_layer(subject.symbol)]
        ran = [
            subject
            for subject in layers
            if any(
                check.code.startswith(one.check.upper()) or check.check == one.check.lower()
                for check in subject.checks
            )
        ]
        used = any(
            found.verdict == "waived" and one.matches(subject.symbol, found)
            for subject in layers
            for found in subject.findings
        )
        if ran and not used:
            yield f"the waiver {one} matches nothing any more ({one.reason}): remove it"
