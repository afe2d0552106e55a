"""Dropout against torch.nn.functional, by the mask that torch itself draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from layers.dropout import Dropout, Dropout2d
from tests.oracles.comparison import Array, Comparison, Pair

Shape = tuple[int, ...]


class Scripted(np.random.Generator):
    """A generator that draws what is wanted: just below p to drop, just below one to keep."""

    def __init__(self, keep: Array) -> None:
        super().__init__(np.random.PCG64(0))
        self.keep = keep

    def random(self, size: Any = None, dtype: Any = None, out: Any = None) -> Any:
        return np.where(self.keep, np.nextafter(1.0, 0.0), 0.0).reshape(size)


def against(
    layer: type[Any], function: str, p: float, training: bool, shape: Shape
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import torch

        drop = getattr(torch.nn.functional, function)
        seed = int(rng.integers(1000))
        x, dout = rng.standard_normal((2, *shape))

        def theirs(tensor: Any) -> Any:
            torch.manual_seed(seed)
            return drop(tensor, p, training)

        keep = theirs(torch.ones(shape, dtype=torch.float64)).numpy() != 0
        ours = layer(p, training, Scripted(keep[:, :, :1, :1] if layer is Dropout2d else keep))
        tensor = torch.tensor(x, requires_grad=True)
        output = theirs(tensor)
        output.backward(torch.tensor(dout))
        yield "y", ours.forward(x), output.detach().numpy()
        yield "dx", ours.backward(dout), tensor.grad.numpy()

    return pairs


COMPARISONS: list[Comparison] = [
    Comparison(
        layer.__name__,
        f"torch.nn.functional.{function}",
        f"p={p}, training={training}",
        against(layer, function, p, training, shape),
    )
    for layer, function, shape in (
        (Dropout, "dropout", (6, 7)),
        (Dropout2d, "dropout2d", (3, 4, 2, 5)),
    )
    for p, training in ((0.5, True), (0.2, True), (0.0, True), (1.0, True), (0.5, False))
]
