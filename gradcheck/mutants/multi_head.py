"""Mistakes in multi-head attention: those of the attention inside, and of the layers around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradcheck.mutants.attention import TOLD, Attention, Wrong, visible
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import parameters_of
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array, Arrays


@dataclass(frozen=True)
class Heads:
    """A call: x gives the queries, the context keys and values."""

    situation: Situation

    @property
    def x(self) -> Array:
        """What the queries come from."""
        return self.situation.arrays["x"]

    @property
    def context(self) -> Array:
        """What keys and values come from: x itself in self-attention."""
        return self.situation.arrays.get("context", self.x)

    def split(self, array: Array) -> Array:
        """Take (N, T, heads*K) to (N, heads, T, K)."""
        N, T, D = array.shape
        heads = int(self.situation.options.get("heads", 1))
        return array.reshape(N, T, heads, D // heads).swapaxes(1, 2)

    def joined(self, array: Array) -> Array:
        """Take (N, heads, T, K) to (N, T, heads*K)."""
        N, heads, T, K = array.shape
        return array.swapaxes(1, 2).reshape(N, T, heads * K)

    @cached_property
    def attention(self) -> Attention:
        """The attention of all heads, with the right upstream gradient."""
        arrays = self.situation.arrays
        q, k, v = (
            self.split(one @ arrays[f"W{name}"] + arrays.get(f"b{name}", np.zeros(())))
            for name, one in (("q", self.x), ("k", self.context), ("v", self.context))
        )
        seen = visible(self.situation, q.shape[-2], k.shape[-2])
        seen = seen[:, np.newaxis] if seen.ndim == 3 else seen
        return Attention(q, k, v, seen, self.split(self.situation.dout @ arrays["Wo"].T))

    def back(
        self,
        inner: Arrays,
        *,
        joined: Callable[[Array], Array] | None = None,
        ways: str = "qkv",
        turned: str = "qkv",
    ) -> dict[str, Array]:
        """Return the gradients from those of q, k and v, the way through the affine layers."""
        join = self.joined if joined is None else joined
        arrays, found = self.situation.arrays, {}
        back: dict[str, Array] = {}
        for name, one in (("q", self.x), ("k", self.context), ("v", self.context)):
            if name in inner:
                d = join(inner[name])
                found[f"W{name}"] = np.tensordot(one, d, axes=((0, 1), (0, 1)))
                found[f"b{name}"] = d.sum(axis=(0, 1))
                W = arrays[f"W{name}"]
                back[name] = d @ (W.T if name in turned else W)
        kept = {name: one for name, one in back.items() if name in ways}
        if "context" in arrays:
            own = kept.get("q", np.zeros_like(self.x))
            others = [one for name, one in kept.items() if name != "q"]
            zero = np.zeros_like(self.context)
            return {**found, "x": own, "context": np.sum(others, axis=0) if others else zero}
        return {**found, "x": np.sum(list(kept.values()), axis=0)}


def _inside(wrong: Wrong) -> Formula:
    """The student made a mistake in the attention of the heads."""

    def formula(situation: Situation) -> dict[str, Array]:
        heads = Heads(situation)
        found = wrong(heads.attention)
        return heads.back({**heads.attention.back(), **found})

    return formula


def _around(ways: str = "qkv", turned: str = "qkv") -> Formula:
    """The student forgot a way back to x, or to transpose the weights of one."""

    def formula(situation: Situation) -> dict[str, Array]:
        heads = Heads(situation)
        found = heads.back(heads.attention.back(), ways=ways, turned=turned)
        return {name: found[name] for name in ("x", "context") if name in found}

    return formula


def _heads_not_exchanged(situation: Situation) -> dict[str, Array]:
    """The student reshaped the heads together without exchanging heads and steps."""
    heads = Heads(situation)
    return heads.back(
        heads.attention.back(), joined=lambda one: one.reshape(len(one), -1, heads.x.shape[-1])
    )


def _output_weights_not_transposed(situation: Situation) -> dict[str, Array]:
    """The student wrote dy = dout @ Wo."""
    heads = Heads(situation)
    dout = heads.split(situation.dout @ situation.arrays["Wo"])
    the = heads.attention
    return heads.back(Attention(the.q, the.k, the.v, the.visible, dout).back())


def _output_gradient_transposed(situation: Situation) -> dict[str, Array]:
    """The student's dWo is transposed; all weights are square."""
    return {"Wo": situation.gradients["Wo"].T}


def _projections_transposed(situation: Situation) -> dict[str, Array]:
    """The student's gradients of the projections are transposed."""
    return {name: situation.gradients[name].T for name in ("Wq", "Wk", "Wv")}


def _output_from_values(situation: Situation) -> dict[str, Array]:
    """The student used the layer's output for dWo; what went into Wo belongs there."""
    y, dout = situation.y, situation.dout
    return {"Wo": np.tensordot(y, dout, axes=((0, 1), (0, 1)))}


_BOTH = "multi-head-attention multi-head-cross-attention"
_SELF = "multi-head-attention"
_THRICE = "x enters as queries, keys and values: dx = dq @ Wq.T + dk @ Wk.T + dv @ Wv.T."
_TURN = "Going back through x @ W needs W.T."

_TOLD: dict[str, tuple[str, str, str, Formula]] = {
    "query-path-missing": (
        _SELF,
        _THRICE,
        "{gradient} lacks the way through the queries",
        _around(ways="kv"),
    ),
    "key-path-missing": (
        _BOTH,
        "Add what comes back through the keys: dk @ Wk.T.",
        "{gradient} lacks the way through the keys",
        _around(ways="qv"),
    ),
    "value-path-missing": (
        _BOTH,
        "Add what comes back through the values: dv @ Wv.T.",
        "{gradient} lacks the way through the values",
        _around(ways="qk"),
    ),
    "only-query-path": (
        _SELF,
        _THRICE,
        "{gradient} has the way through the queries only: overwritten or not added",
        _around(ways="q"),
    ),
    "only-value-path": (
        _SELF,
        _THRICE,
        "{gradient} has the way through the values only: overwritten or not added",
        _around(ways="v"),
    ),
    "query-weights-not-transposed": (
        _BOTH,
        _TURN,
        "{gradient} uses dq @ Wq: Wq must be transposed",
        _around(turned="kv"),
    ),
    "key-weights-not-transposed": (
        _BOTH,
        _TURN,
        "{gradient} uses dk @ Wk: Wk must be transposed",
        _around(turned="qv"),
    ),
    "value-weights-not-transposed": (
        _BOTH,
        _TURN,
        "{gradient} uses dv @ Wv: Wv must be transposed",
        _around(turned="qk"),
    ),
    "no-weights-transposed": (
        _BOTH,
        _TURN,
        "{gradient} uses Wq, Wk and Wv without transposing them",
        _around(turned=""),
    ),
    "output-weights-not-transposed": (
        _BOTH,
        _TURN,
        "{gradient} goes back through Wo without transposing it",
        _output_weights_not_transposed,
    ),
    "heads-not-exchanged": (
        _BOTH,
        "(N, heads, T, K): exchange heads and T before the reshape to (N, T, heads * K).",
        "{gradient} has the heads joined by a reshape alone: their axis must be moved first",
        _heads_not_exchanged,
    ),
    "output-weight-gradient-transposed": (
        _BOTH,
        "dWo = y.T @ dout.",
        "{gradient} is transposed: dout.T @ y in place of y.T @ dout",
        _output_gradient_transposed,
    ),
    "projection-gradients-transposed": (
        _BOTH,
        "dW = x.T @ dq, and the same for keys and values.",
        "{gradient} is transposed: dq.T @ x in place of x.T @ dq",
        _projections_transposed,
    ),
    "output-for-heads": (
        _BOTH,
        "dWo = y.T @ dout with y the joined heads, before Wo.",
        "{gradient} uses the output of the layer; what went into Wo belongs there",
        _output_from_values,
    ),
    "only-last-sample": (
        _BOTH,
        "Sum over the batch and the steps.",
        "{gradient} comes from the last sample only: overwritten in the loop, not summed",
        parameters_of("N", slice(-1, None)),
    ),
}

MUTANTS: tuple[Mutant, ...] = (
    *(
        mutant(name, text, repair, _BOTH, _inside(wrong))
        for name, (repair, text, wrong) in TOLD.items()
    ),
    *(
        mutant(name, text, repair, kinds, formula)
        for name, (kinds, repair, text, formula) in _TOLD.items()
    ),
)
"""The mistakes, each with its formula."""
