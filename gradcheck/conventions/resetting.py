"""Gradients that add up, and caches that grow, until the layer is told to start anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcheck.conventions import vocabulary as names


def reset(layer: Any) -> None:
    """Call the layer's own method that sets gradients to zero, as a training loop would."""
    method = _method(layer)
    if method is not None:
        method()


def is_resettable(layer: Any) -> bool:
    """Return whether the layer has such a method."""
    return _method(layer) is not None


def _method(layer: Any) -> Callable[[], Any] | None:
    found = (getattr(layer, name, None) for name in names.RESETS)
    return next((one for one in found if callable(one)), None)
