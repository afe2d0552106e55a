"""What to say of a candidate for which nothing ran: our ignorance, or a fault of the layer."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence

from gradcheck.conventions.outcome import Found, Level, Trial
from gradcheck.errors import AdaptError, LayerFault

_CERTAIN = (NameError, RecursionError)
_INTERNAL = re.compile(
    r"NoneType|'float' object cannot be interpreted|unexpected keyword argument|has no setter"
    r"|has no attribute|positional arguments? but|only (integer|length-1)"
)


def unreadable(symbol: str, found: Found | None, files: Sequence[str]) -> AdaptError:
    """Return the error that says why a candidate cannot be checked.

    An exception that no choice of shapes or arguments could avoid (a name that is not defined, an
    attribute that is never set) is a fault of the layer. All others may be due to what was tried.
    """
    if found is None:
        return AdaptError(
            f"{symbol}: no way to call it was found. Say how its arrays look, "
            f"check_layer({symbol}, signature='x: N D -> y: N D'), or check an object at inputs of "
            "your own: check_layer(instance, x)"
        )
    trial = found.first
    where = "its constructor" if trial.level is Level.NOTHING else "forward"
    error = trial.error
    why = f"{type(error).__name__}: {error}" if error is not None else "gave no array"
    if error is not None and _is_own_fault(trial, error, files):
        frames = [
            f"line {frame.lineno}, in {frame.name}: {frame.line}"
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename in files
        ]
        headline = f"{symbol} raises {type(error).__name__} in {where}"
        return LayerFault("layer-raises", headline, "\n".join([why, *frames[-3:]]))
    shapes = ", ".join(f"{name} {shape}" for name, shape in trial.shapes.items())
    with_shapes = f" with {shapes}" if shapes else ""
    return AdaptError(
        f"{symbol}: none of the shapes and arguments that were tried runs; the furthest attempt, "
        f"{where}{with_shapes}, ended in {why}"
    )


def _is_own_fault(trial: Trial, error: BaseException, files: Sequence[str]) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    if not any(frame.filename in files for frame in frames):
        return False
    if isinstance(error, _CERTAIN):
        return True
    passed = ("'int' object", "'tuple' object", "'function' object", "'str' object", "'Descent'")
    text = str(error)
    if isinstance(error, (TypeError, AttributeError)) and not any(one in text for one in passed):
        return _INTERNAL.search(text) is not None
    return False
