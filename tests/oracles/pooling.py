"""Pooling against PyTorch."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from layers.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from tests.oracles.comparison import Comparison, Pair

NAMES = {"size": "kernel_size", "pad": "padding", "ceil": "ceil_mode"}
NAMES |= {"count_pad": "count_include_pad", "stride": "stride"}


def by_pytorch(
    layer: type[Any],
    function: str,
    shape: tuple[int, ...],
    options: dict[str, Any],
    tied: bool,
    rng: np.random.Generator,
) -> Iterable[Pair]:
    """Hold y and dx against autograd; tied values are whole numbers, each many times over."""
    import torch

    x = rng.integers(-1, 2, shape).astype(float) if tied else rng.standard_normal(shape)
    ours = layer(**options)
    y = ours.forward(x)
    dout = rng.standard_normal(y.shape)

    tensor = torch.tensor(x, requires_grad=True)
    told = {NAMES[name]: value for name, value in options.items()}
    theirs = getattr(torch.nn.functional, function)(tensor, **told)
    theirs.backward(torch.tensor(dout))
    yield "y", y, theirs.detach().numpy()
    assert tensor.grad is not None
    yield "dx", ours.backward(dout), tensor.grad.numpy()


def compare(
    layer: type[Any], function: str, shape: tuple[int, ...], tied: bool = False, **options: Any
) -> Comparison:
    words = [f"{name}={value}" for name, value in options.items()] + ["ties"] * tied
    pairs = partial(by_pytorch, layer, function, shape, options, tied)
    oracle = f"torch.nn.functional.{function}"
    return Comparison(layer.__name__, oracle, ", ".join(words), pairs)


max1d = partial(compare, MaxPool1d, "max_pool1d", (3, 2, 11))
max2d = partial(compare, MaxPool2d, "max_pool2d", (3, 2, 9, 8))
avg1d = partial(compare, AvgPool1d, "avg_pool1d", (3, 2, 11))
avg2d = partial(compare, AvgPool2d, "avg_pool2d", (3, 2, 9, 8))

COMPARISONS = [
    max1d(size=3),
    max1d(size=3, stride=2, pad=1, ceil=True),
    max1d(size=2, stride=4, tied=True),
    avg1d(size=3),
    avg1d(size=3, stride=2, pad=1, ceil=True),
    avg1d(size=4, stride=3, pad=2, ceil=True, count_pad=False),
    *(
        make(**options)
        for make in (max2d, avg2d)
        for options in (
            {"size": 2},
            {"size": 1, "stride": 3},
            {"size": (3, 2), "stride": (1, 2)},
            {"size": 3, "stride": 2, "pad": 1},
            {"size": (9, 8)},
            {"size": 2, "stride": 3, "ceil": True},
            {"size": 2, "stride": 5, "ceil": True},
            {"size": (4, 3), "stride": (3, 4), "pad": (2, 1), "ceil": True},
            {"size": 3, "stride": 2, "pad": 1, "ceil": True},
        )
    ),
    max2d(size=3, stride=1, pad=1, tied=True),
    max2d(size=(2, 3), stride=2, ceil=True, tied=True),
    avg2d(size=3, stride=2, pad=1, count_pad=False),
    avg2d(size=(4, 3), stride=(3, 4), pad=(2, 1), ceil=True, count_pad=False),
]
