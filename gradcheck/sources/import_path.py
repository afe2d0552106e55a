"""``package.module`` and ``module:Object``: code of one's own, really imported."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from gradcheck.errors import SourceError, nearest
from gradcheck.sources.source import Definition, Source, SourceModule

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_FILE_SUFFIXES = (".py", ".ipynb", ".zip", ".tar", ".gz", ".tgz", ".pyc", ".txt")


def is_import_path(target: str) -> bool:
    """Whether ``target``, which is no file, is written like an import path."""
    module, colon, symbol = target.partition(":")
    if colon and not _DOTTED.fullmatch(symbol):
        return False
    return bool(_DOTTED.fullmatch(module)) and not module.endswith(_FILE_SUFFIXES)


def read_import_path(target: str) -> Source:
    """Import a module, with the current folder on the path, and return what it defines.

    For ``module:Object`` only the object: a class, a function or an instance.

    Raises
    ------
    SourceError
        There is no such module or object, or the import fails.
    """
    name, _, symbol = target.partition(":")
    module = _imported(name, target)
    definitions = (_object(module, symbol),) if symbol else tuple(_defined(module))
    file = getattr(module, "__file__", None)
    one = SourceModule(name, definitions, vars(module), (), (file,) if file else ())
    return Source((one,), {}, symbol or None, importing=_current_folder_on_path)


@contextlib.contextmanager
def _current_folder_on_path() -> Iterator[None]:
    folder = os.getcwd()
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(folder)


def _imported(name: str, target: str) -> ModuleType:
    try:
        with _current_folder_on_path():
            importlib.invalidate_caches()
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name == missing or name.startswith(f"{missing}."):
            raise SourceError(_no_module(name, missing, target)) from None
        raise SourceError(f"{name}: its import needs {missing}, which is not installed") from None
    except SyntaxError as error:
        place = f"{error.filename}:{error.lineno}"
        raise SourceError(f"{place}: Python cannot read this: {error.msg}") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the module's own fault
        raise SourceError(f"{name}: its import fails: {type(error).__name__}: {error}") from None


def _no_module(name: str, missing: str, target: str) -> str:
    parent, _, tail = missing.rpartition(".")
    folders = getattr(sys.modules.get(parent), "__path__", []) if parent else [os.getcwd()]
    beside = [one.name for one in pkgutil.iter_modules(folders)]
    prefix = f"{parent}." if parent else ""
    hint = nearest(f"{prefix}{tail}", [f"{prefix}{one}" for one in beside])
    file = "" if ":" in target else f"no such file or folder ({Path.cwd() / target}), and "
    return f"{target}: {file}no module named {missing!r}{hint}"


def _object(module: ModuleType, symbol: str) -> Definition:
    value: Any = module
    for part in symbol.split("."):
        names = [one for one in dir(value) if not one.startswith("_")]
        if not hasattr(value, part):
            holder = module.__name__ if value is module else symbol
            known = f" (it has {', '.join(names[:8])})" if names else ""
            hint = nearest(part, names) or known
            raise SourceError(f"{holder}: has no {part!r}{hint}")
        value = getattr(value, part)
    return Definition(symbol, _line(value), value)


def _defined(module: ModuleType) -> list[Definition]:
    """Return the classes and functions of a module, or those that a package offers of its own."""
    name = module.__name__
    inner = f"{name}." if hasattr(module, "__path__") else name
    found = [
        Definition(key, _line(value), value)
        for key, value in vars(module).items()
        if isinstance(value, (type, FunctionType))
        and (value.__module__ == name or value.__module__.startswith(inner))
        and not key.startswith("__")
    ]
    own = [one for one in found if one.value.__module__ == name]
    return sorted(own, key=lambda one: one.line or 0) + [one for one in found if one not in own]


def _line(value: object) -> int | None:
    thing = value if isinstance(value, (type, FunctionType)) else type(value)
    try:
        return inspect.getsourcelines(thing)[1]
    except (OSError, TypeError):
        return None
