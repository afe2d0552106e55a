"""How the outputs of a layer look where its signature leaves that open, told by earlier cases.

It is a guess: at the answer it is seen whether it was right; if not, something was asked in vain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradcheck.signature import Signature

Sizes = Mapping[str, int]
_Axis = frozenset[str | int]
"""The axes of the inputs that had the size of this one in every case; the size if it was one."""


class OutputShapes:
    """Learns from every case; forms and options are learned apart."""

    def __init__(self) -> None:
        self._known: dict[Any, Mapping[str, tuple[_Axis, ...]] | None] = {}

    def learn(
        self,
        form: Signature,
        options: Mapping[str, Any],
        sizes: Sizes,
        shapes: Mapping[str, tuple[int, ...]],
    ) -> None:
        """Take the shapes of the outputs into account that came of axes of these sizes."""
        key = _key(form, options)
        if not sizes or (key in self._known and self._known[key] is None):
            return
        seen = {name: tuple(_axis(sizes, n) for n in shape) for name, shape in shapes.items()}
        before = self._known.get(key) or seen
        self._known[key] = _common(before, seen)

    def expected(
        self, form: Signature, options: Mapping[str, Any], sizes: Sizes
    ) -> dict[str, tuple[int, ...]] | None:
        """Return the shapes to be expected, None where nothing tells."""
        known = self._known.get(_key(form, options))
        if known is None:
            return None
        return {name: tuple(_size(sizes, axis) for axis in axes) for name, axes in known.items()}


def _key(form: Signature, options: Mapping[str, Any]) -> Any:
    return form, repr(sorted(options.items()))


def _axis(sizes: Sizes, size: int) -> _Axis:
    return frozenset((size, *(name for name, one in sizes.items() if one == size)))


def _common(
    before: Mapping[str, tuple[_Axis, ...]], seen: Mapping[str, tuple[_Axis, ...]]
) -> dict[str, tuple[_Axis, ...]] | None:
    """Return what both cases allow, None where there is nothing."""
    if {name: len(axes) for name, axes in before.items()} != {
        name: len(axes) for name, axes in seen.items()
    }:
        return None
    common = {
        name: tuple(one & other for one, other in zip(axes, seen[name], strict=True))
        for name, axes in before.items()
    }
    return common if all(all(axes) for axes in common.values()) else None


def _size(sizes: Sizes, axis: _Axis) -> int:
    """Return the size of the first axis that it may be: of one size it was only by chance."""
    named = (size for name, size in sizes.items() if name in axis)
    return next(named, max((one for one in axis if isinstance(one, int)), default=0))
