"""Which files around a hand-in it may import, found without reading it as Python.

The grader parses nothing of a hand-in. It hands over the files whose names stand in lines that
import something or change the path, and of a package that is imported so the modules that are
named anywhere: what a file does not even mention, it does not get. A module whose name is put
together while the code runs is therefore not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
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
        self._imported: set[str] = set()
        self._folders: dict[Place, Mapping[str, bool]] = {}
        self._packages: set[Place] = set()

    def take(self, content: bytes) -> None:
        """Remember what a file mentions."""
        text = _text(content)
        self._words.update(_WORD.findall(text))
        for line in _importing_lines(text):
            self._imported.update(_WORD.findall(line))

    def look_in(self, folders: Iterable[Place]) -> None:
        """Search these folders too, and those below them that are imported from."""
        for folder in folders:
            if folder not in self._folders and len(self._folders) < _MOST_FOLDERS:
                self._folders[folder] = self._entries(folder)

    def found(self) -> list[Place]:
        """Return the Python files that are mentioned, as far as is known now."""
        files: dict[Place, None] = {}
        waiting = list(self._folders)
        while waiting:
            folder = waiting.pop(0)
            known = self._words if folder in self._packages else self._imported
            for name, is_folder in sorted(self._folders[folder].items()):
                place = folder / name
                if is_folder and place not in self._packages and _is_named(name, known):
                    self.look_in([place])
                    if place in self._folders:
                        self._packages.add(place)
                        waiting.append(place)
                elif not is_folder and _is_module(name, known):
                    files[place] = None
        return list(files)


def _is_module(name: str, known: set[str]) -> bool:
    return name == "__init__.py" or (name.endswith(".py") and _is_named(name[:-3], known))


def _is_named(name: str, known: set[str]) -> bool:
    words = _WORD.findall(name)  # several in "../my library", put into sys.path
    return bool(words) and known.issuperset(words)


def _importing_lines(text: str) -> Iterator[str]:
    """Yield the lines with ``import`` or ``path`` in them, and those in which they go on."""
    in_brackets = is_continued = False
    for line in text.splitlines():
        if "import" in line or "path" in line:
            in_brackets = line.count("(") > line.count(")")
        elif not in_brackets and not is_continued:
            continue
        elif ")" in line:
            in_brackets = False
        yield line
        is_continued = line.endswith("\\")


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
