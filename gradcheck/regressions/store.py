"""The folder of regression files: read one by one, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path

from gradcheck.errors import UsageError
from gradcheck.regressions.document import document_of, regression_from
from gradcheck.regressions.record import Regression
from gradcheck.whole_files import write_whole

_LONGEST = 120
_FOREIGN = re.compile(r"[^A-Za-z0-9_]+")


def read_regression(path: Path) -> Regression:
    """Return what a regression file says.

    Raises
    ------
    UsageError
        It cannot be read; the message names the file and says what to do.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: no text in UTF-8; expected a regression file") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    return regression_from(text, str(path))


def saved_in(folder: str) -> tuple[list[tuple[str, Regression]], list[str]]:
    """Return the regressions of a folder by file, the smallest first, and what cannot be read.

    Raises
    ------
    UsageError
        There is something else of that name.
    """
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise UsageError(f"{folder}: no folder, so regressions cannot be kept there")
    found: list[tuple[str, Regression]] = []
    problems: list[str] = []
    for file in sorted(path.glob("*.json")):
        if file.name.startswith("."):
            continue
        try:
            found.append((str(file), _read_once(file, *_state(file))))
        except UsageError as error:
            problems.append(str(error))
    found.sort(key=lambda one: one[1].case.size)
    return found, problems


def keep(regression: Regression, folder: str, retired: Collection[str] = ()) -> str:
    """Write a regression into a folder, and return the file that tells the fault now.

    A file that tells the same fault is left as it is, unless the new case is smaller. One that is
    ``retired`` (its case fails no longer) is never replaced, nor what cannot be read, nor what
    tells another fault: then the new one gets a name of its own.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    text = document_of(regression)
    for name in _names(regression, text):
        path = Path(folder, name)
        with contextlib.suppress(FileExistsError):  # another process may have been faster
            write_whole(path, text, new=True)
            return str(path)
        with contextlib.suppress(UsageError):
            known = read_regression(path)
            same = (known.layer.source, *known.fault) == (
                regression.layer.source,
                *regression.fault,
            )
            if same and str(path) not in retired and regression.case.size < known.case.size:
                write_whole(path, text)
                return str(path)
            if same and (str(path) not in retired or known.case == regression.case):
                return str(path)
    raise FileExistsError(errno.EEXIST, "every name for it is taken", folder)


def _names(regression: Regression, text: str) -> Iterator[str]:
    """Yield file names for a fault: one that can be read, then longer ones that are taken by none.

    Nothing of a symbol but letters, digits and underscores gets into a name, so that none leads
    out of the folder or is special to a system.
    """
    source = Path(regression.layer.source.replace("\\", "/")).stem
    parts = [source, regression.layer.symbol, regression.check, regression.array or ""]
    plain = [_FOREIGN.sub("-", part).strip("-") for part in parts]
    name = ".".join(part for part in plain if part)
    identity = "\0".join([regression.layer.source, *parts[1:]])
    if plain != parts or len(name) > _LONGEST:  # another fault may be called alike
        name = f"{name[:_LONGEST]}.{_digest(identity)}"
    yield f"{name}.json"
    yield f"{name}.{_digest(identity)}.json"
    yield f"{name}.{_digest(identity + text)}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=4096)
def _read_once(path: Path, modified: int, size: int) -> Regression:
    """Read a file once for all layers of a run."""
    return read_regression(path)
