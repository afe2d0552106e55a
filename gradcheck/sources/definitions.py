"""Which statements of a file are definitions: they run, the script around them does not."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeVar

from gradcheck.sources.constants import evaluated, imported_names, is_constant

Node = TypeVar("Node", bound=ast.AST)
Defining = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
COMPOUND = (ast.If, ast.Try, ast.TryStar, ast.With)
_CONTEXTS = ("suppress", "catch_warnings", "errstate", "no_grad")


class Selection:
    """Chooses the statements to run; cells of a notebook are given to it one after another.

    It remembers which names were left out: ``x = data[:, 1:]`` has no value where
    ``data = load()`` did not run.
    """

    def __init__(self) -> None:
        self._imports: dict[str, str] = {}
        self._modules: set[str] = set()
        self._defined: set[str] = set()
        self._left_out: set[str] = set()
        self._stood_in: set[str] = set()

    @property
    def left_out(self) -> frozenset[str]:
        """The names whose statements were left out."""
        return frozenset(self._left_out)

    def of(self, tree: ast.Module) -> list[ast.stmt]:
        """Return the statements of ``tree`` that may run, compound ones cut down to such."""
        self._imports |= imported_names(tree.body)
        self._modules |= set(_module_names(tree))
        self._defined |= {node.name for node, _ in defining(tree.body)}
        return list(self._kept(tree.body))

    def _kept(self, body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
        for node in body:
            kept = self._cut(node)
            if kept is None:
                self._left_out |= set(bound_names(node))
            else:
                if not isinstance(node, COMPOUND):  # of those a branch may be left out
                    self._left_out -= set(bound_names(kept))
                yield kept

    def _cut(self, node: ast.stmt) -> ast.stmt | None:
        if isinstance(node, (ast.Import, ast.ImportFrom, *_DEFINING)):
            return node
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            return node if self._is_value(node) else None
        if isinstance(node, ast.If):
            return self._cut_if(node)
        if isinstance(node, (ast.Try, ast.TryStar)):
            return self._cut_try(node)
        if isinstance(node, ast.With) and all(_is_plain_context(i) for i in node.items):
            body = list(self._kept(node.body))
            return _like(node, ast.With(node.items, body)) if body else None
        return node if type(node).__name__ == "TypeAlias" else None

    def _is_value(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> bool:
        if node.value is None:
            return False
        if not self._can_run(node.value) and not self._stands_in(node):
            return False
        if isinstance(node, ast.AugAssign) and ast.unparse(node.target) in self._left_out:
            return False
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return all(self._is_own(target) for target in targets)

    def _stands_in(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> bool:
        """Whether this is ``mx = Dummy()`` where ``import mx`` may have failed."""
        call = node.value
        return (
            set(bound_names(node)) <= self._stood_in
            and isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id in self._defined
            and not (call.args or call.keywords)
        )

    def _is_own(self, target: ast.expr) -> bool:
        """Whether assigning to ``target`` stays in the file: not ``sys.stdout = ...``."""
        if not all(self._can_run(one) for one in _indices(target)):
            return False
        while isinstance(target, (ast.Attribute, ast.Subscript)):
            target = target.value
            if isinstance(target, ast.Name) and (
                target.id in self._modules or target.id in self._left_out
            ):
                return False
        return True

    def _can_run(self, expression: ast.expr) -> bool:
        if not is_constant(expression, self._imports, self._defined):
            return False
        names = {one.id for one in evaluated(expression) if isinstance(one, ast.Name)}
        return not names & self._left_out

    def _cut_if(self, node: ast.If) -> ast.If | None:
        if not self._can_run(node.test):
            return None
        body, otherwise = self._branches(node.body, node.orelse)
        if not body and not otherwise:
            return None
        return _like(node, ast.If(node.test, body or [ast.Pass()], otherwise))

    def _cut_try(self, node: ast.Try | ast.TryStar) -> ast.stmt | None:
        imports = (one for one in node.body if isinstance(one, (ast.Import, ast.ImportFrom)))
        self._stood_in = {name for one in imports for name in bound_names(one)}
        body, otherwise, finally_, *handled = self._branches(
            node.body, node.orelse, node.finalbody, *(h.body for h in node.handlers)
        )
        self._stood_in = set()
        if not (body or otherwise or finally_):
            return None
        nothing: list[ast.stmt] = [ast.Pass()]
        handlers = [
            _like(old, ast.ExceptHandler(old.type, old.name, new or nothing))
            for old, new in zip(node.handlers, handled, strict=True)
        ]
        last = finally_ if finally_ or handlers else nothing
        return _like(node, type(node)(body or nothing, handlers, otherwise, last))

    def _branches(self, *bodies: list[ast.stmt]) -> list[list[ast.stmt]]:
        """Cut each of ``bodies``; what one of them leaves out may have no value afterwards."""
        before = self._left_out
        kept, left_out = [], set(before)
        for body in bodies:
            self._left_out = set(before)
            kept.append(list(self._kept(body)))
            left_out |= self._left_out
        self._left_out = left_out
        return kept


def defining(body: Iterable[ast.stmt]) -> Iterator[tuple[Defining, str]]:
    """Yield the statements that define classes and functions, and names bound to a lambda.

    Those inside ``if``, ``try`` and ``with`` count. A lambda comes as a function of its name.
    """
    for node in body:
        if isinstance(node, _DEFINING):
            yield node, node.name
        elif isinstance(node, COMPOUND):
            yield from defining(_children(node))


def lambdas(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.Assign, str]]:
    """Yield the assignments of a lambda to a name."""
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            yield from ((node, t.id) for t in node.targets if isinstance(t, ast.Name))
        elif isinstance(node, COMPOUND):
            yield from lambdas(_children(node))


def bound_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds in its module."""
    waiting = [node]
    while waiting:  # no recursion: an expression may be very long
        one = waiting.pop()
        if isinstance(one, _DEFINING):
            yield one.name
        elif isinstance(one, (ast.Import, ast.ImportFrom)):
            yield from (a.asname or a.name.partition(".")[0] for a in one.names if a.name != "*")
        elif isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id
        elif not isinstance(one, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp)):
            waiting.extend(ast.iter_child_nodes(one))


def _children(node: ast.If | ast.Try | ast.TryStar | ast.With) -> list[ast.stmt]:
    handlers = [one for h in getattr(node, "handlers", []) for one in h.body]
    otherwise = [*getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
    return [*node.body, *handlers, *otherwise]


def _module_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from bound_names(node)


def _indices(target: ast.expr) -> Iterator[ast.expr]:
    return (one.slice for one in ast.walk(target) if isinstance(one, ast.Subscript))


def _is_plain_context(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and ast.unparse(call.func).endswith(_CONTEXTS)


def _like(old: ast.AST, new: Node) -> Node:
    return ast.fix_missing_locations(ast.copy_location(new, old))
