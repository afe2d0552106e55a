"""From what a person says of cases to a plan of drawing them; what cannot be is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gradcheck.axes import names_of, satisfied
from gradcheck.drawing import Plan
from gradcheck.errors import SignatureError, UsageError, nearest
from gradcheck.kinds import Kind, find_kind, kind_of
from gradcheck.layouts import LAYOUTS
from gradcheck.signature import Signature, parse_signature
from gradcheck.sizes import Range, enlarged, legal, usual_ranges
from gradcheck.subject import Subject
from gradcheck.values import REGIMES

Axes = Mapping[str, int | Range]
Options = Mapping[str, Any]
Source = str | Signature | Subject | Kind | type[Any]
"""What cases are drawn of: a signature or its text, a kind or its name, a layer."""

_LARGEST = 6
_TRIES = 300


def plan_of(
    source: Source,
    *,
    axes: Axes,
    options: Options,
    constraints: tuple[str, ...],
    parameters: tuple[str, ...],
    regimes: tuple[str, ...],
    dtypes: tuple[str, ...],
    layouts: tuple[str, ...],
    allow_empty: bool,
) -> Plan:
    """Return the plan of cases of ``source``.

    Raises
    ------
    UsageError
        Something is not known, or cannot be satisfied; the message says what.
    """
    forms, known, fixed, own = _declared(source, parameters)
    _check_words("regime", regimes, REGIMES)
    _check_words("layout", layouts, LAYOUTS)
    _check_dtypes(dtypes)
    names = dict.fromkeys(name for form in forms for name in form.free_axes)
    _check_options(options, known, names, source)
    values = {**known, **{name: _values(name, one) for name, one in options.items()}}
    ranges = {name: _range(name, one, names, forms) for name, one in axes.items()}
    if twice := sorted(set(ranges) & (set(values) | set(fixed))):
        raise UsageError(f"the size of {twice[0]} is already fixed, as an option or by the layer")
    _check_constraints(constraints, {*names, *values})
    plan = Plan(
        forms,
        values,
        fixed,
        (*own, *constraints),
        ranges,
        _LARGEST,
        regimes,
        dtypes,
        layouts,
        allow_empty,
    )
    for form in forms:
        _check_satisfiable(plan, form)
    return plan


def _declared(
    source: Source, parameters: tuple[str, ...]
) -> tuple[tuple[Signature, ...], dict[str, tuple[Any, ...]], dict[str, int], tuple[str, ...]]:
    """Return forms, options, fixed axes and constraints of what cases are drawn of."""
    if isinstance(source, str) and (":" in source or "->" in source):
        return (parse_signature(source, parameters),), {}, {}, ()
    if parameters:
        raise UsageError("parameters are named beside the text of a signature only")
    if isinstance(source, Signature):
        return (source,), {}, {}, ()
    if isinstance(source, Subject):
        return source.forms, dict(source.options), dict(source.fixed_axes), source.constraints
    kind = find_kind(source) if isinstance(source, str) else source
    if isinstance(kind, type):
        found = kind_of(kind)
        if found is None:
            raise UsageError(f"{kind.__name__} is of no known kind: give its signature as a text")
        kind = found
    if not isinstance(kind, Kind):
        raise UsageError(
            "cases are drawn of a signature such as 'x: N D -> y: N D', or of a kind of layer; "
            f"got {kind!r:.60}"
        )
    return kind.forms, dict(kind.options), {}, kind.constraints


def _check_words(what: str, words: tuple[str, ...], known: Iterable[str]) -> None:
    known = list(known)
    if not words:
        raise UsageError(f"no {what} is left to draw. Known: {', '.join(known)}")
    for word in words:
        if word not in known:
            near = nearest(str(word), known)
            raise UsageError(f"no {what} {word!r}{near}. Known: {', '.join(known)}")


def _check_dtypes(dtypes: tuple[str, ...]) -> None:
    if not dtypes:
        raise UsageError("no dtype is left to draw")
    for one in dtypes:
        try:
            floating = np.dtype(one).kind == "f"
        except TypeError:
            floating = False
        if not floating:
            raise UsageError(f"{one!r} is no floating dtype such as 'float64' or 'float32'")


def _check_options(options: Options, known: Options, names: Iterable[str], source: Source) -> None:
    for name in options if known else ():
        if name not in known and name not in names:
            of = source if isinstance(source, str) else "the layer"
            raise UsageError(f"{of} has no option {name!r}{nearest(name, known)}")


def _values(name: str, given: Any) -> tuple[Any, ...]:
    """Return the values of an option: one alone, or several in a list or tuple."""
    values = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    if not values:
        raise UsageError(f"no value is left of the option {name!r}")
    return values


def _range(
    name: str, given: int | Range, names: Iterable[str], forms: Iterable[Signature]
) -> Range:
    """Return the least and the greatest size of an axis."""
    if name not in names:
        raise UsageError(f"no axis {name!r}{nearest(name, names)}. Known: {', '.join(names)}")
    least, most = given if isinstance(given, (tuple, list)) and len(given) == 2 else (given, given)
    if not all(type(one) is int or isinstance(one, np.integer) for one in (least, most)):
        raise UsageError(f"the range of axis {name} is a size or (least, greatest); got {given!r}")
    if not 0 <= least <= most:
        raise UsageError(f"the range of axis {name} is empty or negative: {given!r}")
    classes = {one.below for form in forms for one in form.arrays if one.domain == "labels"}
    if least == 0 and name in classes:
        raise UsageError(f"without any {name} there are no labels below it; got {given!r}")
    return int(least), int(most)


def _check_constraints(constraints: tuple[str, ...], names: set[str]) -> None:
    for one in constraints:
        for name in names_of(one):
            if name not in names:
                raise UsageError(
                    f"no axis or option {name!r} of the constraint {one!r}{nearest(name, names)}"
                )
        satisfied(one, dict.fromkeys(names_of(one), 1))  # raises SignatureError


def _check_satisfiable(plan: Plan, form: Signature) -> None:
    """Raise where none of many random sizes is legal: rather than draw in vain for long."""
    rng = np.random.default_rng(0)
    needed = dict(form.when)
    ranges = usual_ranges(form, form.free_axes, plan.largest)
    ranges |= {name: one for name, one in plan.ranges.items() if name in ranges}
    most = {name: one[1] for name, one in plan.ranges.items()}
    for name, values in plan.options.items():
        if not set(map(repr, values)) & set(map(repr, needed.get(name, values))):
            raise UsageError(f"no value of the option {name!r} is one of those that {form} needs")
    for _ in range(_TRIES):
        axes = {name: int(rng.integers(low, high + 1)) for name, (low, high) in ranges.items()}
        for name, values in plan.options.items():
            fitting = [one for one in values if one in needed.get(name, values)]
            value = fitting[rng.integers(len(fitting))]
            axes |= {name: value} if isinstance(value, int) else {}
        axes |= plan.fixed
        free = set(ranges) - set(plan.options) - set(plan.fixed)
        try:
            if legal(form, plan.constraints, enlarged(axes, plan.constraints, free, most)):
                return
        except SignatureError as error:
            raise UsageError(str(error)) from None
    told = ", ".join(plan.constraints) or "no axis is negative"
    raise UsageError(f"no sizes within the ranges satisfy {told} in {form}")
