"""Archives of hand-ins, unpacked where nothing of theirs can reach anything of ours."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import replace
from pathlib import Path

from gradcheck.errors import SourceError
from gradcheck.sources.source import Source
from gradcheck.sources.target import read_folder
from gradcheck.sources.unpacking import LARGEST, MOST_MEMBERS, check_kind, contents


def read_archive(path: Path, shown: str, *, everything: bool) -> Source:
    """Unpack the Python files and notebooks of an archive and read them as a folder.

    Raises
    ------
    SourceError
        It is broken, holds what no hand-in holds (links, absolute paths, ``..``, too much), or
        nothing that can be read.
    """
    if not path.is_file():
        raise SourceError(f"{shown}: no such file")
    check_kind(path, shown)
    folder = Path(tempfile.mkdtemp(prefix="gradcheck-"))
    try:
        _unpack(path, folder, shown)
        source = read_folder(folder, shown, everything=everything, base=folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise

    remove = weakref.finalize(SourceError, shutil.rmtree, folder, ignore_errors=True)  # at exit

    def close() -> None:
        source.close()
        remove()

    return replace(source, closing=close)


def _unpack(path: Path, folder: Path, shown: str) -> None:
    is_zip = path.name.lower().endswith(".zip")
    try:
        with path.open("rb") as file:
            for name, _, content in contents(
                file, shown, is_zip=is_zip, most_members=MOST_MEMBERS, largest=LARGEST
            ):
                place = folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content or b"")
    except OSError as error:
        raise SourceError(f"{shown}: the archive cannot be read ({error.strerror})") from None
