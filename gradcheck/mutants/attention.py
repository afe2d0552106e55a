"""Mistakes in scaled dot-product attention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.mutants.logistic import softmax
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import with_ones_upstream
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array, Arrays


def turned(array: Array) -> Array:
    """Exchange the last two axes."""
    return np.swapaxes(array, -1, -2)


@dataclass(frozen=True)
class Attention:
    """One attention: scores a = q k^T * scale, weights p = softmax(a), output p v."""

    q: Array
    k: Array
    v: Array
    visible: Array
    dout: Array

    @property
    def scale(self) -> float:
        """One over the root of the number of columns."""
        return float(1 / np.sqrt(self.q.shape[-1]))

    @property
    def scores(self) -> Array:
        """The scores, with -inf where a row may not look."""
        return np.where(self.visible, self.q @ turned(self.k) * self.scale, -np.inf)

    @property
    def p(self) -> Array:
        """The weights; a row that may look nowhere has zeros."""
        return np.nan_to_num(softmax(self.scores))

    def back(
        self,
        *,
        da: Array | None = None,
        dv: Array | None = None,
        scale: float | None = None,
        scale_k: float | None = None,
    ) -> dict[str, Array]:
        """Return dq, dk and dv, with some of the steps on the way replaced."""
        if da is None:
            dp = self.dp
            da = self.p * (dp - (self.p * dp).sum(axis=-1, keepdims=True))
        s = self.scale if scale is None else scale
        t = s if scale_k is None else scale_k
        return {
            "q": da @ self.k * s,
            "k": turned(da) @ self.q * t,
            "v": turned(self.p) @ self.dout if dv is None else dv,
        }

    @property
    def dp(self) -> Array:
        """The gradient of the weights."""
        return np.asarray(self.dout @ turned(self.v))


Wrong = Callable[[Attention], Arrays]


def visible(situation: Situation, rows: int, keys: int) -> Array:
    """Return true where a row may look."""
    seen = np.ones((rows, keys), bool)
    if situation.options.get("causal", False):
        seen = np.tril(seen)
    return np.asarray(seen & situation.arrays.get("mask", np.ones((rows, keys), bool)))


def _wrong(wrong: Wrong) -> Formula:
    def formula(situation: Situation) -> dict[str, Array]:
        q, k, v = (situation.arrays[name] for name in "qkv")
        seen = visible(situation, q.shape[-2], k.shape[-2])
        return dict(wrong(Attention(q, k, v, seen, situation.dout)))

    return formula


def _mask_ignored(the: Attention) -> Arrays:
    """The student computed the softmax anew in backward, without the mask."""
    return replace(the, visible=np.ones_like(the.visible)).back()


def _masked_as_zero(the: Attention) -> Arrays:
    """The student computed the softmax anew with scores of zero where the mask forbids."""
    scores = np.where(the.visible, the.scores, 0.0)
    p = softmax(scores)
    da = p * (the.dp - (p * the.dp).sum(axis=-1, keepdims=True))
    return the.back(da=da, dv=turned(p) @ the.dout)


_SOFT = "da = p * (dp - (p * dp).sum(axis=-1, keepdims=True)) with dp = dout @ v.T."
_SCALE = "dq = da @ k / sqrt(D), dk = da.T @ q / sqrt(D)."
_DV = "dv = p.T @ dout with the weights p behind the softmax."
_MASK = "Use the weights p of forward, which are zero where the mask forbids."

TOLD: dict[str, tuple[str, str, Wrong]] = {
    "scale-missing": (
        _SCALE,
        "{gradient} lacks the factor 1 / sqrt(D) that forward put on the scores",
        lambda the: the.back(scale=1.0),
    ),
    "scale-twice": (
        _SCALE,
        "{gradient} has the factor 1 / sqrt(D) twice",
        lambda the: the.back(scale=the.scale**2),
    ),
    "scale-multiplied": (
        _SCALE,
        "{gradient} is multiplied by sqrt(D); forward divides by it",
        lambda the: the.back(scale=1 / the.scale),
    ),
    "softmax-diagonal": (
        _SOFT,
        "{gradient} uses p * (1 - p) for the softmax: the diagonal alone",
        lambda the: the.back(da=the.dp * the.p * (1 - the.p)),
    ),
    "softmax-missing": (
        _SOFT,
        "{gradient} goes past the softmax: its derivative is missing",
        lambda the: the.back(da=the.dp),
    ),
    "softmax-sum-missing": (
        _SOFT,
        "{gradient} uses p * dp for the softmax: the sum over the keys is missing",
        lambda the: the.back(da=the.p * the.dp),
    ),
    "softmax-sum-without-weights": (
        _SOFT,
        "the sum over the keys in {gradient} lacks the factor p",
        lambda the: the.back(da=the.p * (the.dp - the.dp.sum(axis=-1, keepdims=True))),
    ),
    "softmax-factor-missing": (
        _SOFT,
        "{gradient} lacks the factor p in front of the softmax's bracket",
        lambda the: the.back(da=the.dp - (the.p * the.dp).sum(axis=-1, keepdims=True)),
    ),
    "softmax-over-rows": (
        _SOFT,
        "the sum of the softmax in {gradient} runs over the rows, not over the keys",
        lambda the: the.back(da=the.p * (the.dp - (the.p * the.dp).sum(axis=-2, keepdims=True))),
    ),
    "weights-not-transposed": (
        _DV,
        "{gradient} is p @ dout: p must be transposed; it only fits for T = S",
        lambda the: {"v": the.p @ the.dout},
    ),
    "scores-for-weights": (
        _DV,
        "{gradient} uses the scores before the softmax where the weights p belong",
        lambda the: {"v": turned(np.where(the.visible, the.scores, 0)) @ the.dout},
    ),
    "scores-not-transposed": (
        "dk = da.T @ q / sqrt(D).",
        "{gradient} is da @ q: da must be transposed; it only fits for T = S",
        lambda the: {"k": the.back(da=turned(_da(the)))["k"]},
    ),
    "queries-and-keys-exchanged": (
        "dq = da @ k / sqrt(D), dk = da.T @ q / sqrt(D).",
        "{gradient} is multiplied by its own array: dq needs k, and dk needs q",
        lambda the: {"q": _da(the) @ the.q * the.scale, "k": turned(_da(the)) @ the.k * the.scale},
    ),
    "mask-ignored": (
        _MASK,
        "{gradient} ignores the mask: masked keys take part in backward",
        _mask_ignored,
    ),
    "masked-scores-zero": (
        _MASK,
        "{gradient} has masked scores at 0 instead of at minus infinity",
        _masked_as_zero,
    ),
}


def _da(the: Attention) -> Array:
    """Return the right gradient of the scores."""
    return np.asarray(the.p * (the.dp - (the.p * the.dp).sum(axis=-1, keepdims=True)))


MUTANTS: tuple[Mutant, ...] = (
    *(
        mutant(name, text, repair, "scaled-dot-product-attention", _wrong(wrong))
        for name, (repair, text, wrong) in TOLD.items()
    ),
    mutant(
        "upstream-ignored",
        "{gradient} does not use the upstream gradient: it is as if dout were ones",
        _DV,
        "scaled-dot-product-attention",
        with_ones_upstream,
    ),
)
"""The mistakes, each with its formula."""
