"""Examples of resampling, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.resampling import (
    AdaptiveAvgPool2d,
    Downsample,
    GlobalAvgPool,
    UpsampleBilinear,
    UpsampleNearest,
)

IMAGES = np.random.default_rng(43).standard_normal((2, 3, 4, 5))

# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "UpsampleNearest": (UpsampleNearest, (), (IMAGES,)),
    "UpsampleNearest, pair": (lambda: UpsampleNearest((1, 3)), (), (IMAGES,)),
    "UpsampleBilinear": (UpsampleBilinear, (), (IMAGES,)),
    "UpsampleBilinear, pair": (lambda: UpsampleBilinear((3, 1)), (), (IMAGES,)),
    "Downsample": (Downsample, (), (IMAGES,)),
    "Downsample, pair": (lambda: Downsample((1, 3)), (), (IMAGES,)),
    "GlobalAvgPool": (GlobalAvgPool, (), (IMAGES,)),
    "GlobalAvgPool, signals": (GlobalAvgPool, (), (IMAGES[:, :, 0],)),
    "AdaptiveAvgPool2d": (AdaptiveAvgPool2d, (), (IMAGES,)),
    "AdaptiveAvgPool2d, pair": (lambda: AdaptiveAvgPool2d((3, 7)), (), (IMAGES,)),
}
