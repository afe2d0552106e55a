"""``Meaning``: how a layer that is not written like its reference is one of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck.subject import Array, Arrays


@dataclass(frozen=True)
class Meaning:
    """How a layer's own arrays are those of a kind, for one form.

    ``arrays`` gives for each own array the kind's array and the order in which its axes (those of
    size one left out) are the kind's; ``outputs`` for each own output the number of the kind's
    output and the order in which the kind's axes are the layer's. ``options`` are own options that
    the kind has under another name, ``fixed`` what else the kind must be made with. ``loose`` says
    that the kind was found by behaviour alone; under the ``excluded`` values of own options the
    layer is of another kind.
    """

    kind: str
    arrays: Mapping[str, tuple[str, tuple[int, ...]]]
    outputs: Mapping[str, tuple[int, tuple[int, ...]]]
    options: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    loose: bool = False
    excluded: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def holds_for(self, options: Mapping[str, Any]) -> bool:
        """Return whether the layer is of the kind under these options."""
        return not any(options.get(name) in values for name, values in self.excluded.items())

    def arranged(self, arrays: Arrays) -> dict[str, Array]:
        """Return the arrays under the kind's names, their axes in the kind's order."""
        theirs: dict[str, Array] = {}
        for own, (name, order) in self.arrays.items():
            array = np.asarray(arrays[own])
            if array.ndim != len(order):
                array = array.reshape([size for size in array.shape if size != 1])
                while array.ndim < len(order):  # an axis of the kind that happens to be one
                    array = array[..., np.newaxis]
            theirs[name] = array.transpose(order)
        return theirs

    def chosen(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of the kind for own options.

        Raises
        ------
        ValueError
            Two own options are one of the kind, and differ: a window that is not square.
        """
        own: dict[str, Any] = {}
        for mine, name in self.options.items():
            if mine in options and own.setdefault(name, options[mine]) != options[mine]:
                raise ValueError(f"{name} is {own[name]} and {options[mine]}")
        return {**self.fixed, **own}
