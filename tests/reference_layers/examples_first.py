"""One example of each layer of the first set, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

import layers

RNG = np.random.default_rng(20)
X, Y = RNG.standard_normal((2, 3, 4))
W, b = RNG.standard_normal((4, 2)), RNG.standard_normal(2)
P = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
LABELS, ONE_HOT = np.array([3, 0, 1]), np.eye(4)[[3, 0, 1]]

# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "Add": (layers.Add, (), (X, Y)),
    "Sub": (layers.Sub, (), (X, Y)),
    "Mul": (layers.Mul, (), (X, Y)),
    "Mul, 0-d": (layers.Mul, (), (X[0, 0], Y[0, 0])),
    "Div": (layers.Div, (), (X, Y)),
    "Exp": (layers.Exp, (), (X,)),
    "Exp, 0-d": (layers.Exp, (), (X[0, 0],)),
    "Log": (layers.Log, (), (P,)),
    "MatMul": (layers.MatMul, (), (X, W)),
    "Repeat": (lambda: layers.Repeat(3), (), (X[:1],)),
    "Sum": (layers.Sum, (), (X,)),
    "ReLU": (layers.ReLU, (), (X,)),
    "ReLU, 0-d": (layers.ReLU, (), (X[0, 0],)),
    "Sigmoid": (layers.Sigmoid, (), (X,)),
    "Sigmoid, 0-d": (layers.Sigmoid, (), (X[0, 0],)),
    "Softmax": (layers.Softmax, (), (X,)),
    "Softmax, columns": (lambda: layers.Softmax(axis=0), (), (X,)),
    "Affine": (layers.Affine, (W, b), (X,)),
    "Affine, one sample": (layers.Affine, (W, b), (X[0],)),
    "Affine, images": (layers.Affine, (W, b), (X.reshape(3, 2, 2),)),
    "CrossEntropy": (layers.CrossEntropy, (), (P, LABELS)),
    "CrossEntropy, one-hot": (layers.CrossEntropy, (), (P, ONE_HOT)),
    "CrossEntropy, one sample": (layers.CrossEntropy, (), (P[0], LABELS[0])),
    "SoftmaxWithLoss": (layers.SoftmaxWithLoss, (), (X, LABELS)),
    "SoftmaxWithLoss, one-hot": (layers.SoftmaxWithLoss, (), (X, ONE_HOT)),
    "SoftmaxWithLoss, one sample": (layers.SoftmaxWithLoss, (), (X[0], ONE_HOT[0])),
    "Sequential": (
        lambda W, b: layers.Sequential(layers.Affine(W, b), layers.ReLU()),
        (W, b),
        (X,),
    ),
}
