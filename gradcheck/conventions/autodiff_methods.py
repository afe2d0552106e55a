"""Which methods of an autodiff class are operations, and how each is called."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import CodeType, ModuleType
from typing import Any

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.stubs import is_unfinished
from gradcheck.conventions.surface import (
    Parameter,
    functions_in,
    method_of,
    parameters_of,
    tree_of,
)

_Options = tuple[tuple[str, tuple[Any, ...]], ...]

_BINARY = (
    *("__add__", "__sub__", "__mul__", "__truediv__", "__matmul__"),
    *("add", "sub", "mul", "div", "matmul", "dot", "mm", "multiply", "subtract", "divide"),
    *("maximum", "minimum"),
)
_REVERSED = ("__radd__", "__rsub__", "__rmul__", "__rtruediv__", "__rpow__")
_UNARY = (
    *("__neg__", "__abs__", "neg", "abs", "square", "sqrt", "rsqrt", "reciprocal", "inv"),
    *("exp", "log", "log1p", "log2", "log10", "expm1", "sin", "cos", "tan", "arctan", "atan"),
    *("arcsin", "asin", "arccos", "acos", "sinh", "cosh", "tanh", "arctanh", "atanh"),
    *("relu", "leaky_relu", "leakyrelu", "relu6", "elu", "selu", "gelu", "silu", "swish", "mish"),
    *("sigmoid", "logistic", "softplus", "softsign", "softmax", "log_softmax", "logsoftmax"),
    *("logsumexp", "sum", "mean", "max", "min", "prod", "var"),
    *("transpose", "t", "T", "flatten", "reshape", "view", "unsqueeze"),
)
_LISTED = (*_BINARY, "__pow__", "pow", *_REVERSED, *_UNARY, "__getitem__")
_NO_OPERATIONS = (
    *("std", "norm"),  # no derivative where all elements are alike, or zero
    *("backward", "zero_grad", "detach", "clone", "copy", "item", "numpy", "tolist", "to", "step"),
    *("half", "float", "double", "astype", "type", "cast", "contiguous", "requires_grad_"),
    *("parameters", "cpu", "cuda", "topological_sort", "build_topo", "dropout", "update"),
)
_POSITIVE = (
    *("log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal", "inv", "pow", "__pow__"),
)
_UNIT = ("arcsin", "asin", "arccos", "acos", "arctanh", "atanh", "logit")
_DIVIDES = ("__truediv__", "div", "divide")
_FRAMEWORKS = ("torch", "tensorflow", "jax", "cupy", "mlx", "triton", "mxnet", "paddle")

_ARGUMENTS: Mapping[str, tuple[Any, ...]] = {
    "axis": (-1, 0),
    "dim": (-1, 0),
    "keepdims": (False, True),
    "keepdim": (False, True),
    "shape": ((-1,),),
    "newshape": ((-1,),),
    "newsize": ((-1,),),
    "dim0": (0,),
    "dim1": (1,),
    "axis1": (0,),
    "axis2": (1,),
    "alpha": (0.1,),
    "slope": (0.1,),
    "negativeslope": (0.1,),
}
"""What to pass for arguments that are no operands, where the class gives no default."""


@dataclass(frozen=True)
class Method:
    """An operation: its name, the number of its operands, and how it is computed."""

    name: str
    count: int
    compute: Callable[..., Any]
    options: _Options = ()

    @property
    def operands(self) -> tuple[str, ...]:
        """The names of the operands."""
        return ("a", "b")[: self.count]

    @property
    def multiplies_matrices(self) -> bool:
        """Whether the last axis of the first operand is the first one of the second."""
        return self.name in ("__matmul__", "matmul", "dot", "mm")

    def domain(self, operand: str) -> str:
        """Return where an operand must lie for the operation to have a derivative."""
        if self.name in _POSITIVE:
            return "positive"
        if self.name in _UNIT:
            return "unit"
        divisor = self.name in _DIVIDES and operand == "b"
        return "nonzero" if divisor or self.name == "__rtruediv__" else "real"


def methods_of(cls: type[Any]) -> Iterator[Method]:
    """Yield the operations of a class that are written and need no framework."""
    own = [name for name in functions_in(cls) if name not in _NO_OPERATIONS]
    if any(_needs_framework(method_of(cls, name)) for name in ("__init__", "__add__", "__mul__")):
        return
    for name in (*_LISTED, *(one for one in own if one not in _LISTED and one[0] != "_")):
        function = method_of(cls, name)
        if name == "T" and isinstance(inspect.getattr_static(cls, name, None), property):
            yield Method(name, 1, _transpose)
        elif function is None or is_unfinished(function) or _needs_framework(function):
            continue
        elif (method := _method(name, function, known=name in _LISTED)) is not None:
            yield method


def stubs_of(cls: type[Any]) -> Iterator[str]:
    """Yield the names of operations whose methods are there and do nothing yet."""
    for name in _LISTED:
        function = method_of(cls, name)
        if function is not None and is_unfinished(function):
            yield name


def _method(name: str, function: Any, *, known: bool) -> Method | None:
    arguments = parameters_of(function)
    required = [one for one in arguments if one.required and not one.many]
    if name in ("__pow__", "pow"):
        return Method(name, 1, _power, (("exponent", (3, 2, -1, 0.5)),))
    if name in _REVERSED:
        numbers = (2.0, 0.5, 3.0) if name == "__rpow__" else (2.0, -3.0, 0.5)
        return Method(name, 1, partial(_with, name, "number"), (("number", numbers),))
    if name == "__getitem__":
        index = (("index", (0,)),)
        return (
            Method(name, 1, partial(_with, name, "index"), index)
            if _has_closure(function)
            else None
        )
    if name in _BINARY:
        return Method(name, 2, partial(_plain, name)) if len(required) == 1 else None
    if not known and (required or not _has_closure(function)):
        return None
    if len(required) == 1 and names.plain(required[0].name) in ("other", "o", "rhs", "b", "y"):
        return Method(name, 2, partial(_plain, name))
    options = _options(arguments)
    if options is None:
        return None
    if any(one.many for one in arguments) and name in ("reshape", "view"):
        return Method(name, 1, partial(_flat, name))
    return Method(name, 1, partial(_by_keyword, name), options)


def _options(arguments: tuple[Parameter, ...]) -> _Options | None:
    """Return the arguments to vary, each with its values; None where one cannot be told."""
    found = []
    for one in arguments:
        values = _ARGUMENTS.get(names.plain(one.name))
        if one.many:
            continue
        if values is None and one.required:
            return None
        if values is not None and one.required:
            found.append((one.name, values))
        elif values is not None and len(values) > 1:
            others = tuple(value for value in values if value != one.default)
            found.append((one.name, (one.default, *others)))
    return tuple(found)


def _plain(name: str, options: Mapping[str, Any], *operands: Any) -> Any:
    return getattr(operands[0], name)(*operands[1:])


def _with(name: str, argument: str, options: Mapping[str, Any], a: Any) -> Any:
    return getattr(a, name)(options[argument])


def _by_keyword(name: str, options: Mapping[str, Any], a: Any) -> Any:
    given = {key: value for key, value in options.items() if key != "used"}
    return getattr(a, name)(**given)


def _transpose(options: Mapping[str, Any], a: Any) -> Any:
    return a.T


def _flat(name: str, options: Mapping[str, Any], a: Any) -> Any:
    return getattr(a, name)(-1)


def _power(options: Mapping[str, Any], a: Any) -> Any:
    """Raise to a constant, which some classes want as an object of their own."""
    exponent = options["exponent"]
    try:
        return a**exponent
    except AttributeError:
        return a ** type(a)(float(exponent))


def _has_closure(function: Any) -> bool:
    """Return whether a method gives its result a function to run in backward."""
    tree = tree_of(function)
    kept = [
        target.attr
        for one in (ast.walk(tree) if tree is not None else ())
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Attribute)
    ]
    return any(re.search("back|grad_f|gradf|vjp", name) for name in kept)


def _needs_framework(function: Any) -> bool:
    """Return whether a method uses a framework, or something that is not there."""
    if function is None:
        return False
    space = getattr(function, "__globals__", {})
    for name in _names_in(function.__code__):
        value = space.get(name)
        if type(value).__module__ == "gradcheck.sources.absent":
            return True
        if isinstance(value, ModuleType) and value.__name__.partition(".")[0] in _FRAMEWORKS:
            return True
    return False


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _names_in(one)
