"""A serving function of ours that fails, whatever is handed in."""

from __future__ import annotations


def serve(channel: object, table: bytes) -> None:
    """Fail as our code does."""
    raise RuntimeError("a fault of gradcheck")
