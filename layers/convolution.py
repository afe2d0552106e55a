"""Convolution of signals and images with learned kernels, as a matrix product over windows."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot
from layers.windows import Sizes, add_windows, cropped, extents, padded, per_axis, windows

_HEIGHT = "(H+2*pad-dilation*(K-1)-1)//stride+1"
_WIDTH = "(V+2*pad-dilation*(L-1)-1)//stride+1"
_OPTIONS: Mapping[str, tuple[Any, ...]] = {
    "stride": (1, 2, 3),
    "pad": (0, 1, 2),
    "dilation": (1, 2),
    "groups": (1, 2),
}


class _Convolution(Layer):
    """What Conv1d and Conv2d share; the formulas stand in Conv2d."""

    parameters: ClassVar[tuple[str, ...]] = ("W", "b")
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = _OPTIONS
    _axes: ClassVar[int]

    _columns: Array | None = None
    _image: tuple[int, ...] = ()
    _y: Array | None = None

    def __init__(
        self,
        W: ArrayLike,
        b: ArrayLike | None = None,
        stride: Sizes = 1,
        pad: Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
    ) -> None:
        """Share W and b; see the class for shapes and options."""
        name, axes = type(self).__name__, self._axes
        self.W: Array = np.asarray(W)
        self.b: Array | None = None if b is None else np.asarray(b)
        self.dW: Array
        self.db: Array
        self.stride = per_axis(stride, axes, 1, f"{name}: stride")
        self.pad = per_axis(pad, axes, 0, f"{name}: pad")
        self.dilation = per_axis(dilation, axes, 1, f"{name}: dilation")
        (self.groups,) = per_axis(groups, 1, 1, f"{name}: groups")
        self._check_parameters()

    @classmethod
    def random(
        cls,
        channels: int,
        filters: int,
        size: Sizes,
        *,
        rng: np.random.Generator | None = None,
        groups: int = 1,
        **options: Any,
    ) -> Self:
        """Draw W normal with variance 2 / (inputs of one output), the rule of He; b is zero.

        Source: He et al., "Delving Deep into Rectifiers" (2015), eq. 10.
        """
        rng = np.random.default_rng(rng)
        kernel = per_axis(size, cls._axes, 1, f"{cls.__name__}.random: size")
        if groups < 1 or channels % groups:
            raise ValueError(
                f"{cls.__name__}.random: groups must divide the {channels} channels, got {groups}"
            )
        W = rng.standard_normal((filters, channels // groups, *kernel))
        W *= np.sqrt(2 / max(prod(W.shape[1:]), 1))
        return cls(W, np.zeros(filters), groups=groups, **options)

    def forward(self, x: ArrayLike) -> Array:
        """Return the cross-correlation of x with W, plus b."""
        x = snapshot(x)
        self._check_input(x)
        seen = windows(padded(x, self.pad, self.pad), self._size, self.stride, self.dilation)
        # Copied into rows that BLAS can read: one column for each window, one row for each cell.
        N, positions = len(x), seen.shape[-self._axes :]
        columns = seen.reshape(N, self.groups, prod(self.W.shape[1:]), prod(positions))
        y = (self._kernels @ columns).reshape(N, len(self.W), *positions)
        if self.b is not None:
            y = y + self.b.reshape(-1, *(1 for _ in positions))
        self._columns, self._image, self._y = columns, x.shape, y
        return y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dW, and db if there is a bias."""
        columns, y = self._recall(self._columns), self._recall(self._y)
        dout = self._upstream(dout, y)
        N, C, *image = self._image
        dy = dout.reshape(N, self.groups, self._kernels.shape[1], columns.shape[-1])
        self.dW = np.sum(dy @ columns.swapaxes(-1, -2), axis=0).reshape(self.W.shape)
        if self.b is not None:
            self.db = dout.sum(axis=(0, *range(2, dout.ndim)))
        dcolumns = self._kernels.swapaxes(-1, -2) @ dy
        cells = dcolumns.reshape(N, C, *self._size, *y.shape[2:])
        wide = [length + 2 * p for length, p in zip(image, self.pad, strict=True)]
        dx = add_windows(cells, (N, C, *wide), self.stride, self.dilation)
        return cropped(dx, self.pad, image)

    @property
    def _size(self) -> tuple[int, ...]:
        return self.W.shape[2:]

    @property
    def _kernels(self) -> Array:
        """W as a matrix for each group, one row for each of its filters."""
        filters, group = len(self.W) // self.groups, prod(self.W.shape[1:])
        return self.W.reshape(self.groups, filters, group)

    def _check_parameters(self) -> None:
        name, kernel = type(self).__name__, ", ".join("KL"[: self._axes])
        if self.W.ndim != 2 + self._axes or 0 in self._size or len(self.W) % self.groups:
            raise ValueError(
                f"{name}: W must have shape (F, C, {kernel}) with F divisible by "
                f"groups = {self.groups} and a kernel that is not empty, got {self.W.shape}"
            )
        if self.b is not None and self.b.shape != self.W.shape[:1]:
            raise ValueError(
                f"{name}: W: (F, C, {kernel}) and b: (F,) must share F, "
                f"got {self.W.shape} and {self.b.shape}"
            )

    def _check_input(self, x: Array) -> None:
        name, C = type(self).__name__, self.groups * self.W.shape[1]
        if x.ndim != 2 + self._axes or x.shape[1] != C:
            raise ValueError(
                f"{name}.forward: x must have shape (N, {C}, {', '.join('HV'[: self._axes])}), as "
                f"W of shape {self.W.shape} with groups = {self.groups} expects, got {x.shape}"
            )
        spans = extents(self._size, self.dilation)
        if any(h + 2 * p < e for h, p, e in zip(x.shape[2:], self.pad, spans, strict=True)):
            raise ValueError(
                f"{name}.forward: x of shape {x.shape} with pad = {self.pad} is smaller than the "
                f"kernel of W: {self.W.shape}, which spans {spans} with dilation {self.dilation}"
            )


class Conv2d(_Convolution):
    """y = x * W + b: each output pixel is the product of a window of x with a kernel, summed.

    y_nfpq = b_f + sum_ckl x_n,c,(ps+kd),(qs+ld) W_fckl, with stride s and dilation d, on x with
    ``pad`` rows and columns of zeros around it. The kernel is not flipped: this is
    cross-correlation, as it is in every library for neural networks.

    In words of matrices: X_n has a column for every output pixel, holding the window it sees, so
    that y_n = W X_n + b with one row of W for each filter. Therefore dW = sum_n dy_n X_n^T,
    dX_n = W^T dy_n and db_f = sum_npq dy_nfpq. A pixel of x stands in several columns of X_n, once
    for each window that covers it, and its gradient is the sum over these places:
    dx_nchv = sum dX_n,(ckl),(pq) over all k, l, p, q with ps+kd = h and qs+ld = v (counted in the
    padded image). Pixels in no window get zero; the gradient of the padding is dropped.

    With ``groups`` G > 1 the channels and the filters fall into G equal parts, and each part of
    the filters sees its own part of the channels only; G = number of channels is the depthwise
    convolution.

    x: (N, G C, H, V); W: (G F, C, K, L); b: (G F,) or left out; y: (N, G F, P, Q) with
    P = (H + 2 pad - dilation (K-1) - 1) // stride + 1, Q likewise. Rows and columns that are left
    over at the lower and right end are not seen. stride, pad and dilation are one whole number or
    a pair for (rows, columns). Raises ValueError when axes do not fit or no window fits into x.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), eq. 9.6, 9.8 and 9.11
    to 9.13; Dumoulin, Visin, "A guide to convolution arithmetic" (2016), sec. 2 and 5.1; Saito
    (2016), sec. 7.4; groups: Krizhevsky, Sutskever, Hinton (2012), sec. 3.5.
    """

    forms: ClassVar[tuple[str, ...]] = (
        f"x: N groups*C H V, W: groups*F C K L, b: groups*F -> y: N groups*F {_HEIGHT} {_WIDTH}",
        f"x: N groups*C H V, W: groups*F C K L -> y: N groups*F {_HEIGHT} {_WIDTH}",
    )
    constraints: ClassVar[tuple[str, ...]] = (
        "H+2*pad >= dilation*(K-1)+1",
        "V+2*pad >= dilation*(L-1)+1",
    )
    _axes = 2


class Conv1d(_Convolution):
    """y_nfp = b_f + sum_ck x_n,c,(ps+kd) W_fck: Conv2d with one spatial axis.

    Stride s, dilation d, zeros around x and groups G are those of Conv2d, and so are the
    gradients: dW = sum_n dy_n X_n^T with a column of X_n for each window, dX_n = W^T dy_n, each
    pixel's gradient the sum over the windows that cover it, db_f = sum_np dy_nfp. The kernel is
    not flipped (cross-correlation).

    x: (N, G C, H); W: (G F, C, K); b: (G F,) or left out; y: (N, G F, P) with
    P = (H + 2 pad - dilation (K-1) - 1) // stride + 1. Raises ValueError when axes do not fit or
    no window fits into x.

    Source: as Conv2d; Goodfellow et al. (2016), sec. 9.1 and eq. 9.3.
    """

    forms: ClassVar[tuple[str, ...]] = (
        f"x: N groups*C H, W: groups*F C K, b: groups*F -> y: N groups*F {_HEIGHT}",
        f"x: N groups*C H, W: groups*F C K -> y: N groups*F {_HEIGHT}",
    )
    constraints: ClassVar[tuple[str, ...]] = ("H+2*pad >= dilation*(K-1)+1",)
    _axes = 1
