"""Nodes, changes of shape and layers of no known kind that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.points import POINTS, Point
from benchmarks.records import Wrong
from benchmarks.right_layers.nodes import (
    Add,
    Concatenate,
    Div,
    Exp,
    Flatten,
    Log,
    Mul,
    Repeat,
    Sub,
    Sum,
    Transpose,
)
from benchmarks.right_layers.own import Bilinear, Highway, Maxout, RowMaximum, TwoLayers


class AddHalves(Add):
    def backward(self, dout):
        return dout / 2, dout / 2


class SubSameSign(Sub):
    def backward(self, dout):
        return dout, dout.copy()


class MulSwapped(Mul):
    def backward(self, dout):
        return dout * self.x, dout * self.y


class DivNotSquared(Div):
    def backward(self, dout):
        return dout / self.y, -dout * self.x / self.y


class DivSign(Div):
    def backward(self, dout):
        return dout / self.y, dout * self.x / self.y**2


class ExpOfInput(Exp):
    def forward(self, x):
        self.x = x
        return np.exp(x)

    def backward(self, dout):
        return dout * self.x


class LogTimes(Log):
    def backward(self, dout):
        return dout * self.x


class LogEpsilon(Log):
    """An epsilon in backward that forward has not."""

    def backward(self, dout):
        return dout / (self.x + 1e-2)


class RepeatTakesFirst(Repeat):
    def backward(self, dout):
        return dout[:1].copy()


class SumAverages(Sum):
    def backward(self, dout):
        return super().backward(dout) / self.n


class FlattenColumns(Flatten):
    """Reshapes in the order of columns."""

    def backward(self, dout):
        return dout.reshape(self.shape, order="F")


class TransposeSameAxes(Transpose):
    """Applies the permutation again and not its inverse."""

    def backward(self, dout):
        return np.transpose(dout, self.axes)


class TransposeNegativeAxes(Transpose):
    """argsort is no inverse where an axis is counted from the end."""

    def backward(self, dout):
        return np.transpose(dout, None if self.axes is None else np.argsort(self.axes))


class ConcatenateOffByOne(Concatenate):
    def backward(self, dout):
        dx, dy = super().backward(dout)
        return np.roll(dx, 1, axis=self.axis), dy


class MaxoutBothAtTies(Maxout):
    """Where both are equal, each gets the whole gradient."""

    def forward(self, x, y):
        self.x, self.y = x, y
        return super().forward(x, y)

    def backward(self, dout):
        return dout * (self.x >= self.y), dout * (self.y >= self.x)


class RowMaximumNotShared(RowMaximum):
    def backward(self, dout):
        return (self.mask > 0) * dout[:, None]


class HighwayGatePathMissing(Highway):
    def backward(self, dout):
        dx = super().backward(dout)
        dg = dout * (self.h - self.x) * self.g * (1 - self.g)
        return dx - dg @ self.V.T


class HighwaySkipMissing(Highway):
    def backward(self, dout):
        return super().backward(dout) - dout * (1 - self.g)


class TwoLayersMaskMissing(TwoLayers):
    def backward(self, dout):
        self.dV, self.dc = self.h.T @ dout, dout.sum(0)
        da = dout @ self.V.T
        self.dW, self.db = self.x.T @ da, da.sum(0)
        return da @ self.W.T


class TwoLayersUpdatesFirst(TwoLayers):
    """The second layer's weights are changed before they are used."""

    def backward(self, dout):
        V = self.V
        self.V = self.V - 0.1 * self.h.T @ dout
        dx = super().backward(dout)
        self.V = V
        return dx


class BilinearTransposed(Bilinear):
    def backward(self, dout):
        dx, dy = super().backward(dout)
        if self.W.shape[0] == self.W.shape[1]:
            self.dW = self.dW.swapaxes(0, 1)
        return dx, dy


_OWN = {"signature": "x: N D, y: N D -> z: N D", "ordinary": Point("x 3 4, y 3 4")}
_TIE = Point("x 3 4, y 3 4").at(x=np.ones((3, 4)), y=np.ones((3, 4)))
_HIGHWAY = {
    "signature": "x: N D, W: D D, V: D D -> y: N D",
    "parameters": ("W", "V"),
    "ordinary": Point("x 3 4", "W 4 4, V 4 4"),
}
_TWO = {
    "signature": "x: N D, W: D H, b: H, V: H M, c: M -> y: N M",
    "parameters": ("W", "b", "V", "c"),
    "ordinary": Point("x 3 4", "W 4 6, b 6, V 6 5, c 5"),
}

WRONG = (
    Wrong(AddHalves, "add", bug="constant factor", names=("factor-0.5",)),
    Wrong(SubSameSign, "sub", bug="sign"),
    Wrong(MulSwapped, "mul", bug="wrong order"),
    Wrong(DivNotSquared, "div", bug="wrong quantity"),
    Wrong(DivSign, "div", bug="sign"),
    Wrong(ExpOfInput, "exp", bug="wrong quantity"),
    Wrong(LogTimes, "log", bug="wrong quantity"),
    Wrong(LogEpsilon, "log", bug="approximation"),
    Wrong(
        RepeatTakesFirst,
        "repeat",
        bug="path missing",
        names=("*sum*", "*first*", "*lost*", "*contribution*"),
    ),
    Wrong(SumAverages, "sum", bug="constant factor", names=("factor-1/N",)),
    Wrong(FlattenColumns, "flatten", bug="wrong order", names=("*reshape*", "*order*")),
    Wrong(
        TransposeSameAxes,
        "transpose",
        bug="transposed",
        names=("*shape*", "*transpose*", "*axes*", "*permut*"),
    ),
    Wrong(
        TransposeNegativeAxes,
        "transpose",
        bug="option",
        names=("*shape*", "*transpose*", "*axes*", "*permut*", "*option*"),
        point=POINTS["transpose"].with_(axes=(1, 0, -1)),
    ),
    Wrong(ConcatenateOffByOne, "concatenate", bug="off by one"),
    Wrong(MaxoutBothAtTies, bug="special values", point=_TIE, **_OWN),
    Wrong(
        RowMaximumNotShared,
        signature="x: N D -> y: N",
        ordinary=Point("x 3 4"),
        bug="special values",
        point=Point("x 3 4").at(x=np.ones((3, 4))),
    ),
    Wrong(HighwayGatePathMissing, bug="path missing", **_HIGHWAY),
    Wrong(HighwaySkipMissing, bug="path missing", **_HIGHWAY),
    Wrong(TwoLayersMaskMissing, bug="mask missing", **_TWO),
    Wrong(
        TwoLayersUpdatesFirst,
        bug="upstream ignored",
        names=("upstream-not-linear", "*update*"),
        **_TWO,
    ),
    Wrong(
        BilinearTransposed,
        signature="x: N D, y: N E, W: D E K -> z: N K",
        parameters=("W",),
        ordinary=Point("x 3 4, y 3 2", "W 4 2 5"),
        bug="transposed",
        point=Point("x 3 4, y 3 4", "W 4 4 5"),
    ),
)
