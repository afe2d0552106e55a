"""Dense layers over time, products and pairs of functions that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.affine import MatMul, TimeAffine


class TimeMeanNotSum(TimeAffine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW / dout.shape[1]
        return dx


class TimeBiasOfBatch(TimeAffine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout.sum(axis=0)
        return dx


class TimeLastStepOnly(TimeAffine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.x[:, -1].T @ dout[:, -1]
        return dx


class MatMulSwapped(MatMul):
    def backward(self, dout):
        return dout @ self.W.T, (dout.T @ self.x).T * np.sign(dout.sum())


class MatMulOneGradient(MatMul):
    def backward(self, dout):
        return dout @ self.W.T


def dense_forward(x, w, b):
    return x.dot(w) + b, (x, w)


def dense_backward(dout, cache):
    x, w = cache
    return dout.dot(w.T), x.T.dot(dout), dout.sum(axis=0) / len(x)


_TIME = Point("x 3 2 4", "W 4 5, b 5")

WRONG = (
    Wrong(
        TimeMeanNotSum,
        "affine",
        ordinary=_TIME,
        bug="constant factor",
        names=("factor-1/T",),
    ),
    Wrong(TimeBiasOfBatch, "affine", ordinary=_TIME, bug="gradient shape"),
    Wrong(TimeLastStepOnly, "affine", ordinary=_TIME, bug="only last step"),
    Wrong(
        MatMulSwapped,
        "matmul",
        bug="sign",
        names=("*sign*", "upstream-not-linear", "*upstream*"),
    ),
    Wrong(MatMulOneGradient, "matmul", bug="gradient missing"),
    Wrong(
        (dense_forward, dense_backward),
        "affine",
        ordinary=Point("x 3 4", "w 4 5, b 5"),
        bug="constant factor",
        names=("factor-1/N",),
    ),
)
