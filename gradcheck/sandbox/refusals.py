"""Errors of reading as bytes: which of ours it was, and its text."""

from __future__ import annotations

from gradcheck.errors import (
    AdaptError,
    GradcheckError,
    HiddenUpdate,
    LayerFault,
    SignatureError,
    SourceError,
    Unfinished,
    UsageError,
)
from gradcheck.sandbox.packing import NAME, PAGE, Reader, Writer

_SORTS = (UsageError, SourceError, SignatureError, AdaptError, HiddenUpdate)
_FAULT, _UNFINISHED = len(_SORTS), len(_SORTS) + 1
_CHECKS = ("layer-raises", "layer-unusable")
"""The checks that the reading of a layer may speak for."""


def pack_error(error: GradcheckError) -> bytes:
    """Return an error of ours as bytes."""
    writer = Writer()
    if isinstance(error, LayerFault):
        writer.number(_FAULT)
        for text in (error.check, error.headline, error.detail):
            writer.text(text, PAGE)
    elif isinstance(error, Unfinished):
        writer.number(_UNFINISHED)
        for text in (str(error).partition(":")[0], error.part):
            writer.text(text, NAME)
    else:
        sort = type(error) if type(error) in _SORTS else UsageError
        writer.number(_SORTS.index(sort))
        writer.text(str(error), PAGE)
    return writer.done()


def unpack_error(data: bytes) -> GradcheckError:
    """Return the error that a worker tells of.

    Raises
    ------
    Malformed
        It is none of ours.
    """
    reader = Reader(data)
    sort = reader.number(0, _UNFINISHED)
    if sort == _FAULT:
        check, headline, detail = reader.text(PAGE), reader.text(PAGE), reader.lines(PAGE)
        reader.end()
        return LayerFault(check if check in _CHECKS else "layer-unusable", headline, detail)
    if sort == _UNFINISHED:
        return Unfinished(reader.text(NAME), reader.text(NAME))
    return _SORTS[sort](reader.lines(PAGE))
