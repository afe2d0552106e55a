"""A ``.py`` file that is not ours: its definitions run, its script does not.

Plots, downloads, ``input()`` and training loops at the top level of a hand-in must not run, so
the module is executed without them: imports, definitions and constants stay.
"""

from __future__ import annotations

import ast
import sys
import tokenize
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from gradcheck.errors import SourceError

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CONSTANT_CALLS = frozenset({"float", "int", "str", "tuple", "list", "dict", "set", "range"})
_PURE_MODULES = frozenset({"np", "numpy", "math"})
_READS_OR_WRITES = ("load", "save", "from", "gen", "mem", "seed")


@dataclass(frozen=True)
class SourceClass:
    """A class that a file defines, and where."""

    name: str
    line: int
    value: type[object]


@dataclass(frozen=True)
class SourceModule:
    """A file after its definitions ran: its classes in the order of the file."""

    path: Path
    classes: tuple[SourceClass, ...]


def read_python_file(path: Path) -> SourceModule:
    """Run the definitions of ``path`` and return its classes.

    Raises
    ------
    SourceError
        The file is missing, no text, does not parse, or its imports or definitions fail.
    """
    tree = _parse(path)
    kept = ast.Module([node for node in tree.body if _is_definition(node)], [])
    namespace = _execute(kept, path)
    classes = [node for node in kept.body if isinstance(node, ast.ClassDef)]
    found = ((node, namespace.get(node.name)) for node in classes)
    return SourceModule(
        path,
        tuple(
            SourceClass(node.name, node.lineno, value)
            for node, value in found
            if isinstance(value, type)
        ),
    )


def _parse(path: Path) -> ast.Module:
    if not path.exists():
        raise SourceError(f"{path}: no such file{_similar(path)}")
    if not path.is_file():
        raise SourceError(f"{path}: not a file; give the .py file itself")
    try:
        with tokenize.open(path) as stream:  # honours a BOM and a coding line
            text = stream.read()
        return ast.parse(text, filename=str(path))
    except SyntaxError as error:
        place = f"{path}:{error.lineno}" if error.lineno else f"{path}"
        line = f"\n    {error.text.strip()}" if error.text else ""
        raise SourceError(f"{place}: Python cannot read this: {error.msg}{line}") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise SourceError(f"{path}: not a Python source file ({error})") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from None


def _execute(tree: ast.Module, path: Path) -> dict[str, object]:
    """Run ``tree`` as a module of its own; its folder is searched for what it imports."""
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    before = sys.modules.get(path.stem)
    sys.modules[path.stem] = module  # dataclasses and pickles look their module up here
    try:
        exec(compile(tree, str(path), "exec"), module.__dict__)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the file's own fault, told as such
        line = _line_of(error, str(path))
        place = f"{path}:{line}" if line else f"{path}"
        raise SourceError(
            f"{place}: the file's definitions do not run: {type(error).__name__}: {error}"
        ) from None
    finally:
        sys.path.remove(folder)
        if before is None:
            sys.modules.pop(path.stem, None)
        else:
            sys.modules[path.stem] = before
    return dict(module.__dict__)


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, _DEFINITIONS):
        return True
    if isinstance(node, (ast.If, ast.Try)):  # optional imports; never `if __name__ == ...`
        return all(_is_definition(one) for one in _children(node))
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        return _is_constant(node.value)
    return isinstance(node, ast.Pass)


def _children(node: ast.If | ast.Try) -> Iterable[ast.stmt]:
    handlers = [one for h in getattr(node, "handlers", []) for one in h.body]
    return [*node.body, *handlers, *node.orelse, *getattr(node, "finalbody", [])]


def _is_constant(value: ast.expr) -> bool:
    """Whether an expression only spells out a value: no call but plain conversions."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            if not _is_harmless(node.func):
                return False
        elif isinstance(node, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return False
    return True


def _is_harmless(function: ast.expr) -> bool:
    """Whether a call at the top level may run: ``float("inf")``, ``np.sqrt(2 / np.pi)``."""
    if isinstance(function, ast.Name):
        return function.id in _CONSTANT_CALLS
    parts = ast.unparse(function).split(".")
    return parts[0] in _PURE_MODULES and not parts[-1].startswith(_READS_OR_WRITES)


def _line_of(error: BaseException, filename: str) -> int | None:
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == filename
    ]
    return lines[-1] if lines else None


def _similar(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f" (there is no folder {folder})"
    others = sorted(one.name for one in folder.glob("*.py"))[:5]
    return f" (in {folder}: {', '.join(others)})" if others else ""
