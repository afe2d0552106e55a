"""Hypothesis strategies for tests of one's own: cases, named arrays, and layers of a kind.

::

    from hypothesis import given
    from gradcheck.strategies import named_arrays

    @given(named_arrays("x: N D, W: D M, b: M", axes={"N": (1, 8)}))
    def test_affine(arrays): ...

What hides faults is drawn by design: unequal axes and sometimes equal ones, a batch of one, ties,
exact zeros, saturated and constant values, float32, and arrays that are not contiguous. Each
keyword narrows that down. A failing example shrinks to small axes and short decimals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st

from gradcheck.case import Case
from gradcheck.cases import planned
from gradcheck.drawing import DTYPE_SHARES, LAYOUT_SHARES, REGIME_SHARES
from gradcheck.errors import UsageError
from gradcheck.kinds import Kind, find_kind
from gradcheck.planning import Axes, Options, Source, plan_of
from gradcheck.signature import Signature
from gradcheck.subject import Array, Subject

__all__ = ["LayerCase", "cases", "layers_of", "named_arrays"]

T = TypeVar("T")
Words = str | Sequence[str]
"""One word, or several: each is drawn as often as it stands there."""


def cases(
    of: Source,
    *,
    axes: Axes | None = None,
    options: Options | None = None,
    constraints: Words = (),
    parameters: Words = (),
    regimes: Words = REGIME_SHARES,
    dtypes: Words = DTYPE_SHARES,
    layouts: Words = LAYOUT_SHARES,
    allow_empty: bool = False,
) -> st.SearchStrategy[Case]:
    """Return the strategy of cases: arrays by name with the sizes, options and seed behind them.

    Parameters
    ----------
    of
        A signature such as ``"x: N D, W: D M, b: M -> y: N M"``, the name of a kind of layer
        (``"conv2d"``), a layer class of a known kind, or what :mod:`gradcheck.signature` and
        :mod:`gradcheck.subject` make of them.
    axes
        The range of an axis, ``{"N": (1, 8)}``, or its size, ``{"D": 4}``.
    options
        Values by name: ``{"stride": (1, 2)}``. A name in the signature stands for the value.
    constraints
        Comparisons that axes and options satisfy: ``"H+2*pad >= K"``.
    parameters
        The arrays that the layer holds, by name.
    regimes
        How values are drawn: words of :data:`gradcheck.values.REGIMES`.
    dtypes
        Floating dtypes.
    layouts
        How arrays lie in memory: words of :data:`gradcheck.layouts.LAYOUTS`.
    allow_empty
        Whether a batch of no samples is drawn now and then.

    Raises
    ------
    UsageError
        A signature does not parse, a word is not known, or no sizes satisfy the constraints.
    """
    plan = plan_of(
        of,
        axes=axes or {},
        options=options or {},
        constraints=_words(constraints),
        parameters=_words(parameters),
        regimes=_words(regimes),
        dtypes=_words(dtypes),
        layouts=_words(layouts),
        allow_empty=allow_empty,
    )
    told = {
        "axes": (axes, None),
        "options": (options, None),
        "constraints": (constraints, ()),
        "parameters": (parameters, ()),
        "regimes": (regimes, REGIME_SHARES),
        "dtypes": (dtypes, DTYPE_SHARES),
        "layouts": (layouts, LAYOUT_SHARES),
        "allow_empty": (allow_empty, False),
    }
    given = {name: value for name, (value, usual) in told.items() if value != usual}
    return _Named(_call("cases", of, given), planned(plan))


def named_arrays(signature: Source, **keywords: Any) -> st.SearchStrategy[dict[str, Array]]:
    """Return the strategy of dicts of arrays by name; outputs need not be told.

    Writable copies, but for the layout ``read-only``. ``keywords`` are those of :func:`cases`.

    Raises
    ------
    UsageError
        As :func:`cases` does.
    """
    whole = f"{signature} -> _: ..." if _is_bare(signature) else signature
    drawn = cases(whole, **keywords).map(_lent)
    return _Named(_call("named_arrays", signature, keywords), drawn)


class LayerCase(NamedTuple):
    """A layer and a case that fits: ``layer.forward(*case.arguments)``."""

    layer: Any
    case: Case


def layers_of(kind: str | Kind, **keywords: Any) -> st.SearchStrategy[LayerCase]:
    """Return the strategy of reference layers of a kind, with drawn options and a case that fits.

    The layer holds the parameters of the case. ``keywords`` are those of :func:`cases`.

    Raises
    ------
    UsageError
        There is no such kind, or as :func:`cases` does.
    """
    known = find_kind(kind) if isinstance(kind, str) else kind
    if known.reference is None:
        raise UsageError(f"of the kind {known.name!r} there is no reference layer to draw")
    make = known.reference

    def layer_of(case: Case) -> LayerCase:
        held = {one.name: case.primals[one.name] for one in case.signature.held}
        return LayerCase(make(**held, **case.options), case)

    return _Named(_call("layers_of", known.name, keywords), cases(known, **keywords).map(layer_of))


class _Named(st.SearchStrategy[T]):
    """A strategy that is shown as the call that made it."""

    def __init__(self, text: str, inner: st.SearchStrategy[T]) -> None:
        super().__init__()
        self.text, self.inner = text, inner

    def do_draw(self, data: Any) -> T:
        """Draw from the strategy within."""
        drawn: T = data.draw(self.inner)
        return drawn

    def __repr__(self) -> str:
        return self.text


def _call(name: str, first: Source, keywords: Mapping[str, Any]) -> str:
    shown = first
    if isinstance(first, Signature):
        shown = str(first)
    elif isinstance(first, Kind):
        shown = first.name
    elif isinstance(first, Subject):
        shown = first.identity.symbol
    text = shown.__name__ if isinstance(shown, type) else repr(shown)
    return f"{name}({', '.join([text, *(f'{key}={value!r}' for key, value in keywords.items())])})"


def _is_bare(source: Source) -> bool:
    return isinstance(source, str) and ":" in source and "->" not in source


def _lent(case: Case) -> dict[str, Array]:
    """Return the arrays of a case for whoever may write into them."""
    if case.layout == "read-only":
        return dict(case.primals)
    for array in case.primals.values():
        array.flags.writeable = True
    return dict(case.primals)


def _words(words: Words) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)
