"""Shapes, products and affine maps against torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from layers.activations import Tanh
from layers.affine import Affine
from layers.nodes import MatMul
from layers.residual import Residual
from layers.shaping import Concatenate, Flatten, Identity, Reshape, Transpose
from tests.oracles.comparison import Array, Comparison, Pair

Shape = tuple[int, ...]
Gradients = Callable[[Any], list[Array]]


def against(
    make: Callable[..., Any],
    theirs: Callable[..., Any],
    inputs: tuple[Shape, ...],
    parameters: tuple[Shape, ...] = (),
    learned: Gradients = lambda layer: [],
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    """Pair output and gradients; ``theirs`` takes torch, then tensors of inputs and parameters."""

    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import torch

        xs, held = ([rng.standard_normal(one) for one in part] for part in (inputs, parameters))
        layer = make(*held)
        tensors = [torch.tensor(one, requires_grad=True) for one in (*xs, *held)]
        output = theirs(torch, *tensors)
        dout = rng.standard_normal(tuple(output.shape))
        output.backward(torch.tensor(dout))
        yield "y", layer.forward(*xs), output.detach().numpy()
        dx = layer.backward(dout)
        ours = [*(dx if isinstance(dx, tuple) else (dx,)), *learned(layer)]
        for number, (one, tensor) in enumerate(zip(ours, tensors, strict=True)):
            yield f"gradient {number}", one, tensor.grad.numpy()

    return pairs


def _affine(options: str, x: Shape, *parameters: Shape) -> Comparison:
    def theirs(torch: Any, x: Any, W: Any, b: Any = None) -> Any:
        flat = x.flatten(1) if x.ndim > 2 and x.shape[-1] != len(W) else x
        return torch.nn.functional.linear(flat, W.T, b)

    def learned(layer: Any) -> list[Array]:
        return [layer.dW, layer.db] if len(parameters) > 1 else [layer.dW]

    pairs = against(Affine, theirs, (x,), parameters, learned)
    return Comparison("Affine", "torch.nn.functional.linear", options, pairs)


def _matmul(x: Shape, W: Shape) -> Comparison:
    pairs = against(MatMul, lambda torch, x, W: x @ W, (x, W))
    return Comparison("MatMul", "torch.matmul", f"x {x}, W {W}", pairs)


def _concatenate(axis: int, *shapes: Shape) -> Comparison:
    def theirs(torch: Any, *arrays: Any) -> Any:
        return torch.cat(arrays, dim=axis)

    pairs = against(lambda: Concatenate(axis), theirs, shapes)
    return Comparison("Concatenate", "torch.cat", f"axis={axis}, {len(shapes)} arrays", pairs)


def _residual(torch: Any, x: Any, W: Any, b: Any) -> Any:
    return x + torch.tanh(torch.nn.functional.linear(x, W.T, b))


IMAGES = (2, 3, 4, 5)

COMPARISONS: list[Comparison] = [
    _affine("", (4, 6), (6, 3), (3,)),
    _affine("one sample", (6,), (6, 3), (3,)),
    _affine("images", (4, 2, 3), (6, 3), (3,)),
    _affine("steps", (4, 5, 6), (6, 3), (3,)),
    _affine("one step", (4, 1, 6), (6, 3), (3,)),
    _affine("no bias", (4, 6), (6, 3)),
    _affine("no bias, steps", (2, 4, 5, 6), (6, 3)),
    _matmul((4, 5), (5, 3)),
    _matmul((2, 4, 5), (2, 5, 3)),
    _matmul((2, 4, 5), (5, 3)),
    _matmul((4, 5), (2, 5, 3)),
    _matmul((2, 7, 4, 5), (2, 1, 5, 3)),
    _matmul((1, 7, 4, 5), (6, 1, 5, 3)),
    Comparison(
        "Identity",
        "torch.nn.Identity",
        "",
        against(Identity, lambda t, x: t.nn.Identity()(x), (IMAGES,)),
    ),
    Comparison(
        "Flatten", "torch.flatten", "", against(Flatten, lambda t, x: t.flatten(x, 1), (IMAGES,))
    ),
    Comparison(
        "Reshape",
        "torch.reshape",
        "shape=(4, -1, 3)",
        against(lambda: Reshape((4, -1, 3)), lambda t, x: t.reshape(x, (2, 4, -1, 3)), (IMAGES,)),
    ),
    Comparison(
        "Transpose",
        "torch.permute",
        "",
        against(Transpose, lambda t, x: t.permute(x, (3, 2, 1, 0)), (IMAGES,)),
    ),
    *(
        Comparison(
            "Transpose",
            "torch.permute",
            f"axes={axes}",
            against(
                lambda axes=axes: Transpose(axes),
                lambda t, x, axes=axes: t.permute(x, axes),
                (IMAGES,),
            ),
        )
        for axes in ((0, 2, 3, 1), (2, 0, -1, 1), (3, 0, 1, 2))
    ),
    _concatenate(1, IMAGES, (2, 1, 4, 5)),
    _concatenate(0, (2, 3), (4, 3), (1, 3)),
    _concatenate(-1, (2, 4, 3), (2, 4, 1)),
    Comparison(
        "Residual",
        "torch.nn.functional.linear",
        "affine and tanh",
        against(
            lambda W, b: Residual(Affine(W, b), Tanh()),
            _residual,
            ((4, 6),),
            ((6, 6), (6,)),
            lambda layer: list(layer.gradients_by_name.values()),
        ),
    ),
]
