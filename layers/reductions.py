"""How the losses of single samples or elements become the loss of a batch.

``mean`` divides their sum by how many count, ``sum`` does not, ``none`` leaves them as they are:
the gradient that comes back is divided by the same number, for it is a constant.
"""

from typing import Any

import numpy as np

from layers.layer import Array

REDUCTIONS = ("mean", "sum", "none")


def known_reduction(reduction: str, layer: str, known: tuple[str, ...] = REDUCTIONS) -> str:
    """Return ``reduction`` if it is one of ``known``; the ValueError otherwise names ``layer``."""
    if reduction not in known:
        choices = f"{', '.join(known[:-1])} or {known[-1]}"
        raise ValueError(f"{layer}: reduction must be {choices}, got {reduction!r}")
    return reduction


def divisor_of(reduction: str, count: Any) -> Any:
    """Return what the sum is divided by: ``count`` for a mean, and one where nothing counts.

    The sum over nothing is zero, so that is what the mean over nothing becomes.
    """
    return count if reduction == "mean" and count else 1


def reduced(losses: Array, reduction: str, divisor: Any) -> Array:
    """Return the sum of ``losses`` over ``divisor``, 0-d, or for ``none`` the losses themselves."""
    if reduction == "none":
        return np.asarray(losses)
    return np.asarray(np.sum(losses) / divisor, dtype=losses.dtype)
