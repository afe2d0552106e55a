"""The functions that people call: ``check_layer``, ``check_module``, ``check_vjp``, ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradcheck.cases import Case
from gradcheck.checks.catalogue import find_check
from gradcheck.conventions import CallableSubject, adapt, is_layer_class
from gradcheck.conventions.objects import ObjectSubject
from gradcheck.errors import AdaptError, SourceError, UsageError, nearest
from gradcheck.findings import Finding, Report, SubjectReport, worst
from gradcheck.kinds import Kind, declared, find_kind
from gradcheck.runner import check_subject
from gradcheck.settings import Settings
from gradcheck.signature import ArraySpec, Signature
from gradcheck.sources.python_file import SourceClass, read_python_file
from gradcheck.subject import Array, Identity
from gradcheck.version import __version__

Primals = Array | Sequence[Array] | Mapping[str, Array]


def check_layer(
    layer: Any,
    *inputs: Any,
    kind: str | None = None,
    signature: str | None = None,
    parameters: Sequence[str] = (),
    **options: Any,
) -> Report:
    """Check the backward pass of one layer.

    Parameters
    ----------
    layer
        A class with ``forward`` and ``backward``, or an object of one.
    *inputs
        Concrete arguments of ``forward`` (for an object): the layer is checked at this point,
        with its parameters as they are. Without them cases are drawn for the kind of layer.
    kind
        The kind of layer (``"affine"``), where the name of the class does not say it.
    signature
        The layer's own arrays by named axes, ``"x: N D, W: D M -> y: N M"``, where it is of no
        known kind; then its forward has no reference. ``parameters`` names those that go into
        the constructor.
    **options
        Fields of :class:`gradcheck.settings.Settings`: ``examples``, ``seed``, ``select``,
        ``ignore``, ``strict``, ``dtypes``.

    Returns
    -------
    Report
        With one subject. ``report.raise_if_failed()`` turns it into an assertion.

    Raises
    ------
    UsageError
        The layer cannot be called, or an argument is no known name.
    """
    settings = _settings(options)
    known = _kind(layer, kind, signature, parameters)
    subject = adapt(layer, inputs, kind=known)
    given = None
    if inputs and isinstance(subject, ObjectSubject):
        form = subject.forms[0]
        axes = {f"axis {n}": size for n, size in enumerate(np.shape(inputs[0]))}
        given = Case(form, axes, _fixed(subject.primals), seed=settings.seed)
    return _report([check_subject(subject, settings, given)], settings)


def check_module(source: str | Path, *, symbols: Sequence[str] = (), **options: Any) -> Report:
    """Check all layers that a ``.py`` file defines, or those named in ``symbols``.

    Only the definitions of the file run, no script at its top level. ``options`` are those of
    :func:`check_layer`.

    Raises
    ------
    SourceError
        The file cannot be read, or defines no layer.
    UsageError
        A name in ``symbols`` is no class of the file.
    """
    settings = _settings(options)
    path = Path(source)
    module = read_python_file(path)
    chosen = _chosen(module.classes, symbols, path)
    passed_over = {
        one.name: "no forward and backward" for one in chosen if not is_layer_class(one.value)
    }
    layers = [one for one in chosen if one.name not in passed_over]
    if not layers:
        raise SourceError(_no_layer(path, module.classes))
    subjects = [_check_class(one, path, settings) for one in layers]
    return _report(subjects, settings, passed_over)


def check_vjp(
    forward: Callable[..., Any],
    vjp: Callable[..., Any],
    primals: Primals,
    *,
    seed: int | None = None,
    **options: Any,
) -> Report:
    """Check a vector-Jacobian product at one point, all gradients.

    Parameters
    ----------
    forward
        ``forward(primals) -> y``, one real array of any shape.
    vjp
        ``vjp(primals, cotangent) -> gradients`` of the same structure as ``primals``.
    primals
        An array, a sequence of arrays, or a dict of named arrays. Arrays that are not of a
        floating-point dtype are passed through and have no gradient.
    seed
        Of the random cotangent and directions; 0 by default.
    """
    settings = _settings({**options, "seed": seed or 0})
    named, pack, unpack = _structure(primals)
    arrays = tuple(
        ArraySpec(
            name, tuple(map(str, array.shape)), "input" if array.dtype.kind == "f" else "label"
        )
        for name, array in named.items()
    )
    signature = Signature(arrays, (ArraySpec("y", ("...",), "output"),))
    symbol = getattr(forward, "__name__", "forward")
    subject = CallableSubject(
        Identity(symbol, "callables"),
        signature,
        lambda given: forward(pack(given)),
        lambda given, cotangent: unpack(vjp(pack(given), cotangent)),
    )
    case = Case(signature, {}, _fixed(named), seed=settings.seed)
    return _report([check_subject(subject, settings, case)], settings)


def check_gradient(
    f: Callable[[Array], Any],
    grad_f: Callable[[Array], Any],
    x: Array,
    *,
    seed: int | None = None,
    **options: Any,
) -> Report:
    """Check the gradient of a scalar function at one point.

    Parameters
    ----------
    f
        ``f(x) -> `` one real number.
    grad_f
        ``grad_f(x) -> `` its gradient, like ``x``.
    x
        A floating-point array of any shape.
    """
    return check_vjp(f, lambda at, u: np.asarray(grad_f(at)) * u, x, seed=seed, **options)


def _settings(options: Mapping[str, Any]) -> Settings:
    known = Settings.__slots__
    for name in options:
        if name not in known:
            raise UsageError(f"unknown option {name!r}{nearest(name, known)}")
    plain: dict[str, Any] = {
        name: (value,)
        if name in ("select", "ignore", "dtypes") and isinstance(value, str)
        else tuple(value)
        if isinstance(value, list)
        else value
        for name, value in options.items()
    }
    return Settings(**plain)


def _kind(
    layer: Any, kind: str | None, signature: str | None, parameters: Sequence[str]
) -> Kind | None:
    if kind is not None and signature is not None:
        raise UsageError("give a kind or a signature, not both")
    if signature is not None:
        name = layer.__name__ if isinstance(layer, type) else type(layer).__name__
        return declared(name, signature, tuple(parameters))
    return find_kind(kind) if kind is not None else None


def _chosen(
    classes: Sequence[SourceClass], symbols: Sequence[str], path: Path
) -> list[SourceClass]:
    if not symbols:
        return list(classes)
    by_name = {one.name: one for one in classes}
    for symbol in symbols:
        if symbol not in by_name:
            known = ", ".join(by_name) or "none"
            raise UsageError(
                f"{path}: no class {symbol!r}{nearest(symbol, by_name)}. Its classes: {known}"
            )
    return [by_name[symbol] for symbol in dict.fromkeys(symbols)]


def _check_class(one: SourceClass, path: Path, settings: Settings) -> SubjectReport:
    try:
        subject = adapt(one.value, source=str(path), line=one.line)
    except AdaptError as error:
        return _unusable(one, path, str(error))
    return check_subject(subject, settings)


def _unusable(one: SourceClass, path: Path, why: str) -> SubjectReport:
    finding = Finding(
        check="layer-unusable",
        code=find_check("layer-unusable").code,
        verdict="error",
        headline=f"{one.name} could not be checked",
        detail=why,
    )
    return SubjectReport(
        source=str(path),
        symbol=one.name,
        line=one.line,
        kind=None,
        convention="layer-object",
        verdict="error",
        findings=(finding,),
    )


def _no_layer(path: Path, classes: Sequence[SourceClass]) -> str:
    found = ", ".join(one.name for one in classes)
    has = f"it defines the classes {found}" if found else "it defines no class"
    return (
        f"{path}: no layer found; {has}. A layer is a class with the methods forward(x) and "
        "backward(dout)"
    )


def _report(
    subjects: Sequence[SubjectReport],
    settings: Settings,
    passed_over: Mapping[str, str] | None = None,
) -> Report:
    return Report(
        version=__version__,
        seed=settings.seed,
        verdict=worst(one.verdict for one in subjects),
        settings=settings.as_mapping(),
        subjects=tuple(subjects),
        passed_over=dict(passed_over or {}),
    )


def _structure(
    primals: Primals,
) -> tuple[dict[str, Array], Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the primals by name, and the ways between names and the caller's structure."""
    if isinstance(primals, Mapping):
        return {name: np.asarray(one) for name, one in primals.items()}, dict, dict
    if isinstance(primals, (tuple, list)):
        names = [f"x{number}" for number in range(len(primals))]
        named = dict(zip(names, (np.asarray(one) for one in primals), strict=True))
        return (
            named,
            lambda given: type(primals)(given[name] for name in names),
            lambda found: dict(zip(names, found, strict=False)),
        )
    return {"x": np.asarray(primals)}, lambda given: given["x"], lambda found: {"x": found}


def _fixed(arrays: Mapping[str, Array]) -> dict[str, Array]:
    fixed = {}
    for name, array in arrays.items():
        fixed[name] = np.array(array)
        fixed[name].flags.writeable = False
    return fixed
