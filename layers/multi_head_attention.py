"""Attention with learned projections and several heads: to the sequence itself, or to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.attention import ScaledDotProductAttention, checked_mask
from layers.layer import Array, Layer, snapshots

_WEIGHTS = "Wq: heads*K heads*K, Wk: heads*K heads*K, Wv: heads*K heads*K, Wo: heads*K heads*K"
_BIASES = "bq: heads*K, bk: heads*K, bv: heads*K, bo: heads*K"


class _MultiHead(Layer):
    """Queries from x, keys and values from a context; the same for self and cross attention."""

    parameters: ClassVar[tuple[str, ...]] = ("Wq", "Wk", "Wv", "Wo", "bq", "bk", "bv", "bo")
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "heads": (1, 2, 3),
        "causal": (False, True),
    }
    _kept: tuple[Array, ...] | None = None
    _attention: ScaledDotProductAttention | None = None

    def __init__(
        self,
        Wq: ArrayLike,
        Wk: ArrayLike,
        Wv: ArrayLike,
        Wo: ArrayLike,
        bq: ArrayLike | None = None,
        bk: ArrayLike | None = None,
        bv: ArrayLike | None = None,
        bo: ArrayLike | None = None,
        heads: int = 1,
        causal: bool = False,
    ) -> None:
        """Share the weights (D, D) and, all or none, the biases (D,); heads must divide D."""
        self.Wq, self.Wk, self.Wv, self.Wo = (np.asarray(W) for W in (Wq, Wk, Wv, Wo))
        self.bq, self.bk, self.bv, self.bo = (
            None if b is None else np.asarray(b) for b in (bq, bk, bv, bo)
        )
        self.dWq: Array
        self.dWk: Array
        self.dWv: Array
        self.dWo: Array
        self.dbq: Array
        self.dbk: Array
        self.dbv: Array
        self.dbo: Array
        self.heads, self.causal = heads, causal
        self._biased = self._check_parameters()

    @classmethod
    def random(
        cls, D: int, *, rng: np.random.Generator | None = None, bias: bool = True, **options: Any
    ) -> Self:
        """Draw weights uniform in [-u, u] with u = sqrt(3 / D), so of variance 1/D; zero biases.

        Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural
        networks" (2010), eq. 16, for as many inputs as outputs.
        """
        rng = np.random.default_rng(rng)
        weights = rng.uniform(-1, 1, (4, D, D)) * np.sqrt(3 / max(D, 1))
        return cls(*weights, *(np.zeros((4, D)) if bias else ()), **options)

    def _check_parameters(self) -> bool:
        """Return whether there are biases; ValueError when parameters do not fit."""
        name, D = type(self).__name__, len(self.Wq) if self.Wq.ndim else 0
        weights = [W.shape for W in (self.Wq, self.Wk, self.Wv, self.Wo)]
        if any(shape != (D, D) for shape in weights):
            raise ValueError(f"{name}: the four weights must be (D, D) with one D, got {weights}")
        if self.heads < 1 or D % self.heads:
            raise ValueError(f"{name}: heads must divide D = {D}, got heads = {self.heads}")
        biases = [None if b is None else b.shape for b in (self.bq, self.bk, self.bv, self.bo)]
        if biases not in ([None] * 4, [(D,)] * 4):
            raise ValueError(f"{name}: the biases must be four of ({D},) or none, got {biases}")
        return None not in biases

    def _attend(self, x: Array, context: Array, mask: ArrayLike | None) -> Array:
        """Return the output (N, T, D) from queries of x and keys and values of the context."""
        weights = self.Wq, self.Wk, self.Wv, self.Wo
        biases = [b for b in (self.bq, self.bk, self.bv, self.bo) if b is not None]
        x, context, Wq, Wk, Wv, Wo, *biases = snapshots(x, context, *weights, *biases)
        self._check_inputs(x, context)
        bq, bk, bv, bo = biases or np.zeros((4, len(Wo)), x.dtype)
        q = self._split(np.tensordot(x, Wq, axes=1) + bq)
        k = self._split(np.tensordot(context, Wk, axes=1) + bk)
        v = self._split(np.tensordot(context, Wv, axes=1) + bv)
        if mask is not None:  # every head looks alike
            shape = (len(x), x.shape[1], context.shape[1])
            mask = checked_mask(type(self).__name__, mask, shape)[:, np.newaxis]
        self._attention = ScaledDotProductAttention(self.causal)
        y = self._joined(self._attention.forward(q, k, v, mask))
        self._kept = x, context, y, Wq, Wk, Wv, Wo
        o: Array = np.tensordot(y, Wo, axes=1) + bo
        return o

    def _attend_back(self, dout: ArrayLike) -> tuple[Array, Array]:
        """Return (dx, dcontext); store the gradients of the parameters."""
        x, context, y, Wq, Wk, Wv, Wo = self._recall(self._kept)
        dout = self._upstream(dout, y)
        dy = self._split(np.tensordot(dout, Wo.T, axes=1))
        heads = self._recall(self._attention).backward(dy)
        dq, dk, dv = (self._joined(gradient) for gradient in heads)
        self.dWq, self.dWk = _product(x, dq), _product(context, dk)
        self.dWv, self.dWo = _product(context, dv), _product(y, dout)
        if self._biased:
            sums = (gradient.sum(axis=(0, 1)) for gradient in (dq, dk, dv, dout))
            self.dbq, self.dbk, self.dbv, self.dbo = sums
        dcontext = np.tensordot(dk, Wk.T, axes=1) + np.tensordot(dv, Wv.T, axes=1)
        return np.tensordot(dq, Wq.T, axes=1), dcontext

    def _split(self, x: Array) -> Array:
        """Take (N, T, heads*K) to (N, heads, T, K)."""
        N, T, D = x.shape
        return x.reshape(N, T, self.heads, D // self.heads).swapaxes(1, 2)

    def _joined(self, x: Array) -> Array:
        """Take (N, heads, T, K) to (N, T, heads*K)."""
        N, heads, T, K = x.shape
        return x.swapaxes(1, 2).reshape(N, T, heads * K)

    def _check_inputs(self, x: Array, context: Array) -> None:
        D = len(self.Wq)
        fits = x.ndim == context.ndim == 3 and x.shape[2] == context.shape[2] == D
        if not fits or len(x) != len(context):
            raise ValueError(
                f"{type(self).__name__}.forward: x must be (N, T, {D}) and context (N, S, {D}) as "
                f"the weights expect, got {x.shape} and {context.shape}"
            )


def _product(x: Array, dy: Array) -> Array:
    """Return sum_nt x_nt^T dy_nt."""
    return np.tensordot(x, dy, axes=((0, 1), (0, 1)))


class MultiHeadAttention(_MultiHead):
    """Self-attention: every step of x looks at all steps of x, with several heads.

    With Q = x Wq + bq, K = x Wk + bk and V = x Wv + bv, each cut into ``heads`` equal blocks of
    columns, every head is the ScaledDotProductAttention of its blocks; y puts the heads side by
    side again and the output is o = y Wo + bo. The backward pass is that of the four affine layers
    around the attention: dWo = sum_nt y^T do, dy = do Wo^T, which the attention takes to dQ, dK
    and dV, and dWq = sum_nt x^T dQ, dbq = sum_nt dQ, likewise for k and v. x has entered three
    times, so dx = dQ Wq^T + dK Wk^T + dV Wv^T.

    bk adds the same to all scores of a row, which the softmax does not see: dbk is zero but for
    rounding. A row that may look nowhere gives bo.

    x: (N, T, D) with D = heads*K; mask: booleans (N, T, T), or anything that broadcasts to it, true
    where a row may look, or left out; weights (D, D), biases (D,) or left out; output (N, T, D).
    ``causal``: step t looks at steps up to t only. Raises ValueError when shapes do not fit.

    Source: Vaswani et al., "Attention is all you need" (2017), sec. 3.2.2.
    """

    forms: ClassVar[tuple[str, ...]] = (
        f"x: N T heads*K, {_WEIGHTS}, {_BIASES} -> o: N T heads*K",
        f"x: N T heads*K, {_WEIGHTS} -> o: N T heads*K",
        f"x: N T heads*K, mask: N T T [mask], {_WEIGHTS}, {_BIASES} -> o: N T heads*K",
    )

    def forward(self, x: ArrayLike, mask: ArrayLike | None = None) -> Array:
        """Return the output, of shape (N, T, D)."""
        x = np.asarray(x)
        return self._attend(x, x, mask)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store the gradients of weights and biases."""
        dx, dcontext = self._attend_back(dout)
        return dx + dcontext


class MultiHeadCrossAttention(_MultiHead):
    """Cross attention: every step of x looks at all steps of another sequence, the context.

    MultiHeadAttention, but with K = c Wk + bk and V = c Wv + bv from the context c, which thus
    takes its share of the gradient: dx = dQ Wq^T and dc = dK Wk^T + dV Wv^T, while dWk = sum c^T dK
    and dWv = sum c^T dV. For c = x their sum is the gradient of self-attention.

    x: (N, T, D) with D = heads*K; context: (N, S, D); mask: booleans (N, T, S), or anything that
    broadcasts to it, true where a row may look, or left out; parameters as of MultiHeadAttention;
    output (N, T, D). ``causal``: step t looks at the steps of the context up to t only, counted
    from the start of both. Raises ValueError when shapes do not fit.

    Source: Vaswani et al. (2017), sec. 3.2.3.
    """

    forms: ClassVar[tuple[str, ...]] = (
        f"x: N T heads*K, context: N S heads*K, {_WEIGHTS}, {_BIASES} -> o: N T heads*K",
        f"x: N T heads*K, context: N S heads*K, {_WEIGHTS} -> o: N T heads*K",
        f"x: N T heads*K, context: N S heads*K, mask: N T S [mask], {_WEIGHTS}, {_BIASES} "
        "-> o: N T heads*K",
    )

    def forward(self, x: ArrayLike, context: ArrayLike, mask: ArrayLike | None = None) -> Array:
        """Return the output, of shape (N, T, D)."""
        return self._attend(np.asarray(x), np.asarray(context), mask)

    def backward(self, dout: ArrayLike) -> tuple[Array, Array]:
        """Return (dx, dcontext); store the gradients of weights and biases."""
        return self._attend_back(dout)
