"""Whether a kept case is one of a layer, as the layer is now."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gradcheck.case import Case
from gradcheck.errors import SignatureError
from gradcheck.regressions.record import (
    Regression,
    option_among,
    restored_arrays,
)
from gradcheck.signature import Signature
from gradcheck.subject import Array, Subject


class Unfit(Exception):
    """The layer has changed so that the case is none of its own; the text says how."""


def is_of(regression: Regression, symbol: str, source: str) -> bool:
    """Return whether a regression is of the layer ``symbol`` in ``source``.

    Sources are compared by the name of the file, where both are known; two files of one name that
    both exist are two.
    """
    known = regression.layer.source
    if regression.layer.symbol != symbol or not (known and source):
        return regression.layer.symbol == symbol
    if known == source or not (os.path.exists(known) and os.path.exists(source)):
        return _file_name(known) == _file_name(source)
    return os.path.samefile(known, source)


def fitted(regression: Regression, subject: Subject) -> Case:
    """Return the kept case as one of ``subject``.

    Raises
    ------
    Unfit
        Its arrays or options are no longer those of the layer.
    """
    kept = regression.case
    primals = restored_arrays(kept.primals)
    options = _options(kept.options, subject)
    for form in _forms(regression, subject):
        axes = _axes(form, primals, kept.axes, options)
        if axes is None or not form.holds_for(options):
            continue
        for name, size in subject.fixed_axes.items():
            if axes.get(name, size) != size:
                raise Unfit(f"it has {name}={axes[name]}, and the layer is built for {size}")
        named = {name: axes[name] for name in form.names if name in axes} if kept.axes else {}
        return Case(
            form,
            named,
            primals,
            options,
            kept.regime,
            kept.seed,
            kept.mode,
            restored_arrays(kept.upstream),
        )
    shapes = ", ".join(f"{name} {array.shape}" for name, array in primals.items())
    forms = "; ".join(map(str, subject.forms)) or "nothing that is known"
    raise Unfit(f"it has the arrays {shapes} of {kept.signature}, and the layer takes {forms}")


def same_array(subject: Subject, one: str | None, other: str | None) -> bool:
    """Return whether two names (``W``, ``dW``, ``grads[0]``) are of one array of a layer."""
    return one == other or (one is not None and _own(subject, one) == _own(subject, other))


def knows_array(subject: Subject, name: str) -> bool:
    """Return whether a name, as a finding tells it, is that of any array of the layer."""
    return name in dict(_names(subject))


def layers_gone(
    saved: Sequence[tuple[str, Regression]],
    sources: Sequence[str],
    layers: Sequence[tuple[str, str]],
) -> Iterator[str]:
    """Yield a note on each regression of a layer that its source, all read, holds no longer.

    ``sources`` are the files that were read and ``layers`` what they hold, as source and symbol.
    Of a source that is there and was not read this run has nothing to say.
    """
    for file, regression in saved:
        layer = regression.layer
        if not layer.source or any(is_of(regression, name, one) for one, name in layers):
            continue
        if any(is_of(regression, layer.symbol, one) for one in sources):
            why = f"{layer.source} has no layer {layer.symbol!r} any more"
        elif _looks_like_file(layer.source) and not _is_there(layer.source):
            why = f"{layer.source}, the file of {layer.symbol}, is not there"
        else:
            continue
        told = f"write its new place into the file (layer), or remove {file}"
        yield f"regression {file} was not checked: {why}; {told}"


def _looks_like_file(source: str) -> bool:
    return Path(source).suffix in (".py", ".ipynb", ".zip", ".tar", ".gz", ".tgz")


def _is_there(source: str) -> bool:
    """Return whether a file is there, or the archive that it was in."""
    return os.path.exists(source) or any(one.is_file() for one in Path(source).parents)


def _own(subject: Subject, name: str | None) -> str | None:
    return dict(_names(subject)).get(name or "", name)


def _names(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield all that an array may be called in findings, and its name in the signature."""
    words = subject.identity.words
    for form in subject.forms:
        for one in (*form.arrays, *form.outputs):
            yield words.gradient(one.name), one.name
            yield words.array(one.name), one.name
            yield one.name, one.name


def _options(kept: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """Return the options of the case, and the usual value of those that came since."""
    gone = [name for name in kept if name not in subject.options]
    if gone:
        now = ", ".join(subject.options) or "none"
        raise Unfit(f"it has the option {gone[0]!r}, and the options of the layer are: {now}")
    return {
        name: option_among(kept[name], values) if name in kept else values[0]
        for name, values in subject.options.items()
    }


def _forms(regression: Regression, subject: Subject) -> Iterator[Signature]:
    """Yield the forms of the layer that take arrays of these names, the same one first."""
    kept = regression.case
    held = set(kept.held)

    def same(form: Signature) -> bool:
        return str(form) == kept.signature and held in (set(), {one.name for one in form.held})

    named = [one for one in subject.forms if {a.name for a in one.arrays} == set(kept.primals)]
    yield from sorted(named, key=lambda form: not same(form))


def _axes(
    form: Signature,
    primals: Mapping[str, Array],
    kept: Mapping[str, int],
    options: Mapping[str, Any],
) -> dict[str, int] | None:
    """Return the sizes of all axes that the arrays have in this form, None where they do not fit.

    What the shapes leave open is as it was.
    """
    shapes = {name: array.shape for name, array in primals.items()}
    sizes = {name: one for name, one in options.items() if isinstance(one, int)}
    for known in ({**kept, **sizes}, sizes):
        try:
            axes = form.bind(shapes, known)
        except SignatureError:
            continue
        return {**kept, **axes}
    return None


def _file_name(source: str) -> str:
    """Return the name of a file; of an import path ``package.module:Object`` that of its file."""
    name = Path(source.replace("\\", "/")).name
    if name == source and not _looks_like_file(source):
        return source.partition(":")[0].rpartition(".")[2] + ".py"
    return name
