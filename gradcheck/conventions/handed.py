"""Results that a layer has handed out: they belong to the caller, and should stay as they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from gradcheck.subject import Alias, Array, Mutation, Phase

Role = Literal["output", "gradient"]
Lent = Mapping[tuple[Literal["input", "parameter", "cotangent"], str], Array]


_SMALL = 2**14  # bytes: comparing memory takes a twentieth of what comparing elements takes


class Handed:
    """The arrays that one layer returned, each with a copy of what it held."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Role, str], tuple[Array, Array]] = {}

    def keep(self, role: Role, name: str, result: Any) -> None:
        """Remember a result, in the place of the one before it."""
        if isinstance(result, np.ndarray):
            self._kept[role, name] = result, result.copy()

    def renew(self) -> None:
        """Take results as they are now: a view of a parameter has followed the optimiser."""
        for key, (array, _) in self._kept.items():
            self._kept[key] = array, array.copy()

    def changed(self, during: Phase) -> tuple[Mutation, ...]:
        """Return the results that hold other values than when they were handed out; told once."""
        found = []
        for (role, name), (array, copy) in self._kept.items():
            if not same(array, copy):
                self._kept[role, name] = array, array.copy()
                found.append(Mutation(name, role, during))
        return tuple(found)

    def aliases(self, role: Role, lent: Lent) -> tuple[Alias, ...]:
        """Return the results of a role that lie in the memory of something lent."""
        return tuple(
            Alias(name, role, of, of_role)
            for (kept, name), (array, _) in self._kept.items()
            for (of_role, of), other in lent.items()
            if kept == role and np.may_share_memory(array, other)
        )

    def spoil(self) -> None:
        """Write other values into every output, as its owner may."""
        for (role, name), (array, _) in self._kept.items():
            if role == "output" and array.flags.writeable and array.dtype.kind == "f":
                array *= -3
                array += 1
                self._kept[role, name] = array, array.copy()


def same(a: Array, b: Array) -> bool:
    """Return whether two arrays have the same shape and values; nan is itself."""
    small = a.nbytes <= _SMALL and a.dtype == b.dtype and a.dtype.kind in "fiub"
    if small and a.shape == b.shape and a.tobytes() == b.tobytes():
        return True
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
