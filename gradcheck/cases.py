"""``Case``: one point at which a layer is checked, and the Hypothesis strategies that draw it.

Axes and options are drawn one by one, values from a drawn seed: so drawing is fast, and a
failing case shrinks to the smallest axes, the plainest regime and a small seed, whatever the
fault. The plain regime has short decimals only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from gradcheck.axes import axis_size, greater_side, names_of, satisfied
from gradcheck.batch import batch_axis
from gradcheck.errors import AdaptError
from gradcheck.signature import Signature
from gradcheck.subject import Array, Arrays, Subject
from gradcheck.values import SHORT, values_of

_WEIGHTED = (
    *("plain", *("generic",) * 9),
    *("tied", "small", "large", "huge", "constant", "offset"),
)
_MOST_ELEMENTS = 625
_TRIES = 200
_GROWTH = 64
# Hypothesis offers integers that it finds in the modules that are loaded: then a seed would draw
# other cases in a session that has loaded more. None of them is as large as these.
_FAR = 2**96
_SEEDS = st.integers(_FAR, _FAR + 2**16 - 1).map(lambda drawn: drawn - _FAR)


@dataclass(frozen=True, eq=False)
class Case:
    """Arrays by name for one form of a layer, with the sizes of its axes.

    ``mode`` is how sharply its gradients are compared. ``upstream`` are the cotangents, where they
    are not drawn from the seed. ``memory`` keeps what was already computed for this case, so that
    checks share it.
    """

    signature: Signature
    axes: Mapping[str, int]
    primals: Arrays
    options: Mapping[str, Any] = field(default_factory=dict)
    regime: str = "given"
    seed: int = 0
    mode: str = "fast"
    upstream: Arrays | None = None
    memory: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this case from another one of the same layer."""
        sizes, chosen = tuple(self.axes.items()), tuple(self.options.items())
        return str(self.signature), sizes, chosen, self.regime, self.seed

    @property
    def generic(self) -> bool:
        """Whether values have no structure of their own and an ordinary size."""
        return self.regime in ("plain", "generic", "given")

    @property
    def smooth(self) -> bool:
        """Whether differences of forward say anything: at equal rows a variance has a kink."""
        return self.regime != "constant"

    def rng(self, *purpose: str) -> np.random.Generator:
        """Return the generator for one purpose: the same for the same case, every time."""
        words = [number for word in purpose for number in word.encode()]
        return np.random.default_rng([self.seed, *words])

    def cotangents(self, outputs: Arrays, unit: bool = False) -> dict[str, Array]:
        """Return an upstream gradient like ``outputs``: random signs and sizes, never ones.

        Ones, or the output itself, hide whole classes of faults. ``unit`` gives ones all the
        same, for a backward that knows no other.
        """
        given = self.upstream or {}
        rng = self.rng("cotangent")
        plain = self.regime in ("plain", "tied")
        drawn: dict[str, Array] = {}
        for name, output in outputs.items():
            if unit:
                values = np.ones(output.shape)
            elif name in given and given[name].shape == output.shape:  # another batch has another
                values = given[name]
            elif plain:
                values = rng.choice(SHORT[1:], output.shape)
            else:
                values = rng.standard_normal(output.shape)
            kind = output.dtype if output.dtype.kind == "f" else np.dtype(np.float64)
            drawn[name] = np.asarray(values).astype(kind)
        return drawn


def cases(
    subject: Subject,
    *,
    dtypes: tuple[str, ...] = ("float64",),
    largest: int = 6,
    mode: str = "fast",
) -> st.SearchStrategy[Case]:
    """Return the strategy of cases for ``subject``: any of its forms, options and sizes.

    Shrinks towards the first form, default options, axes of size one, and short decimals.
    """
    drawn = _cases(
        subject.forms,
        dict(subject.options),
        dict(subject.fixed_axes),
        subject.constraints,
        dtypes,
        largest,
    )
    return drawn if mode == "fast" else drawn.map(lambda case: replace(case, mode=mode))


@st.composite
def _cases(
    draw: st.DrawFn,
    forms: tuple[Signature, ...],
    options: dict[str, tuple[Any, ...]],
    fixed: dict[str, int],
    constraints: tuple[str, ...],
    dtypes: tuple[str, ...],
    largest: int,
) -> Case:
    signature = forms[draw(st.integers(0, len(forms) - 1))] if len(forms) > 1 else forms[0]
    needed = dict(signature.when)
    chosen = {
        name: draw(st.sampled_from([one for one in values if one in needed.get(name, values)]))
        for name, values in options.items()
    }
    axes = {name: value for name, value in chosen.items() if isinstance(value, int)}
    axes |= fixed
    most = _largest_axis(signature, largest)
    # With a single class every label is the same and every loss is zero: nobody's use.
    least = {
        one.below or one.axes[-1]: 2
        for one in signature.arrays
        if one.domain in ("labels", "one-hot")
    }
    batch = batch_axis(signature)
    for name in signature.free_axes:
        if name not in axes:
            axes[name] = draw(st.integers(least.get(name, 1), most))
            if name == batch:  # now and then a batch that is larger than all else
                axes[name] += draw(st.sampled_from((0, 0, 0, 0, 0, 0, 0, largest)))
    free = set(signature.free_axes) - set(chosen) - set(fixed)
    assume(legal(signature, constraints, _enlarged(axes, constraints, free)))
    regime = draw(st.sampled_from(_WEIGHTED))
    dtype = dtypes[0] if len(dtypes) == 1 else draw(st.sampled_from(dtypes))
    seed = draw(_SEEDS)
    return make_case(signature, axes, chosen, regime=regime, seed=seed, dtype=dtype)


def plain_case(subject: Subject, form: Signature) -> Case:
    """Return a generic case with unequal axes, at the first options that the form allows.

    Raises
    ------
    AdaptError
        No axes satisfy the constraints.
    """
    needed = dict(form.when)
    options = {
        name: next((one for one in values if one in needed.get(name, values)), values[0])
        for name, values in subject.options.items()
    }
    known = {name: value for name, value in options.items() if isinstance(value, int)}
    known |= subject.fixed_axes
    free = [name for name in form.free_axes if name not in known]
    rng = np.random.default_rng(7)
    sizes = np.array([4, 3, 5, 2, 6, 7])
    for _ in range(_TRIES):
        axes = dict(zip(free, map(int, np.resize(sizes, len(free))), strict=True)) | known
        if legal(form, subject.constraints, axes):
            return make_case(form, axes, options, seed=7)
        sizes = rng.permutation(np.arange(2, 8))
    axes = _enlarged(axes, subject.constraints, set(free))
    if legal(form, subject.constraints, axes):
        return make_case(form, axes, options, seed=7)
    raise AdaptError(f"no axes satisfy {', '.join(subject.constraints)} in {form}")


def legal(signature: Signature, constraints: tuple[str, ...], axes: Mapping[str, int]) -> bool:
    """Return whether axes and options satisfy the constraints, and no axis is negative."""
    sizes = (axis_size(term, axes) for one in signature.arrays for term in one.axes)
    holds = all(satisfied(one, axes) for one in _known(constraints, axes))
    return all(size >= 0 for size in sizes) and holds


def _known(constraints: tuple[str, ...], axes: Mapping[str, int]) -> list[str]:
    """Return the constraints of whose names every one has a size."""
    return [one for one in constraints if set(names_of(one)) <= set(axes)]


def _enlarged(axes: dict[str, int], constraints: tuple[str, ...], free: set[str]) -> dict[str, int]:
    """Enlarge free axes, in place, until the greater sides of the constraints are great enough.

    Most draws become legal so, and none is larger than it must be.
    """
    for _ in range(_GROWTH):
        broken = [one for one in _known(constraints, axes) if not satisfied(one, axes)]
        growing = [name for one in broken for name in names_of(greater_side(one)) if name in free]
        if not growing:
            break
        axes[growing[0]] += 1
    return axes


def make_case(
    signature: Signature,
    axes: Mapping[str, int],
    options: Mapping[str, Any] | None = None,
    *,
    regime: str = "generic",
    seed: int = 0,
    dtype: str = "float64",
) -> Case:
    """Return the case with these axes, its values drawn from ``seed`` in ``regime``."""
    rng = np.random.default_rng([seed, 1])
    primals = {}
    for one in signature.arrays:
        array = values_of(one, axes, regime, rng)
        array = array.astype(dtype) if array.dtype.kind == "f" else array
        array.flags.writeable = False
        primals[one.name] = array
    named = {name: axes[name] for name in signature.names if name in axes}
    return Case(signature, named, primals, dict(options or {}), regime, seed)


def given_case(
    signature: Signature,
    arrays: Arrays,
    seed: int,
    *,
    mode: str = "fast",
    options: Mapping[str, Any] | None = None,
) -> Case:
    """Return the case of concrete arrays; copies, so that their owner may go on."""
    primals = {}
    for name, array in arrays.items():
        primals[name] = np.array(array)
        primals[name].flags.writeable = False
    return Case(signature, {}, primals, dict(options or {}), seed=seed, mode=mode)


def _largest_axis(signature: Signature, largest: int) -> int:
    """Return the size at which the array with the most axes still has few elements."""
    rank = max((len(one.axes) for one in signature.arrays), default=1)
    return max(2, min(largest, int(_MOST_ELEMENTS ** (1 / max(rank, 1)))))
