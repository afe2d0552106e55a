"""The functions that people call for layers: ``check_layer`` and ``check_module``."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradcheck.cases import Case, given_case
from gradcheck.checks.catalogue import find_check
from gradcheck.conventions import adapt, is_layer_class
from gradcheck.conventions.objects import ObjectSubject
from gradcheck.errors import AdaptError, SourceError, UsageError, nearest
from gradcheck.findings import Finding, Report, SubjectReport
from gradcheck.kinds import UNKNOWN, Kind, declared, find_kind
from gradcheck.reading import forward_fits, shares_meaning, without_reference
from gradcheck.runner import assemble, check_subject
from gradcheck.settings import Settings, settings_from
from gradcheck.sources.python_file import SourceClass, read_python_file
from gradcheck.subject import Subject


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
        ``ignore``, ``strict``, ``mode``, ``dtypes``.

    Returns
    -------
    Report
        With one subject. ``report.raise_if_failed()`` turns it into an assertion.

    Raises
    ------
    UsageError
        The layer cannot be called, or an argument is no known name.
    """
    settings = settings_from(options)
    known = _kind(layer, kind, signature, parameters)
    if known is None:
        return assemble([_check_by_name(layer, inputs, settings)], settings)
    subject = adapt(layer, inputs, kind=known)
    return assemble([check_subject(subject, settings, _given(subject, inputs, settings))], settings)


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
    settings = settings_from(options)
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
    return assemble(subjects, settings, passed_over)


def _check_by_name(
    layer: Any, inputs: Sequence[Any], settings: Settings, source: str = "", line: int | None = None
) -> SubjectReport:
    """Check a layer as what its name says, where its forward does not speak against it.

    Otherwise as a layer of no known kind, or by the shapes of its namesake; and then it may only
    be called right, but at inputs that were given: what else it might be nobody knows.
    """
    subject = adapt(layer, inputs, source=source, line=line)
    given = _given(subject, inputs, settings)
    if shares_meaning(subject, given):
        return check_subject(subject, settings, given)
    named = find_kind(subject.identity.kind or "")
    if named.otherwise:
        with contextlib.suppress(AdaptError):
            other = adapt(layer, inputs, kind=find_kind(named.otherwise), source=source, line=line)
            if forward_fits(other, _given(other, inputs, settings)):
                return check_subject(other, settings, _given(other, inputs, settings))
    with contextlib.suppress(AdaptError):
        plain = adapt(layer, inputs, kind=UNKNOWN, source=source, line=line)
        report = check_subject(plain, settings, _given(plain, inputs, settings))
        if given or report.verdict == "pass":
            return report
    report = check_subject(without_reference(subject), settings, given)
    if report.verdict == "pass":
        return report
    raise AdaptError(_misnamed(subject))


def _given(subject: Subject, inputs: Sequence[Any], settings: Settings) -> Case | None:
    """Return the case of concrete inputs, None without any."""
    if not (inputs and isinstance(subject, ObjectSubject)):
        return None
    options = {name: value for name, (value,) in subject.options.items()}
    return given_case(
        subject.forms[0], subject.primals, settings.seed, mode=settings.mode, options=options
    )


def _misnamed(subject: Subject) -> str:
    symbol, kind = subject.identity.symbol, subject.identity.kind
    return (
        f"{symbol} is named like a layer of the kind {kind}, but does not give what such a layer "
        f"gives for {subject.forms[0]}, so nothing is known of what it should give. If it is one "
        f"all the same: check_layer({symbol}, kind={kind!r}). Otherwise declare its arrays, "
        f"check_layer({symbol}, signature='x: N D -> y: N D'), or check an object at inputs of "
        f"your own: check_layer({symbol}(...), x)"
    )


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
        return _check_by_name(one.value, (), settings, str(path), one.line)
    except AdaptError as error:
        return _unusable(one, path, str(error))


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
