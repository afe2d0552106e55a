"""The long short-term memory: one step, and a whole sequence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshots
from layers.logistic import sigmoid, sigmoid_slope, tanh_slope
from layers.recurrent import (
    check_input,
    check_states,
    checked_truncation,
    drawn_weights,
    is_cut,
    shared_weights,
)

_Function: TypeAlias = Callable[[Array], Array]


class _Memory(Layer):
    """The weights and the equations of one step, the same for a cell and for a sequence.

    Inside, the columns are those of i, f, o and g in this order, whatever that of the weights is.
    """

    parameters: ClassVar[tuple[str, ...]] = ("Wx", "Wh", "b")
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        # As PyTorch and Keras order them, Saito's book, and the course CS231n.
        "gates": ("ifgo", "fgio", "ifog"),
    }

    def __init__(self, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike, gates: str = "ifgo") -> None:
        """Share Wx: (D, 4*H), Wh: (H, 4*H) and b: (4*H,); ``gates`` orders their columns."""
        self.Wx, self.Wh, self.b = shared_weights(type(self).__name__, 4, Wx, Wh, b)
        self.dWx: Array
        self.dWh: Array
        self.db: Array
        if sorted(gates) != sorted("ifgo"):
            raise ValueError(
                f"{type(self).__name__}: gates must order the letters i, f, g, o, got {gates!r}"
            )
        self.gates = gates

    @classmethod
    def random(
        cls, D: int, H: int, *, rng: np.random.Generator | None = None, **options: Any
    ) -> Self:
        """Draw normal weights of variance 1/D and 1/H; b is 1 at the forget gate, else 0.

        A forget gate that starts open lets gradients pass over long times from the beginning.

        Source: Jozefowicz, Zaremba, Sutskever, "An empirical exploration of recurrent network
        architectures" (2015).
        """
        layer = cls(*drawn_weights(4, D, H, rng), **options)
        forget = layer.gates.index("f")
        layer.b[forget * H : (forget + 1) * H] = 1
        return layer

    def _advance(self, a: Array, c: Array) -> tuple[Array, Array, Array]:
        """Return h' and c', (N, H) both, and the gates (N, 4*H), from a: (N, 4*H) and c: (N, H)."""
        gates = _by_gate(sigmoid, np.tanh, a)
        i, f, o, g = _blocks(gates)
        c_next = f * c + i * g
        return o * np.tanh(c_next), c_next, gates

    def _retreat(
        self, dh_next: Array, dc_next: Array, slopes: tuple[Array, Array, Array]
    ) -> tuple[Array, Array]:
        """Return da: (N, 4*H) and dc: (N, H), from the gradients of h' and c' and their slopes."""
        of_a, of_c_next, of_c = slopes
        dc_next = dc_next + dh_next * of_c_next
        da = np.concatenate([dc_next, dc_next, dh_next, dc_next], axis=-1) * of_a
        return da, dc_next * of_c

    def _store(self, x: Array, h: Array, da: Array) -> None:
        """Store the gradients of the parameters; one row for each sample, or sample and step."""
        gradients = x.T @ da, h.T @ da, da.sum(axis=0)
        self.dWx, self.dWh, self.db = (_reordered(one, "ifog", self.gates) for one in gradients)


def _blocks(columns: Array) -> list[Array]:
    """View the columns of each of the four gates."""
    H = columns.shape[-1] // 4
    return [columns[..., k * H : (k + 1) * H] for k in range(4)]


def _reordered(columns: Array, order: str, wanted: str) -> Array:
    """Put the columns of the four gates into another order."""
    part = dict(zip(order, _blocks(columns), strict=True))
    return np.concatenate([part[gate] for gate in wanted], axis=-1)


def _by_gate(of_ifo: _Function, of_g: _Function, a: Array) -> Array:
    """Apply the one function to the columns of i, f and o, and the other to those of g."""
    H = a.shape[-1] // 4
    return np.concatenate([of_ifo(a[..., : 3 * H]), of_g(a[..., 3 * H :])], axis=-1)


def _slopes(a: Array, gates: Array, c: Array, c_next: Array) -> tuple[Array, Array, Array]:
    """Return the derivatives that gradients are multiplied with, of one step or all at once.

    With c' = f c + i g and h' = o tanh c', those with respect to a are dc'/da_i = g s'(a_i),
    dc'/da_f = c s'(a_f), dh'/da_o = tanh c' s'(a_o) and dc'/da_g = i tanh'(a_g), side by side.
    Then dh'/dc' = o tanh' c', and dc'/dc = f.
    """
    i, f, o, g = _blocks(gates)
    of_a = _by_gate(sigmoid_slope, tanh_slope, a)
    of_a *= np.concatenate([g, c, np.tanh(c_next), i], axis=-1)
    return of_a, o * tanh_slope(c_next), f


class LSTMCell(_Memory):
    """c' = f c + i g and h' = o tanh c', with gates from a = x Wx + h Wh + b: one step of an LSTM.

    i, f and o are the sigmoids of their columns of a, g is the tanh of its own. h' leaves through
    o and through tanh c', so do = dh' tanh c' and dc' gains dh' o (1 - tanh^2 c'). Then di = dc' g,
    dg = dc' i, df = dc' c and dc = dc' f. With the slopes s (1 - s) of a sigmoid s and 1 - g^2 of
    g these give da, and dx = da Wx^T, dh = da Wh^T, dWx = x^T da, dWh = h^T da, db = sum_n da_n.

    x: (N, D), h and c: (N, H), Wx: (D, 4*H), Wh: (H, 4*H), b: (4*H,), h' and c': (N, H). The
    columns of the weights are those of i, then f, g and o, or in the order that ``gates`` tells.
    Raises ValueError when shapes do not fit.

    Source: Hochreiter, Schmidhuber, "Long short-term memory" (1997), and Gers, Schmidhuber,
    Cummins, "Learning to forget" (2000), for f; Goodfellow, Bengio, Courville, "Deep Learning"
    (2016), sec. 10.10.1; Saito, "Deep Learning from Scratch 2" (2018), sec. 6.2 and 6.3.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N D, h: N H, c: N H, Wx: D 4*H, Wh: H 4*H, b: 4*H -> h_next: N H, c_next: N H",
    )
    _kept: tuple[Array, ...] | None = None

    def forward(self, x: ArrayLike, h: ArrayLike, c: ArrayLike) -> tuple[Array, Array]:
        """Return (h', c'), each of shape (N, H)."""
        x, h, c, *weights = snapshots(x, h, c, self.Wx, self.Wh, self.b)
        Wx, Wh, b = (_reordered(one, self.gates, "ifog") for one in weights)
        check_input("LSTMCell", "N D", Wx, x)
        check_states("LSTMCell", Wh, x, h=h, c=c)
        a = x @ Wx + h @ Wh + b
        h_next, c_next, gates = self._advance(a, c)
        self._kept = x, h, c, Wx, Wh, a, gates, c_next.copy()
        return h_next, c_next

    def backward(self, dh_next: ArrayLike, dc_next: ArrayLike) -> tuple[Array, Array, Array]:
        """Return (dx, dh, dc); store dWx: (D, 4*H), dWh: (H, 4*H) and db: (4*H,)."""
        x, h, c, Wx, Wh, a, gates, c_next = self._recall(self._kept)
        dh_next, dc_next = self._upstream(dh_next, h), self._upstream(dc_next, c)
        da, dc = self._retreat(dh_next, dc_next, _slopes(a, gates, c, c_next))
        self._store(x, h, da)
        return da @ Wx.T, da @ Wh.T, dc


class LSTM(_Memory):
    """LSTMCell in time: h_t and c_t for t = 1 ... T, from h_0 and c_0.

    h_t enters the output and the gates of the next step, c_t the next cell state; so their
    gradients are dh_t = dout_t + da_(t+1) Wh^T and dc_t = dc_(t+1) f_(t+1) plus what h_t adds. The
    recursion starts at t = T with the gradient of the last cell state and ends with dh_0 and dc_0.
    The weights serve every step: dWx = sum_t x_t^T da_t, dWh = sum_t h_(t-1)^T da_t and
    db = sum_nt da_nt, while dx_t = da_t Wx^T.

    ``truncate=k`` cuts the gradients of both states at every k-th step boundary: nothing flows
    from step t + 1 into step t where t is a multiple of k and 0 < t, as if the sequence were run
    in chunks of k steps and each chunk took its initial states as constants. That is no longer
    the gradient of the forward pass, by intention: it bounds how far back it looks.

    x: (N, T, D); h0 and c0: (N, H), or both left out, which is zero; Wx: (D, 4*H), Wh: (H, 4*H),
    b: (4*H,), columns in the order of ``gates``; h: (N, T, H) and the last cell state c: (N, H).
    T = 0 is allowed. Raises ValueError when shapes do not fit.

    Source: as of LSTMCell; Saito (2018), sec. 6.3.1.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N T D, h0: N H, c0: N H, Wx: D 4*H, Wh: H 4*H, b: 4*H -> h: N T H, c: N H",
        "x: N T D, Wx: D 4*H, Wh: H 4*H, b: 4*H -> h: N T H, c: N H",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {**_Memory.options, "truncate": (None,)}
    _kept: tuple[Array, ...] | None = None
    _starts_from_zero = False

    def __init__(
        self,
        Wx: ArrayLike,
        Wh: ArrayLike,
        b: ArrayLike,
        gates: str = "ifgo",
        truncate: int | None = None,
    ) -> None:
        """Share Wx: (D, 4*H), Wh: (H, 4*H) and b: (4*H,); ``gates`` orders their columns."""
        super().__init__(Wx, Wh, b, gates)
        self.truncate = checked_truncation("LSTM", truncate)

    def forward(
        self, x: ArrayLike, h0: ArrayLike | None = None, c0: ArrayLike | None = None
    ) -> tuple[Array, Array]:
        """Return the states h: (N, T, H) after each step, and the last cell state c: (N, H)."""
        given = [state for state in (h0, c0) if state is not None]
        x, Wx, Wh, b, *states = snapshots(x, self.Wx, self.Wh, self.b, *given)
        check_input("LSTM", "N T D", Wx, x)
        if len(states) == 1:
            raise ValueError("LSTM.forward: h0 and c0 must be given together, or none of them")
        N, T, H = len(x), x.shape[1], len(Wh)
        h, c = np.zeros((2, T + 1, N, H), x.dtype)  # time first: a step lies together in memory
        if states:
            check_states("LSTM", Wh, x, h0=states[0], c0=states[1])
            h[0], c[0] = states
        Wx, Wh, b = (_reordered(one, self.gates, "ifog") for one in (Wx, Wh, b))
        x = x.swapaxes(0, 1)
        a = np.tensordot(x, Wx, axes=1)  # for all steps at once: only h has to wait
        a += b
        gates = np.empty_like(a)
        for t in range(T):
            a[t] += h[t] @ Wh
            h[t + 1], c[t + 1], gates[t] = self._advance(a[t], c[t])
        self._kept, self._starts_from_zero = (x, Wx, Wh, a, gates, h, c), not states
        return h[1:].swapaxes(0, 1).copy(), c[T].copy()

    def backward(
        self, dh: ArrayLike, dc: ArrayLike | None = None
    ) -> Array | tuple[Array, Array, Array]:
        """Return (dx, dh0, dc0), or dx alone when h0 and c0 were left out; store dWx, dWh and db.

        ``dc`` left out is zero: the loss does not look at the last cell state.
        """
        x, Wx, Wh, a, gates, h, c = self._recall(self._kept)
        dout = self._upstream(dh, h[1:].swapaxes(0, 1)).swapaxes(0, 1)
        dc_t = np.zeros_like(c[0]) if dc is None else self._upstream(dc, c[0]).copy()
        da, dh_t = np.empty_like(a), np.zeros_like(dc_t)
        slopes = _slopes(a, gates, c[:-1], c[1:])
        for t in reversed(range(len(a))):
            step = slopes[0][t], slopes[1][t], slopes[2][t]
            da[t], dc_t = self._retreat(dout[t] + dh_t, dc_t, step)
            dh_t = da[t] @ Wh.T
            if is_cut(t, self.truncate):
                dh_t, dc_t = np.zeros_like(dh_t), np.zeros_like(dc_t)
        rows = a.shape[0] * a.shape[1]
        self._store(*(one.reshape(rows, one.shape[-1]) for one in (x, h[:-1], da)))
        dx = np.tensordot(da, Wx.T, axes=1).swapaxes(0, 1).copy()
        return dx if self._starts_from_zero else (dx, dh_t, dc_t)
