"""One example of each layer that moves axes or joins arrays, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.activations import Tanh
from layers.affine import Affine
from layers.networks import Sequential
from layers.nodes import MatMul
from layers.residual import Residual
from layers.shaping import Concatenate, Flatten, Identity, Reshape, Transpose

RNG = np.random.default_rng(32)
IMAGES = RNG.standard_normal((2, 3, 2, 4))
STEPS = RNG.standard_normal((2, 5, 4))
W, b = RNG.standard_normal((4, 3)), RNG.standard_normal(3)
STACK = RNG.standard_normal((2, 4, 3))
SQUARE = RNG.standard_normal((4, 4))

EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "Identity": (Identity, (), (STEPS,)),
    "Flatten": (Flatten, (), (IMAGES,)),
    "Reshape": (lambda: Reshape((4, -1, 2)), (), (IMAGES,)),
    "Transpose": (Transpose, (), (STEPS,)),
    "Transpose, axes": (lambda: Transpose((2, 0, 1)), (), (STEPS,)),
    "Concatenate": (Concatenate, (), (IMAGES, IMAGES[:, :1])),
    "Concatenate, three": (lambda: Concatenate(-1), (), (STEPS, STEPS[..., :1], STEPS)),
    "Concatenate, one": (lambda: Concatenate(0), (), (STEPS,)),
    "MatMul, stacks": (MatMul, (), (STEPS, STACK)),
    "MatMul, one matrix for all": (MatMul, (), (STEPS, W)),
    "MatMul, stacks of one": (MatMul, (), (STEPS[:, np.newaxis], STACK[:1])),
    "Affine, steps": (Affine, (W, b), (STEPS,)),
    "Affine, one step": (Affine, (W, b), (STEPS[:, :1],)),
    "Affine, no bias": (Affine, (W,), (STEPS[0],)),
    "Affine, no bias, steps": (Affine, (W,), (STEPS,)),
    "Residual": (lambda W, b: Residual(Affine(W, b), Tanh()), (SQUARE, SQUARE[0]), (STEPS,)),
    "Residual in a chain": (
        lambda W, b, V, c: Sequential(Residual(Affine(W, b), Tanh()), Affine(V, c)),
        (SQUARE, SQUARE[0], W, b),
        (STEPS,),
    ),
}
