"""Which files around a hand-in it may import, found without reading it as Python.

The grader parses nothing of a hand-in. It hands over the files whose names occur in the text of
those that it hands over already: what a file does not even mention, it does not get. A module
whose name is put together while the code runs is therefore not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Generic, TypeVar

Place = TypeVar("Place", bound=PurePath)
_WORD = re.compile(r"\w+")
_MOST_FOLDERS = 200  # a word such as "data" may name many, all of them without Python files


class Mentions(Generic[Place]):
    """Looks through folders for what is mentioned, the more is read the further.

    ``entries`` gives the names in a folder, and whether each is a folder itself.
    """

    def __init__(self, entries: Callable[[Place], Mapping[str, bool]]) -> None:
        self._entries = entries
        self._words: set[str] = set()
        self._folders: dict[Place, Mapping[str, bool]] = {}

    def take(self, content: bytes) -> None:
        """Remember what a file mentions."""
        self._words.update(_WORD.findall(_text(content)))

    def look_in(self, folders: Iterable[Place]) -> None:
        """Search these folders too, and those below them that are mentioned."""
        for folder in folders:
            if folder not in self._folders and len(self._folders) < _MOST_FOLDERS:
                self._folders[folder] = self._entries(folder)

    def found(self) -> list[Place]:
        """Return the Python files that are mentioned, as far as is known now."""
        files: dict[Place, None] = {}
        waiting = list(self._folders)
        while waiting:
            folder = waiting.pop(0)
            for name, is_folder in sorted(self._folders[folder].items()):
                place = folder / name
                if is_folder and place not in self._folders and self._has(name):
                    self.look_in([place])
                    waiting += [place] if place in self._folders else []
                is_wanted = name == "__init__.py" or self._is_module(name)
                if not is_folder and is_wanted:
                    files[place] = None
        return list(files)

    def _is_module(self, name: str) -> bool:
        return name.endswith(".py") and self._has(name[:-3])

    def _has(self, name: str) -> bool:
        words = _WORD.findall(name)  # several in "../my library", put into sys.path
        return bool(words) and self._words.issuperset(words)


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
