"""Operator implementations of the needle-like framework, on NumPy arrays."""

import numpy as np


class Node:
    """A value in the graph: the operator that made it and what it was made of."""

    def __init__(self, op, inputs):
        self.op = op
        self.inputs = inputs


class Op:
    """Operator definition."""

    def __call__(self, *args):
        return self.compute(*args)

    def compute(self, *args):
        """Calculate forward pass of operator."""
        raise NotImplementedError()

    def gradient(self, out_grad, node):
        """Compute partial adjoint for each input value for a given output adjoint.

        Parameters
        ----------
        out_grad
            The adjoint wrt to the output value.
        node
            The value node of forward evaluation.

        Returns
        -------
        input_grads
            A list containing partial gradient adjoints to be propagated to each of the inputs.
        """
        raise NotImplementedError()


class EWiseAdd(Op):
    def compute(self, a, b):
        return a + b

    def gradient(self, out_grad, node):
        return out_grad, out_grad


def add(a, b):
    return EWiseAdd()(a, b)


class AddScalar(Op):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a + self.scalar

    def gradient(self, out_grad, node):
        return out_grad


class EWiseMul(Op):
    def compute(self, a, b):
        return a * b

    def gradient(self, out_grad, node):
        lhs, rhs = node.inputs
        return out_grad * rhs, out_grad * lhs


class PowerScalar(Op):
    """Op raise a tensor to an (integer) power."""

    def __init__(self, scalar: int):
        self.scalar = scalar

    def compute(self, a):
        return a**self.scalar

    def gradient(self, out_grad, node):
        (a,) = node.inputs
        return out_grad * self.scalar * a ** (self.scalar - 1)


class EWiseDiv(Op):
    """Op to element-wise divide two nodes."""

    def compute(self, a, b):
        return a / b

    def gradient(self, out_grad, node):
        lhs, rhs = node.inputs
        return out_grad / rhs, -out_grad * lhs / rhs**2


class Transpose(Op):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        if self.axes is None:
            return np.swapaxes(a, -1, -2)
        return np.swapaxes(a, *self.axes)

    def gradient(self, out_grad, node):
        if self.axes is None:
            return np.swapaxes(out_grad, -1, -2)
        return np.swapaxes(out_grad, *self.axes)


class Summation(Op):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        return np.sum(a, axis=self.axes)

    def gradient(self, out_grad, node):
        (a,) = node.inputs
        if self.axes is None:
            return np.broadcast_to(out_grad, a.shape)
        return np.broadcast_to(np.expand_dims(out_grad, self.axes), a.shape)


class MatMul(Op):
    def compute(self, a, b):
        return a @ b

    def gradient(self, out_grad, node):
        lhs, rhs = node.inputs
        grad_a = out_grad @ np.swapaxes(rhs, -1, -2)
        grad_b = np.swapaxes(lhs, -1, -2) @ out_grad
        return grad_a, grad_b


class Negate(Op):
    def compute(self, a):
        return -a

    def gradient(self, out_grad, node):
        return -out_grad


class Log(Op):
    def compute(self, a):
        return np.log(a)

    def gradient(self, out_grad, node):
        return out_grad / node.inputs[0]


class Exp(Op):
    def compute(self, a):
        return np.exp(a)

    def gradient(self, out_grad, node):
        return out_grad * np.exp(node.inputs[0])


class ReLU(Op):
    def compute(self, a):
        return np.maximum(a, 0)

    def gradient(self, out_grad, node):
        a = node.inputs[0]
        return out_grad * (a > 0)


class LogSumExp(Op):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, Z):
        largest = np.max(Z, axis=self.axes, keepdims=True)
        total = np.sum(np.exp(Z - largest), axis=self.axes, keepdims=True)
        return np.squeeze(np.log(total) + largest, axis=self.axes)

    def gradient(self, out_grad, node):
        (Z,) = node.inputs
        e = np.exp(Z - np.max(Z, axis=self.axes, keepdims=True))
        softmax = e / np.sum(e, axis=self.axes, keepdims=True)
        if self.axes is not None:
            out_grad = np.expand_dims(out_grad, self.axes)
        return softmax * out_grad


class SoftmaxLoss(Op):
    """Mean cross entropy of logits (N, C) with one-hot labels (N, C)"""

    def compute(self, Z, y_one_hot):
        largest = Z.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(Z - largest).sum(axis=1)) + largest[:, 0]
        return np.mean(log_sum - (Z * y_one_hot).sum(axis=1))

    def gradient(self, out_grad, node):
        Z, y_one_hot = node.inputs
        p = np.exp(Z - Z.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        return out_grad * (p - y_one_hot) / len(Z), -out_grad * Z / len(Z)
