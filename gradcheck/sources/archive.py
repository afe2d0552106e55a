"""Archives of hand-ins, unpacked where nothing of theirs can reach anything of ours."""

from __future__ import annotations

import lzma
import shutil
import stat
import tarfile
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from gradcheck.errors import SourceError
from gradcheck.sources.folder import SUFFIXES
from gradcheck.sources.source import Source
from gradcheck.sources.target import read_folder

MOST_MEMBERS = 10_000
LARGEST = 512 * 2**20  # bytes, unpacked
_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_OTHER_SUFFIXES = (".rar", ".7z", ".gz", ".bz2", ".xz")
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError,
    RuntimeError, NotImplementedError, UnicodeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    kind: str  # "file", "folder", or what it is instead
    content: zipfile.ZipInfo | tarfile.TarInfo


def is_archive(path: Path) -> bool:
    """Whether the name is that of an archive, also of one that cannot be read."""
    return path.name.lower().endswith((*_SUFFIXES, *_OTHER_SUFFIXES))


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
    if not path.name.lower().endswith(_SUFFIXES):
        raise SourceError(f"{shown}: cannot be unpacked here; give a .zip or a .tar.gz")
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
    try:
        if path.name.lower().endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                _extract(_zip_members(archive), archive, folder, shown)
        else:
            with tarfile.open(path) as tape:
                _extract(_tar_members(tape), tape, folder, shown)
    except _BROKEN as error:
        why = getattr(error, "strerror", None) or error
        raise SourceError(f"{shown}: the archive cannot be read ({why})") from None


def _extract(
    members: Iterator[_Member],
    archive: zipfile.ZipFile | tarfile.TarFile,
    folder: Path,
    shown: str,
) -> None:
    wanted: list[_Member] = []
    total = 0
    for number, member in enumerate(members, start=1):
        total += member.size
        _refuse_unsafe(member, shown)
        if number > MOST_MEMBERS or total > LARGEST:
            raise SourceError(
                f"{shown}: more than {MOST_MEMBERS} members or {LARGEST // 2**20} MiB unpacked; "
                "give an archive of the code alone"
            )
        if member.kind == "file" and member.name.endswith(SUFFIXES):
            wanted.append(member)
    for member in wanted:
        place = folder.joinpath(*PurePosixPath(member.name).parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        with _opened(archive, member) as stream, place.open("wb") as file:
            file.write(stream.read(member.size))


def _refuse_unsafe(member: _Member, shown: str) -> None:
    parts = PurePosixPath(member.name).parts
    outside = ".." in parts or member.name.startswith("/") or PureWindowsPath(member.name).drive
    if outside or member.kind not in ("file", "folder"):
        what = "leads out of the archive" if outside else f"is a {member.kind}"
        raise SourceError(f"{shown}: refused, for its member {member.name!r} {what}")


def _opened(archive: zipfile.ZipFile | tarfile.TarFile, member: _Member) -> IO[bytes]:
    if isinstance(archive, zipfile.ZipFile):
        assert isinstance(member.content, zipfile.ZipInfo)
        return archive.open(member.content)
    assert isinstance(member.content, tarfile.TarInfo)
    stream = archive.extractfile(member.content)
    assert stream is not None
    return stream


def _zip_members(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for one in archive.infolist():
        mode = one.external_attr >> 16
        kind = "folder" if one.is_dir() else "link" if stat.S_ISLNK(mode) else "file"
        yield _Member(one.filename.replace("\\", "/"), one.file_size, kind, one)


def _tar_members(tape: tarfile.TarFile) -> Iterator[_Member]:
    for one in tape:
        kind = "folder" if one.isdir() else "file" if one.isfile() else "device"
        if one.issym() or one.islnk():
            kind = "link"
        yield _Member(one.name.replace("\\", "/"), one.size, kind, one)
