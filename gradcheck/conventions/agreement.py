"""Does a reading make sense of a layer: do its gradients agree with a difference, roughly?

Only to choose between readings. The verdict on a gradient is never made here.
"""

from __future__ import annotations

import numpy as np

from gradcheck.conventions.assembly import assemble
from gradcheck.conventions.outcome import Found
from gradcheck.conventions.wired_subject import WiredSubject
from gradcheck.errors import GradcheckError
from gradcheck.subject import Array, Identity

_ROUGH = 1e-3


def agrees(found: Found) -> bool:
    """Return whether the gradients of an attempt agree with a difference along one direction."""
    try:
        made = assemble(found, ())
    except GradcheckError:
        return False
    identity = Identity(found.first.proposal.symbol, found.first.proposal.convention)
    subject = WiredSubject(identity, {made.wiring.signature: made.wiring})
    arrays = {one.name: found.first.arrays[one.name] for one in made.wiring.signature.arrays}
    return gradients_agree(subject, arrays, found.first)


def gradients_agree(subject: WiredSubject, arrays: dict[str, Array], trial: object) -> bool:
    """Return whether all gradients together fit the slope of the outputs."""
    options = getattr(trial, "options", {})
    rng = np.random.default_rng(11)
    outputs = subject.forward(arrays, options).outputs
    if not outputs:
        return False
    unit = not getattr(trial, "proposal").upstream  # noqa: B009
    upstream = {
        name: np.ones(value.shape) if unit and value.size == 1 else rng.standard_normal(value.shape)
        for name, value in outputs.items()
    }
    gradients = subject.vjp(arrays, upstream, options).gradients
    if any(gradients[name].shape != arrays[name].shape for name in gradients):
        return False
    single = any(value.dtype == np.float32 for value in outputs.values())
    step = 1e-3 if single else 1e-6
    along = {name: rng.standard_normal(arrays[name].shape) for name in gradients}
    sums = []
    for sign in (1, -1):
        moved = {
            name: array + sign * step * along[name] if name in along else array
            for name, array in arrays.items()
        }
        values = subject.forward(moved, options).outputs
        if set(values) != set(outputs):
            return False
        sums.append(sum(float((upstream[name] * values[name]).sum()) for name in outputs))
    slope = (sums[0] - sums[1]) / (2 * step)
    terms = [float((gradients[name] * along[name]).sum()) for name in gradients]
    size = sum(abs(term) for term in terms)
    return bool(abs(slope - sum(terms)) <= (10 if single else 1) * _ROUGH * (size + 1e-12))
