"""Which sizes of the axes are legal, and which tell one axis from another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from gradcheck.axes import axis_size, greater_side, names_of, satisfied
from gradcheck.signature import Signature

Range = tuple[int, int]
"""The least and the greatest size of an axis, both included."""

_MOST_ELEMENTS = 625
_GROWTH = 64


def legal(signature: Signature, constraints: Iterable[str], axes: Mapping[str, int]) -> bool:
    """Return whether axes and options satisfy the constraints, and no axis is negative."""
    terms = {term for one in signature.arrays for term in one.axes}
    holds = all(satisfied(one, axes) for one in _known(constraints, axes))
    return holds and all(axis_size(term, axes) >= 0 for term in terms)


def _known(constraints: Iterable[str], axes: Mapping[str, int]) -> list[str]:
    """Return the constraints of whose names every one has a size."""
    return [one for one in constraints if _names(one) <= axes.keys()]


@cache
def _names(constraint: str) -> frozenset[str]:
    return frozenset(names_of(constraint))


def enlarged(
    axes: dict[str, int],
    constraints: Iterable[str],
    free: Iterable[str],
    most: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Enlarge free axes, in place, until the greater sides of the constraints are great enough.

    Most draws become legal so, and none is larger than it must be, nor larger than ``most``.
    """
    if not (checked := _known(constraints, axes)):
        return axes
    free = set(free)
    most = most or {}
    for _ in range(_GROWTH):
        broken = [one for one in checked if not satisfied(one, axes)]
        growing = [
            name
            for one in broken
            for name in names_of(greater_side(one))
            if name in free and axes[name] < most.get(name, axes[name] + 1)
        ]
        if not growing:
            break
        axes[growing[0]] += 1
    return axes


def made_unequal(axes: dict[str, int], ranges: Mapping[str, Range]) -> dict[str, int]:
    """Give each axis of ``ranges``, in place, a size that none before it has, where one is left.

    Equal axes hide transposes: where N = D, a gradient of shape (D, N) has the right shape.
    """
    taken: set[int] = set()
    for name, (least, most) in ranges.items():
        count = most - least + 1
        start = min(axes[name], most) - least  # a batch may be larger than its range
        sizes = (axes[name], *(least + (start + step) % count for step in range(1, count)))
        axes[name] = next((one for one in sizes if one not in taken), axes[name])
        taken.add(axes[name])
    return axes


def made_equal(axes: dict[str, int], ranges: Mapping[str, Range]) -> dict[str, int]:
    """Give all axes of ``ranges``, in place, the size of the last one, as far as they may have it.

    Some mistakes raise unless axes are equal; with equal ones they compute.
    """
    size = axes[list(ranges)[-1]] if ranges else 0
    for name, (least, most) in ranges.items():
        axes[name] = min(max(size, least), most)
    return axes


def usual_ranges(signature: Signature, names: Sequence[str], largest: int) -> dict[str, Range]:
    """Return the range of each axis: small enough that arrays of many axes have few elements."""
    rank = max((len(one.axes) for one in signature.arrays), default=1)
    most = max(2, min(largest, int(_MOST_ELEMENTS ** (1 / max(rank, 1)))))
    # With a single class every label is the same and every loss is zero: nobody's use.
    least = {
        one.below or one.axes[-1]: 2
        for one in signature.arrays
        if one.domain in ("labels", "one-hot")
    }
    return {name: (least.get(name, 1), max(most, least.get(name, 1))) for name in names}
