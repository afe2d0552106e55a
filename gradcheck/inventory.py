"""What a source holds, as frozen records: the answer of ``gradcheck list``.

Nothing in them was checked: they say how each layer would be read, and what is no layer and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from gradcheck.findings import json_builtins

SCHEMA = "gradcheck.list/1"

Status = Literal[
    "read",
    "faulty",  # its interface keeps it from running: a misspelt method
    "not-attempted",  # an unfinished stub
    "unusable",  # no way to call it was found
]


class ListedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer, and how it is read; ``why`` says what is wrong where it is not.

    ``signature`` has its arrays by named axes, ``parameters`` for each parameter what its gradient
    is called in the file. ``cell`` is the place in a notebook, whose lines ``line`` counts.
    """

    symbol: str
    line: int | None
    cell: str = ""
    status: Status
    convention: str = ""
    kind: str | None = None
    signature: str = ""
    parameters: Mapping[str, str] = {}
    assumptions: Mapping[str, str] = {}
    why: str = ""


class PassedOver(msgspec.Struct, frozen=True, kw_only=True):
    """A definition that is no layer, and why."""

    symbol: str
    line: int | None
    cell: str = ""
    why: str


class ListedModule(msgspec.Struct, frozen=True, kw_only=True):
    """What one file holds; ``notes`` tell what of it did not run."""

    path: str
    layers: tuple[ListedLayer, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    notes: tuple[str, ...] = ()


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in all sources of one call; ``unread`` says why a file was not read."""

    schema: str = SCHEMA
    version: str
    modules: tuple[ListedModule, ...] = ()
    unread: Mapping[str, str] = {}

    @property
    def layers(self) -> tuple[ListedLayer, ...]:
        """All layers, in order."""
        return tuple(layer for module in self.modules for layer in module.layers)

    def to_json(self, *, indent: int = 2) -> str:
        """Return the inventory for a machine."""
        plain = json_builtins(msgspec.to_builtins(self))
        return msgspec.json.format(msgspec.json.encode(plain), indent=indent).decode()
