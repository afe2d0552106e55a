"""The long short-term memory: one step, and a whole sequence."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.gates import sigmoid, tanh
from layers.layer import Array, Layer, snapshots
from layers.recurrent import (
    check_input,
    check_states,
    checked_truncation,
    drawn_weights,
    is_cut,
    shared_weights,
)

# The columns as PyTorch and Keras order them, Saito's book, and the course CS231n.
_ORDERS = ("ifgo", "fgio", "ifog")


class _Step(NamedTuple):
    """What one step keeps: gates and their slopes, the old cell, and tanh of the new one."""

    i: Array
    f: Array
    g: Array
    o: Array
    i_slope: Array
    f_slope: Array
    g_slope: Array
    o_slope: Array
    c: Array
    tanh_c: Array
    tanh_c_slope: Array


class _Memory(Layer):
    """The weights and the equations of one step, the same for a cell and for a sequence."""

    parameters: ClassVar[tuple[str, ...]] = ("Wx", "Wh", "b")

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

    def _advance(self, a: Array, c: Array) -> tuple[Array, Array, _Step]:
        """Return h', c' and what the way back needs, from a: (N, 4*H) and c: (N, H)."""
        part = dict(zip(self.gates, np.split(a, 4, axis=-1), strict=True))
        (i, i_slope), (f, f_slope), (o, o_slope) = (sigmoid(part[gate]) for gate in "ifo")
        g, g_slope = tanh(part["g"])
        c_next = f * c + i * g
        tanh_c, tanh_c_slope = tanh(c_next)
        slopes = i_slope, f_slope, g_slope, o_slope
        return o * tanh_c, c_next, _Step(i, f, g, o, *slopes, c, tanh_c, tanh_c_slope)

    def _retreat(self, dh_next: Array, dc_next: Array, kept: _Step) -> tuple[Array, Array]:
        """Return da: (N, 4*H) and dc: (N, H)."""
        dc_next = dc_next + dh_next * kept.o * kept.tanh_c_slope
        da = {
            "i": dc_next * kept.g * kept.i_slope,
            "f": dc_next * kept.c * kept.f_slope,
            "g": dc_next * kept.i * kept.g_slope,
            "o": dh_next * kept.tanh_c * kept.o_slope,
        }
        return np.concatenate([da[gate] for gate in self.gates], axis=-1), dc_next * kept.f


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
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"gates": _ORDERS}
    _kept: tuple[Array, ...] | None = None
    _step: _Step | None = None

    def forward(self, x: ArrayLike, h: ArrayLike, c: ArrayLike) -> tuple[Array, Array]:
        """Return (h', c'), each of shape (N, H)."""
        x, h, c, Wx, Wh, b = snapshots(x, h, c, self.Wx, self.Wh, self.b)
        check_input("LSTMCell", "N D", Wx, x)
        check_states("LSTMCell", Wh, x, h=h, c=c)
        h_next, c_next, self._step = self._advance(x @ Wx + h @ Wh + b, c)
        self._kept = x, h, Wx, Wh
        return h_next, c_next

    def backward(self, dh_next: ArrayLike, dc_next: ArrayLike) -> tuple[Array, Array, Array]:
        """Return (dx, dh, dc); store dWx: (D, 4*H), dWh: (H, 4*H) and db: (4*H,)."""
        x, h, Wx, Wh = self._recall(self._kept)
        step = self._recall(self._step)
        dh_next, dc_next = self._upstream(dh_next, h), self._upstream(dc_next, h)
        da, dc = self._retreat(dh_next, dc_next, step)
        self.dWx, self.dWh, self.db = x.T @ da, h.T @ da, da.sum(axis=0)
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
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"gates": _ORDERS, "truncate": (None,)}
    _kept: tuple[Array, ...] | None = None
    _steps: list[_Step] | None = None
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
        start, c = states or np.zeros((2, N, H), x.dtype)
        check_states("LSTM", Wh, x, h0=start, c0=c)
        a = np.tensordot(x, Wx, axes=1) + b  # for all steps at once: only h has to wait
        h = np.empty((N, T + 1, H), x.dtype)
        h[:, 0] = start
        self._steps = []
        for t in range(T):
            h[:, t + 1], c, step = self._advance(a[:, t] + h[:, t] @ Wh, c)
            self._steps.append(step)
        self._kept, self._starts_from_zero = (x, h, Wx, Wh), not states
        return h[:, 1:].copy(), c.copy()

    def backward(
        self, dh: ArrayLike, dc: ArrayLike | None = None
    ) -> Array | tuple[Array, Array, Array]:
        """Return (dx, dh0, dc0), or dx alone when h0 and c0 were left out; store dWx, dWh and db.

        ``dc`` left out is zero: the loss does not look at the last cell state.
        """
        x, h, Wx, Wh = self._recall(self._kept)
        steps = self._recall(self._steps)
        dout = self._upstream(dh, h[:, 1:])
        dc_t = np.zeros_like(h[:, 0]) if dc is None else self._upstream(dc, h[:, 0]).copy()
        da, dh_t = np.empty((*dout.shape[:2], Wx.shape[1]), x.dtype), np.zeros_like(dc_t)
        for t in reversed(range(len(steps))):
            da[:, t], dc_t = self._retreat(dout[:, t] + dh_t, dc_t, steps[t])
            dh_t = da[:, t] @ Wh.T
            if is_cut(t, self.truncate):
                dh_t, dc_t = np.zeros_like(dh_t), np.zeros_like(dc_t)
        self.dWx = np.tensordot(x, da, axes=((0, 1), (0, 1)))
        self.dWh = np.tensordot(h[:, :-1], da, axes=((0, 1), (0, 1)))
        self.db = da.sum(axis=(0, 1))
        dx = np.tensordot(da, Wx.T, axes=1)
        return dx if self._starts_from_zero else (dx, dh_t, dc_t)
