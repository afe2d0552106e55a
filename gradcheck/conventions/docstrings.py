"""Shapes that a docstring gives: ``W -- weights, numpy array of shape (n_a, n_x)``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradcheck.axes import check_term
from gradcheck.conventions.proposal import Slot
from gradcheck.conventions.template import Axes, Template
from gradcheck.errors import SignatureError
from gradcheck.signature import ArraySpec


def from_docstring(slots: Sequence[Slot], text: str) -> Template | None:
    """Return the shapes that a docstring gives, None where it leaves one open."""
    specs: dict[str, ArraySpec] = {}
    for slot in slots:
        axes = _told(slot.name, text)
        if axes is None:
            return None
        if slot.role == "label":
            return None
        if slot.role == "ids":
            return None
        specs[slot.name] = _spec(slot, axes)
    return Template(specs)


def _told(name: str, text: str) -> Axes | None:
    """Return the shape that a docstring gives for an array, as axis terms."""
    pattern = (
        rf"(?:^|[\s,`*-]){re.escape(name)}\b\s*(?:--|:|\(|=|-)[^\n]*(?:\n(?!\s*\w+\s*--)[^\n]*)?"
    )
    for match in re.finditer(pattern, text, re.MULTILINE):
        for shape in re.findall(r"\(([^()]+)\)", match[0]):
            parts = [part.strip() for part in shape.split(",") if part.strip()]
            if "," in shape and 0 < len(parts) <= 5 and (axes := _terms(parts)) is not None:
                return axes
    return None


def _terms(parts: Sequence[str]) -> Axes | None:
    axes = []
    for part in parts:
        plain = part if re.search(r"[+*]", part) else re.sub(r"[^\w]+", "_", part).strip("_")
        term = plain.replace(" ", "")
        try:
            check_term(term)
        except SignatureError:
            return None
        axes.append(term)
    return tuple(axes)


def _spec(slot: Slot, axes: Axes) -> ArraySpec:
    return ArraySpec(slot.name, axes, "parameter" if slot.role == "array" else "input")
