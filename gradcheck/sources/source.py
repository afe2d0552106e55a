"""What reading gives: definitions in modules, modules in a source."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Definition:
    """A class or function that a file defines, and where a person finds it."""

    name: str
    line: int | None
    value: Any
    place: str = ""


@dataclass(frozen=True)
class SourceModule:
    """A file (or notebook) after its definitions ran.

    ``path`` is as the user would name it, ``files`` the names that its frames bear in tracebacks,
    its own first, then those of the hand-in's files that it imports. ``notes`` must be reported.
    """

    path: str
    definitions: tuple[Definition, ...]
    namespace: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@contextlib.contextmanager
def _as_it_is() -> Iterator[None]:
    yield


def _nothing() -> None:
    """Close what needs no closing."""


@dataclass(frozen=True)
class Source:
    """What a target held: the modules that could be read, and why the others could not."""

    modules: tuple[SourceModule, ...]
    unread: Mapping[str, str]
    symbol: str | None = None
    importing: Callable[[], contextlib.AbstractContextManager[None]] = field(
        default=_as_it_is, repr=False, compare=False
    )
    closing: Callable[[], None] = field(default=_nothing, repr=False, compare=False)

    def importable(self) -> contextlib.AbstractContextManager[None]:
        """Return a context in which ``importlib.import_module`` finds the source's own files.

        Import statements in its functions find them anyway, at any time before ``close``.
        """
        return self.importing()

    def close(self) -> None:
        """Remove temporary folders and the modules of this source; safe to call twice."""
        self.closing()
