"""``importlib.import_module("layers")`` inside a hand-in's function, while its layers run."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import PurePath
from types import ModuleType

from gradcheck.sources.neighbours import Neighbourhood


class _Finder(MetaPathFinder, Loader):
    """Answers for the hand-in's files under the names that the hand-in knows them by."""

    def __init__(self, neighbours: Neighbourhood, file: PurePath) -> None:
        self._neighbours = neighbours
        self._file = file
        self.added: set[str] = set()
        self._is_asking = False
        self._places: dict[str, tuple[PurePath, str]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer where nothing that is installed has the name."""
        if self._is_asking:  # by our own question whether the name is installed
            return None
        self._is_asking = True
        try:
            start = self._start(fullname)
        finally:
            self._is_asking = False
        if start is None:
            return None
        self._places[fullname] = start
        return ModuleSpec(fullname, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module that the hand-in's own imports give."""
        start, name = self._places.pop(spec.name)
        self.added.add(spec.name)
        return self._neighbours.walk(start, name)[-1]

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: it has run."""

    def _start(self, fullname: str) -> tuple[PurePath, str] | None:
        top, _, rest = fullname.partition(".")
        if top == self._neighbours.name:  # import_module(".layers", __package__)
            return (self._neighbours.base, rest) if rest else None
        if top not in self.added and self._neighbours.search.is_elsewhere(top):
            return None
        start = self._neighbours.search.find(self._file, fullname)
        return (start, fullname) if start else None


@contextlib.contextmanager
def importing(neighbours: Neighbourhood, file: PurePath) -> Iterator[None]:
    """Let imports by name find the files of a hand-in, seen from ``file``."""
    finder = _Finder(neighbours, file)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in finder.added:
            if name.partition(".")[0] != neighbours.name:
                sys.modules.pop(name, None)
