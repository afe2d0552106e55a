"""Where a hand-in's import statement finds a file of the hand-in, and where it must not."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path, PurePath

from gradcheck.sources.trees import FileTree

# What a hand-in means by these names is what is installed, whatever its own files are called.
_WELL_KNOWN = frozenset(
    {"numpy", "scipy", "torch", "jax", "tensorflow", "pandas", "sklearn", "matplotlib"}
    | {"gradcheck", "hypothesis", "pytest"}
)


class Search:
    """Finds modules by name below ``base``, first beside the importing file, then further up."""

    def __init__(self, tree: FileTree, base: PurePath) -> None:
        self.base = base
        self._tree = tree
        self._hints: dict[PurePath, list[PurePath]] = {}

    def take_hints(self, file: PurePath, tree: ast.Module) -> None:
        """Remember the folders that ``file`` puts into ``sys.path``: such calls do not run."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _extends_path(node.func) and node.args:
                argument = node.args[-1]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    folder = type(file)(os.path.normpath(file.parent / argument.value))
                    if folder.is_relative_to(self.base) and self._tree.is_dir(folder):
                        self._hints.setdefault(file, []).append(folder)

    def find(self, file: PurePath, dotted: str) -> PurePath | None:
        """Return the folder in which the absolute ``dotted`` name begins, seen from ``file``."""
        top = dotted.partition(".")[0]
        if _is_reserved(top) and self.is_elsewhere(top):
            return None
        roots = list(self._roots(file))
        found = next((root for root in roots if self._exists(root, dotted)), None)
        if found is None and not self.is_elsewhere(top):
            found = next((root for root in roots if self.place(root, top)), None)
        return found

    def place(self, folder: PurePath, part: str) -> PurePath | None:
        """Return the file or folder that the module ``part`` of ``folder`` is, None without one."""
        package, file = folder / part, folder / f"{part}.py"
        if self._tree.is_file(package / "__init__.py"):
            return package
        if self._tree.is_file(file):
            return file
        return package if self._tree.holds_python(package) else None

    def _exists(self, root: PurePath, dotted: str) -> bool:
        for part in dotted.split("."):
            found = self.place(root, part)
            if found is None:
                return False
            root = found
        return True

    def _roots(self, file: PurePath) -> Iterator[PurePath]:
        yield file.parent
        yield from self._hints.get(file, [])
        inside = (one for one in file.parent.parents if one.is_relative_to(self.base))
        yield from inside

    def is_elsewhere(self, top: str) -> bool:
        """Whether ``top`` is installed, and not only found because we stand in the hand-in."""
        if top in sys.modules:
            return True
        try:
            found = find_spec(top)
        except (ImportError, ValueError):
            return False
        origin = found.origin if found else None
        return found is not None and not (
            origin and Path(os.path.abspath(origin)).is_relative_to(self.base)
        )


def _extends_path(function: ast.expr) -> bool:
    """Whether this is ``sys.path.append`` or ``sys.path.insert``."""
    if not isinstance(function, ast.Attribute) or function.attr not in ("append", "insert"):
        return False
    path = function.value
    name = path.attr if isinstance(path, ast.Attribute) else getattr(path, "id", "")
    return name == "path"


def _is_reserved(top: str) -> bool:
    return top in sys.stdlib_module_names or top in _WELL_KNOWN
