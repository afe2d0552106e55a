"""Which expressions at the top level only spell out a value and may run.

Plots, downloads, ``input()`` and training loops of a hand-in must not run; ``EPS = 1e-7``,
``C = np.sqrt(2 / np.pi)`` and ``rng = np.random.default_rng(0)`` must, for layers need them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

# fmt: off
_BUILTINS = frozenset({
    "abs", "bool", "bytes", "complex", "dict", "divmod", "enumerate", "float", "frozenset",
    "getattr", "hasattr", "int", "isinstance", "len", "list", "map", "max", "min", "object",
    "property", "range", "reversed", "round", "set", "slice", "sorted", "staticmethod", "str",
    "sum", "tuple", "type", "zip",
})
_PURE_MODULES = (
    "abc.", "cmath.", "collections.", "contextvars.", "dataclasses.", "decimal.", "enum.",
    "fractions.", "functools.", "itertools.", "math.", "numpy.", "operator.", "os.path.",
    "scipy.constants.", "scipy.special.", "string.", "types.", "typing.", "typing_extensions.",
    "weakref.",
)
_PURE_CALLS = frozenset({
    "copy.copy", "copy.deepcopy", "importlib.util.find_spec", "logging.getLogger",
    "os.environ.get", "os.getcwd", "os.getenv", "pathlib.Path", "pathlib.PurePath",
    "random.Random", "re.compile", "threading.Lock", "threading.RLock", "threading.local",
    "torch.cuda.is_available", "torch.device",
})
_IMPURE_NUMPY = ("numpy.ctypeslib.", "numpy.distutils.", "numpy.f2py.", "numpy.testing.")
_READS_WRITES_OR_SETS = (
    "from", "gen", "info", "load", "mem", "save", "seed", "set", "show", "test",
)
# Methods of what NumPy and Python's own types give: "a b".split(), rng.normal(size=3).
_METHODS = frozenset({
    "astype", "copy", "dot", "endswith", "exists", "flatten", "format", "get", "integers",
    "is_dir", "is_file", "items", "join", "keys", "lower", "max", "mean", "min", "normal",
    "permutation", "prod", "rand", "randint", "randn", "random", "ravel", "repeat", "replace",
    "reshape", "rstrip", "split", "splitlines", "squeeze", "standard_normal", "startswith", "std",
    "strip", "sum", "title", "tolist", "transpose", "uniform", "upper", "values", "var",
})
# fmt: on


def imported_names(body: list[ast.stmt]) -> dict[str, str]:
    """Return what each imported name of a module stands for, as ``{"np": "numpy"}``."""
    names: dict[str, str] = {}
    for node in body:
        for one in ast.walk(node):
            if isinstance(one, ast.Import):
                for alias in one.names:
                    top = alias.name.partition(".")[0]
                    names[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(one, ast.ImportFrom) and one.module and not one.level:
                names |= {a.asname or a.name: f"{one.module}.{a.name}" for a in one.names}
    return names


def evaluated(expression: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when ``expression`` is evaluated: no body of a lambda."""
    waiting = [expression]
    while waiting:  # no recursion: an expression may be very long
        node = waiting.pop()
        yield node
        if isinstance(node, ast.Lambda):
            waiting += [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
        else:
            waiting.extend(ast.iter_child_nodes(node))


def is_constant(
    expression: ast.expr, imports: Mapping[str, str], defined: frozenset[str] | set[str]
) -> bool:
    """Whether ``expression`` only spells out a value.

    ``imports`` says what the imported names stand for, ``defined`` are the file's own functions
    and classes: a call of those is work, not a value.
    """
    for node in evaluated(expression):
        if isinstance(node, ast.Call):
            if not _is_harmless(node.func, imports, defined):
                return False
        elif isinstance(node, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return False
    return True


def _is_harmless(
    function: ast.expr, imports: Mapping[str, str], defined: frozenset[str] | set[str]
) -> bool:
    root, attributes = _chain(function)
    if isinstance(root, ast.Name) and root.id in defined:
        return False
    if isinstance(root, ast.Name) and root.id in imports:
        return _is_pure(".".join([imports[root.id], *attributes]))
    if isinstance(root, ast.Name) and not attributes:
        return root.id in _BUILTINS
    return bool(attributes) and attributes[-1] in _METHODS


def _is_pure(dotted: str) -> bool:
    if dotted in _PURE_CALLS:
        return True
    if not dotted.startswith(_PURE_MODULES):
        return False
    if dotted.startswith(_IMPURE_NUMPY):
        return False
    tail = dotted.rpartition(".")[2]
    return not (dotted.startswith("numpy.") and tail.startswith(_READS_WRITES_OR_SETS))


def _chain(function: ast.expr) -> tuple[ast.expr, list[str]]:
    """Split ``np.random.randn`` into its root and the attributes that follow."""
    attributes: list[str] = []
    while isinstance(function, ast.Attribute):
        attributes.insert(0, function.attr)
        function = function.value
    return function, attributes
