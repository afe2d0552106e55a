"""More cases than the exploration met: of ordinary values, with axes on which a place is a place.

Drawn only where nothing explains the cases at hand, which are often those of the smallest axes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck.case import Case, make_case
from gradcheck.signature import Signature
from gradcheck.sizes import legal
from gradcheck.subject import Subject

_WANTED = 7
_TRIES = 80
_SIZES = (3, 4, 5, 3, 2)
_FEWEST, _MOST = 3, 64  # elements


def further_cases(subject: Subject, array: str, forms: set[Signature]) -> list[Case]:
    """Return generic cases of these forms, in which ``array`` is neither tiny nor large."""
    found: list[Case] = []
    rng = np.random.default_rng(11)
    for case in _drawn(subject, sorted(forms, key=str), rng):
        if _FEWEST <= case.primals[array].size <= _MOST:
            found.append(case)
        if len(found) == _WANTED:
            break
    return found


def _drawn(subject: Subject, forms: list[Signature], rng: np.random.Generator) -> Iterator[Case]:
    for number in range(_TRIES):
        form = forms[number % len(forms)]
        needed = dict(form.when)
        options = {}
        for name, values in subject.options.items():
            usable = [one for one in values if one in needed.get(name, values)]
            options[name] = usable[rng.integers(len(usable))]
        axes = {name: value for name, value in options.items() if isinstance(value, int)}
        axes |= subject.fixed_axes
        for name in form.free_axes:
            axes.setdefault(name, _SIZES[rng.integers(len(_SIZES))])
        if legal(form, subject.constraints, axes):
            yield make_case(form, axes, options, seed=number)
