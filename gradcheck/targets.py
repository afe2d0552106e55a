"""What a user names on the command line: a source, and perhaps one layer of it.

``FILE::LAYER`` holds everywhere; a layer's own name may have dots and slashes in it
(``Value.__mul__``, ``batchnorm_forward/batchnorm_backward_alt``). A single colon belongs to the
source: a drive (``C:\\hw\\layers.py``) or an import path (``package.module:Object``).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from gradcheck.errors import UsageError


def by_source(targets: Iterable[str]) -> dict[str, list[str]]:
    """Return for each source the layers asked for; an empty list asks for all of them.

    Raises
    ------
    UsageError
        The name of a layer or of a source is missing.
    """
    grouped: dict[str, list[str]] = {}
    whole: set[str] = set()
    for target in targets:
        source, symbol = split_target(target)
        source = str(Path(source)) if os.path.lexists(source) else source
        symbols = grouped.setdefault(source, [])
        if not symbol:
            whole.add(source)
        elif symbol not in symbols:
            symbols.append(symbol)
    return {source: [] if source in whole else symbols for source, symbols in grouped.items()}


def split_target(target: str) -> tuple[str, str]:
    """Return the source and the layer (or an empty string) that a target names.

    Where a file or folder has ``::`` in its own name, what exists decides.

    Raises
    ------
    UsageError
        The name of the layer or of the source is missing.
    """
    if not target.strip():
        raise UsageError("the name of a file is missing")
    if "::" not in target or os.path.lexists(target):
        return target, ""
    places = [at for at in range(len(target)) if target.startswith("::", at)]
    existing = [at for at in places if os.path.lexists(target[:at])]
    at = existing[-1] if existing else places[0]
    source, symbol = target[:at], target[at + 2 :]
    if not symbol:
        raise UsageError(f"{target}: the name of a layer is missing after '::'")
    if not source:
        raise UsageError(f"{target}: the name of a file is missing before '::'")
    return source, symbol
