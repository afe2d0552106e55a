"""Convolutions against PyTorch, and one window at a time against SciPy's correlation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from layers.convolution import Conv1d, Conv2d
from layers.transposed_convolution import ConvTranspose2d
from tests.oracles.comparison import Comparison, Pair


def by_pytorch(
    layer: type[Any],
    function: str,
    x: tuple[int, ...],
    W: tuple[int, ...],
    b: int,
    options: dict[str, Any],
    rng: np.random.Generator,
) -> Iterable[Pair]:
    """Hold y and all gradients against autograd; ``b`` filters, or no bias."""
    import torch

    arrays = [rng.standard_normal(shape) for shape in (x, W)]
    arrays += [rng.standard_normal(b)] if b else []
    ours = layer(*arrays[1:], **options)
    y = ours.forward(arrays[0])
    dout = rng.standard_normal(y.shape)
    dx = ours.backward(dout)

    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    names = {"pad": "padding", "output_pad": "output_padding"}
    told = {names.get(name, name): value for name, value in options.items()}
    theirs = getattr(torch.nn.functional, function)(*tensors, **told)
    theirs.backward(torch.tensor(dout))
    gradients = [dx, ours.dW, *([ours.db] if b else [])]
    yield "y", y, theirs.detach().numpy()
    for name, gradient, tensor in zip(("dx", "dW", "db"), gradients, tensors, strict=False):
        yield name, gradient, tensor.grad.numpy()


def by_scipy(rng: np.random.Generator) -> Iterable[Pair]:
    """With one channel and one filter, y, dW and dx are correlations and a convolution."""
    from scipy import signal

    x, W = rng.standard_normal((7, 9)), rng.standard_normal((3, 4))
    conv = Conv2d(W[None, None])
    y = conv.forward(x[None, None])[0, 0]
    dout = rng.standard_normal(y.shape)
    yield "y", y, signal.correlate2d(x, W, mode="valid")
    yield "dx", conv.backward(dout[None, None])[0, 0], signal.convolve2d(dout, W, mode="full")
    yield "dW", conv.dW[0, 0], signal.correlate2d(x, dout, mode="valid")


def signal_by_scipy(rng: np.random.Generator) -> Iterable[Pair]:
    """The same along one axis."""
    from scipy import signal

    x, W = rng.standard_normal(11), rng.standard_normal(4)
    conv = Conv1d(W[None, None])
    y = conv.forward(x[None, None])[0, 0]
    dout = rng.standard_normal(y.shape)
    yield "y", y, signal.correlate(x, W, mode="valid", method="direct")
    dx = signal.convolve(dout, W, mode="full", method="direct")
    yield "dx", conv.backward(dout[None, None])[0, 0], dx
    yield "dW", conv.dW[0, 0], signal.correlate(x, dout, mode="valid", method="direct")


def transposed_by_scipy(rng: np.random.Generator) -> Iterable[Pair]:
    """Without options it is the full convolution."""
    from scipy import signal

    x, W = rng.standard_normal((4, 5)), rng.standard_normal((3, 2))
    conv = ConvTranspose2d(W[None, None])
    y = conv.forward(x[None, None])[0, 0]
    dout = rng.standard_normal(y.shape)
    yield "y", y, signal.convolve2d(x, W, mode="full")
    dx = conv.backward(dout[None, None])[0, 0]
    yield "dx", dx, signal.correlate2d(dout, W, mode="valid")
    yield "dW", conv.dW[0, 0], signal.correlate2d(dout, x, mode="valid")


def in_words(options: dict[str, Any], b: int) -> str:
    words = [f"{name}={value}" for name, value in options.items()]
    return ", ".join(words + ([] if b else ["no bias"]))


def compare(layer: type[Any], function: str, x: Any, W: Any, b: int, **options: Any) -> Comparison:
    pairs: Callable[[np.random.Generator], Iterable[Pair]] = partial(
        by_pytorch, layer, function, x, W, b, options
    )
    oracle = f"torch.nn.functional.{function}"
    return Comparison(layer.__name__, oracle, in_words(options, b), pairs)


conv1d = partial(compare, Conv1d, "conv1d", (3, 4, 11))
conv2d = partial(compare, Conv2d, "conv2d", (3, 4, 9, 8))
transposed = partial(compare, ConvTranspose2d, "conv_transpose2d", (3, 4, 5, 4))

COMPARISONS = [
    conv1d((6, 4, 3), 6),
    conv1d((6, 4, 3), 0, stride=2, pad=1),
    conv1d((6, 2, 3), 6, stride=3, pad=2, dilation=2, groups=2),
    conv1d((4, 1, 4), 4, groups=4),
    conv2d((6, 4, 3, 2), 6),
    conv2d((6, 4, 1, 1), 6),
    conv2d((6, 4, 3, 3), 0, pad=1),
    conv2d((6, 4, 9, 8), 6),
    conv2d((6, 4, 2, 2), 6, stride=3),
    conv2d((6, 4, 3, 3), 6, stride=2, pad=2),
    conv2d((6, 4, 3, 2), 6, dilation=2),
    conv2d((6, 2, 3, 3), 6, groups=2),
    conv2d((8, 1, 3, 3), 8, pad=1, groups=4),
    conv2d((6, 2, 2, 3), 6, stride=(3, 1), pad=(0, 2), dilation=(1, 3), groups=2),
    transposed((4, 6, 3, 2), 6),
    transposed((4, 6, 1, 1), 0, stride=2),
    transposed((4, 6, 3, 3), 0, pad=1),
    transposed((4, 6, 4, 4), 6, stride=2, pad=1),
    transposed((4, 6, 3, 3), 6, stride=2, pad=1, output_pad=1),
    transposed((4, 3, 3, 2), 6, stride=3, dilation=2, groups=2),
    transposed((4, 2, 2, 3), 8, stride=(3, 2), pad=(0, 2), output_pad=(2, 1), groups=4),
    Comparison("Conv2d", "scipy.signal.correlate2d", "", by_scipy),
    Comparison("Conv1d", "scipy.signal.correlate", "", signal_by_scipy),
    Comparison("ConvTranspose2d", "scipy.signal.convolve2d", "", transposed_by_scipy),
]
