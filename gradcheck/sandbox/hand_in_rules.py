"""What a hand-in is once it is gathered, and what is said of a file that is left out."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

# The code of a notebook is as short as that of a file; the pictures in it are not.
NOTEBOOK_FACTOR = 8


class SourceLimits(Protocol):
    """What a hand-in may be: bytes of its longest file, and how many files."""

    @property
    def source_bytes(self) -> int:
        """Return how long a file may be."""

    @property
    def source_files(self) -> int:
        """Return how many files there may be."""


@dataclass(frozen=True)
class HandIn:
    """What the user named, as bytes.

    ``files`` are the contents by their paths below the topmost folder, with ``/`` between the
    parts; ``asked`` those that the user asked for, in order, also where they are ``refused`` (path
    -> one line that says why). The others are there to be imported. ``folder`` is the path of the
    folder that ``shown`` names, empty for the topmost, None where the user named a single file.
    """

    shown: str
    files: Mapping[str, bytes]
    asked: tuple[str, ...]
    symbol: str | None
    refused: Mapping[str, str]
    folder: str | None = None


def longest(path: PurePath, limits: SourceLimits) -> int:
    """Return how long this file may be."""
    return limits.source_bytes * (NOTEBOOK_FACTOR if path.suffix == ".ipynb" else 1)


def one_too_many(shown: str, limits: SourceLimits) -> str:
    """Say that a file is left out, for there are too many."""
    return (
        f"{shown}: not read, for a hand-in has at most {limits.source_files} files "
        "(the limit source_files)"
    )


def left_beside(shown: str) -> str:
    """Say that a file was not handed over, for the user named another one alone."""
    return f"{shown}: not read, for a file is isolated alone; give the folder to hand it over too"


def plain(text: str) -> str:
    """Return a name with what no message and no frame should hold written as escapes.

    Where a long line is broken a name may begin the next one, and there ``::error::`` and
    ``##[error]`` act on logs.
    """
    told = "".join(one.encode("unicode_escape").decode() if is_odd(one) else one for one in text)
    return told.replace("::", ":\\x3a").replace("##", "#\\x23")


def odd_name(shown: str) -> str:
    """Say that a file is left out because of the characters in its name."""
    return f"{plain(shown)}: not read, for its name has characters that cannot be shown; rename it"


def none_readable(shown: str, asked: tuple[str, ...], refused: Mapping[str, str]) -> str:
    """Say that every file of a folder was refused."""
    told = "\n  ".join(list(refused.values())[:5])
    return f"{shown}: none of its {len(asked)} files can be read\n  {told}"


def is_odd(character: str) -> bool:
    """Whether a character steers a terminal or cannot be written, instead of being seen."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
