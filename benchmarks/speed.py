"""How fast the reference layers are: forward and backward, beside lessons and beside PyTorch.

    python benchmarks/speed.py [--only WORD ...] [--rounds 15] [--dtype float32 float64] [--seed 1]

Every layer of MEASUREMENTS runs forward and backward with all gradients, on one CPU thread, next
to the same layer as a lesson writes it (``teaching.py``) and, where PyTorch is installed, to the
same layer there. All must agree before the clock starts. Rounds are interleaved, so that a slow
moment meets everybody; the medians and their ratios are printed. The exit code is 1 if a ratio
to PyTorch is above the one aimed at.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

# Before NumPy is loaded: one thread for everybody.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

# benchmarks/ is not installed: it is found beside this file.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks import teaching
from benchmarks.layer import Array
from benchmarks.markdown import table
from layers import LSTM, Affine, BatchNorm, Conv2d, MaxPool2d, MultiHeadAttention

Shape = tuple[int, ...]
Pass = Callable[[], tuple[Array, ...]]
"""One forward and one backward: the output, then the gradients of x and of the parameters."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A layer at one size: who takes part, and how many times PyTorch's time is aimed at.

    ``ours`` and ``lesson`` make layers from the parameters; ``torch`` takes the functional module
    and tensors of x and the parameters, and returns the output.
    """

    x: Shape
    parameters: Mapping[str, Shape]
    ours: Callable[..., Any]
    lesson: Callable[..., Any]
    torch: Callable[..., Any]
    aim: float | None = None


def _torch_lstm(_: Any, x: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    import torch

    zero = torch.zeros(1, len(x), len(Wh), dtype=x.dtype)
    weights = [Wx.T, Wh.T, b, torch.zeros_like(b)]
    return torch.lstm(x, (zero, zero), weights, True, 1, 0.0, True, False, True)[0]


def _torch_attention(F: Any, x: Any, *weights: Any, heads: int) -> Any:
    N, T, D = x.shape
    *projections, Wo = weights
    q, k, v = ((x @ W).view(N, T, heads, D // heads).transpose(1, 2) for W in projections)
    mixed = F.scaled_dot_product_attention(q, k, v)
    return mixed.transpose(1, 2).reshape(N, T, D) @ Wo


class _Hidden(LSTM):
    """The states of an LSTM without its last cell, so that there is one output."""

    def forward(self, *arrays: Any) -> Any:
        """Return h."""
        return super().forward(*arrays)[0]


_CHANNELS = {"gamma": (32,), "beta": (32,)}
_ATTENTION = dict.fromkeys(("Wq", "Wk", "Wv", "Wo"), (128, 128))
MEASUREMENTS: dict[str, Measurement] = {
    "affine (128, 784), 256 outputs": Measurement(
        (128, 784),
        {"W": (784, 256), "b": (256,)},
        Affine,
        teaching.Affine,
        lambda F, x, W, b: F.linear(x, W.T, b),
    ),
    "conv (8, 16, 32, 32), 32 filters of 3x3": Measurement(
        (8, 16, 32, 32),
        {"W": (32, 16, 3, 3), "b": (32,)},
        partial(Conv2d, pad=1),
        partial(teaching.Conv2d, pad=1),
        lambda F, x, W, b: F.conv2d(x, W, b, padding=1),
        aim=5.0,
    ),
    "max pooling (8, 32, 32, 32), 2x2": Measurement(
        (8, 32, 32, 32),
        {},
        partial(MaxPool2d, 2),
        partial(teaching.MaxPool2d, 2),
        lambda F, x: F.max_pool2d(x, 2),
    ),
    "batch norm (8, 32, 32, 32)": Measurement(
        (8, 32, 32, 32),
        _CHANNELS,
        BatchNorm,
        teaching.BatchNorm,
        lambda F, x, gamma, beta: F.batch_norm(x, None, None, gamma, beta, True),
    ),
    "batch norm (256, 32)": Measurement(
        (256, 32),
        _CHANNELS,
        BatchNorm,
        teaching.BatchNorm,
        lambda F, x, gamma, beta: F.batch_norm(x, None, None, gamma, beta, True),
    ),
    "LSTM (16, 32, 64), 64 cells": Measurement(
        (16, 32, 64),
        {"Wx": (64, 256), "Wh": (64, 256), "b": (256,)},
        _Hidden,
        teaching.LSTM,
        _torch_lstm,
    ),
    "attention (8, 64, 128), 4 heads": Measurement(
        (8, 64, 128),
        _ATTENTION,
        partial(MultiHeadAttention, heads=4),
        partial(teaching.MultiHeadAttention, heads=4),
        partial(_torch_attention, heads=4),
    ),
}
"""Title, sizes and contestants of everything that is measured."""


def _arrays(one: Measurement, dtype: str, seed: int) -> list[Array]:
    """Draw x, then the parameters, with sums over an axis of order one."""
    rng = np.random.default_rng(seed)
    weights = [
        rng.standard_normal(shape) / np.sqrt(np.prod(shape) / max(shape[0], shape[-1]))
        for shape in one.parameters.values()
    ]
    return [each.astype(dtype) for each in (rng.standard_normal(one.x), *weights)]


def _of_layer(layer: Any, x: Array, dout: Array, names: Iterable[str]) -> Pass:
    """Run a layer of ours, or of a lesson, which returns all of its gradients."""

    def both() -> tuple[Array, ...]:
        y, gradients = layer.forward(x), layer.backward(dout)
        if not isinstance(gradients, tuple):
            gradients = (gradients, *(getattr(layer, f"d{name}") for name in names))
        return y, *gradients

    return both


def _of_torch(one: Measurement, arrays: list[Array], dout: Array) -> Pass:
    import torch

    torch.set_num_threads(1)
    tensors = [torch.tensor(each, requires_grad=True) for each in arrays]
    upstream = torch.tensor(dout)

    def both() -> tuple[Any, ...]:
        y = one.torch(torch.nn.functional, *tensors)
        return y.detach(), *torch.autograd.grad(y, tensors, upstream)

    return both


def contestants(one: Measurement, dtype: str, seed: int) -> dict[str, Pass]:
    """Return who runs, after making sure that all of them compute the same."""
    x, *parameters = arrays = _arrays(one, dtype, seed)
    shape = np.shape(one.lesson(*parameters).forward(x))
    dout = np.random.default_rng(seed + 1).standard_normal(shape).astype(dtype)
    passes = {
        "ours": _of_layer(one.ours(*parameters), x, dout, one.parameters),
        "lesson": _of_layer(one.lesson(*parameters), x, dout, ()),
    }
    if importlib.util.find_spec("torch"):
        passes["PyTorch"] = _of_torch(one, arrays, dout)
    right, *others = ([np.asarray(each) for each in both()] for both in passes.values())
    digits = 1e3 * np.finfo(dtype).eps
    for other in others:
        for mine, theirs in zip(right, other, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=digits * np.abs(mine).max())
    return passes


def medians(passes: Mapping[str, Pass], rounds: int) -> dict[str, float]:
    """Return the median time of one pass of each, in ms, over interleaved rounds."""
    seen: dict[str, list[float]] = {name: [] for name in passes}
    repetitions = {name: max(1, round(0.02 / _seconds(both, 1))) for name, both in passes.items()}
    for number in range(rounds + 1):
        for name, both in passes.items():
            elapsed = _seconds(both, repetitions[name])
            if number:  # the first round warms up
                seen[name].append(elapsed * 1e3)
    return {name: float(np.median(times)) for name, times in seen.items()}


def _seconds(both: Pass, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        both()
    return (time.perf_counter() - start) / times


def speed(titles: Iterable[str], dtype: str, rounds: int, seed: int) -> int:
    """Print the table; return how many layers missed what they aim at."""
    missed, rows = 0, []
    for title in titles:
        one = MEASUREMENTS[title]
        found = medians(contestants(one, dtype, seed), rounds)
        ours, lesson, theirs = (found.get(name) for name in ("ours", "lesson", "PyTorch"))
        of_torch = _ratio(ours, theirs)
        aim = "" if one.aim is None else f"at most {one.aim:g}"
        missed += one.aim is not None and theirs is not None and of_torch > one.aim
        rows.append([title, ours, lesson, theirs or "", _ratio(ours, lesson), of_torch or "", aim])
    columns = ["ours, ms", "lesson, ms", "PyTorch, ms", "ours / lesson", "ours / PyTorch", "aim"]
    table(f"Forward and backward, {dtype}, one thread (medians)", ["layer", *columns], rows)
    return missed


def _ratio(ours: float | None, theirs: float | None) -> float:
    return ours / theirs if ours and theirs else 0.0


def main() -> int:
    """Print the chosen rows, one table for each dtype."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="WORD", help="rows whose title has a word")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--dtype", nargs="+", default=["float32", "float64"])
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    words = given.only or [""]
    titles = [title for title in MEASUREMENTS if any(word in title for word in words)]
    print(f"NumPy {np.__version__}, Python {sys.version.split()[0]}, seed {given.seed}")
    if importlib.util.find_spec("torch"):
        import torch

        print(f"PyTorch {torch.__version__}")
    else:
        print("PyTorch is not installed: its columns stay empty")
    missed = sum(speed(titles, dtype, given.rounds, given.seed) for dtype in given.dtype)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
