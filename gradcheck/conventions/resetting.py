"""Gradients that add up, and caches that grow, until the layer is told to start anew."""

from __future__ import annotations

from typing import Any

from gradcheck.conventions import vocabulary as names


def reset(layer: Any) -> None:
    """Call the layer's own method that sets gradients to zero, as a training loop would."""
    for name in names.RESETS:
        method = getattr(layer, name, None)
        if callable(method):
            method()
            break
