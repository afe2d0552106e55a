"""From bytes to a syntax tree, for files as people hand them in."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass

from gradcheck.errors import SourceError
from gradcheck.sources.python2 import rewritten, settled

_LINE_MAGIC = re.compile(r"^\s*([%!?]|[\w.,\s]+=\s*[!%]|[\w.]+\?{1,2}\s*$)")
_PYTHON_2 = re.compile(
    r"Missing parentheses in call to '(print|exec)'|multiple exception types must be parenthesized"
    r"|leading zeros in decimal integer literals"
)
_PYTHON_2_LINE = re.compile(r"^\s*(print\s+[^=(]|raise\s+\w+\s*,|exec\s+['\"])|<>|`")


@dataclass(frozen=True)
class Passage:
    """A text that runs as one: a file, or a cell of a notebook.

    ``filename`` is what tracebacks show; ``place`` is empty for a whole file. ``is_old`` says that
    it was written for Python 2; its text is then the one that was made of it.
    """

    filename: str
    text: str
    tree: ast.Module
    place: str = ""
    is_old: bool = False


def decode(data: bytes, shown: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a source file with ``\\n`` as line end, and notes about its encoding.

    Raises
    ------
    SourceError
        It is binary.
    """
    notes: tuple[str, ...] = ()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
        notes = ("the file is UTF-16, which Python itself does not read: save it as UTF-8",)
    elif b"\0" in data:
        raise SourceError(f"{shown}: Python cannot read this: a binary file (it has NUL bytes)")
    else:
        encodings = [_declared(data), "utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if encoding in ("cp1252", "latin-1") and encoding != encodings[0]:
            notes = (f"the file is not UTF-8; it was read as {encoding}",)
        return text.replace("\r\n", "\n").replace("\r", "\n"), notes
    raise SourceError(f"{shown}: Python cannot read this: not a text file; source is UTF-8 text")


def parse(text: str, shown: str, place: str = "") -> Passage:
    """Return ``text`` with its syntax tree; IPython's magic and shell lines become ``pass``.

    What only Python 2 can read is rewritten (:mod:`gradcheck.sources.python2`).

    Raises
    ------
    SourceError
        Python cannot read it; the message has the line.
    """
    lines, is_old = text.split("\n"), False
    for _ in range(2 * len(lines) + 2):  # some lines hold several statements
        try:
            readable = "\n".join(lines)
            tree = _tree(readable, shown)
            if is_old:
                readable, tree = settled(readable, tree)
            return Passage(shown, readable, tree, place, is_old)
        except SyntaxError as error:
            number = (error.lineno or 0) - 1
            if 0 <= number < len(lines) and _LINE_MAGIC.match(lines[number]):
                # Only the line at fault: a line with % may as well be inside a string.
                indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
                lines[number] = f"{indent}pass"
            elif (newer := rewritten(lines, error)) is not None:
                lines, is_old = newer, True
            else:
                raise SourceError(_told(error, shown, text)) from None
    raise SourceError(f"{shown}: Python cannot read this")


def lines_of(text: str) -> list[str]:
    """Return the lines as Python counts them (``str.splitlines`` also breaks at form feeds)."""
    return io.StringIO(text).readlines()


def _tree(text: str, shown: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\s" in their strings is not our business
            # Without a name: where the text has an error, Python opens the file of that name.
            return ast.parse(text, filename="")
    except (RecursionError, MemoryError):
        raise SourceError(f"{shown}: too deeply nested for Python to read") from None
    except SyntaxError:
        raise
    except ValueError as error:
        raise SourceError(f"{shown}: not Python source ({error})") from None


def _declared(data: bytes) -> str:
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError:  # a coding line of an unknown codec, or no UTF-8 in the first two lines
        return "utf-8-sig"


def _told(error: SyntaxError, shown: str, text: str) -> str:
    number = error.lineno or 0
    place = f"{shown}:{number}" if number else shown
    lines = text.split("\n")
    at_fault = lines[number - 1] if 0 < number <= len(lines) else ""
    kind = "" if type(error) is SyntaxError else f"{type(error).__name__}: "
    older = _PYTHON_2.search(str(error.msg)) or _PYTHON_2_LINE.search(at_fault)
    hint = "; this looks like Python 2, gradcheck reads Python 3" if older else ""
    line = f"\n    {at_fault.strip()}" if at_fault.strip() else ""
    return f"{place}: Python cannot read this: {kind}{error.msg}{hint}{line}"
