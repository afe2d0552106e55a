"""Python 2 files: the statements that Python 3 cannot read, rewritten one by one.

Old course files differ from today's by print statements and little else. Only the statement at
which Python 3 stops is rewritten, in its place, so that every line keeps its number. Where that
is not enough the file is not read, and the error is that of its own text.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Mapping
from typing import Any

NOTE = (
    "written for Python 2: print statements were read as calls; / between whole numbers gives a "
    "fraction in Python 3"
)
NAMES: Mapping[str, Any] = {
    "xrange": range,
    "unicode": str,
    "basestring": str,
    "long": int,
    "unichr": chr,
    "raw_input": input,
}
"""What Python 3 has under another name."""

_BRIDGES = ("past", "six", "future", "__builtin__")

_SPEAKS = re.compile(
    r"^\s*print\s+[\"'\w`]|^\s*print\s*>>|(^|[:;])\s*print\s+[\"']|\bxrange\(|\braw_input\("
    r"|^\s*except\s+[\w.()\s,]+,\s*\w+\s*:|^\s*raise\s+[\w.]+\s*,|\.iteritems\(\)",
    re.MULTILINE,
)
_PRINT = re.compile(r"(?:^|[:;])\s*(?P<begin>)print\b[ \t]*(?=[^\s(=.,)]|$)")
_EXCEPT = re.compile(r"^(\s*except\s+)(.+?)\s*,\s*(\w+)\s*:")
_RAISE = re.compile(r"(?:^|[:;])\s*(?P<begin>)raise\s+([\w.]+)\s*,\s*")
_EXEC = re.compile(r"(?:^|[:;])\s*(?P<begin>)exec\s+(?=[\"'\w])")
_PLAIN = (
    (re.compile(r"`([^`]+)`"), r"repr(\1)"),
    (re.compile(r"<>"), "!="),
    (re.compile(r"(?<![\w.])(?<![eE][-+])0([0-7]+)\b(?![.\w])"), r"0o\1"),
    (re.compile(r"\b(0[xX][0-9a-fA-F]+|\d+)[lL]\b"), r"\1"),
    (re.compile(r"\b[uU]([rR])(?=[\"'])"), r"\1"),
)
_METHODS = re.compile(r"\.(?:iter|view)(items|keys|values)\(\)")
_STRING = re.compile(
    r"\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|\"(?:\\.|[^\\\n\"])*\"|'(?:\\.|[^\\\n'])*'",
    re.DOTALL,
)


def bridged(piece: ast.stmt) -> Mapping[str, Any]:
    """Return the values of an import that only bridges Python 2 and 3, empty where one is unknown.

    ``from past.builtins import xrange`` needs no package that is installed.
    """
    if not isinstance(piece, ast.ImportFrom) or (piece.module or "").split(".")[0] not in _BRIDGES:
        return {}
    known = {**vars(builtins), **NAMES}
    if any(alias.name not in known for alias in piece.names):
        return {}
    return {alias.asname or alias.name: known[alias.name] for alias in piece.names}


def looks_old(text: str) -> bool:
    """Return whether a text has what only Python 2 has."""
    return _SPEAKS.search(text) is not None


def rewritten(lines: list[str], error: SyntaxError) -> list[str] | None:
    """Return the lines with the statement at fault rewritten, None where it is not Python 2's."""
    number = (error.lineno or 0) - 1
    if not 0 <= number < len(lines):
        return None
    if isinstance(error, TabError):
        return _with_spaces(lines)
    text = "\n".join(lines)
    start = sum(len(line) + 1 for line in lines[:number])
    changed = _statement(text, start, lines[number])
    return changed.split("\n") if changed is not None and changed != text else None


def settled(text: str, tree: ast.Module) -> tuple[str, ast.Module]:
    """Return a text that parses at last, and its tree, without what only Python 2 would run.

    ``print -x`` and ``print >>file, x`` are expressions to Python 3, and fail when they are run.
    """
    tree = ast.fix_missing_locations(_Prints().visit(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            node.attr = _ITERATORS.get(node.attr, node.attr)
    return _METHODS.sub(r".\1()", text), tree


_ITERATORS = {
    f"{way}{what}": what for way in ("iter", "view") for what in ("items", "keys", "values")
}


class _Prints(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """Drop an expression that begins with the name ``print`` and an operator."""
        first = node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
        while isinstance(first, ast.BinOp):
            first = first.left
            if isinstance(first, ast.Name) and first.id == "print":
                node.value = ast.copy_location(ast.Constant(None), node.value)
        return node


def _statement(text: str, start: int, line: str) -> str | None:
    """Return the text with the first statement of a line rewritten that Python 3 does not have."""
    if found := _outside_strings(_PRINT, line):
        return _print(text, start + found.start("begin"), start + found.end())
    if _EXCEPT.match(line):
        return _replaced(text, start, line, _EXCEPT.sub(r"\1\2 as \3:", line))
    if found := _outside_strings(_RAISE, line):
        return _called(text, start, found, f"raise {found[2]}")
    if found := _outside_strings(_EXEC, line):
        return _called(text, start, found, "exec")
    for pattern, new in _PLAIN:
        if pattern.search(line):
            return _replaced(text, start, line, pattern.sub(new, line))
    return None


def _outside_strings(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    strings = [one.span() for one in _STRING.finditer(line)]
    for found in pattern.finditer(line):
        if not any(first <= found.start("begin") < last for first, last in strings):
            return found
    return None


def _called(text: str, start: int, found: re.Match[str], name: str) -> str:
    """Return the text with the rest of the statement as the arguments of a call."""
    begin, inside = start + found.start("begin"), start + found.end()
    end = _end(text, inside)
    return f"{text[:begin]}{name}({text[inside:end].rstrip()}){text[end:]}"


def _print(text: str, begin: int, inside: int) -> str:
    end = _end(text, inside)
    what = text[inside:end].rstrip()
    file = ""
    if what.startswith(">>"):
        comma = _end(what, 2, stop=",")
        file, what = what[2:comma].strip(), what[comma + 1 :].strip()
    parts = [part for part in (what.rstrip(","), f"file={file}" if file else "") if part]
    return f"{text[:begin]}print({', '.join(parts)}){text[end:]}"


def _replaced(text: str, start: int, old: str, new: str) -> str:
    return text[:start] + new + text[start + len(old) :]


def _end(text: str, start: int, stop: str = ";#\n") -> int:
    """Return where the statement ends that goes on at ``start``, over lines in brackets."""
    depth, at = 0, start
    while at < len(text):
        sign = text[at]
        if string := _STRING.match(text, at):
            at = string.end()
            continue
        if sign == "\\":
            at += 1
        elif sign == "#" and depth:
            at = text.find("\n", at) if "\n" in text[at:] else len(text)
        elif sign in stop and depth <= 0:
            return at
        depth += (sign in "([{") - (sign in ")]}")
        at += 1
    return len(text)


def _with_spaces(lines: list[str]) -> list[str] | None:
    """Return the lines with tabs in their indentation as Python 2 read them."""
    if not looks_old("\n".join(lines)):
        return None
    changed = []
    for line in lines:
        body = line.lstrip(" \t")
        changed.append(line[: len(line) - len(body)].expandtabs(8) + body)
    return changed if changed != lines else None
