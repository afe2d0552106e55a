"""Which elements are wrong? Bisection over the support of a direction.

The discrepancy of a direction v, ``<u, J v> - <g, v>``, is linear in v. So a half of the support
with a discrepancy holds a wrong element, and the other half's discrepancy follows by subtraction:
two evaluations a level find one element among n in about 2 log2(n) evaluations, whatever n is.
"""

from __future__ import annotations

import numpy as np

from gradcheck.numerics.directions import draw_directions
from gradcheck.numerics.estimates import contract, select
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import Floats
from gradcheck.numerics.sketch import first_step
from gradcheck.numerics.stencil import ends, stencil

_MOST = 8


def locate(
    probe: Probe, rng: np.random.Generator, most: int = _MOST
) -> tuple[tuple[int, ...], ...]:
    """Return the indices of up to ``most`` wrong elements of the claim, the worst first found.

    Each one found is taken out of the search before the next one, and confirmed by two stencils
    along itself alone. The search ends where a whole direction agrees, or with the first element
    that is not confirmed. About 2 log2(n) + 12 forward evaluations for each element.
    """
    mended = np.zeros(probe.x.shape)  # claim + mended is right at the elements found so far
    found: list[tuple[int, ...]] = []
    while len(found) < most and probe.x.size:
        (direction,) = draw_directions(probe, rng, 1)
        if found and _agrees(probe, direction, mended):
            break
        index = _search(probe, direction, mended)
        if index is None or index in found:
            break
        error, bound = _element_error(probe, index)
        if not abs(error) > bound:
            break
        mended[index] = error
        found.append(index)
    return tuple(found)


def _agrees(probe: Probe, direction: Floats, mended: Floats) -> bool:
    """Whether the mended claim lies within the error bound along ``direction``."""
    line = direction[np.newaxis]
    _, kept, _ = select(probe, [stencil(probe, line, first_step(probe))])
    (estimate,) = contract(probe, kept, line)
    claim = float(((probe.g + mended) * direction).sum())
    return abs(estimate.value - claim) <= estimate.error


def _search(probe: Probe, direction: Floats, mended: Floats) -> tuple[int, ...] | None:
    """Return the element at the end of one bisection, following the larger discrepancy."""
    step = first_step(probe)
    flat = direction.ravel()
    low, high = 0, flat.size
    whole = _discrepancy(probe, direction, mended, step)
    while high - low > 1:
        middle = (low + high) // 2
        half = np.zeros(flat.size)
        half[low:middle] = flat[low:middle]
        left = _discrepancy(probe, half.reshape(probe.x.shape), mended, step)
        if not np.isfinite(left):
            return None
        if abs(left) >= abs(whole - left):
            high, whole = middle, left
        else:
            low, whole = middle, whole - left
    return tuple(int(one) for one in np.unravel_index(low, probe.x.shape))


def _discrepancy(probe: Probe, direction: Floats, mended: Floats, step: float) -> float:
    ((up, down),) = ends(probe, direction[np.newaxis], step)
    slope = float((probe.u * (up - down)).sum()) / (4 * step)
    return slope - float(((probe.g + mended) * direction).sum())


def _element_error(probe: Probe, index: tuple[int, ...]) -> tuple[float, float]:
    """Return numerical minus claimed derivative of one element, and the bound of it."""
    scale = float(np.broadcast_to(probe.scale, probe.x.shape)[index])
    direction = np.zeros((1, *probe.x.shape))
    direction[(0, *index)] = scale
    base = first_step(probe)
    stencils = [stencil(probe, direction, base * factor) for factor in (2.0**5, 1.0)]
    _, kept, _ = select(probe, stencils)
    (estimate,) = contract(probe, kept, direction)
    error = estimate.value / scale - float(probe.g[index])
    return error, estimate.error / scale
