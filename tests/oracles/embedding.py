"""Embeddings and positions against torch; it has no sinusoidal encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from layers.embedding import Embedding, LearnedPositions
from tests.oracles.comparison import Comparison, Pair


def embedding(
    shape: tuple[int, ...], V: int, D: int
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import torch

        W, ids = rng.standard_normal((V, D)), rng.integers(0, V, shape)
        dout = rng.standard_normal((*shape, D))
        table = torch.tensor(W, requires_grad=True)
        theirs = torch.nn.functional.embedding(torch.tensor(ids), table)
        theirs.backward(torch.tensor(dout))
        layer = Embedding(W)
        y = layer.forward(ids)
        layer.backward(dout)
        return [("y", y, theirs.detach().numpy()), ("dW", layer.dW, table.grad.numpy())]

    return pairs


def positions(
    shape: tuple[int, ...], longer: int
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    """x + embedding of the places, as models write it."""

    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import torch

        T, D = shape[-2:]
        W, x, dout = rng.standard_normal((T + longer, D)), *rng.standard_normal((2, *shape))
        table = torch.tensor(W, requires_grad=True)
        tensor = torch.tensor(x, requires_grad=True)
        theirs = tensor + torch.nn.functional.embedding(torch.arange(T), table)
        theirs.backward(torch.tensor(dout))
        layer = LearnedPositions(W)
        y, dx = layer.forward(x), layer.backward(dout)
        return [
            ("y", y, theirs.detach().numpy()),
            ("dx", dx, tensor.grad.numpy()),
            ("dW", layer.dW, table.grad.numpy()),
        ]

    return pairs


ORACLE = "torch.nn.functional.embedding"
COMPARISONS = [
    Comparison("Embedding", ORACLE, "N T", embedding((4, 5), 7, 3)),
    Comparison("Embedding", ORACLE, "repeated ids", embedding((50,), 3, 4)),
    Comparison("Embedding", ORACLE, "one id", embedding((), 3, 4)),
    Comparison("Embedding", ORACLE, "no ids", embedding((0, 3), 3, 4)),
    Comparison("LearnedPositions", ORACLE, "N T D", positions((3, 4, 5), 0)),
    Comparison("LearnedPositions", ORACLE, "longer table", positions((3, 4, 5), 2)),
    Comparison("LearnedPositions", ORACLE, "one sequence", positions((4, 5), 1)),
]
