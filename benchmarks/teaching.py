"""The layers as lessons write them, to time the reference layers against.

Right, plain, and without precautions: nothing is copied or checked, time goes into loops over
windows, samples and heads where a lesson shows them. ``backward`` returns the gradients of the
input and then of the parameters.
"""

from __future__ import annotations

import numpy as np

from benchmarks.layer import Array


class Affine:
    """Two matrix products and a sum, here as anywhere."""

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W, b

    def forward(self, x: Array) -> Array:
        """Return x W + b."""
        self.x = x
        y: Array = np.dot(x, self.W) + self.b
        return y

    def backward(self, dout: Array) -> tuple[Array, ...]:
        """Return dx, dW, db."""
        return np.dot(dout, self.W.T), np.dot(self.x.T, dout), np.sum(dout, axis=0)


class Conv2d:
    """Textbook im2col: one matrix product over windows; stride one."""

    def __init__(self, W: Array, b: Array, pad: int) -> None:
        self.W, self.b, self.pad = W, b, pad

    def forward(self, x: Array) -> Array:
        """Copy the windows into rows, cell by cell, and multiply by the kernels."""
        N, C, H, V = x.shape
        F, _, K, L = self.W.shape
        p = self.pad
        P, Q = H + 2 * p - K + 1, V + 2 * p - L + 1
        image = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        columns = np.zeros((N, C, K, L, P, Q), x.dtype)
        for k in range(K):
            for j in range(L):
                columns[:, :, k, j] = image[:, :, k : k + P, j : j + Q]
        self.shape = x.shape
        self.rows = columns.transpose(0, 4, 5, 1, 2, 3).reshape(N * P * Q, -1)
        y: Array = np.dot(self.rows, self.W.reshape(F, -1).T) + self.b
        return y.reshape(N, P, Q, F).transpose(0, 3, 1, 2)

    def backward(self, dout: Array) -> tuple[Array, ...]:
        """Return dx, dW, db; col2im adds the windows back."""
        N, C, H, V = self.shape
        F, _, K, L = self.W.shape
        p = self.pad
        P, Q = dout.shape[2:]
        rows = dout.transpose(0, 2, 3, 1).reshape(-1, F)
        dW = np.dot(self.rows.T, rows).T.reshape(self.W.shape)
        drows = np.dot(rows, self.W.reshape(F, -1))
        dcolumns = drows.reshape(N, P, Q, C, K, L).transpose(0, 3, 4, 5, 1, 2)
        image = np.zeros((N, C, H + 2 * p, V + 2 * p), dout.dtype)
        for k in range(K):
            for j in range(L):
                image[:, :, k : k + P, j : j + Q] += dcolumns[:, :, k, j]
        return image[:, :, p : p + H, p : p + V], dW, np.sum(rows, axis=0)


class MaxPool2d:
    """Loops over the windows, all samples and channels of one at a time; size is stride."""

    def __init__(self, size: int) -> None:
        self.size = size

    def forward(self, x: Array) -> Array:
        """Return the largest number of each window."""
        self.x, s = x, self.size
        N, C, H, V = x.shape
        self.y = np.zeros((N, C, H // s, V // s), x.dtype)
        for p in range(H // s):
            for q in range(V // s):
                window = x[:, :, p * s : (p + 1) * s, q * s : (q + 1) * s]
                self.y[:, :, p, q] = np.max(window, axis=(2, 3))
        return self.y

    def backward(self, dout: Array) -> tuple[Array, ...]:
        """Return dx: the gradient goes where the largest number was."""
        s = self.size
        dx = np.zeros_like(self.x)
        for p in range(dout.shape[2]):
            for q in range(dout.shape[3]):
                at = (
                    slice(None),
                    slice(None),
                    slice(p * s, (p + 1) * s),
                    slice(q * s, (q + 1) * s),
                )
                largest = self.x[at] == self.y[:, :, p, q][:, :, None, None]
                dx[at] += largest * dout[:, :, p, q][:, :, None, None]
        return (dx,)


class BatchNorm:
    """Step by step along the computational graph, on rows of channels."""

    def __init__(self, gamma: Array, beta: Array, eps: float = 1e-5) -> None:
        self.gamma, self.beta, self.eps = gamma, beta, eps

    def forward(self, x: Array) -> Array:
        """Return the normalised channels, by the statistics of the batch."""
        rows = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
        self.centred = rows - rows.mean(axis=0)
        self.root = np.sqrt((self.centred**2).mean(axis=0) + self.eps)
        self.x_hat = self.centred / self.root
        y = self.gamma * self.x_hat + self.beta
        return np.moveaxis(y.reshape(len(x), *x.shape[2:], x.shape[1]), -1, 1)

    def backward(self, dout: Array) -> tuple[Array, ...]:
        """Return dx, dgamma, dbeta, each step of forward in reverse."""
        dy = np.moveaxis(dout, 1, -1).reshape(-1, dout.shape[1])
        n = len(dy)
        dx_hat = dy * self.gamma
        dcentred = dx_hat / self.root
        droot = -np.sum(dx_hat * self.centred / self.root**2, axis=0)
        dvariance = 0.5 * droot / self.root
        dcentred += 2 / n * self.centred * dvariance
        dx = dcentred - np.sum(dcentred, axis=0) / n
        dx = np.moveaxis(dx.reshape(len(dout), *dout.shape[2:], dout.shape[1]), -1, 1)
        return dx, np.sum(dy * self.x_hat, axis=0), np.sum(dy, axis=0)


class LSTM:
    """A loop over time in which every step makes and keeps all of its own; gates i, f, g, o."""

    def __init__(self, Wx: Array, Wh: Array, b: Array) -> None:
        self.Wx, self.Wh, self.b = Wx, Wh, b

    def forward(self, x: Array) -> Array:
        """Return the states h: (N, T, H), from zero."""
        N, T, _ = x.shape
        h = c = np.zeros((N, len(self.Wh)), x.dtype)
        self.steps, states = [], []
        for t in range(T):
            a = np.dot(x[:, t], self.Wx) + np.dot(h, self.Wh) + self.b
            i, f, g, o = np.split(a, 4, axis=1)
            i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
            g = np.tanh(g)
            c_next = f * c + i * g
            self.steps.append((x[:, t], h, c, i, f, g, o, np.tanh(c_next)))
            h, c = o * np.tanh(c_next), c_next
            states.append(h)
        return np.stack(states, axis=1)

    def backward(self, dout: Array) -> tuple[Array, ...]:
        """Return dx, dWx, dWh, db."""
        dWx, dWh, db = map(np.zeros_like, (self.Wx, self.Wh, self.b))
        dh = dc = np.zeros_like(dout[:, 0])
        dxs = []
        for t in reversed(range(len(self.steps))):
            x, h, c, i, f, g, o, tanh_c = self.steps[t]
            dh = dh + dout[:, t]
            dc = dc + dh * o * (1 - tanh_c**2)
            gates = dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2)
            da = np.concatenate([*gates, dh * tanh_c * o * (1 - o)], axis=1)
            dWx += np.dot(x.T, da)
            dWh += np.dot(h.T, da)
            db += np.sum(da, axis=0)
            dxs.append(np.dot(da, self.Wx.T))
            dh, dc = np.dot(da, self.Wh.T), dc * f
        return np.stack(dxs[::-1], axis=1), dWx, dWh, db


class MultiHeadAttention:
    """Loops over samples and heads around the formula for one of each; no biases."""

    def __init__(self, Wq: Array, Wk: Array, Wv: Array, Wo: Array, heads: int) -> None:
        self.weights, self.heads = (Wq, Wk, Wv, Wo), heads

    def forward(self, x: Array) -> Array:
        """Return the output of self-attention, (N, T, D)."""
        Wq, Wk, Wv, Wo = self.weights
        self.x, self.q, self.k, self.v = x, x @ Wq, x @ Wk, x @ Wv
        self.mixed, self.p = np.zeros_like(x), {}
        for n, head, part in self._parts():
            q, k, v = (one[n][:, part] for one in (self.q, self.k, self.v))
            scores = q @ k.T / np.sqrt(q.shape[1]).astype(x.dtype)
            e = np.exp(scores - scores.max(axis=1, keepdims=True))
            self.p[n, head] = e / e.sum(axis=1, keepdims=True)
            self.mixed[n][:, part] = self.p[n, head] @ v
        return self.mixed @ Wo

    def backward(self, dout: Array) -> tuple[Array, ...]:
        """Return dx, dWq, dWk, dWv, dWo."""
        *projections, Wo = self.weights
        dmixed = dout @ Wo.T
        gradients = dq, dk, dv = [np.zeros_like(self.x) for _ in range(3)]
        for n, head, part in self._parts():
            q, k, v, p = self.q[n][:, part], self.k[n][:, part], self.v[n][:, part], self.p[n, head]
            dp = dmixed[n][:, part] @ v.T
            dscores = p * (dp - (dp * p).sum(axis=1, keepdims=True))
            dscores /= np.sqrt(q.shape[1]).astype(q.dtype)
            dq[n][:, part], dk[n][:, part] = dscores @ k, dscores.T @ q
            dv[n][:, part] = p.T @ dmixed[n][:, part]
        pairs = list(zip(gradients, projections, strict=True))
        dx = np.sum([one @ W.T for one, W in pairs], axis=0)
        products = [self._product(self.x, one) for one, _ in pairs]
        return dx, *products, self._product(self.mixed, dout)

    def _parts(self) -> list[tuple[int, int, slice]]:
        N, _, D = self.x.shape
        size = D // self.heads
        return [
            (n, head, slice(head * size, (head + 1) * size))
            for n in range(N)
            for head in range(self.heads)
        ]

    @staticmethod
    def _product(left: Array, right: Array) -> Array:
        return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])
