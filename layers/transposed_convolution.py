"""Transposed convolution: the adjoint of convolution, for making images larger."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot
from layers.windows import Sizes, add_windows, cropped, extents, padded, per_axis, windows

_HEIGHT = "(H-1)*stride+dilation*(K-1)+1+output_pad-2*pad"
_WIDTH = "(V-1)*stride+dilation*(L-1)+1+output_pad-2*pad"


class ConvTranspose2d(Layer):
    """y = W^T x + b: each input pixel adds its multiple of a kernel to a window of the output.

    y_nf = b_f + sum over all c, k, l, p, q with ps+kd = h and qs+ld = v of x_ncpq W_cfkl, at
    each pixel (h, v), with stride s and dilation d. ``pad`` rows and columns are then cut off on
    each side. This is what Conv2d does in its backward pass: with the same W and options, the
    forward pass of this layer is the dx of Conv2d, and its dx is the forward pass of Conv2d.

    In words of matrices, Y_n = W^T x_n holds a column for every input pixel, the window that it
    adds to y_n; dY_n is the same windows cut out of dy_n. So dx_n = W dY_n, dW = sum_n x_n dY_n^T
    and db_f = sum_nhv dy_nfhv. What is cut off from y has no gradient, hence dy is padded by zeros.

    Conv2d takes up to ``stride`` different sizes to the same output size. ``output_pad`` tells
    them apart: so many rows and columns, fewer than ``stride``, are added at the lower and right
    end. ``groups`` are those of Conv2d.

    x: (N, G C, H, V); W: (G C, F, K, L); b: (G F,) or left out; y: (N, G F, P, Q) with
    P = (H-1) stride + dilation (K-1) + 1 + output_pad - 2 pad, Q likewise. Options but groups are
    one whole number or a pair for (rows, columns). Raises ValueError when axes do not fit or
    nothing is left of y.

    Source: Dumoulin, Visin, "A guide to convolution arithmetic" (2016), sec. 4; Goodfellow,
    Bengio, Courville, "Deep Learning" (2016), sec. 9.5, eq. 9.13.
    """

    forms: ClassVar[tuple[str, ...]] = (
        f"x: N groups*C H V, W: groups*C F K L, b: groups*F -> y: N groups*F {_HEIGHT} {_WIDTH}",
        f"x: N groups*C H V, W: groups*C F K L -> y: N groups*F {_HEIGHT} {_WIDTH}",
    )
    parameters: ClassVar[tuple[str, ...]] = ("W", "b")
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "stride": (1, 2, 3),
        "pad": (0, 1),
        "output_pad": (0, 1),
        "dilation": (1, 2),
        "groups": (1, 2),
    }
    constraints: ClassVar[tuple[str, ...]] = (
        "output_pad < stride",
        f"{_HEIGHT} >= 1",
        f"{_WIDTH} >= 1",
    )

    _x: Array | None = None
    _y: Array | None = None

    def __init__(
        self,
        W: ArrayLike,
        b: ArrayLike | None = None,
        stride: Sizes = 1,
        pad: Sizes = 0,
        output_pad: Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
    ) -> None:
        """Share W and b; see the class for shapes and options."""
        self.W: Array = np.asarray(W)
        self.b: Array | None = None if b is None else np.asarray(b)
        self.dW: Array
        self.db: Array
        self.stride = per_axis(stride, 2, 1, "ConvTranspose2d: stride")
        self.pad = per_axis(pad, 2, 0, "ConvTranspose2d: pad")
        self.output_pad = per_axis(output_pad, 2, 0, "ConvTranspose2d: output_pad")
        self.dilation = per_axis(dilation, 2, 1, "ConvTranspose2d: dilation")
        (self.groups,) = per_axis(groups, 1, 1, "ConvTranspose2d: groups")
        self._check_parameters()

    @classmethod
    def random(
        cls,
        channels: int,
        filters: int,
        size: Sizes,
        *,
        rng: np.random.Generator | None = None,
        stride: Sizes = 1,
        groups: int = 1,
        **options: Any,
    ) -> Self:
        """Draw W normal with variance 2 / (inputs of one output), the rule of He; b is zero.

        An output pixel lies in K L / stride^2 windows on average, of each channel of its group.

        Source: He et al., "Delving Deep into Rectifiers" (2015), eq. 10.
        """
        rng = np.random.default_rng(rng)
        kernel = per_axis(size, 2, 1, "ConvTranspose2d.random: size")
        if groups < 1 or filters % groups:
            raise ValueError(
                f"ConvTranspose2d.random: groups must divide the {filters} filters, got {groups}"
            )
        W = rng.standard_normal((channels, filters // groups, *kernel))
        inputs = channels / groups * prod(kernel) / prod(per_axis(stride, 2, 1, "stride"))
        W *= np.sqrt(2 / inputs)
        return cls(W, np.zeros(filters), stride=stride, groups=groups, **options)

    def forward(self, x: ArrayLike) -> Array:
        """Return the sum of the kernels, weighted by x, plus b."""
        x = snapshot(x)
        self._check_input(x)
        (N, _, *image), (_, F, *size) = x.shape, self.W.shape
        columns = self._kernels.swapaxes(-1, -2) @ self._rows(x)
        cells = columns.reshape(N, self.groups * F, *size, *image)
        wide = self._wide(image)
        y = add_windows(cells, (N, self.groups * F, *wide), self.stride, self.dilation)
        y = cropped(y, self.pad, [w - 2 * p for w, p in zip(wide, self.pad, strict=True)])
        if self.b is not None:
            y = y + self.b[:, np.newaxis, np.newaxis]
        self._x, self._y = x, y
        return y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dW, and db if there is a bias."""
        x = self._recall(self._x)
        dout = self._upstream(dout, self._recall(self._y))
        seen = windows(padded(dout, self.pad, self.pad), self._size, self.stride, self.dilation)
        shape = len(x), self.groups, self._kernels.shape[-1], prod(x.shape[2:])
        dcolumns = seen.reshape(shape)
        self.dW = np.sum(self._rows(x) @ dcolumns.swapaxes(-1, -2), axis=0).reshape(self.W.shape)
        if self.b is not None:
            self.db = dout.sum(axis=(0, 2, 3))
        dx: Array = (self._kernels @ dcolumns).reshape(x.shape)
        return dx

    @property
    def _size(self) -> tuple[int, ...]:
        return self.W.shape[2:]

    @property
    def _kernels(self) -> Array:
        """W as a matrix for each group, one row for each of its channels."""
        channels, window = len(self.W) // self.groups, prod(self.W.shape[1:])
        return self.W.reshape(self.groups, channels, window)

    def _rows(self, x: Array) -> Array:
        """View x as a matrix for each sample and group, one row for each channel."""
        N, C, *image = x.shape
        return x.reshape(N, self.groups, C // self.groups, prod(image))

    def _wide(self, image: list[int]) -> list[int]:
        """Return the height and width of the output before ``pad`` is cut off."""
        spans = extents(self._size, self.dilation)
        terms = zip(image, self.stride, spans, self.output_pad, strict=True)
        return [(h - 1) * s + span + more for h, s, span, more in terms]

    def _check_parameters(self) -> None:
        W = self.W.shape
        if len(W) != 4 or 0 in W[2:] or W[0] % self.groups:
            raise ValueError(
                f"ConvTranspose2d: W must have shape (C, F, K, L) with C divisible by groups = "
                f"{self.groups} and a kernel that is not empty, got {W}"
            )
        if self.b is not None and self.b.shape != (self.groups * W[1],):
            raise ValueError(
                f"ConvTranspose2d: b must have shape ({self.groups * W[1]},), as W of shape {W} "
                f"with groups = {self.groups} expects, got {self.b.shape}"
            )
        if any(more >= s for more, s in zip(self.output_pad, self.stride, strict=True)):
            raise ValueError(
                f"ConvTranspose2d: output_pad must be less than stride, "
                f"got {self.output_pad} and {self.stride}"
            )

    def _check_input(self, x: Array) -> None:
        if x.ndim != 4 or x.shape[1] != len(self.W) or 0 in x.shape[2:]:
            raise ValueError(
                f"ConvTranspose2d.forward: x must have shape (N, {len(self.W)}, H, V), as W of "
                f"shape {self.W.shape} expects, with pixels, got {x.shape}"
            )
        wide = self._wide(list(x.shape[2:]))
        if any(w <= 2 * p for w, p in zip(wide, self.pad, strict=True)):
            raise ValueError(
                f"ConvTranspose2d.forward: of an output of {wide} pixels for x of shape {x.shape} "
                f"and W of shape {self.W.shape}, pad = {self.pad} on each side leaves nothing"
            )
