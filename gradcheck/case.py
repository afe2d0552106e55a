"""``Case``: one point at which a layer is checked, and the cases that need no drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck.errors import AdaptError
from gradcheck.layouts import laid_out
from gradcheck.signature import Signature
from gradcheck.sizes import enlarged, legal
from gradcheck.subject import Array, Arrays, Subject
from gradcheck.values import SHORT, simplest, values_of

_TRIES = 200


@dataclass(frozen=True, eq=False)
class Case:
    """Arrays by name for one form of a layer, with the sizes of its axes.

    ``mode`` is how sharply its gradients are compared. ``upstream`` are the cotangents, where they
    are not drawn from the seed; ``layout`` is how the arrays lie in memory. ``memory`` keeps what
    was already computed for this case, so that checks share it.
    """

    signature: Signature
    axes: Mapping[str, int]
    primals: Arrays
    options: Mapping[str, Any] = field(default_factory=dict)
    regime: str = "given"
    seed: int = 0
    mode: str = "fast"
    upstream: Arrays | None = None
    layout: str = "given"
    memory: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this case from another one of the same layer."""
        sizes, chosen = tuple(self.axes.items()), tuple(self.options.items())
        kept = self.layout, tuple(one.dtype.str for one in self.primals.values())
        return str(self.signature), sizes, chosen, self.regime, self.seed, *kept

    @property
    def arguments(self) -> tuple[Array, ...]:
        """The arrays that forward takes, in the order of the signature."""
        return tuple(self.primals[one.name] for one in self.signature.inputs)

    @property
    def generic(self) -> bool:
        """Whether values have no structure of their own and an ordinary size."""
        return self.regime in ("plain", "generic", "given")

    @property
    def smooth(self) -> bool:
        """Whether differences of forward say anything: at equal rows a variance has a kink."""
        return self.regime != "constant"

    def __repr__(self) -> str:
        told = {**self.axes, **self.options, "regime": self.regime, "seed": self.seed}
        told |= {} if self.layout == "given" else {"layout": self.layout}
        parts = [repr(str(self.signature)), *(f"{name}={one!r}" for name, one in told.items())]
        for name, one in self.primals.items():
            values = np.array2string(one, separator=", ", threshold=48, max_line_width=10**6)
            parts.append(f"{name}={values}".replace("\n", ""))
        return f"Case({', '.join(parts)})"

    def rng(self, *purpose: str) -> np.random.Generator:
        """Return the generator for one purpose: the same for the same case, every time."""
        words = [number for word in purpose for number in word.encode()]
        return np.random.default_rng([self.seed, *words])

    def cotangents(self, outputs: Arrays, unit: bool = False) -> dict[str, Array]:
        """Return an upstream gradient like ``outputs``: random signs and sizes, never ones.

        Ones, or the output itself, hide whole classes of faults. ``unit`` gives ones all the
        same, for a backward that knows no other. Every check asks for it, so it is remembered.
        """
        if self.upstream is not None:  # given, and not drawn
            return self._cotangents(outputs, unit)
        like = tuple((name, one.shape, one.dtype.str) for name, one in outputs.items())
        key = ("cotangents", unit, like, self.regime, self.seed)
        if key not in self.memory:
            self.memory[key] = self._cotangents(outputs, unit)
        return dict(self.memory[key])

    def _cotangents(self, outputs: Arrays, unit: bool) -> dict[str, Array]:
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
            drawn[name].flags.writeable = False
        return drawn


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
    axes = enlarged(axes, subject.constraints, free)
    if legal(form, subject.constraints, axes):
        return make_case(form, axes, options, seed=7)
    raise AdaptError(f"no axes satisfy {', '.join(subject.constraints)} in {form}")


def make_case(
    signature: Signature,
    axes: Mapping[str, int],
    options: Mapping[str, Any] | None = None,
    *,
    regime: str = "generic",
    seed: int = 0,
    dtype: str = "float64",
    layout: str = "given",
) -> Case:
    """Return the case with these axes, its values drawn from ``seed`` in ``regime``."""
    rng = np.random.default_rng([seed, 1])
    primals = {}
    for one in signature.arrays:
        plainest = regime == "plain" and seed == 0  # what Hypothesis shrinks to
        array = simplest(one, axes) if plainest else values_of(one, axes, regime, rng)
        array = array.astype(dtype) if array.dtype.kind == "f" else array
        array = array if layout == "given" else laid_out(array, layout)
        array.flags.writeable = False
        primals[one.name] = array
    named = {name: axes[name] for name in signature.names if name in axes}
    return Case(signature, named, primals, dict(options or {}), regime, seed, layout=layout)


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
