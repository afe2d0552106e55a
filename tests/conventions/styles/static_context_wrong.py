import numpy as np


class Context:
    def save_for_backward(self, *values):
        self.saved_values = values

    @property
    def saved_tensors(self):
        return self.saved_values


class Function:
    pass


class Mul(Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx, d_output):
        a, b = ctx.saved_values
        return d_output * a, d_output * b


class Inv(Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return 1.0 / a

    @staticmethod
    def backward(ctx, d_output):
        (a,) = ctx.saved_values
        return d_output / a**2


class Sigmoid(Function):
    @staticmethod
    def forward(ctx, a):
        out = 1.0 / (1.0 + np.exp(-a))
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, grad_output):
        (out,) = ctx.saved_values
        return out * (1 - out)


class MatMul(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        ctx.save_for_backward(t1, t2)
        return t1 @ t2

    @staticmethod
    def backward(ctx, grad_output):
        t1, t2 = ctx.saved_values
        return grad_output @ t2.T, (t1.T @ grad_output) / t1.shape[0]


class LinearFunction(Function):
    """x (N, D), weight (M, D), bias (M,)"""

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight.T + bias

    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved_tensors
        return grad_output @ weight, grad_output.T @ x, grad_output


class MSELoss(Function):
    @staticmethod
    def forward(ctx, prediction, target):
        ctx.save_for_backward(prediction, target)
        return np.mean((prediction - target) ** 2)

    @staticmethod
    def backward(ctx, grad_output):
        prediction, target = ctx.saved_values
        grad = 2 * (prediction - target) * grad_output
        return grad, -grad
