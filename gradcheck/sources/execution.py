"""Running the statements of a file one by one: what fails is noted, the rest goes on.

A hand-in imports a plotting package that is not installed, or reads a constant from a file that
is not there; its layers are none the worse for it. The name that got no value stands for a
placeholder which raises where it is used.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import linecache
import sys
import warnings
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType

from gradcheck.sources.absent import Absent
from gradcheck.sources.definitions import (
    COMPOUND,
    Defining,
    Selection,
    bound_names,
    defining,
    lambdas,
)
from gradcheck.sources.failures import dotted, lacking, text, told, where
from gradcheck.sources.python2 import NAMES, bridged
from gradcheck.sources.source import Definition
from gradcheck.sources.text import Passage, lines_of

Importing = ast.Import | ast.ImportFrom


class LeftOut(ImportError):
    """A name of the hand-in's own files whose value comes from a call that did not run."""


class Execution:
    """The run of one file, passage by passage, in a module of its own.

    ``everything`` runs the script too, not only definitions. ``is_ours`` says whether an import
    asks for a file of the hand-in: such are tried again by ``settle``, since the files of a
    circle may be entered at another place than their author does.
    """

    def __init__(
        self, module: ModuleType, everything: bool, is_ours: Callable[[Importing], bool]
    ) -> None:
        self.module = module
        self.notes: list[str] = []
        self._namespace = module.__dict__
        self._everything = everything
        self._is_ours = is_ours
        self._selection = Selection()
        self._future = 0
        self._ran: list[tuple[ast.stmt, Passage]] = []
        self._again: list[tuple[ast.stmt, Passage, str]] = []

    def run(self, passage: Passage) -> None:
        """Run the definitions of ``passage``, or all of it."""
        register(passage)
        body = passage.tree.body
        self._future |= _future_flags(body)
        self._namespace.setdefault("__doc__", ast.get_docstring(passage.tree))
        if passage.is_old:
            for name, value in NAMES.items():
                self._namespace.setdefault(name, value)
        try:
            kept = body if self._everything else self._selection.of(passage.tree)
        except RecursionError:
            self.notes.append(f"{where(passage, None)}too deeply nested to be read; left out")
            return
        with self._in_cell(passage):
            for node in kept:
                ran = [self._step(piece, passage) for piece in _pieces(node)]
                if all(ran) or isinstance(node, COMPOUND):
                    self._ran.append((node, passage))

    @property
    def left_out(self) -> frozenset[str]:
        """The names that have no value since their statements did not run."""
        return self._selection.left_out

    @contextlib.contextmanager
    def _in_cell(self, passage: Passage) -> Iterator[None]:
        """Let the classes of a notebook belong to their cell, where inspect finds their text."""
        if not passage.place:
            yield
            return
        name = f"{self.module.__name__}.{passage.place}"
        cell = sys.modules[name] = ModuleType(name)
        cell.__dict__.update(self._namespace, __name__=name, __file__=passage.filename)
        before = self._namespace["__name__"]
        self._namespace["__name__"] = name
        try:
            yield
        finally:
            self._namespace["__name__"] = before
            cell.__dict__.update(self._namespace, __name__=name, __file__=passage.filename)

    def settle(self) -> None:
        """Try the failed imports of the hand-in's own files again, now that all have run."""
        waiting, self._again = self._again, []
        for piece, passage, note in waiting:
            if self._failure(piece, passage) is None and note in self.notes:
                self.notes.remove(note)

    def definitions(self) -> tuple[Definition, ...]:
        """Return the classes and functions that were defined, in order; of a name the last."""
        last: dict[str, Definition] = {}
        for statement, passage in self._ran:
            for node, name in [*defining([statement]), *lambdas([statement])]:
                value = self._namespace.get(name)
                if not callable(value) or isinstance(value, Absent):
                    continue
                if name in last and not _is_at(node, passage, value):
                    continue  # the branch of an ``if`` that did not run
                last.pop(name, None)
                last[name] = Definition(name, node.lineno, value, passage.place)
        return tuple(last.values())

    def _step(self, piece: ast.stmt, passage: Passage) -> bool:
        """Run one statement; where it fails, note it and put placeholders."""
        self._leave_out_absent_decorators(piece, passage)
        error = self._failure(piece, passage)
        if error is not None and next(defining([piece]), None):
            # Perhaps only an annotation, which a layer does not need to work.
            error = self._failure(piece, passage, __future__.annotations.compiler_flag) and error
        if error is None:
            return True
        if values := bridged(piece):
            self._namespace.update(values)
            return True
        if isinstance(piece, ast.ImportFrom) and len(piece.names) > 1:
            for alias in piece.names:
                one = ast.ImportFrom(piece.module, [alias], piece.level)
                self._step(ast.copy_location(one, piece), passage)
            return False
        note = told(error, piece, passage)
        if isinstance(piece, (ast.Import, ast.ImportFrom)) and self._is_ours(piece):
            self._again.append((piece, passage, note))
        if not isinstance(error, LeftOut):
            self.notes.append(note)
        self._put_placeholders(piece, error, passage)
        return False

    def _failure(self, piece: ast.stmt, passage: Passage, flags: int = 0) -> BaseException | None:
        """Run one statement and return what it raised."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.Module([piece], [])
                flags |= self._future
                code = compile(tree, passage.filename, "exec", flags, dont_inherit=True)
                exec(code, self._namespace)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the file's own fault, even SystemExit
            return error
        return None

    def _put_placeholders(self, piece: ast.stmt, error: BaseException, passage: Passage) -> None:
        for name in bound_names(piece):
            if name in self._namespace:
                continue  # as in a notebook: a statement that fails leaves the old value
            if isinstance(error, LeftOut):
                self._namespace[name] = Absent(name, str(error), NameError)
            elif isinstance(piece, (ast.Import, ast.ImportFrom)):
                why = lacking(error) or f"its import failed ({text(error)})"
                self._namespace[name] = Absent(dotted(piece, name), why)
            else:
                why = f"{where(passage, piece.lineno)}it got no value ({text(error)})"
                self._namespace[name] = Absent(name, why, NameError)

    def _leave_out_absent_decorators(self, piece: ast.stmt, passage: Passage) -> None:
        """Leave out decorators that have no value, such as ``@numba.njit`` without numba."""
        own: set[str] | None = None  # such as a property whose setter follows
        for node in _decorated(piece):
            if node.decorator_list and own is None:
                own = {name for one in ast.walk(piece) for name in bound_names(one)}
            kept = [one for one in node.decorator_list if self._has_value(one, own or set())]
            if len(kept) < len(node.decorator_list):
                node.decorator_list = kept
                self.notes.append(
                    f"{where(passage, node.lineno)}{node.name} was read without a decorator that "
                    "is not there"
                )

    def _has_value(self, decorator: ast.expr, own: set[str]) -> bool:
        root: ast.expr = decorator
        while isinstance(root, (ast.Attribute, ast.Call, ast.Subscript)):
            root = root.func if isinstance(root, ast.Call) else root.value
        if not isinstance(root, ast.Name) or root.id in own:
            return True
        builtin = self._namespace["__builtins__"]
        value = self._namespace.get(root.id, builtin.get(root.id))
        return value is not None and not isinstance(value, Absent)


def register(passage: Passage) -> None:
    """Let tracebacks and ``inspect.getsource`` show the text that was executed."""
    lines = lines_of(passage.text)
    # Without a time of change linecache.checkcache leaves the entry alone.
    linecache.cache[passage.filename] = (len(passage.text), None, lines, passage.filename)


def _future_flags(body: list[ast.stmt]) -> int:
    flags = 0
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    return flags


def _pieces(node: ast.stmt) -> Iterator[ast.stmt]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield ast.copy_location(ast.Import([alias]), node)
    else:
        yield node


def _decorated(piece: ast.stmt) -> Iterator[Defining]:
    """Yield what is decorated at definition time: top level, ``if``, ``try``, class bodies."""
    for node, _ in defining([piece]):
        yield node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                yield from _decorated(inner)


def _is_at(node: Defining | ast.Assign, passage: Passage, value: object) -> bool:
    if not isinstance(value, FunctionType):
        return True
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    code = value.__code__
    return code.co_filename != passage.filename or first <= code.co_firstlineno <= node.lineno
