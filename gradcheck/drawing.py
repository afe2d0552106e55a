"""How sizes, options and values of a case are chosen: by design, and not by luck.

What hides a fault is rarely drawn by chance, so each has its share of the draws: unequal axes and
now and then equal ones, a batch of one, of none and a large one, extreme values, other layouts.
Every choice shrinks to its first alternative, which is the plainest.

Alternatives carry the name of what is chosen, so that no two choices look alike: where Hypothesis
sees two of a sort, it spends most of its draws on copies of the one in the place of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from hypothesis import assume
from hypothesis import strategies as st

from gradcheck.batch import batch_axis
from gradcheck.signature import Signature
from gradcheck.sizes import Range, enlarged, legal, made_equal, made_unequal, usual_ranges

T = TypeVar("T")

REGIME_SHARES = (
    *("plain", *("generic",) * 9),
    *("tied", "small", "large", "huge", "constant", "offset"),
)
"""Regimes of values, each as often as it stands here: extremes are a third."""
LAYOUT_SHARES = (
    *("given",) * 5,
    *("Fortran-ordered", "strided", "reversed", "sliced", "read-only"),
)
DTYPE_SHARES = ("float64", "float64", "float64", "float32")

_SHAPES = ("any", *("unequal",) * 6, "equal")
_LARGE_BATCH = 8  # one in so many batches is larger than all else,
_NO_BATCH = 8  # and one in so many has no sample, where that is allowed


class Choice(NamedTuple):
    """What is chosen for one case; ``axes`` include the options that are sizes."""

    signature: Signature
    axes: dict[str, int]
    options: dict[str, Any]
    regime: str
    seed: int
    dtype: str
    layout: str


@dataclass(frozen=True)
class Plan:
    """What cases are drawn from.

    ``ranges`` are those of single axes, where the usual ones, up to ``largest``, will not do.
    ``regimes``, ``dtypes`` and ``layouts`` are drawn as often as they stand there.
    """

    forms: tuple[Signature, ...]
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    fixed: Mapping[str, int] = field(default_factory=dict)
    constraints: tuple[str, ...] = ()
    ranges: Mapping[str, Range] = field(default_factory=dict)
    largest: int = 6
    regimes: tuple[str, ...] = REGIME_SHARES
    dtypes: tuple[str, ...] = ("float64",)
    layouts: tuple[str, ...] = ("given",)
    allow_empty: bool = False

    @cached_property
    def drawn(self) -> _Drawn:
        """The strategies of all that is drawn, built once."""
        return _Drawn(self)


class _Form:
    """One form of a layer, and the strategies of its options and axes, built once."""

    def __init__(self, plan: Plan, signature: Signature) -> None:
        self.signature = signature
        needed = dict(signature.when)
        legal_values = {
            name: [one for one in values if one in needed.get(name, values)]
            for name, values in plan.options.items()
        }
        self.options = {name: _named(name, one) for name, one in legal_values.items()}
        self.ranges = usual_ranges(signature, signature.free_axes, plan.largest)
        self.ranges |= {name: one for name, one in plan.ranges.items() if name in self.ranges}
        self.axes = {
            name: _named(name, range(least, most + 1))
            for name, (least, most) in self.ranges.items()
        }
        self.batch = batch_axis(signature)
        # A batch larger than all else is drawn where nobody said how large it may be.
        grows = self.batch in self.ranges and self.batch not in plan.ranges
        self.growth = plan.largest if grows else 0
        self.most = {name: most for name, (_, most) in plan.ranges.items()}


def _named(name: str, alternatives: Iterable[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    return st.sampled_from([(name, one) for one in alternatives])


class _Drawn:
    """The strategies of what is drawn for each case."""

    def __init__(self, plan: Plan) -> None:
        self.form = _one_of([_Form(plan, one) for one in plan.forms])
        self.regime, self.dtype = _one_of(plan.regimes), _one_of(plan.dtypes)
        self.layout = _one_of(plan.layouts)


def _one_of(alternatives: Sequence[T]) -> Callable[[st.DrawFn], T]:
    """Return how one of the alternatives is drawn: without any choice, where there is one."""
    if len(alternatives) == 1:
        only = alternatives[0]
        return lambda draw: only
    strategy = st.sampled_from(alternatives)
    return lambda draw: draw(strategy)


_SHAPE = st.sampled_from(_SHAPES)
# Hypothesis offers integers that it finds in the modules that are loaded: then a seed would draw
# other cases in a session that has loaded more. None of them is as large as these.
_FAR = 2**96
_SEED = st.integers(_FAR, _FAR + 2**16 - 1)
_GROWN = _named("grown", (False,) * (_LARGE_BATCH - 1) + (True,))
_EMPTY = _named("empty", (False,) * (_NO_BATCH - 1) + (True,))


@st.composite
def choices(draw: st.DrawFn, plan: Plan) -> Choice:
    """Return the strategy of what is chosen for one case."""
    drawn = plan.drawn
    form = drawn.form(draw)
    # Before the sizes that it changes: what comes first is made plain first.
    shape = draw(_SHAPE)
    grown = bool(form.growth) and draw(_GROWN)[1]
    empty = plan.allow_empty and form.batch in form.ranges and draw(_EMPTY)[1]
    options = dict(draw(one) for one in form.options.values())
    known = {name: value for name, value in options.items() if isinstance(value, int)}
    known |= plan.fixed
    free = {name: one for name, one in form.ranges.items() if name not in known}
    axes = dict(draw(form.axes[name]) for name in free)
    if grown and form.batch in free:
        axes[form.batch] += form.growth
    if shape != "any":
        (made_unequal if shape == "unequal" else made_equal)(axes, free)
    axes = enlarged(axes | known, plan.constraints, free, form.most)
    if empty and form.batch in free:
        axes[form.batch] = 0
    assume(legal(form.signature, plan.constraints, axes))
    return Choice(
        form.signature,
        axes,
        options,
        drawn.regime(draw),
        draw(_SEED) - _FAR,
        drawn.dtype(draw),
        drawn.layout(draw),
    )
