"""The source files of an archive, as bytes; what no hand-in holds is refused before it is read."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from gradcheck.errors import SourceError
from gradcheck.sources.folder import SUFFIXES

MOST_MEMBERS = 10_000
LARGEST = 512 * 2**20  # bytes, unpacked
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
OTHER_ARCHIVES = (".rar", ".7z", ".gz", ".bz2", ".xz")
_LONGEST_PATH = 4096  # characters
_DEEPEST_PATH = 100  # folders
_CHUNK = 2**20
_MOST_AT_ONCE = 4 * _CHUNK  # a directory of 10,000 members has 1 MiB; a lying header asks for more


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    kind: str  # "file", "folder", or what it is instead
    content: zipfile.ZipInfo | tarfile.TarInfo


def is_archive(path: Path) -> bool:
    """Whether the name is that of an archive, also of one that cannot be read."""
    return path.name.lower().endswith((*ARCHIVES, *OTHER_ARCHIVES))


def check_kind(path: Path, shown: str) -> None:
    """Refuse archives that only other programs unpack.

    Raises
    ------
    SourceError
        It is such.
    """
    if not path.name.lower().endswith(ARCHIVES):
        raise SourceError(f"{shown}: cannot be unpacked here; give a .zip or a .tar.gz")


def contents(
    file: IO[bytes],
    shown: str,
    *,
    is_zip: bool,
    most_members: int = MOST_MEMBERS,
    largest: int = LARGEST,
    longest: int = LARGEST,
) -> Iterator[tuple[PurePosixPath, int, bytes | None]]:
    """Yield path, size and content of every Python file and notebook.

    All members are looked at before the first is unpacked. The content is None where a file is
    longer than ``longest``; ``largest`` is how much all members may have.

    Raises
    ------
    SourceError
        It is broken, or holds what no hand-in holds: links, absolute paths, ``..``, too much.
    """
    try:
        if is_zip:
            with zipfile.ZipFile(_Bounded(file, largest)) as archive:
                wanted = _wanted(_zip_members(archive), shown, most_members, largest)
                for one in wanted:
                    yield _unpacked(archive, one, longest)
        else:
            unpacked = _Bounded(_decompressed(file), largest)
            with tarfile.open(fileobj=unpacked, mode="r:") as tape:  # type: ignore[call-overload]
                wanted = _wanted(_tar_members(tape), shown, most_members, largest)
                for one in wanted:
                    yield _unpacked(tape, one, longest)
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a broken archive does to its reader
        why = getattr(error, "strerror", None) or error
        raise SourceError(f"{shown}: the archive cannot be read ({why})") from None


class _Bounded:
    """A file of which nothing is read beyond ``most``, nor much at once.

    The readers of archives believe lengths that the archive gives, and ask for gigabytes.
    """

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = most + 16 * _CHUNK  # for headers and padding
        self.tell, self.close = file.tell, file.close
        self.seekable = file.seekable

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, _MOST_AT_ONCE + 1) if size >= 0 else _MOST_AT_ONCE + 1)
        if len(data) > _MOST_AT_ONCE:
            raise ValueError("one of its headers is too long")
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        if offset > self._most:
            raise ValueError("it is too long")
        return self._file.seek(offset, whence)


def _decompressed(file: IO[bytes]) -> IO[bytes]:
    begin = file.read(6)
    file.seek(0)
    if begin.startswith(b"\x1f\x8b"):
        return gzip.open(file)  # type: ignore[return-value]
    if begin.startswith(b"BZh"):
        return bz2.open(file)
    if begin.startswith(b"\xfd7zXZ\0"):
        return lzma.open(file)
    return file


def _wanted(
    members: Iterator[_Member], shown: str, most_members: int, largest: int
) -> list[_Member]:
    wanted: list[_Member] = []
    total = 0
    for number, member in enumerate(members, start=1):
        total += max(member.size, 0)
        _refuse_unsafe(member, shown)
        if number > most_members or total > largest:
            raise SourceError(
                f"{shown}: more than {most_members} members or {largest // 2**20} MiB unpacked; "
                "give an archive of the code alone"
            )
        if member.kind == "file" and member.name.endswith(SUFFIXES):
            wanted.append(member)
    return wanted


def _refuse_unsafe(member: _Member, shown: str) -> None:
    if len(member.name) > _LONGEST_PATH or member.name.count("/") > _DEEPEST_PATH:
        short = f"{member.name[:40]}..."
        raise SourceError(f"{shown}: refused, for its member {short!r} has too long a path")
    parts = PurePosixPath(member.name).parts
    outside = ".." in parts or member.name.startswith("/") or PureWindowsPath(member.name).drive
    if outside or member.kind not in ("file", "folder"):
        what = "leads out of the archive" if outside else f"is a {member.kind}"
        raise SourceError(f"{shown}: refused, for its member {member.name!r} {what}")


def _unpacked(
    archive: zipfile.ZipFile | tarfile.TarFile, member: _Member, longest: int
) -> tuple[PurePosixPath, int, bytes | None]:
    path = PurePosixPath(member.name)
    if member.size > longest:
        return path, member.size, None
    content = bytearray()
    with _opened(archive, member) as stream:
        while len(content) < member.size:
            more = stream.read(min(_CHUNK, member.size - len(content)))
            if not more:
                break
            content += more
    return path, member.size, bytes(content)


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
