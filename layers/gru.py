"""The gated recurrent unit: one step, and a whole sequence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Self

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

# The columns as PyTorch orders them, and as Keras and Saito's book do.
_ORDERS = ("rzn", "zrn")


class _Step(NamedTuple):
    """What one step keeps; m is what U_n was multiplied with, and q the product (plus c_n)."""

    h: Array
    r: Array
    z: Array
    n: Array
    r_slope: Array
    z_slope: Array
    n_slope: Array
    m: Array
    q: Array


class _Gated(Layer):
    """The weights and the equations of one step, the same for a cell and for a sequence."""

    parameters: ClassVar[tuple[str, ...]] = ("Wx", "Wh", "b", "bh")

    def __init__(
        self,
        Wx: ArrayLike,
        Wh: ArrayLike,
        b: ArrayLike,
        bh: ArrayLike | None = None,
        reset_after: bool = True,
        gates: str = "rzn",
    ) -> None:
        """Share Wx: (D, 3*H), Wh: (H, 3*H), b: (3*H,) and perhaps bh: (3*H,)."""
        name = type(self).__name__
        self.Wx, self.Wh, self.b = shared_weights(name, 3, Wx, Wh, b)
        self.bh = None if bh is None else np.asarray(bh)
        self.dWx: Array
        self.dWh: Array
        self.db: Array
        self.dbh: Array
        if self.bh is not None and self.bh.shape != self.b.shape:
            raise ValueError(
                f"{name}: bh must have the shape {self.b.shape} of b, got {self.bh.shape}"
            )
        if self.bh is not None and not reset_after:
            raise ValueError(f"{name}: bh needs reset_after=True, without it b says the same")
        if sorted(gates) != sorted("rzn"):
            raise ValueError(f"{name}: gates must order the letters r, z, n, got {gates!r}")
        self.reset_after, self.gates = reset_after, gates

    @classmethod
    def random(
        cls, D: int, H: int, *, rng: np.random.Generator | None = None, **options: Any
    ) -> Self:
        """Draw normal weights of variance 1/D and 1/H, with a bias b of zero and no bh."""
        return cls(*drawn_weights(3, D, H, rng), **options)

    def _biases(self) -> tuple[Array, ...]:
        return (self.b,) if self.bh is None else (self.b, self.bh)

    def _parts(self, columns: Array) -> dict[str, Array]:
        """Part 3*H columns into those of each gate."""
        return dict(zip(self.gates, np.split(columns, 3, axis=-1), strict=True))

    def _joined(self, parts: Mapping[str, Array]) -> Array:
        """Put the columns of each gate together to 3*H, or the same with elements."""
        return np.concatenate([parts[gate] for gate in self.gates], axis=-1)

    def _advance(
        self, a: Mapping[str, Array], h: Array, U: Mapping[str, Array], c: Mapping[str, Array]
    ) -> tuple[Array, _Step]:
        """Return h' and what the way back needs; a is x Wx + b, U is Wh and c is bh by gates."""
        a_r, a_z = a["r"] + h @ U["r"] + c["r"], a["z"] + h @ U["z"] + c["z"]
        r, z = sigmoid(a_r), sigmoid(a_z)
        m = h if self.reset_after else r * h
        q = m @ U["n"] + c["n"]
        a_n = a["n"] + (r * q if self.reset_after else q)
        n = np.tanh(a_n)
        slopes = sigmoid_slope(a_r), sigmoid_slope(a_z), tanh_slope(a_n)
        return (1 - z) * n + z * h, _Step(h, r, z, n, *slopes, m, q)

    def _retreat(
        self, dh_next: Array, kept: _Step, U: Mapping[str, Array]
    ) -> tuple[Array, Array, Array]:
        """Return dh: (N, H), da: (N, 3*H) and dq: (N, H), from the gradient of h'."""
        dn = dh_next * (1 - kept.z) * kept.n_slope
        dz = dh_next * (kept.h - kept.n) * kept.z_slope
        dq = dn * kept.r if self.reset_after else dn
        dm = dq @ U["n"].T
        dr = (dn * kept.q if self.reset_after else dm * kept.h) * kept.r_slope
        dh = dh_next * kept.z + (dm if self.reset_after else dm * kept.r)
        dh = dh + dr @ U["r"].T + dz @ U["z"].T
        return dh, self._joined({"r": dr, "z": dz, "n": dn}), dq

    def _store(self, x: Array, h: Array, m: Array, da: Array, dq: Array) -> None:
        """Store the gradients of the parameters; one row for each sample, or sample and step."""
        part = self._parts(da)
        products = {"r": h.T @ part["r"], "z": h.T @ part["z"], "n": m.T @ dq}
        self.dWx, self.dWh, self.db = x.T @ da, self._joined(products), da.sum(axis=0)
        if self.bh is not None:
            self.dbh = self._joined({**part, "n": dq}).sum(axis=0)


class GRUCell(_Gated):
    """h' = (1 - z) n + z h, with the gates r and z: one step of a gated recurrent unit.

    With the columns of a = x Wx + b, of Wh = U and of bh = c (zero when left out) by gates,
    r = sigmoid(a_r + h U_r + c_r), z = sigmoid(a_z + h U_z + c_z), n = tanh(a_n + r q) and
    q = h U_n + c_n. Here the reset gate r acts after the product, as in PyTorch and cuDNN; with
    ``reset_after=False`` it acts before it, as in the paper: n = tanh(a_n + q), q = (r h) U_n.

    Going back, da_n = dh' (1 - z) (1 - n^2) and da_z = dh' (h - n) z (1 - z).
    After: dq = da_n r, dr = da_n q, and h gets dq U_n^T; dU_n = h^T dq, dc_n = sum dq.
    Before: dq = da_n, d(r h) = dq U_n^T, dr = d(r h) h, h gets d(r h) r; dU_n = (r h)^T dq.
    In both, da_r = dr r (1 - r), and dh = dh' z + da_r U_r^T + da_z U_z^T + what h gets above,
    dU_r = h^T da_r, dU_z = h^T da_z, dx = da Wx^T, dWx = x^T da, db = sum_n da_n, and
    (dc_r, dc_z) = sum_n (da_r, da_z).

    x: (N, D), h: (N, H), Wx: (D, 3*H), Wh: (H, 3*H), b: (3*H,), bh: (3*H,) or left out,
    h': (N, H). The columns are those of r, then z and n, or in the order that ``gates`` tells.
    Raises ValueError when shapes do not fit, and for a bh with ``reset_after=False``.

    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014),
    eq. 5 to 8; Goodfellow, Bengio, Courville, "Deep Learning" (2016), sec. 10.10.2. Some, as
    Chung et al. (2014) and Saito, "Deep Learning from Scratch 2" (2018), app. C, write 1 - z for
    this z.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N D, h: N H, Wx: D 3*H, Wh: H 3*H, b: 3*H -> h_next: N H",
        "x: N D, h: N H, Wx: D 3*H, Wh: H 3*H, b: 3*H, bh: 3*H -> h_next: N H "
        "when reset_after=True",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reset_after": (True, False),
        "gates": _ORDERS,
    }
    _kept: tuple[Array, Array, Array] | None = None
    _step: _Step | None = None

    def forward(self, x: ArrayLike, h: ArrayLike) -> Array:
        """Return the next state, of shape (N, H)."""
        x, h, Wx, Wh, b, *bh = snapshots(x, h, self.Wx, self.Wh, *self._biases())
        check_input("GRUCell", "N D", Wx, x)
        check_states("GRUCell", Wh, x, h=h)
        c = bh[0] if bh else np.zeros_like(b)
        a, U, c_parts = self._parts(x @ Wx + b), self._parts(Wh), self._parts(c)
        h_next, self._step = self._advance(a, h, U, c_parts)
        self._kept = x, Wx, Wh
        return h_next

    def backward(self, dout: ArrayLike) -> tuple[Array, Array]:
        """Return (dx, dh); store dWx: (D, 3*H), dWh: (H, 3*H), db: (3*H,), and dbh like b."""
        x, Wx, Wh = self._recall(self._kept)
        step = self._recall(self._step)
        dh, da, dq = self._retreat(self._upstream(dout, step.h), step, self._parts(Wh))
        self._store(x, step.h, step.m, da, dq)
        return da @ Wx.T, dh


class GRU(_Gated):
    """GRUCell in time: h_t for t = 1 ... T, from h_0.

    h_t enters the output and the next step, so dh_t = dout_t + what GRUCell gives as dh at step
    t + 1. The recursion starts at t = T and ends with dh_0. The weights serve every step, and
    their gradients are the sums over t of those of GRUCell; dx_t = da_t Wx^T.

    ``truncate=k`` cuts the gradient of the state at every k-th step boundary: nothing flows from
    step t + 1 into step t where t is a multiple of k and 0 < t, as if the sequence were run in
    chunks of k steps and each chunk took its initial state as a constant. That is no longer the
    gradient of the forward pass, by intention: it bounds how far back it looks.

    x: (N, T, D); h0: (N, H), or left out, which is zero; parameters and other options as of
    GRUCell; h: (N, T, H). T = 0 is allowed. Raises ValueError when shapes do not fit.

    Source: as of GRUCell.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N T D, h0: N H, Wx: D 3*H, Wh: H 3*H, b: 3*H -> h: N T H",
        "x: N T D, h0: N H, Wx: D 3*H, Wh: H 3*H, b: 3*H, bh: 3*H -> h: N T H "
        "when reset_after=True",
        "x: N T D, Wx: D 3*H, Wh: H 3*H, b: 3*H -> h: N T H",
        "x: N T D, Wx: D 3*H, Wh: H 3*H, b: 3*H, bh: 3*H -> h: N T H when reset_after=True",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reset_after": (True, False),
        "gates": _ORDERS,
        "truncate": (None,),
    }
    _kept: tuple[Array, ...] | None = None
    _steps: list[_Step] | None = None
    _starts_from_zero = False

    def __init__(
        self,
        Wx: ArrayLike,
        Wh: ArrayLike,
        b: ArrayLike,
        bh: ArrayLike | None = None,
        reset_after: bool = True,
        gates: str = "rzn",
        truncate: int | None = None,
    ) -> None:
        """Share Wx: (D, 3*H), Wh: (H, 3*H), b: (3*H,) and perhaps bh: (3*H,)."""
        super().__init__(Wx, Wh, b, bh, reset_after, gates)
        self.truncate = checked_truncation("GRU", truncate)

    def forward(self, x: ArrayLike, h0: ArrayLike | None = None) -> Array:
        """Return the states after each step, of shape (N, T, H)."""
        biases, states = self._biases(), () if h0 is None else (h0,)
        x, Wx, Wh, b, *rest = snapshots(x, self.Wx, self.Wh, *biases, *states)
        check_input("GRU", "N T D", Wx, x)
        h = rest[-1] if states else np.zeros((len(x), len(Wh)), x.dtype)
        check_states("GRU", Wh, x, h0=h)
        a = np.tensordot(x, Wx, axes=1) + b  # for all steps at once: only h has to wait
        U, c = self._parts(Wh), self._parts(rest[0] if self.bh is not None else np.zeros_like(b))
        out, self._steps = np.empty((*x.shape[:2], len(Wh)), x.dtype), []
        for t in range(x.shape[1]):
            out[:, t], step = self._advance(self._parts(a[:, t]), h, U, c)
            h = out[:, t].copy()
            self._steps.append(step)
        self._kept, self._starts_from_zero = (x, Wx, Wh), not states
        return out

    def backward(self, dout: ArrayLike) -> Array | tuple[Array, Array]:
        """Return (dx, dh0), or dx alone when h0 was left out; store dWx, dWh, db, and dbh."""
        x, Wx, Wh = self._recall(self._kept)
        steps = self._recall(self._steps)
        N, T, H = len(x), x.shape[1], len(Wh)
        dout = self._upstream(dout, np.empty((N, T, H), x.dtype))
        da, dq = np.empty((N, T, 3 * H), x.dtype), np.empty_like(dout)
        dh, U = np.zeros((N, H), x.dtype), self._parts(Wh)
        for t in reversed(range(T)):
            dh, da[:, t], dq[:, t] = self._retreat(dout[:, t] + dh, steps[t], U)
            dh = np.zeros_like(dh) if is_cut(t, self.truncate) else dh
        h, m = np.empty_like(dout), np.empty_like(dout)
        for t, step in enumerate(steps):
            h[:, t], m[:, t] = step.h, step.m
        self._store(*(array.reshape(N * T, array.shape[2]) for array in (x, h, m, da, dq)))
        dx = np.tensordot(da, Wx.T, axes=1)
        return dx if self._starts_from_zero else (dx, dh)
