"""The whole Jacobian of one array at small cases: what another upstream gradient would give.

The verdict never comes from here; explainers compare with it what the layer claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.line import Line
from gradcheck.numerics import Probe
from gradcheck.numerics.rounding import Floats
from gradcheck.subject import Array, Arrays, Subject

_STEP = 2.0**-11  # of the scale of x: the five points are off by its fourth power
_PLACES = (-2, -1, 1, 2)
_WEIGHTS = np.array([1.0, -8.0, 8.0, -1.0]) / 12.0
_MOST_VALUES = 2**18


def derivatives(
    subject: Subject,
    case: Case,
    array: str,
    *,
    at: Array | None = None,
    options: Mapping[str, Any] | None = None,
    others: Arrays | None = None,
) -> Floats | None:
    """Return d(outputs) / d(elements of ``array``), (outputs, elements), by five points each.

    ``at`` is another point, ``options`` are other options, ``others`` other arrays beside.
    None where forward refuses, answers in another shape, or x has no room to move in.
    """
    line = Line(subject, case, array)
    x = np.asarray(line.point[0] if at is None else at, dtype=np.float64)
    border = None if at is not None else line.point[2]
    outputs = sum(one.size for one in line.outputs.values())
    if outputs * x.size * len(_PLACES) > _MOST_VALUES:
        return None
    steps = np.broadcast_to(Probe.scale_of(x, border), x.shape).ravel() * _STEP
    if not (steps > 0).all():
        return None
    points = []
    for element, step in enumerate(steps):
        for place in _PLACES:
            moved = x.copy()
            moved.flat[element] += place * step
            points.append({**case.primals, **(others or {}), array: moved})
    chosen = {**case.options, **(options or {})}
    answers = [
        np.concatenate([np.ravel(value) for value in one.outputs.values()] or [np.zeros(0)])
        for one in subject.forward_many(points, chosen)
    ]
    if any(one.size != outputs for one in answers):
        return None
    values = np.array(answers, dtype=np.float64).reshape(x.size, len(_PLACES), outputs)
    values = values - values[:, :1]  # so that what does not change has a derivative of exactly 0
    found: Floats = np.einsum("p,epo->oe", _WEIGHTS, values) / steps
    return found if np.isfinite(found).all() else None
