"""Arrays as lines of aligned short decimals, one row of the last axis a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gradcheck.findings import decimal
from gradcheck.subject import Array

_MOST_ROWS = 24
_MOST_COLUMNS = 12


def array_lines(
    name: str, array: Array, text: Callable[[tuple[int, ...]], str] | None = None
) -> Iterator[str]:
    """Yield the name with the shape, then the rows; ``text`` gives an element by its index.

    Of a large array the first rows and columns are shown, and how much is left out is said.
    """

    def plain(index: tuple[int, ...]) -> str:
        return element_text(array[index])

    told = text or plain
    if array.ndim == 0:
        yield f"{name} = {told(())}"
        return
    yield f"{name} {tuple(array.shape)}"
    rows = list(np.ndindex(array.shape[:-1]))
    shown = min(array.shape[-1], _MOST_COLUMNS)
    cells = [[told((*row, at)) for at in range(shown)] for row in rows[:_MOST_ROWS]]
    left = max((len(_whole(cell)) for line in cells for cell in line), default=0)
    width = left + max(
        (len(cell) - len(_whole(cell)) for line in cells for cell in line), default=0
    )
    for row, line in zip(rows, cells, strict=False):
        place = f"[{', '.join(map(str, row))}]  " if len(row) > 1 else ""
        aligned = [(" " * (left - len(_whole(cell))) + cell).ljust(width) for cell in line]
        more = "  ..." if array.shape[-1] > shown else ""
        yield (f"  {place}" + "  ".join(aligned)).rstrip() + more
    if len(rows) > _MOST_ROWS or array.shape[-1] > shown:
        yield f"  ({array.size} values in all)"
    elif not array.size:
        yield "  (no elements)"


def element_text(value: object) -> str:
    """Return one number: floats in short decimals, whole numbers and booleans as they are."""
    return decimal(float(value)) if isinstance(value, (float, np.floating)) else str(value)


def _whole(text: str) -> str:
    """Return what stands before the decimal point."""
    return text.partition(".")[0]
