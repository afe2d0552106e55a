"""The residual connection around a layer or a chain of them."""

import numpy as np
from numpy.typing import ArrayLike

from layers.composite import Sequential
from layers.layer import Array, snapshot


class Residual(Sequential):
    """y = x + f(x), where f is a layer or a chain: Residual(layer, layer, ...).

    L depends on x by two ways, so their gradients add: dx = dy + (df/dx)^T dy, and the second
    term is what the backward of f returns. Whatever f does, dy passes unchanged.

    x, y: one shape, which f must keep; ValueError otherwise. Parameters are named as in
    Sequential: by position in the chain and name, such as ``"0.W"``.

    Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition" (2016), eq. 1;
    "Identity Mappings in Deep Residual Networks" (2016), eq. 4 and 5.
    """

    def forward(self, x: ArrayLike) -> Array:
        """Return x + f(x)."""
        x = snapshot(x)
        change = super().forward(x)
        if change.shape != x.shape:
            raise ValueError(
                f"Residual.forward: the layers must keep the shape of x, "
                f"got {change.shape} from {x.shape}"
            )
        return x + change

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx; each layer stores the gradients of its own parameters."""
        through = super().backward(dout)
        # A float64 gradient must not widen those of a float32 layer.
        dx: Array = through + np.asarray(dout, dtype=through.dtype)
        return dx
