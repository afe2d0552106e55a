"""``--write-test``: a plain pytest module with one test for each fault, for anybody's own suite.

What the file holds already stays; a test is added where the same one is not there.
"""

from __future__ import annotations

import ast
import itertools
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from gradcheck.errors import UsageError
from gradcheck.regressions.literals import array_literal, literal, mapping_literal
from gradcheck.regressions.locating import Located, located
from gradcheck.regressions.record import Regression
from gradcheck.whole_files import write_whole

_MARK = "written by `gradcheck check --write-test`"
_HEAD = f'''"""Cases in which layers failed, one test each; {_MARK}."""

import importlib.util
import sys
from pathlib import Path

import numpy as np

import gradcheck

HERE = Path(__file__).resolve().parent


def imported(path):
    """Return the module in a file beside this one, or below or above it."""
    file = (HERE / path).resolve()
    root, name = file.parent, file.stem
    while (root / "__init__.py").exists():  # a module of a package goes by its full name
        root, name = root.parent, f"{{root.name}}.{{name}}"
    sys.path.insert(0, str(root))
    try:
        if root != file.parent:
            return importlib.import_module(name)
        spec = importlib.util.spec_from_file_location(f"checked_{{name}}", file)
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(root))
'''


def refuse_foreign(path: str) -> None:
    """See that a file can be written: it is not there, or was written by us.

    Raises
    ------
    UsageError
        It is somebody's own, or its folder is not there.
    """
    place = Path(path)
    if not place.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {str(place.parent)!r}")
    if os.path.lexists(place) and _MARK not in _text_of(place):
        raise UsageError(
            f"{path}: not written by gradcheck, so it is left as it is; give --write-test another "
            "name"
        )


def write_tests(path: str, regressions: Iterable[Regression]) -> list[str]:
    """Add a test of each regression to a file, and return the names of those that were added.

    Raises
    ------
    UsageError
        The file cannot be written, or is not ours.
    """
    refuse_foreign(path)
    text = _text_of(Path(path)) if os.path.exists(path) else _HEAD
    known = _functions(text, path)
    added: list[str] = []
    for one in regressions:
        layer = _layer(one, Path(path))
        for name in _names(one):
            written = _function(name, one, layer)
            new = ast.dump(ast.parse(written).body[0])
            if known.setdefault(name, new) == new:
                if f"def {name}(" not in text:
                    text += f"\n\n{written}"
                    added.append(name)
                break
    if added:
        try:
            write_whole(Path(path), text)
        except OSError as error:
            raise UsageError(f"{path}: cannot be written ({error.strerror})") from None
    return added


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from None


def _functions(text: str, path: str) -> dict[str, str]:
    """Return the functions of the file, compared by what they do and not by their layout."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise UsageError(f"{path}: no longer Python (line {error.lineno}): mend it") from None
    return {one.name: ast.dump(one) for one in tree.body if isinstance(one, ast.FunctionDef)}


def _names(regression: Regression) -> Iterator[str]:
    words = [regression.layer.symbol, regression.check, regression.array or ""]
    plain = (re.sub(r"[\W_]+", "_", word).strip("_") for word in words)
    name = "_".join(["test", *(one for one in plain if one)])
    yield name
    yield from (f"{name}_{number}" for number in itertools.count(2))


def _layer(regression: Regression, test: Path) -> tuple[str, str]:
    """Return a line that imports the module of a layer, or none, and the layer as an expression."""
    source, symbol = regression.layer.source, regression.layer.symbol
    relative = Path(os.path.relpath(source, test.parent)).as_posix()
    try:
        found = located(regression)
    except UsageError:
        found = Located()
    if found.names:
        named = [f"module.{name}" for name in found.names]
        layer = named[0] if len(named) == 1 else f"({', '.join(named)})"
        how = f"importlib.import_module({literal(found.module)})" if found.module else ""
        return f"    module = {how or f'imported({literal(relative)})'}\n", layer
    if found.module:
        return "", literal(f"{source}::{symbol}")
    return "", f"str((HERE / {literal(relative)}).resolve()) + {literal(f'::{symbol}')}"


def _function(name: str, regression: Regression, layer: tuple[str, str]) -> str:
    case = regression.case
    arrays = {one: array_literal(array, 12) for one, array in case.primals.items()}
    upstream = {one: array_literal(array, 12) for one, array in case.upstream.items()}
    told = {
        "check": literal(regression.check),
        "array": literal(regression.array),
        "signature": literal(case.signature),
        "arrays": mapping_literal(arrays, 8),
        "upstream": mapping_literal(upstream, 8),
        "axes": literal(case.axes) if case.axes else "",
        "options": literal(case.options) if case.options else "",
        "regime": literal(case.regime),
        "seed": literal(case.seed),
        "mode": literal(case.mode),
        "assume": literal(regression.assume) if regression.assume else "",
        "strict": literal(regression.strict) if regression.strict else "",
    }
    lines = [f"        {key}={value},\n" for key, value in told.items() if value]
    headline = regression.headline.replace("\\", "/").replace('"', "'")
    return (
        f"def {name}():\n"
        f'    """{headline} ({regression.code})."""\n'
        f"{layer[0]}    report = gradcheck.replay_case(\n"
        f"        {layer[1]},\n{''.join(lines)}    )\n"
        "    report.raise_if_failed()\n"
    )
