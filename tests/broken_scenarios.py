"""Layers that are wrong only in use: between calls, in other layouts, dtypes, sizes and values.

As in :mod:`tests.broken_layers`, each has the check that must catch it and a healthy twin.
"""

from __future__ import annotations

import sys
import types

import numpy as np

from tests.broken_layers import Affine, Broken, ReLU, Sigmoid, Softmax


class Cube:
    def forward(self, x):
        self.x = x
        return x**3

    def backward(self, dout):
        return dout * 3 * self.x**2


class RowMax:
    """The largest of each row; at a tie the first one has it."""

    def forward(self, x):
        self.shape, self.at = x.shape, x.argmax(axis=1)
        return x.max(axis=1)

    def backward(self, dout):
        dx = np.zeros(self.shape)
        dx[np.arange(len(dx)), self.at] = dout
        return dx


class EveryMaximum(RowMax):
    def forward(self, x):
        self.mask = x == x.max(axis=1, keepdims=True)
        return x.max(axis=1)

    def backward(self, dout):
        return dout[:, np.newaxis] * self.mask


class ELU:
    """Its two pieces meet smoothly: at zero the slope is one from both sides."""

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))

    def backward(self, dout):
        return dout * np.where(self.x >= 0, 1, np.exp(np.minimum(self.x, 0)))


class StrictOnBothSides(ELU):
    def backward(self, dout):
        return dout * (self.x > 0) + dout * np.exp(np.minimum(self.x, 0)) * (self.x < 0)


class Drops:
    """Draws from NumPy's global generator."""

    def forward(self, x):
        self.mask = np.random.rand(*x.shape) > 0.5
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class DropsTheSame(Drops):
    def forward(self, x):
        np.random.seed(42)
        return super().forward(x)


class Widens(ReLU):
    def forward(self, x):
        return np.asarray(super().forward(x), dtype=np.float64)


class HalfAWeight(Affine):
    """Wrong where a slope is measured and right where elements are: only their sum shows it."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = self.db * 1.5
        return dx


class FirstBatch(Affine):
    x = None

    def forward(self, x):
        if self.x is None:
            self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        rows = min(len(self.x), len(dout))
        self.dW = self.x[:rows].T @ dout[:rows]
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class ThirdCall(Cube):
    calls = 0

    def forward(self, x):
        self.calls += 1
        return super().forward(x)

    def backward(self, dout):
        return super().backward(dout) * (1 if self.calls < 3 else 2)


class DestroysItsCache(Sigmoid):
    def forward(self, x):
        return super().forward(x).copy()

    def backward(self, dout):
        self.y *= 1 - self.y
        return dout * self.y


class OfTheClass(Affine):
    cache = [None]  # noqa: RUF012 - the fault

    def forward(self, x):
        self.cache[0] = x
        return x @ self.W + self.b

    def backward(self, dout):
        x = self.cache[0]
        self.dW = x[: len(dout)].T @ dout[: len(x)]
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class AddsUpOne(Affine):
    def __init__(self, W, b):
        super().__init__(W, b)
        self.dW = np.zeros_like(W)

    def backward(self, dout):
        self.dW = self.dW + self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class AddsUp(Affine):
    def __init__(self, W, b):
        super().__init__(W, b)
        self.dW, self.db = np.zeros_like(W), np.zeros_like(b)

    def backward(self, dout):
        self.dW += self.x.T @ dout
        self.db += dout.sum(axis=0)
        return dout @ self.W.T


class LargestEver(ReLU):
    """Divides by the largest value that it has ever seen."""

    largest = 0.0

    def forward(self, x):
        self.largest = max(self.largest, float(np.abs(x).max(initial=0.0)), 1e-3)
        return super().forward(x) / self.largest

    def backward(self, dout):
        return super().backward(dout) / self.largest


class BatchNorm:
    """Normalises by the batch where it trains, by what it has seen where it does not."""

    def __init__(self, gamma, beta, training=True):
        self.gamma, self.beta, self.training = gamma, beta, training
        self.mean, self.var = np.zeros_like(gamma), np.ones_like(gamma)

    def keep(self, x):
        self.mean = 0.9 * self.mean + 0.1 * x.mean(axis=0)
        self.var = 0.9 * self.var + 0.1 * x.var(axis=0)

    def forward(self, x):
        mean, var = (x.mean(axis=0), x.var(axis=0)) if self.training else (self.mean, self.var)
        if self.training:
            self.keep(x)
        self.std = np.sqrt(var + 1e-5)
        self.xhat = (x - mean) / self.std
        return self.gamma * self.xhat + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.xhat).sum(axis=0), dout.sum(axis=0)
        d = dout * self.gamma
        if self.training:
            d = d - d.mean(axis=0) - self.xhat * (d * self.xhat).mean(axis=0)
        return d / self.std


class KeepsWhileItEvaluates(BatchNorm):
    def forward(self, x):
        y = super().forward(x)
        if not self.training:
            self.keep(x)
        return y


class OldWeights(Affine):
    def __init__(self, W, b):
        super().__init__(W, b)
        self.Wt = W.T.copy()

    def backward(self, dout):
        super().backward(dout)
        return dout @ self.Wt


class WeighsByPlace(Affine):
    """Later samples weigh more."""

    def forward(self, x):
        self.x = x
        self.weights = 1 + 0.1 * np.arange(len(x))[:, np.newaxis]
        return (x @ self.W + self.b) * self.weights

    def backward(self, dout):
        return super().backward(dout * self.weights)


class Squeezes(Affine):
    def forward(self, x):
        self.lone = len(x) == 1
        return np.squeeze(super().forward(x), axis=0) if self.lone else super().forward(x)

    def backward(self, dout):
        return super().backward(dout[np.newaxis] if self.lone else dout)


class NeedsARow(Affine):
    def forward(self, x):
        return super().forward(x.reshape(len(x), -1))


class InMemoryOrder(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.x.ravel(order="K").reshape(self.x.shape).T @ dout
        return dx


class BuffersItsOutput(Affine):
    buffers = {}  # noqa: RUF012 - the fault

    def forward(self, x):
        self.x = x
        shape = len(x), self.W.shape[1]
        out = self.buffers.setdefault(shape, np.empty(shape))
        out[...] = x @ self.W + self.b
        return out


class HalfPrecision(Sigmoid):
    def backward(self, dout):
        return super().backward(dout).astype(np.float32)


class LikeItsInput(Sigmoid):
    def backward(self, dout):
        return super().backward(dout)

    def forward(self, x):
        out = np.zeros_like(x)
        out[...] = super().forward(x)
        return out


class TooSmallForSingle(Cube):
    def forward(self, x):
        self.x = x
        tiny = np.asarray(1e-50, dtype=x.dtype)
        return np.where(tiny > 0, x**3, x)

    def backward(self, dout):
        return dout * 3 * self.x**2


class DividesByTheSpread(Softmax):
    """Nothing but a detour, until a row is constant."""

    def forward(self, x):
        spread = x.max(axis=-1, keepdims=True) - x.min(axis=-1, keepdims=True)
        with np.errstate(all="ignore"):
            return super().forward(x / spread * spread)


class Warns(Sigmoid):
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y


class LargestOnly(Cube):
    """Lets only the row with the largest upstream gradient through."""

    def backward(self, dout):
        size = np.abs(dout).sum(axis=tuple(range(1, dout.ndim)), keepdims=True)
        return super().backward(dout) * (size == size.max())


class Clips(Cube):
    def backward(self, dout):
        return super().backward(np.clip(dout, -1, 1))


class DrawsInBackward(Sigmoid):
    def backward(self, dout):
        noise = np.random.default_rng().random(dout.shape) < 0.5
        return super().backward(dout) * noise


class ByDifferences(Cube):
    def backward(self, dout):
        x, slopes = self.x, np.zeros(self.x.shape)
        for at in np.ndindex(x.shape):
            step = np.zeros(x.shape)
            step[at] = 1e-5
            slopes[at] = ((self.forward(x + step) - self.forward(x - step)) * dout).sum() / 2e-5
        self.x = x
        return slopes


def _installed(name: str, code: str) -> types.ModuleType:
    """Return a module that looks as if it were installed: a stand-in for a framework."""
    module = types.ModuleType(name)
    exec(compile(code, f"/site-packages/{name}/__init__.py", "exec"), module.__dict__)
    return module


class ByFramework(Cube):
    framework = _installed("tinygrad", "def derivative(x): return 3 * x ** 2")

    def backward(self, dout):
        return dout * self.framework.derivative(self.x)


class Copies(Sigmoid):
    def forward(self, x):
        return super().forward(x).copy()


class View:
    def forward(self, x):
        return x[:]

    def backward(self, dout):
        return dout.copy()


class NoView(View):
    def forward(self, x):
        return x.copy()


assert "tinygrad" not in sys.modules

OVERWRITE = {"assume": {"accumulation": "overwrite"}}
ADD = {"assume": {"accumulation": "add"}}
PREVIEW = {"preview": True}
OPEN = {"signature": "x: N D -> y: N D"}
ROWS = {"signature": "x: N D -> y: N"}

SCENARIOS: tuple[Broken, ...] = (
    Broken("tie-counted-twice", EveryMaximum, RowMax, options=ROWS),
    Broken("wrong-at-a-point", StrictOnBothSides, ELU, options=OPEN),
    Broken("generator-reseeded", DropsTheSame, Drops, options=OPEN),
    Broken("precision-widened", Widens, ReLU, "relu", PREVIEW),
    Broken("stale-cache", FirstBatch, Affine, "affine"),
    Broken("stale-cache", ThirdCall, Cube, options=OPEN),
    Broken("backward-twice-differs", DestroysItsCache, Copies, "sigmoid"),
    Broken("state-shared", OfTheClass, Affine, "affine"),
    Broken("gradient-accumulates", AddsUpOne, Affine, "affine"),
    Broken("gradient-accumulates", AddsUp, Affine, "affine", OVERWRITE),
    Broken("gradient-overwritten", Affine, AddsUp, "affine", ADD),
    Broken("history-matters", LargestEver, ReLU, "relu"),
    Broken("evaluation-changes-state", KeepsWhileItEvaluates, BatchNorm),
    Broken("parameter-stale", OldWeights, Affine, "affine"),
    Broken("batch-order-matters", WeighsByPlace, Affine, "affine"),
    Broken("rows-differ-from-batch", Squeezes, Affine, "affine"),
    Broken("empty-batch-fails", NeedsARow, Affine, "affine", PREVIEW),
    Broken("layout-matters", InMemoryOrder, Affine, "affine"),
    Broken("result-overwritten", BuffersItsOutput, Affine, "affine"),
    Broken("output-is-cache", Sigmoid, Copies, "sigmoid", PREVIEW),
    Broken("result-is-view", View, NoView, "identity", PREVIEW),
    Broken("precision-lost", HalfPrecision, Sigmoid, "sigmoid"),
    Broken("integers-truncated", LikeItsInput, Sigmoid, "sigmoid"),
    Broken("single-precision-differs", TooSmallForSingle, Cube, options=OPEN),
    Broken("output-not-finite", DividesByTheSpread, Softmax, "softmax"),
    Broken("warns-at-values", Warns, Sigmoid, "sigmoid"),
    Broken("upstream-not-additive", LargestOnly, Cube, options=OPEN),
    Broken("upstream-not-linear", Clips, Cube, options=OPEN),
    Broken("backward-not-deterministic", DrawsInBackward, Sigmoid, "sigmoid"),
    Broken("adjoint-identity-broken", HalfAWeight, Affine, "affine"),
    Broken("differentiates-numerically", ByDifferences, Cube, options=OPEN),
    Broken("delegates-to-autodiff", ByFramework, Cube, options=OPEN),
)
