"""The plain recurrent layer, also called Elman or vanilla RNN: one step, and a whole sequence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshots
from layers.logistic import tanh_slope
from layers.recurrent import (
    check_input,
    check_states,
    checked_truncation,
    drawn_weights,
    is_cut,
    shared_weights,
)


def _relu(a: Array) -> Array:
    return np.maximum(a, np.zeros_like(a))


def _relu_slope(a: Array) -> Array:
    return (a > 0).astype(a.dtype)


# phi and phi'.
_ACTIVATIONS: Mapping[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "tanh": (np.tanh, tanh_slope),
    "relu": (_relu, _relu_slope),
}


class _Elman(Layer):
    """The weights and the activation, the same for one step and for a sequence."""

    parameters: ClassVar[tuple[str, ...]] = ("Wx", "Wh", "b")

    def __init__(
        self, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike, activation: str = "tanh"
    ) -> None:
        """Share Wx: (D, H), Wh: (H, H) and b: (H,)."""
        self.Wx, self.Wh, self.b = shared_weights(type(self).__name__, 1, Wx, Wh, b)
        self.dWx: Array
        self.dWh: Array
        self.db: Array
        if activation not in _ACTIVATIONS:
            raise ValueError(
                f"{type(self).__name__}: activation must be tanh or relu, got {activation!r}"
            )
        self.activation = activation

    @classmethod
    def random(
        cls, D: int, H: int, *, rng: np.random.Generator | None = None, **options: Any
    ) -> Self:
        """Draw normal weights of variance 1/D and 1/H, with a bias of zero."""
        return cls(*drawn_weights(1, D, H, rng), **options)

    def _phi(self, a: Array) -> Array:
        return _ACTIVATIONS[self.activation][0](a)

    def _slope(self, a: Array) -> Array:
        """Return phi'(a)."""
        return _ACTIVATIONS[self.activation][1](a)


class RNNCell(_Elman):
    """h' = phi(a) with a = x Wx + h Wh + b: one step of a plain recurrent network.

    With da = dh' phi'(a), the rest is an affine layer of two inputs: dx = da Wx^T, dh = da Wh^T,
    dWx = x^T da, dWh = h^T da and db = sum_n da_n. phi is tanh, with phi'(a) = 1 - tanh^2 a, or
    relu, whose slope at the kink a = 0 is taken to be zero.

    x: (N, D), h: (N, H), Wx: (D, H), Wh: (H, H), b: (H,), h': (N, H). Raises ValueError when
    shapes do not fit.

    Source: Elman, "Finding structure in time" (1990); Goodfellow, Bengio, Courville, "Deep
    Learning" (2016), eq. 10.8 and 10.9; Saito, "Deep Learning from Scratch 2" (2018), sec. 5.3.
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N D, h: N H, Wx: D H, Wh: H H, b: H -> h_next: N H",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"activation": ("tanh", "relu")}
    _kept: tuple[Array, ...] | None = None

    def forward(self, x: ArrayLike, h: ArrayLike) -> Array:
        """Return the next state, of shape (N, H)."""
        x, h, Wx, Wh, b = snapshots(x, h, self.Wx, self.Wh, self.b)
        check_input("RNNCell", "N D", Wx, x)
        check_states("RNNCell", Wh, x, h=h)
        a = x @ Wx + h @ Wh + b
        self._kept = x, h, Wx, Wh, a
        return self._phi(a)

    def backward(self, dout: ArrayLike) -> tuple[Array, Array]:
        """Return (dx, dh); store dWx: (D, H), dWh: (H, H) and db: (H,)."""
        x, h, Wx, Wh, a = self._recall(self._kept)
        da = self._upstream(dout, a) * self._slope(a)
        self.dWx, self.dWh, self.db = x.T @ da, h.T @ da, da.sum(axis=0)
        return da @ Wx.T, da @ Wh.T


class RNN(_Elman):
    """h_t = phi(a_t) with a_t = x_t Wx + h_(t-1) Wh + b for t = 1 ... T, from h_0: RNNCell in time.

    h_t enters the output and, for t < T, the next step. Its gradient is thus the sum of both,
    dh_t = dout_t + da_(t+1) Wh^T, and da_t = dh_t phi'(a_t): the recursion runs backward from
    t = T, and what leaves its last step is dh_0 = da_1 Wh^T. The weights serve every step, so
    dWx = sum_t x_t^T da_t, dWh = sum_t h_(t-1)^T da_t, db = sum_nt da_nt; dx_t = da_t Wx^T.

    ``truncate=k`` cuts the gradient of the state at every k-th step boundary: da_(t+1) Wh^T is
    left out of dh_t where t is a multiple of k and 0 < t, as if the sequence were run in chunks
    of k steps and each chunk took its initial state as a constant. That is no longer the gradient
    of the forward pass, by intention: it bounds how far back it looks.

    x: (N, T, D); h0: (N, H), or left out, which is zero; Wx: (D, H), Wh: (H, H), b: (H,);
    h: (N, T, H). T = 0 is allowed. Raises ValueError when shapes do not fit.

    Source: Werbos, "Backpropagation through time: what it does and how to do it" (1990);
    Goodfellow et al. (2016), sec. 10.2.2; Saito (2018), sec. 5.2 and 5.3.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N T D, h0: N H, Wx: D H, Wh: H H, b: H -> h: N T H",
        "x: N T D, Wx: D H, Wh: H H, b: H -> h: N T H",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "activation": ("tanh", "relu"),
        "truncate": (None,),
    }
    _kept: tuple[Array, ...] | None = None
    _starts_from_zero = False

    def __init__(
        self,
        Wx: ArrayLike,
        Wh: ArrayLike,
        b: ArrayLike,
        activation: str = "tanh",
        truncate: int | None = None,
    ) -> None:
        """Share Wx: (D, H), Wh: (H, H) and b: (H,)."""
        super().__init__(Wx, Wh, b, activation)
        self.truncate = checked_truncation("RNN", truncate)

    def forward(self, x: ArrayLike, h0: ArrayLike | None = None) -> Array:
        """Return the states after each step, of shape (N, T, H)."""
        given = () if h0 is None else (h0,)
        x, Wx, Wh, b, *states = snapshots(x, self.Wx, self.Wh, self.b, *given)
        check_input("RNN", "N T D", Wx, x)
        N, T, H = len(x), x.shape[1], len(Wh)
        start = states[0] if states else np.zeros((N, H), x.dtype)
        check_states("RNN", Wh, x, h0=start)
        a = np.tensordot(x, Wx, axes=1) + b  # for all steps at once: only h has to wait
        h = np.empty((N, T + 1, H), x.dtype)
        h[:, 0] = start
        for t in range(T):
            a[:, t] += h[:, t] @ Wh
            h[:, t + 1] = self._phi(a[:, t])
        self._kept, self._starts_from_zero = (x, h, Wx, Wh, a), not states
        return h[:, 1:].copy()

    def backward(self, dout: ArrayLike) -> Array | tuple[Array, Array]:
        """Return (dx, dh0), or dx alone when h0 was left out; store dWx, dWh and db."""
        x, h, Wx, Wh, a = self._recall(self._kept)
        dout, slope = self._upstream(dout, a), self._slope(a)
        da, dh = np.empty_like(slope), np.zeros_like(h[:, 0])
        for t in reversed(range(x.shape[1])):
            da[:, t] = (dout[:, t] + dh) * slope[:, t]
            dh = np.zeros_like(dh) if is_cut(t, self.truncate) else da[:, t] @ Wh.T
        self.dWx = np.tensordot(x, da, axes=((0, 1), (0, 1)))
        self.dWh = np.tensordot(h[:, :-1], da, axes=((0, 1), (0, 1)))
        self.db = da.sum(axis=(0, 1))
        dx = np.tensordot(da, Wx.T, axes=1)
        return dx if self._starts_from_zero else (dx, dh)
