"""Recurrent layers that are right: cells, and whole sequences."""

from __future__ import annotations

import numpy as np

from benchmarks.records import Right


def sigmoid(x):
    """The logistic function, by tanh."""
    return 0.5 * (1 + np.tanh(x / 2))


class RNNCell:
    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b

    def forward(self, x, h):
        self.x, self.h = x, h
        self.h_next = np.tanh(x @ self.Wx + h @ self.Wh + self.b)
        return self.h_next

    def backward(self, dh_next):
        dt = dh_next * (1 - self.h_next**2)
        self.db, self.dWh, self.dWx = dt.sum(axis=0), self.h.T @ dt, self.x.T @ dt
        return dt @ self.Wx.T, dt @ self.Wh.T


class RNN:
    """All steps, from a state of zeros."""

    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b

    def forward(self, x):
        N, T, D = x.shape
        self.x = x
        self.h = np.zeros((N, T + 1, len(self.Wh)), dtype=x.dtype)
        for t in range(T):
            self.h[:, t + 1] = np.tanh(x[:, t] @ self.Wx + self.h[:, t] @ self.Wh + self.b)
        return self.h[:, 1:].copy()

    def backward(self, dhs):
        self.dWx, self.dWh, self.db = (np.zeros_like(one) for one in (self.Wx, self.Wh, self.b))
        dx, dh = np.zeros_like(self.x), 0
        for t in reversed(range(self.x.shape[1])):
            dt = (dhs[:, t] + dh) * (1 - self.h[:, t + 1] ** 2)
            self.step(t, dt)
            dx[:, t] = dt @ self.Wx.T
            dh = self.carried(dt)
        return dx

    def step(self, t, dt):
        self.dWx += self.x[:, t].T @ dt
        self.dWh += self.h[:, t].T @ dt
        self.db += dt.sum(axis=0)

    def carried(self, dt):
        return dt @ self.Wh.T


class LSTMCell:
    """Gates in the order i, f, g, o."""

    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b

    def forward(self, x, h, c):
        a = x @ self.Wx + h @ self.Wh + self.b
        i, f, g, o = np.split(a, 4, axis=1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c_next = f * c + i * g
        self.cache = x, h, c, i, f, g, o, np.tanh(c_next)
        return o * np.tanh(c_next), c_next

    def backward(self, dh_next, dc_next):
        x, h, c, i, f, g, o, tc = self.cache
        dc = dc_next + dh_next * o * (1 - tc**2)
        da = np.hstack(self.gates(dh_next, dc))
        self.dWx, self.dWh, self.db = x.T @ da, h.T @ da, da.sum(axis=0)
        return da @ self.Wx.T, da @ self.Wh.T, self.previous(dc, f)

    def gates(self, dh, dc):
        x, h, c, i, f, g, o, tc = self.cache
        di, df = dc * g * i * (1 - i), dc * c * f * (1 - f)
        return di, df, dc * i * (1 - g**2), dh * tc * o * (1 - o)

    def previous(self, dc, f):
        return dc * f


class LSTM:
    """All steps; gives every state, and the last cell."""

    cell = LSTMCell

    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b

    def forward(self, x, h0, c0):
        self.steps, h, c, out = [], h0, c0, []
        for t in range(x.shape[1]):
            cell = self.cell(self.Wx, self.Wh, self.b)
            h, c = cell.forward(x[:, t], h, c)
            self.steps.append(cell)
            out.append(h)
        return np.stack(out, axis=1), c

    def backward(self, dhs, dc):
        dxs, dh = [], 0
        self.dWx, self.dWh, self.db = (np.zeros_like(one) for one in (self.Wx, self.Wh, self.b))
        for t in reversed(range(len(self.steps))):
            dx, dh, dc = self.steps[t].backward(dhs[:, t] + dh, dc)
            dxs.append(dx)
            self.add(self.steps[t])
        return np.stack(dxs[::-1], axis=1), dh, dc

    def add(self, cell):
        self.dWx += cell.dWx
        self.dWh += cell.dWh
        self.db += cell.db


class GRUCell:
    """Gates in the order r, z, n; the reset comes before the product."""

    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b

    def forward(self, x, h):
        H = h.shape[1]
        ax = x @ self.Wx + self.b
        ah = h @ self.Wh[:, : 2 * H]
        r, z = sigmoid(ax[:, :H] + ah[:, :H]), sigmoid(ax[:, H : 2 * H] + ah[:, H:])
        n = np.tanh(ax[:, 2 * H :] + (r * h) @ self.Wh[:, 2 * H :])
        self.cache = x, h, r, z, n
        return (1 - z) * n + z * h

    def backward(self, dh_next):
        x, h, r, z, n = self.cache
        H = h.shape[1]
        dn = dh_next * (1 - z) * (1 - n**2)
        dz = dh_next * (h - n) * z * (1 - z)
        drh = dn @ self.Wh[:, 2 * H :].T
        dr = drh * h * r * (1 - r)
        da = np.hstack([dr, dz, dn])
        self.dWx, self.db = x.T @ da, da.sum(axis=0)
        self.dWh = np.hstack([h.T @ da[:, : 2 * H], (r * h).T @ dn])
        dh = dh_next * z + da[:, : 2 * H] @ self.Wh[:, : 2 * H].T + self.through_reset(drh, r)
        return da @ self.Wx.T, dh

    def through_reset(self, drh, r):
        return drh * r


class GRU:
    cell = GRUCell

    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b

    def forward(self, x, h0):
        self.steps, h, out = [], h0, []
        for t in range(x.shape[1]):
            self.steps.append(self.cell(self.Wx, self.Wh, self.b))
            h = self.steps[-1].forward(x[:, t], h)
            out.append(h)
        return np.stack(out, axis=1)

    def backward(self, dhs):
        dxs, dh = [], 0
        self.dWx, self.dWh, self.db = (np.zeros_like(one) for one in (self.Wx, self.Wh, self.b))
        for t in reversed(range(len(self.steps))):
            dx, dh = self.steps[t].backward(dhs[:, t] + dh)
            dxs.append(dx)
            self.dWx += self.steps[t].dWx
            self.dWh += self.steps[t].dWh
            self.db += self.steps[t].db
        return np.stack(dxs[::-1], axis=1), dh


RIGHT = (
    Right(RNNCell, "rnn-cell"),
    Right(RNN, "rnn", why="weights are used at every step"),
    Right(LSTMCell, "lstm-cell", why="two outputs"),
    Right(LSTM, "lstm", why="a cell for each step"),
    Right(GRUCell, "gru-cell"),
    Right(GRU, "gru", why="a cell for each step"),
)
