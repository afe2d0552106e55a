"""Functions that can be differentiated; each is a class that is never made into an object."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Context:
    """Context is used by `Function` to store information during the forward pass."""

    no_grad: bool = False
    saved_values: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        if self.no_grad:
            return
        self.saved_values = values

    @property
    def saved_tensors(self):
        return self.saved_values


def wrap_tuple(x):
    return x if isinstance(x, tuple) else (x,)


class Function:
    """A mathematical function with its derivative."""

    @classmethod
    def _backward(cls, ctx: Context, d_out):
        return wrap_tuple(cls.backward(ctx, d_out))

    @classmethod
    def _forward(cls, ctx: Context, *inps):
        return cls.forward(ctx, *inps)


class Add(Function):
    """Addition function $f(x, y) = x + y$"""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        return a + b

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, ...]:
        return d_output, d_output


class Mul(Function):
    """Multiplication function $f(x, y) = x * y$"""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        a, b = ctx.saved_values
        return d_output * b, d_output * a


class Log(Function):
    """Log function $f(x) = log(x)$"""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        ctx.save_for_backward(a)
        return math.log(a)

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        (a,) = ctx.saved_values
        return d_output / a


class Inv(Function):
    """Inverse function"""

    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return 1.0 / a

    @staticmethod
    def backward(ctx, d_output):
        (a,) = ctx.saved_values
        return -(1.0 / a**2) * d_output


class Sigmoid(Function):
    @staticmethod
    def forward(ctx, t1):
        out = 1 / (1 + np.exp(-t1))
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, grad_output):
        (out,) = ctx.saved_values
        return grad_output * out * (1 - out)


class ReLU(Function):
    @staticmethod
    def forward(ctx, t1):
        ctx.save_for_backward(t1)
        return np.maximum(t1, 0.0)

    @staticmethod
    def backward(ctx, grad_output):
        (t1,) = ctx.saved_values
        return (t1 > 0) * grad_output


class MatMul(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        ctx.save_for_backward(t1, t2)
        return t1 @ t2

    @staticmethod
    def backward(ctx, grad_output):
        t1, t2 = ctx.saved_values
        return grad_output @ t2.T, t1.T @ grad_output


class LinearFunction(Function):
    """x @ weight.T + bias with x (N, D), weight (M, D), bias (M,)"""

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight.T + bias

    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved_tensors
        return grad_output @ weight, grad_output.T @ x, grad_output.sum(axis=0)


class MSELoss(Function):
    @staticmethod
    def forward(ctx, prediction, target):
        ctx.save_for_backward(prediction, target)
        return np.mean((prediction - target) ** 2)

    @staticmethod
    def backward(ctx, grad_output):
        prediction, target = ctx.saved_values
        grad = 2 * (prediction - target) / prediction.size * grad_output
        return grad, -grad


print(Mul.forward(Context(), 2.0, 3.0))
