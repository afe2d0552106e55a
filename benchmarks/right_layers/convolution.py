"""Convolutions that are right: columns of windows, naive loops, one channel at a time."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Right


class Conv2d:
    """Loops over the windows."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        p, s = self.pad, self.stride
        self.shape = x.shape
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        K, L = self.W.shape[2:]
        P, Q = (self.xp.shape[2] - K) // s + 1, (self.xp.shape[3] - L) // s + 1
        y = np.zeros((len(x), len(self.W), P, Q), dtype=x.dtype)
        for i in range(P):
            for j in range(Q):
                window = self.xp[:, :, i * s : i * s + K, j * s : j * s + L]
                y[:, :, i, j] = np.tensordot(window, self.W, axes=((1, 2, 3), (1, 2, 3)))
        return y + self.b[:, None, None]

    def backward(self, dout):
        s = self.stride
        K, L = self.W.shape[2:]
        self.dW, self.db = np.zeros_like(self.W), dout.sum(axis=(0, 2, 3))
        dxp = np.zeros_like(self.xp)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                here = (slice(None), slice(None), slice(i * s, i * s + K), slice(j * s, j * s + L))
                up = dout[:, :, i, j]
                self.dW += np.tensordot(up, self.xp[here], axes=(0, 0))
                dxp[here] += np.tensordot(up, self.W, axes=(1, 0))
        return self.crop(dxp)

    def crop(self, dxp):
        H, V = self.shape[2:]
        return dxp[:, :, self.pad : self.pad + H, self.pad : self.pad + V]


class Convolution:
    """By im2col and a matrix product."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        FN, C, FH, FW = self.W.shape
        N, C, H, W = x.shape
        self.out_h = 1 + (H + 2 * self.pad - FH) // self.stride
        self.out_w = 1 + (W + 2 * self.pad - FW) // self.stride
        self.col = im2col(x, FH, FW, self.stride, self.pad, self.out_h, self.out_w)
        self.col_W = self.W.reshape(FN, -1).T
        out = np.dot(self.col, self.col_W) + self.b
        self.x_shape = x.shape
        return out.reshape(N, self.out_h, self.out_w, -1).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN, C, FH, FW = self.W.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.db = np.sum(dout, axis=0)
        self.dW = np.dot(self.col.T, dout).transpose(1, 0).reshape(FN, C, FH, FW)
        dcol = np.dot(dout, self.col_W.T)
        return col2im(dcol, self.x_shape, FH, FW, self.stride, self.pad, self.out_h, self.out_w)


def im2col(x, fh, fw, stride, pad, out_h, out_w):
    """Return one row for each window."""
    N, C, H, W = x.shape
    img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "constant")
    col = np.zeros((N, C, fh, fw, out_h, out_w), dtype=x.dtype)
    for y in range(fh):
        for v in range(fw):
            rows = slice(y, y + stride * out_h, stride)
            col[:, :, y, v] = img[:, :, rows, v : v + stride * out_w : stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * out_h * out_w, -1)


def col2im(col, shape, fh, fw, stride, pad, out_h, out_w):
    """Add the rows back to the pixels that they came from."""
    N, C, H, W = shape
    col = col.reshape(N, out_h, out_w, C, fh, fw).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((N, C, H + 2 * pad + stride - 1, W + 2 * pad + stride - 1), dtype=col.dtype)
    for y in range(fh):
        for v in range(fw):
            rows = slice(y, y + stride * out_h, stride)
            img[:, :, rows, v : v + stride * out_w : stride] += col[:, :, y, v]
    return img[:, :, pad : H + pad, pad : W + pad]


class Conv1d:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        self.xp = np.pad(x, ((0, 0), (0, 0), (self.pad, self.pad)))
        K = self.W.shape[2]
        self.starts = range(0, self.xp.shape[2] - K + 1, self.stride)
        cut = [np.einsum("nck,fck->nf", self.xp[:, :, s : s + K], self.W) for s in self.starts]
        return np.stack(cut, axis=2) + self.b[:, None]

    def backward(self, dout):
        K = self.W.shape[2]
        self.db, self.dW, dxp = dout.sum((0, 2)), np.zeros_like(self.W), np.zeros_like(self.xp)
        for place, s in enumerate(self.starts):
            self.dW += np.einsum("nf,nck->fck", dout[:, :, place], self.xp[:, :, s : s + K])
            dxp[:, :, s : s + K] += np.einsum("nf,fck->nck", dout[:, :, place], self.W)
        return dxp[:, :, self.pad : dxp.shape[2] - self.pad]


class ConvTranspose2d:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        self.x = x
        N, _, H, V = x.shape
        F, K, L = self.W.shape[1:]
        s, p = self.stride, self.pad
        full = np.zeros((N, F, (H - 1) * s + K, (V - 1) * s + L), dtype=x.dtype)
        for i, j in np.ndindex(H, V):
            part = np.tensordot(x[:, :, i, j], self.W, axes=(1, 0))
            full[:, :, i * s : i * s + K, j * s : j * s + L] += part
        return full[:, :, p : full.shape[2] - p, p : full.shape[3] - p] + self.b[:, None, None]

    def backward(self, dout):
        s, p = self.stride, self.pad
        K, L = self.W.shape[2:]
        self.db, self.dW, dx = dout.sum((0, 2, 3)), np.zeros_like(self.W), np.zeros_like(self.x)
        full = np.pad(dout, ((0, 0), (0, 0), (p, p), (p, p)))
        for i, j in np.ndindex(*self.x.shape[2:]):
            seen = full[:, :, i * s : i * s + K, j * s : j * s + L]
            dx[:, :, i, j] = np.tensordot(seen, self.W, axes=((1, 2, 3), (1, 2, 3)))
            self.dW += np.tensordot(self.x[:, :, i, j], seen, axes=(0, 0))
        return dx


def conv_forward(x, w, b):
    """Convolve with stride 1, by sliding views."""
    seen = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    out = np.einsum("ncpqkl,fckl->nfpq", seen, w) + b.reshape(1, -1, 1, 1)
    return out, (x, w)


def conv_backward(dout, cache):
    """Correlate with the flipped kernels."""
    x, w = cache
    K, L = w.shape[2:]
    seen = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    dw = np.einsum("nfpq,ncpqkl->fckl", dout, seen)
    wide = np.pad(dout, ((0, 0), (0, 0), (K - 1, K - 1), (L - 1, L - 1)))
    over = np.lib.stride_tricks.sliding_window_view(wide, (K, L), axis=(2, 3))
    dx = np.einsum("nfhvkl,fckl->nchv", over, w[:, :, ::-1, ::-1])
    return dx, dw, dout.sum(axis=(0, 2, 3))


RIGHT = (
    Right(Conv2d, "conv2d", why="naive loops"),
    Right(Convolution, "conv2d", why="columns of windows"),
    Right(Conv1d, "conv1d", why="einsum"),
    Right(ConvTranspose2d, "conv-transpose2d", why="naive loops"),
    Right(
        (conv_forward, conv_backward),
        "conv2d",
        ordinary=Point("x 2 3 6 5", "w 4 3 3 2, b 4"),
        why="a pair of functions, views with tricky strides",
    ),
)
