"""How Python code gets hold of the layer of a regression: a class, a pair of functions, a loss."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradcheck.conventions.candidates import Candidate
from gradcheck.errors import UsageError
from gradcheck.opening import chosen_among, layers_of
from gradcheck.regressions.record import Regression
from gradcheck.regressions.replaying import replay_live
from gradcheck.sources import SourceModule, read_source
from gradcheck.sources.import_path import is_import_path


@dataclass(frozen=True)
class Located:
    """The names in its module that make up a layer: a class, or forward and backward.

    ``module`` is what the module is imported as, empty for a file. There are no names where a
    layer is best called as on the command line: an operation of a class, a cell of a notebook.
    """

    module: str = ""
    names: tuple[str, ...] = ()


def located(regression: Regression) -> Located:
    """Return where the layer is found from Python.

    There are names only if the case fails in the same way for what they stand for.

    Raises
    ------
    UsageError
        The layer is not where it was.
    """
    source, symbol = regression.layer.source, regression.layer.symbol
    read = read_source(source, run_module=regression.run_module)
    try:
        ((module, candidate), *_) = chosen_among(list(layers_of(read)), [symbol], source)
        file = Path(module.path)
        imported = "" if file.exists() else module.path.partition(":")[0]
        if file.suffix != ".py" if file.is_file() else not is_import_path(module.path):
            return Located()  # a notebook, or within an archive
        names = _names(candidate, module)
        if names and _fails([module.namespace[one] for one in names], regression):
            return Located(imported, names)
        return Located(imported)
    finally:
        read.close()


def _names(candidate: Candidate, module: SourceModule) -> tuple[str, ...]:
    if isinstance(module.namespace.get(candidate.symbol), type):
        return (candidate.symbol,)
    pair = candidate.pair
    names = (pair.forward, pair.backward) if pair else ()
    return tuple(one for one in names if one) if all(map(_is_in(module), names)) else ()


def _is_in(module: SourceModule) -> Any:
    return lambda name: not name or name in module.namespace


def _fails(things: list[Any], regression: Regression) -> bool:
    layer = things[0] if len(things) == 1 else tuple(things)
    try:
        return replay_live(layer, regression).judgement.same
    except UsageError:  # it is read otherwise there
        return False
