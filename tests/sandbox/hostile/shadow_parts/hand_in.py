"""Imports a neighbour that attacks while it is imported."""

from attack import done
from neighbour import Square

__all__ = ["Square", "done"]
