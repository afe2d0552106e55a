"""Which files a confined Python needs to read: its standard library, NumPy, shared libraries.

Packages are not among them, but for NumPy and those that are named: neither gradcheck with its
reference layers nor any other code of the machine. The standard library is given entry by entry,
because ``site-packages`` often lies inside it.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from gradcheck.errors import UsageError

_NOT_OURS = re.compile(r"(site|dist)-packages|python[\d.]*", re.IGNORECASE)
_LIBRARY = re.compile(r".+\.so(\.[\d.]+)?")
_LIBRARY_FOLDERS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
_SINGLE = (
    "/etc/ld.so.cache",
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
    "/dev/random",
    "/etc/localtime",
    "/usr/share/zoneinfo",
)


def standard_folders() -> list[str]:
    """Return the folders of the standard library, which must be listed when a module is sought."""
    # Those of the interpreter, also where it runs in a virtual environment.
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    paths = sysconfig.get_paths(vars=base)
    folders = {os.path.realpath(paths[one]) for one in ("stdlib", "platstdlib")}
    return sorted(one for one in folders if os.path.isdir(one))


def readable(further: Sequence[str] = ("numpy",)) -> list[str]:
    """Return what a confined Python may read.

    Parameters
    ----------
    further
        Packages by name (``"numpy"``), or absolute paths of files and folders.

    Raises
    ------
    UsageError
        A package is not installed, or a path would open gradcheck itself.
    """
    named: list[str] = []
    for one in further:
        named += [one] if os.path.isabs(one) else _package(one)
    paths = [*_standard_library(), *_shared_libraries(), *_SINGLE, *named]
    _refuse_own(paths, named)
    return list(dict.fromkeys(paths))


def _standard_library() -> Iterator[str]:
    for folder in standard_folders():
        for entry in os.scandir(folder):
            if not _NOT_OURS.fullmatch(entry.name):
                yield entry.path
    yield from (one for one in sys.path if one.endswith(".zip"))


def _package(name: str) -> list[str]:
    """Return where a package lies, without importing it."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise UsageError(f"{name}: no such package is installed, so it cannot be made readable")
    places = list(spec.submodule_search_locations or ())
    if not places:
        return [spec.origin] if spec.origin and os.path.isabs(spec.origin) else []
    beside = [f"{one}.libs" for one in places]  # where a wheel keeps its shared libraries
    return [*places, *(one for one in beside if os.path.isdir(one))]


def _shared_libraries() -> Iterator[str]:
    """Yield the system's shared libraries: a folder per architecture, else file by file."""
    libdir = sysconfig.get_config_var("LIBDIR")
    triplet = sysconfig.get_config_var("MULTIARCH")
    folders = dict.fromkeys(os.path.realpath(one) for one in (*_LIBRARY_FOLDERS, libdir) if one)
    for folder in folders:
        if not os.path.isdir(folder):
            continue
        if triplet and os.path.isdir(os.path.join(folder, triplet)):
            yield from _without_packages(os.path.join(folder, triplet))
        for entry in os.scandir(folder):
            if _LIBRARY.fullmatch(entry.name):
                yield entry.path


def _without_packages(folder: str) -> list[str]:
    names = os.listdir(folder)
    if not any(_NOT_OURS.fullmatch(one) for one in names):
        return [folder]
    return [os.path.join(folder, one) for one in names if not _NOT_OURS.fullmatch(one)]


def _refuse_own(paths: Sequence[str], named: Sequence[str]) -> None:
    """Refuse a path under which gradcheck or its reference layers would be readable."""
    package = Path(__file__).resolve().parent.parent
    private = [one for one in (package, package.parent / "layers") if one.exists()]
    above = {_inode(str(one)) for own in private for one in (own, *own.parents)} - {None}
    for one in paths:
        if _inode(one) in above:  # by inode: resolving some hundred paths takes 20 ms
            raise UsageError(f"{one}: would let a hand-in read {package}")
    for one in named:
        inside = [own for own in private if own in Path(os.path.realpath(one)).parents]
        if inside:
            raise UsageError(f"{one}: would let a hand-in read a part of {inside[0]}")


def _inode(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
