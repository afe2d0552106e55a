"""What a check is: its name, code and category, and the function that looks for the fault."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from gradcheck.case import Case
from gradcheck.findings import Finding, Outcome
from gradcheck.subject import Subject

Category = Literal["certain", "suspicious", "style"]
Stage = Literal["preview", "stable"]
Function = Callable[[Subject, Case], Iterator["Finding | Outcome"]]


@dataclass(frozen=True, slots=True)
class Check:
    """A named fault. ``function`` is None where the fault is seen when the layer is read.

    What is ``certain`` fails a layer, what is ``suspicious`` or ``style`` is a remark unless it is
    said to fail; a ``preview`` runs only where it is asked for. ``most`` is in how many cases it is
    looked for, 0 in all: a scenario that every case shows alike need not be played in each. Cases
    that are not ``fit`` for it tell nothing, and are none of them.
    ``unless`` are codes (or their beginnings) of faults that explain this one: beside them it is
    not told. Whether backward may be called on a layer that only evaluates, nobody knows where
    the layer was found by trying: then only checks that are fair ``in_evaluation`` run. What is
    ``isolated`` can be seen from another process only.
    """

    name: str
    code: str
    category: Category
    stage: Stage
    function: Function | None
    text: str = ""
    most: int = 0
    unless: tuple[str, ...] = ()
    in_evaluation: bool = False
    isolated: bool = False
    fit: Callable[[Case], bool] | None = None

    def suits(self, case: Case) -> bool:
        """Return whether a case can tell this check something."""
        return self.fit is None or self.fit(case)

    @property
    def documentation(self) -> str:
        """The text of ``gradcheck explain``."""
        return inspect.cleandoc(self.text or inspect.getdoc(self.function) or "")
