"""Normalising layers against torch.nn.functional, statistics of BatchNorm over batches too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from layers.batch_normalisation import BatchNorm
from layers.group_normalisation import GroupNorm, InstanceNorm
from layers.normalisation import LayerNorm, RMSNorm
from tests.oracles.comparison import Array, Comparison, Pair

Shape = tuple[int, ...]


def both_ways(
    layer: Any, theirs: Callable[..., Any], x: Array, learned: dict[str, Array], dout: Array
) -> list[Pair]:
    """Pair output and all gradients; ``theirs`` takes tensors of x and of the learned arrays."""
    import torch

    tensors = [torch.tensor(one, requires_grad=True) for one in (x, *learned.values())]
    output = theirs(*tensors)
    output.backward(torch.tensor(dout))
    y, dx = layer.forward(x), layer.backward(dout)
    ours = [dx, *(getattr(layer, f"d{name}") for name in learned)]
    gradients = [
        (f"d{name}", one, tensor.grad.numpy())
        for name, one, tensor in zip(("x", *learned), ours, tensors, strict=True)
    ]
    return [("y", y, output.detach().numpy()), *gradients]


def drawn(rng: np.random.Generator, shape: Shape, offset: float) -> tuple[Array, Array]:
    return rng.standard_normal(shape) + offset, rng.standard_normal(shape)


def affine(rng: np.random.Generator, *shape: int) -> dict[str, Array]:
    return {"gamma": rng.standard_normal(shape), "beta": rng.standard_normal(shape)}


def batch_norm(
    shape: Shape, training: bool, offset: float = 0.0, **options: float
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    """Three batches one after the other, and the running statistics after each."""

    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import torch

        learned, C = affine(rng, shape[1]), shape[1]
        mean, var = rng.standard_normal(C), rng.uniform(0.5, 2, C)
        layer = BatchNorm(*learned.values(), mean, var, training=training, **options)
        their_mean, their_var = torch.tensor(mean), torch.tensor(var)

        def theirs(x: Any, gamma: Any, beta: Any) -> Any:
            norm = torch.nn.functional.batch_norm
            return norm(x, their_mean, their_var, gamma, beta, training, **options)

        for _ in range(3):
            x, dout = drawn(rng, shape, offset)
            yield from both_ways(layer, theirs, x, learned, dout)
            yield "running_mean", layer.running_mean, their_mean.numpy()
            yield "running_var", layer.running_var, their_var.numpy()

    return pairs


def layer_norm(
    shape: Shape, axes: int, offset: float = 0.0, eps: float = 1e-5
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import torch

        learned, (x, dout) = affine(rng, *shape[-axes:]), drawn(rng, shape, offset)

        def theirs(x: Any, gamma: Any, beta: Any) -> Any:
            return torch.nn.functional.layer_norm(x, gamma.shape, gamma, beta, eps)

        return both_ways(LayerNorm(*learned.values(), eps), theirs, x, learned, dout)

    return pairs


def rms_norm(
    shape: Shape, axes: int, eps: float = 1e-6
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import torch

        gamma, (x, dout) = rng.standard_normal(shape[-axes:]), drawn(rng, shape, 0.5)

        def theirs(x: Any, gamma: Any) -> Any:
            return torch.nn.functional.rms_norm(x, gamma.shape, gamma, eps)

        return both_ways(RMSNorm(gamma, eps), theirs, x, {"gamma": gamma}, dout)

    return pairs


def group_norm(
    shape: Shape, groups: int, offset: float = 0.0, eps: float = 1e-5
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import torch

        learned, (x, dout) = affine(rng, shape[1]), drawn(rng, shape, offset)

        def theirs(x: Any, gamma: Any, beta: Any) -> Any:
            return torch.nn.functional.group_norm(x, groups, gamma, beta, eps)

        return both_ways(GroupNorm(*learned.values(), groups, eps), theirs, x, learned, dout)

    return pairs


def instance_norm(
    shape: Shape, with_affine: bool, eps: float = 1e-5
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import torch

        learned = affine(rng, shape[1]) if with_affine else {}
        x, dout = drawn(rng, shape, -0.5)

        def theirs(x: Any, gamma: Any = None, beta: Any = None) -> Any:
            return torch.nn.functional.instance_norm(x, weight=gamma, bias=beta, eps=eps)

        return both_ways(InstanceNorm(*learned.values(), eps=eps), theirs, x, learned, dout)

    return pairs


F = "torch.nn.functional"
ROWS, SIGNALS, IMAGES = (7, 4), (3, 4, 5), (3, 4, 5, 2)
COMPARISONS = [
    Comparison("BatchNorm", f"{F}.batch_norm", "training, N D", batch_norm(ROWS, True)),
    Comparison("BatchNorm", f"{F}.batch_norm", "training, N C L", batch_norm(SIGNALS, True)),
    Comparison("BatchNorm", f"{F}.batch_norm", "training, N C H W", batch_norm(IMAGES, True)),
    Comparison("BatchNorm", f"{F}.batch_norm", "training, N = 2", batch_norm((2, 4), True)),
    Comparison("BatchNorm", f"{F}.batch_norm", "training, x + 100", batch_norm(ROWS, True, 100.0)),
    Comparison(
        "BatchNorm",
        f"{F}.batch_norm",
        "training, eps=0.1 momentum=0.5",
        batch_norm(IMAGES, True, eps=0.1, momentum=0.5),
    ),
    Comparison(
        "BatchNorm", f"{F}.batch_norm", "momentum=1.0", batch_norm(ROWS, True, momentum=1.0)
    ),
    Comparison("BatchNorm", f"{F}.batch_norm", "evaluation, N D", batch_norm(ROWS, False)),
    Comparison("BatchNorm", f"{F}.batch_norm", "evaluation, N = 1", batch_norm((1, 4), False)),
    Comparison(
        "BatchNorm",
        f"{F}.batch_norm",
        "evaluation, N C H W, eps=0.001",
        batch_norm(IMAGES, False, eps=1e-3),
    ),
    Comparison("LayerNorm", f"{F}.layer_norm", "N D", layer_norm(ROWS, 1)),
    Comparison("LayerNorm", f"{F}.layer_norm", "N T D, eps=0.1", layer_norm(SIGNALS, 1, eps=0.1)),
    Comparison("LayerNorm", f"{F}.layer_norm", "three axes", layer_norm(IMAGES, 3)),
    Comparison("LayerNorm", f"{F}.layer_norm", "two of four axes", layer_norm(IMAGES, 2)),
    Comparison("LayerNorm", f"{F}.layer_norm", "x + 100", layer_norm(ROWS, 1, 100.0)),
    Comparison("LayerNorm", f"{F}.layer_norm", "one sample", layer_norm((4,), 1)),
    Comparison("RMSNorm", f"{F}.rms_norm", "N D", rms_norm(ROWS, 1)),
    Comparison("RMSNorm", f"{F}.rms_norm", "N T D, eps=0.1", rms_norm(SIGNALS, 1, 0.1)),
    Comparison("RMSNorm", f"{F}.rms_norm", "two of four axes", rms_norm(IMAGES, 2)),
    Comparison("GroupNorm", f"{F}.group_norm", "groups=2", group_norm(IMAGES, 2)),
    Comparison("GroupNorm", f"{F}.group_norm", "groups=1 eps=0.1", group_norm(IMAGES, 1, eps=0.1)),
    Comparison("GroupNorm", f"{F}.group_norm", "groups=4, N C L", group_norm(SIGNALS, 4)),
    Comparison("GroupNorm", f"{F}.group_norm", "groups=2, N C", group_norm((5, 6), 2)),
    Comparison("GroupNorm", f"{F}.group_norm", "groups=2, x + 100", group_norm(IMAGES, 2, 100.0)),
    Comparison("InstanceNorm", f"{F}.instance_norm", "N C H W", instance_norm(IMAGES, True)),
    Comparison("InstanceNorm", f"{F}.instance_norm", "N C L", instance_norm(SIGNALS, True, 0.1)),
    Comparison("InstanceNorm", f"{F}.instance_norm", "plain", instance_norm(IMAGES, False)),
    Comparison("InstanceNorm", f"{F}.instance_norm", "plain, N C L", instance_norm(SIGNALS, False)),
]
