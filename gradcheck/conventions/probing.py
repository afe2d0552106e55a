"""What a reading leaves open is asked of the layer: which sizes and options it takes at all."""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.outcome import Level, Trial
from gradcheck.conventions.trial import attempt
from gradcheck.signature import Signature

Options = Mapping[str, tuple[Any, ...]]


def constraints_of(trial: Trial, signature: Signature, options: Options) -> tuple[str, ...]:
    """Return comparisons such as ``H >= kernel_size``, for every axis that a window needs.

    An axis needs a window where the layer no longer runs when the axis is one smaller than it,
    with as little padding as there is.
    """
    first = trial.template.first
    axes = [axis for axis in dict.fromkeys(first[1:] or first) if axis.isidentifier()]
    known = [*signature.free_axes, *options]
    windows = [name for name in known if name not in first and _is_window(name)]
    if trial.level < Level.FORWARD:
        return ()
    found: list[str] = []
    for axis in axes:
        wide = [f"{axis} >= {one}" for one in windows if _needs(trial, axis, one, options)]
        found += wide or _least(trial, axis)
    return tuple(dict.fromkeys(found))


def _least(trial: Trial, axis: str) -> list[str]:
    """Return the smallest size of an axis that runs, where one is too small."""
    for size in range(1, trial.sizes.get(axis, 1)):
        if _runs(trial, {**trial.sizes, axis: size}, trial.options):
            return [f"{axis} >= {size}"] if size > 1 else []
    return [f"{axis} >= {trial.sizes[axis]}"] if trial.sizes.get(axis, 1) > 1 else []


def _needs(trial: Trial, axis: str, window: str, options: Options) -> bool:
    sizes, chosen = dict(trial.sizes), dict(trial.options)
    bare = chosen | {
        name: min(options[name]) for name in options if names.plain(name) in names.PADDINGS
    }
    if _runs(trial, sizes, bare):
        chosen = bare
    if window in chosen:
        chosen[window] = max(v for v in options[window] if isinstance(v, int))
        size = chosen[window]
    else:
        size = sizes[window]
    return size > 1 and not _runs(trial, {**sizes, axis: size - 1}, chosen)


def _runs(trial: Trial, sizes: Mapping[str, int], options: Mapping[str, Any]) -> bool:
    """Whether forward gives something at these sizes."""
    tried = attempt_at(trial, sizes, options)
    return tried.level >= Level.FORWARD and all(one.size for one in tried.values.values())


def attempt_at(trial: Trial, sizes: Mapping[str, int], options: Mapping[str, Any]) -> Trial:
    """Run the same attempt at other sizes or options."""
    numbers = {name: one for name, one in options.items() if isinstance(one, int)}
    return attempt(
        trial.proposal, trial.template, trial.construction, {**sizes, **numbers}, options
    )


def options_taken(trial: Trial, options: Options) -> dict[str, tuple[Any, ...]]:
    """Return the options without the values that the layer refuses of itself.

    A refusal is an exception that the layer's own text raises; whatever else goes wrong under an
    option that a layer offers is a fault of the layer.
    """
    return {name: (values[0], *_taken(trial, name, values[1:])) for name, values in options.items()}


def _taken(trial: Trial, name: str, values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        tried = attempt_at(trial, trial.sizes, {**trial.options, name: value})
        if not refuses(tried.error):
            yield value


def refuses(error: BaseException | None) -> bool:
    """Return whether an exception was raised on purpose, by ``raise`` or ``assert``."""
    if error is None:
        return False
    if isinstance(error, (NotImplementedError, AssertionError)):
        return True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    return line.strip().startswith(("raise ", "assert "))


def _is_window(name: str) -> bool:
    return name in ("K", "L") or (names.plain(name) in names.WINDOWS and not name.isupper())
