"""Activations against torch.nn.functional, and values against scipy.special."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from layers.activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from layers.gelu import GELU, GELUTanh
from layers.hard_activations import HardSigmoid, HardTanh
from layers.rectifiers import ELU, SELU, LeakyReLU, PReLU
from layers.smooth_activations import Mish, SiLU, Softplus
from tests.oracles.comparison import Array, Comparison, Pair

Shape = tuple[int, ...]


def spread(rng: np.random.Generator, shape: Shape) -> Array:
    """Ordinary values, a third of them far out, and zeros and halves, where kinks are."""
    scale = rng.choice([1.0, 1.0, 30.0], shape)
    return np.where(
        rng.random(shape) < 0.2, rng.integers(-6, 7, shape) / 2, scale * rng.standard_normal(shape)
    )


def with_torch(
    make: Callable[..., Any],
    theirs: Callable[[Any, Any], Callable[..., Any]],
    shape: Shape = (4, 5, 3),
    slopes: Shape | None = None,
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    """Pair output and gradients; ``theirs`` finds its function, given torch."""

    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import torch

        x, dout = spread(rng, shape), rng.standard_normal(shape)
        learned = [] if slopes is None else [rng.standard_normal(slopes)]
        layer = make(*learned)
        tensors = [torch.tensor(one, requires_grad=True) for one in (x, *learned)]
        output = theirs(torch, torch.nn.functional)(*tensors)
        output.backward(torch.tensor(dout))
        yield "y", layer.forward(x), output.detach().numpy()
        ours = [layer.backward(dout), *(layer.da for _ in learned)]
        for name, one, tensor in zip(("dx", "da"), ours, tensors, strict=False):
            yield name, one, tensor.grad.numpy()

    return pairs


def with_scipy(
    make: Callable[[], Any], theirs: Callable[[Any, Array], Array]
) -> Callable[[np.random.Generator], Iterable[Pair]]:
    """Pair the outputs, and their ratios to theirs, which shows the far tails too."""

    def pairs(rng: np.random.Generator) -> Iterable[Pair]:
        import scipy.special

        x = np.concatenate([spread(rng, (40,)), rng.uniform(-35, 35, 40)])
        y, wanted = make().forward(x), theirs(scipy.special, x)
        yield "y", y, wanted
        yield "y relative", y[wanted != 0] / wanted[wanted != 0], np.ones(np.sum(wanted != 0))

    return pairs


def _torch(layer: type[Any], function: str, options: str, *args: Any, **kwargs: Any) -> Comparison:
    pairs = with_torch(*args, **kwargs)
    return Comparison(layer.__name__, f"torch.nn.functional.{function}", options, pairs)


def _scipy(layer: type[Any], function: str, theirs: Callable[[Any, Array], Array]) -> Comparison:
    return Comparison(layer.__name__, f"scipy.special.{function}", "", with_scipy(layer, theirs))


def _slopes(options: str, slopes: Shape, *shapes: Shape) -> list[Comparison]:
    return [
        _torch(PReLU, "prelu", f"{options}, x {shape}", PReLU, lambda _, F: F.prelu, shape, slopes)
        for shape in shapes
    ]


COMPARISONS: list[Comparison] = [
    _torch(ReLU, "relu", "", ReLU, lambda _, F: F.relu),
    _torch(Sigmoid, "sigmoid", "", Sigmoid, lambda t, _: t.sigmoid),
    _torch(Tanh, "tanh", "", Tanh, lambda t, _: t.tanh),
    *(
        _torch(
            layer,
            name,
            f"axis={axis}",
            lambda layer=layer, axis=axis: layer(axis),
            lambda _, F, name=name, axis=axis: lambda x: getattr(F, name)(x, dim=axis),
        )
        for layer, name in ((Softmax, "softmax"), (LogSoftmax, "log_softmax"))
        for axis in (-1, 0, 1)
    ),
    *(
        _torch(
            LeakyReLU,
            "leaky_relu",
            f"alpha={alpha}",
            lambda alpha=alpha: LeakyReLU(alpha),
            lambda _, F, alpha=alpha: lambda x: F.leaky_relu(x, alpha),
        )
        for alpha in (0.01, 0.2, 0.0, 1.5)
    ),
    *_slopes("a: C", (5,), (4, 5), (4, 5, 3), (2, 5, 3, 2)),
    *_slopes("one a", (1,), (4,), (4, 5), (2, 5, 3, 2)),
    *(
        _torch(
            ELU,
            "elu",
            f"alpha={alpha}",
            lambda alpha=alpha: ELU(alpha),
            lambda _, F, alpha=alpha: lambda x: F.elu(x, alpha),
        )
        for alpha in (1.0, 0.5, 1.7)
    ),
    _torch(SELU, "selu", "", SELU, lambda _, F: F.selu),
    *(
        _torch(
            HardTanh,
            "hardtanh",
            f"low={low}, high={high}",
            lambda low=low, high=high: HardTanh(low, high),
            lambda _, F, low=low, high=high: lambda x: F.hardtanh(x, low, high),
        )
        for low, high in ((-1.0, 1.0), (-0.5, 2.0), (0.0, 6.0))
    ),
    # torch's own hardsigmoid holds 1/6 in single precision, which is 1.5e-8 away.
    *(
        _torch(
            HardSigmoid,
            "relu6",
            f"slope={slope:.3g}",
            lambda slope=slope: HardSigmoid(slope),
            lambda _, F, slope=slope: lambda x: F.relu6(6 * (slope * x + 0.5)) / 6,
        )
        for slope in (1 / 6, 0.2, 0.5)
    ),
    *(
        _torch(
            Softplus,
            "softplus",
            f"beta={beta}",
            lambda beta=beta: Softplus(beta),
            # Without the threshold beyond which torch returns x itself, at an error of 2e-9.
            lambda _, F, beta=beta: lambda x: F.softplus(x, beta, threshold=700),
        )
        for beta in (1.0, 0.5, 2.0)
    ),
    _torch(SiLU, "silu", "", SiLU, lambda _, F: F.silu),
    _torch(
        SiLU, "silu", "beta=1.7", lambda: SiLU(1.7), lambda _, F: lambda x: F.silu(1.7 * x) / 1.7
    ),
    _torch(Mish, "mish", "", Mish, lambda _, F: F.mish),
    _torch(GELU, "gelu", "", GELU, lambda _, F: F.gelu),
    _torch(
        GELUTanh, "gelu", "tanh", GELUTanh, lambda _, F: lambda x: F.gelu(x, approximate="tanh")
    ),
    _scipy(Sigmoid, "expit", lambda special, x: special.expit(x)),
    _scipy(Softmax, "softmax", lambda special, x: special.softmax(x)),
    _scipy(LogSoftmax, "log_softmax", lambda special, x: special.log_softmax(x)),
    _scipy(GELU, "ndtr", lambda special, x: x * special.ndtr(x)),
    _scipy(GELU, "erfc", lambda special, x: x * special.erfc(-x / np.sqrt(2)) / 2),
    _scipy(Softplus, "log_expit", lambda special, x: -special.log_expit(-x)),
    _scipy(SiLU, "expit", lambda special, x: x * special.expit(x)),
]
