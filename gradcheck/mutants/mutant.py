"""``Mutant``: one known wrong backward of a reference layer, as a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps

import numpy as np

from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array

Formula = Callable[[Situation], Mapping[str, Array]]
"""From a situation to the gradients that a mistake makes wrong."""


@dataclass(frozen=True)
class Mutant:
    """A mistake: what it is called, how it is told and repaired, and the gradients it gives.

    ``text`` may contain ``{gradient}`` for the student's own name of the gradient. ``gradients``
    never raises. Of a situation in which the code would raise, or give another shape, or in which
    the mistake changes nothing by its nature (a mask, where there is none), it gives no array.
    """

    name: str
    text: str
    repair: str
    kinds: tuple[str, ...]
    gradients: Formula


def mutant(name: str, text: str, repair: str, kinds: str, formula: Formula) -> Mutant:
    """Return the mutant of the ``kinds``, which are separated by blanks, with a guarded formula."""
    return Mutant(name, text, repair, tuple(kinds.split()), _guarded(formula))


def _guarded(formula: Formula) -> Formula:
    """Keep what has a gradient of that shape; a formula that does not fit gives nothing."""

    @wraps(formula)
    def gradients(situation: Situation) -> dict[str, Array]:
        with np.errstate(all="ignore"):
            try:
                found = formula(situation)
            except (ValueError, IndexError, KeyError, ArithmeticError):  # as the code would raise
                return {}
        right = situation.gradients
        return {
            name: np.asarray(one, right[name].dtype)
            for name, one in found.items()
            if name in right and np.shape(one) == right[name].shape
        }

    return gradients
