"""The files of a hand-in that import each other, kept apart from everything else.

Every module of a hand-in gets an ``__import__`` of its own, through its ``__builtins__``. It
looks for files beside the importing one, and loads them by their definitions only; all else is
imported as ever. So nothing has to be put into ``sys.path``: the names under which the modules
stand in ``sys.modules`` are ours alone, a hand-in's ``layers.py`` never meets an installed
``layers`` nor that of the next hand-in, and an ``import`` inside a function still works when the
layer is called later.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from types import ModuleType
from typing import Any

from gradcheck.errors import SourceError
from gradcheck.sources.execution import Execution, LeftOut
from gradcheck.sources.failures import Forbidden
from gradcheck.sources.passages import passages_of
from gradcheck.sources.search import Search
from gradcheck.sources.surroundings import quietly
from gradcheck.sources.trees import FileTree

_numbers = itertools.count(1)


@dataclass
class FileRead:
    """A file of the hand-in, from the moment when it begins to run."""

    path: PurePath
    shown: str
    execution: Execution
    notes: tuple[str, ...] = ()
    filenames: list[str] = field(default_factory=list)
    imports: dict[PurePath, None] = field(default_factory=dict)


class Neighbourhood:
    """The folders in which the files of one hand-in find each other, and what was loaded.

    ``tree`` is where they lie, ``base`` the topmost folder that is searched. ``targets`` are the
    files that were asked for: the packages that they lie in are not run for their sake. ``shown``
    gives the name of a file as the user would write it.
    """

    def __init__(
        self,
        tree: FileTree,
        base: PurePath,
        targets: Iterable[PurePath],
        shown: Callable[[PurePath], str],
        everything: bool,
    ) -> None:
        self.base = base
        self.search = Search(tree, base)
        self._tree = tree
        self.name = f"gradcheck_source_{next(_numbers)}"
        self.files: dict[PurePath, FileRead] = {}
        self._shown = shown
        self._everything = everything
        self._bare = {folder for target in targets for folder in target.parents}
        self._modules: dict[PurePath, ModuleType] = {}

    def read(self, path: PurePath) -> FileRead:
        """Run ``path``, once, and return what it gave.

        Raises
        ------
        SourceError
            It cannot be read as text or does not parse.
        """
        if path in self.files:
            return self.files[path]
        shown = self._shown(path)
        passages, notes = passages_of(self._tree, path, shown)
        for passage in passages:
            self.search.take_hints(path, passage.tree)
        module = self._module(path)
        module.__file__ = shown
        module.__dict__["__builtins__"] = vars(builtins) | {"__import__": self._importer(path)}
        execution = Execution(module, self._everything, lambda node: self._is_ours(node, path))
        read = self.files[path] = FileRead(path, shown, execution, notes)
        with quietly():
            for passage in passages:
                read.filenames.append(passage.filename)
                execution.run(passage)
        return read

    def settle(self) -> None:
        """Give imports in a circle of files their second chance."""
        with quietly():
            for read in list(self.files.values()):
                read.execution.settle()

    def closure(self, path: PurePath) -> list[FileRead]:
        """Return the file and all files that it imports, directly or not."""
        found: dict[PurePath, None] = {path: None}
        waiting = [path]
        while waiting:
            new = [one for one in self.files[waiting.pop()].imports if one not in found]
            found |= dict.fromkeys(new)
            waiting += new
        return [self.files[one] for one in found]

    def forget(self) -> None:
        """Remove the modules of this hand-in from ``sys.modules``."""
        for name in [one for one in sys.modules if one.split(".")[0] == self.name]:
            del sys.modules[name]

    def walk(
        self, folder: PurePath, dotted: str, importer: PurePath | None = None
    ) -> list[ModuleType]:
        """Load ``dotted``, part by part, beginning in ``folder``.

        Raises
        ------
        ImportError
            A part is not there, or cannot be read.
        """
        modules = []
        for part in dotted.split("."):
            path = self.search.place(folder, part)
            if path is None:
                raise ModuleNotFoundError(f"there is no {part} in {self._shown(folder)}")
            modules.append(self._load(path, importer))
            folder = path
        return modules

    def _importer(self, path: PurePath) -> Callable[..., Any]:
        """Return the ``__import__`` of the file ``path``."""

        def import_(
            name: str,
            globals: Any = None,
            locals: Any = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> ModuleType:
            modules = self._imported(path, name, level)
            if modules is None:
                return _installed(name, globals, locals, fromlist or (), level)
            if not fromlist:
                return modules[0]
            self._provide(modules[-1], fromlist, path)
            self._demand(modules[-1], fromlist)
            return modules[-1]

        return import_

    def _imported(self, path: PurePath, name: str, level: int) -> list[ModuleType] | None:
        if level:
            folder = path.parent
            for _ in range(level - 1):
                folder = folder.parent
            if folder != self.base and self.base not in folder.parents:
                raise ImportError("attempted relative import beyond the top of the hand-in")
            if name:
                return self.walk(folder, name, path)
            return [self._load(folder, path)]
        root = self.search.find(path, name)
        return None if root is None else self.walk(root, name, path)

    def _provide(self, module: ModuleType, wanted: Iterable[str], importer: PurePath) -> None:
        """Make the names of ``from module import ...`` available where they are submodules."""
        folder = self._folder(module)
        if folder is None:
            return
        names = list(wanted)
        if "*" in names:
            self._initialise(folder, importer)
            names = [*names, *getattr(module, "__all__", ())]
        for name in names:
            inner = self.search.place(folder, name) if name not in vars(module) else None
            if inner is not None:
                self._load(inner, importer)

    def _demand(self, module: ModuleType, wanted: Iterable[str]) -> None:
        """Say clearly what a file of the hand-in does not define."""
        for name in wanted:
            if name == "*" or hasattr(module, name):
                continue
            file = getattr(module, "__file__", None) or self._shown(
                self._folder(module) or self.base
            )
            read = next((one for one in self.files.values() if one.shown == file), None)
            if read and name in read.execution.left_out:
                raise LeftOut(f"{name} gets its value from what was left out of {file}")
            raise ImportError(f"{file} does not define {name}")

    def _folder(self, module: ModuleType) -> PurePath | None:
        return type(self.base)(module.__path__[0]) if hasattr(module, "__path__") else None

    def _load(self, path: PurePath, importer: PurePath | None) -> ModuleType:
        """Return the module of a file or folder; a folder outside the targets is initialised."""
        if self._tree.is_dir(path):
            if path not in self._bare:
                self._initialise(path, importer)
            return self._module(path)
        self._run(path, importer)
        return self._module(path)

    def _initialise(self, folder: PurePath, importer: PurePath | None) -> None:
        script = folder / "__init__.py"
        if self._tree.is_file(script):
            self._run(script, importer)

    def _run(self, path: PurePath, importer: PurePath | None) -> None:
        try:
            self.read(path)
        except SourceError as error:
            raise ImportError(str(error)) from None
        if importer is not None:
            self.files[importer].imports[path] = None

    def _module(self, path: PurePath) -> ModuleType:
        """Return the module object of a file or folder, with those of the folders above it."""
        path = path.parent if path.name == "__init__.py" else path
        if path in self._modules:
            return self._modules[path]
        parent = self._module(path.parent) if path != self.base else None
        stem = (path.name if self._tree.is_dir(path) else path.stem).replace(".", "·")
        name = f"{parent.__name__}.{stem}" if parent else self.name
        while name in sys.modules:  # layers.py beside a folder layers
            name += "_"
        module = self._modules[path] = sys.modules[name] = ModuleType(name)
        module.__package__ = name
        if self._tree.is_dir(path):
            module.__path__ = [str(path)]
            module.__dict__["__getattr__"] = self._fallback(path, module)
        elif parent:
            module.__package__ = parent.__name__
        if parent:
            vars(parent).setdefault(stem, module)
        return module

    def _fallback(self, folder: PurePath, module: ModuleType) -> Callable[[str], Any]:
        """Return the ``__getattr__`` of a package: its modules first, then its ``__init__``."""

        def attribute(name: str) -> Any:
            if not name.startswith("__") or name == "__all__":
                inner = self.search.place(folder, name)
                if inner is not None:
                    return self._load(inner, None)
                self._initialise(folder, None)
                if name in vars(module):
                    return vars(module)[name]
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

        return attribute

    def _is_ours(self, node: ast.Import | ast.ImportFrom, path: PurePath) -> bool:
        if isinstance(node, ast.ImportFrom) and node.level:
            return True
        name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        return self.search.find(path, name or "") is not None


def _installed(name: str, *how: Any) -> ModuleType:
    """Import what is none of the hand-in's, with an ImportError where Python may not read it."""
    try:
        return builtins.__import__(name, *how)
    except PermissionError:
        raise Forbidden(name) from None
