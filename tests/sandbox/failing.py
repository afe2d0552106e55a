"""A serving function in a zygote whose workers cannot be limited."""

from __future__ import annotations

from gradcheck.sandbox import resources
from tests.sandbox.serving import run as serve

__all__ = ["serve"]


def _no_limit(*_: object) -> None:
    raise OSError("no such limit")


resources.limit = _no_limit
