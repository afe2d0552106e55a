"""Resampling against PyTorch, and blocks of pixels against SciPy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from layers.resampling import (
    AdaptiveAvgPool2d,
    Downsample,
    GlobalAvgPool,
    UpsampleBilinear,
    UpsampleNearest,
)
from tests.oracles.comparison import Comparison, Pair


def by_pytorch(
    ours: Any, theirs: Callable[[Any, Any], Any], shape: tuple[int, ...], rng: np.random.Generator
) -> Iterable[Pair]:
    """Hold y and dx against autograd; ``theirs`` is given torch and the tensor."""
    import torch

    x = rng.standard_normal(shape)
    y = ours.forward(x)
    dout = rng.standard_normal(y.shape)
    tensor = torch.tensor(x, requires_grad=True)
    told = theirs(torch, tensor)
    told.backward(torch.tensor(dout))
    assert tensor.grad is not None
    yield "y", y, told.detach().numpy()
    yield "dx", ours.backward(dout), tensor.grad.numpy()


def interpolated(mode: str, factor: Any, torch: Any, x: Any) -> Any:
    # PyTorch refuses align_corners where nothing is interpolated.
    corners = {} if mode == "nearest" else {"align_corners": False}
    return torch.nn.functional.interpolate(x, scale_factor=factor, mode=mode, **corners)


def pooled(size: Any, torch: Any, x: Any) -> Any:
    return torch.nn.functional.adaptive_avg_pool2d(x, size)


def mean(torch: Any, x: Any) -> Any:
    return torch.mean(x, dim=tuple(range(2, x.ndim)))


def strided(a: int, b: int, torch: Any, x: Any) -> Any:
    """A convolution of each channel with one pixel of weight one."""
    W = torch.ones((x.shape[1], 1, 1, 1), dtype=x.dtype)
    return torch.nn.functional.conv2d(x, W, stride=(a, b), groups=x.shape[1])


def blocks_by_scipy(rng: np.random.Generator) -> Iterable[Pair]:
    """Every block is the Kronecker product of its pixel with ones."""
    from scipy.linalg import block_diag

    x, up = rng.standard_normal((2, 3, 4, 5)), UpsampleNearest((2, 3))
    A, B = block_diag(*[np.ones((2, 1))] * 4), block_diag(*[np.ones((3, 1))] * 5)
    y = up.forward(x)
    dout = rng.standard_normal(y.shape)
    yield "y", y, A @ x @ B.T
    yield "dx", up.backward(dout), A.T @ dout @ B


IMAGES = (3, 2, 6, 5)

COMPARISONS = [
    *(
        Comparison(
            layer.__name__,
            "torch.nn.functional.interpolate",
            f"factor={factor}",
            partial(by_pytorch, layer(factor), partial(interpolated, mode, factor), IMAGES),
        )
        for layer, mode in ((UpsampleNearest, "nearest"), (UpsampleBilinear, "bilinear"))
        for factor in (1, 2, 3, (1, 4), (5, 2))
    ),
    *(
        Comparison(
            "AdaptiveAvgPool2d",
            "torch.nn.functional.adaptive_avg_pool2d",
            f"size={size}",
            partial(by_pytorch, AdaptiveAvgPool2d(size), partial(pooled, size), IMAGES),
        )
        for size in (1, 2, 4, (6, 5), (3, 7), (9, 1))
    ),
    *(
        Comparison(
            "Downsample",
            "torch.nn.functional.conv2d",
            f"factor={factor}",
            partial(by_pytorch, Downsample(factor), partial(strided, *factor), IMAGES),
        )
        for factor in ((1, 1), (2, 2), (3, 2), (7, 1))
    ),
    *(
        Comparison(
            "GlobalAvgPool",
            "torch.mean",
            words,
            partial(by_pytorch, GlobalAvgPool(), mean, shape),
        )
        for words, shape in (("", IMAGES), ("signals", (3, 2, 7)), ("one pixel", (3, 2, 1, 1)))
    ),
    Comparison("UpsampleNearest", "scipy.linalg.block_diag", "factor=(2, 3)", blocks_by_scipy),
]
