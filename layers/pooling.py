"""Pooling: one number for each window of an image, its maximum or its mean."""

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot
from layers.windows import Sizes, add_windows, cropped, padded, per_axis, windows

_HEIGHT = "(H+2*pad-size+ceil*(stride-1))//stride+1"
_WIDTH = "(V+2*pad-size+ceil*(stride-1))//stride+1"
_SIGNAL = (f"x: N C H -> y: N C {_HEIGHT}",)
_IMAGE = (f"x: N C H V -> y: N C {_HEIGHT} {_WIDTH}",)
# With ``ceil``, the last of the rounded-up number of windows must still begin before the padding
# at the end, for the forms to be exact.
_FITS_HEIGHT = ("H+2*pad >= size", "ceil*((H+2*pad-size+stride-1)//stride*stride) < H+pad")
_FITS_WIDTH = ("V+2*pad >= size", "ceil*((V+2*pad-size+stride-1)//stride*stride) < V+pad")


class _Pooling(Layer):
    """Windows of ``size`` pixels that begin ``stride`` apart, for one or two spatial axes.

    With s = stride, p = pad and K = size, there are (H + 2p - K) // s + 1 windows in a column of
    H pixels; pixels left over at the end are in none. With ``ceil`` the division rounds up, so
    that every pixel is seen if s <= K, and windows may reach beyond the padding; but the last one
    must begin inside the image or the padding before it, or it is left out. As p < K, every window
    has a pixel of the image.
    """

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "size": (2, 3),
        "stride": (2, 1, 3),  # the default, None, means the size, and has no place in the forms
        "pad": (0, 1),
        "ceil": (False, True),
    }
    _axes: ClassVar[int]

    _image: tuple[int, ...] = ()
    _y: Array | None = None

    def __init__(
        self, size: Sizes = 2, stride: Sizes | None = None, pad: Sizes = 0, ceil: bool = False
    ) -> None:
        """Pool over windows of ``size``, which is also the stride unless that is given."""
        name, axes = type(self).__name__, self._axes
        self.size = per_axis(size, axes, 1, f"{name}: size")
        self.stride = per_axis(self.size if stride is None else stride, axes, 1, f"{name}: stride")
        self.pad = per_axis(pad, axes, 0, f"{name}: pad")
        self.ceil = ceil
        if any(p >= k for p, k in zip(self.pad, self.size, strict=True)):
            raise ValueError(
                f"{name}: pad must be less than size, or a window may hold no pixel, "
                f"got pad {self.pad} and size {self.size}"
            )

    def _windows(self, image: Array, value: float, beyond: float) -> Array:
        """View the windows of the image (N, C, K, L, P, Q), padded by ``value``.

        ``beyond`` fills what lies outside the padding and is reached with ``ceil`` only.
        """
        margins = self._overhang(image.shape[2:])
        wide = padded(padded(image, self.pad, self.pad, value), [0] * self._axes, margins, beyond)
        return windows(wide, self.size, self.stride, [1] * self._axes)

    def _add_windows(self, cells: Array) -> Array:
        """Return the gradient of the image from the gradient of its windows."""
        N, C, *image = self._image
        terms = zip(image, self.pad, self._overhang(image), strict=True)
        wide = [length + 2 * p + more for length, p, more in terms]
        total = add_windows(cells, (N, C, *wide), self.stride, [1] * self._axes)
        return cropped(total, self.pad, image)

    def _overhang(self, image: Any) -> list[int]:
        """Return how far the last window of each axis reaches beyond the padding."""
        counts = self._counts(image)
        terms = zip(image, counts, self.size, self.stride, self.pad, strict=True)
        return [max(0, (n - 1) * s + k - h - 2 * p) for h, n, k, s, p in terms]

    def _counts(self, image: Any) -> list[int]:
        """Return the number of windows along each axis, by the rule of the class."""
        counts = []
        for h, k, s, p in zip(image, self.size, self.stride, self.pad, strict=True):
            rounded = (h + 2 * p - k + (s - 1 if self.ceil else 0)) // s + 1
            counts.append(min(rounded, (h + p - 1) // s + 1))
        return counts

    def _checked(self, x: ArrayLike) -> Array:
        """Copy x; ValueError when it is no batch of images, or has no window."""
        x, name = snapshot(x), type(self).__name__
        if x.ndim != 2 + self._axes:
            raise ValueError(
                f"{name}.forward: x must have shape (N, C, {', '.join('HV'[: self._axes])}), "
                f"got {x.shape}"
            )
        if 0 in x.shape[2:] or min(self._counts(x.shape[2:])) < 1:
            raise ValueError(
                f"{name}.forward: x of shape {x.shape} with pad = {self.pad} has no window of "
                f"size {self.size}"
            )
        return x


class _MaxPool(_Pooling):
    """What MaxPool1d and MaxPool2d share; the formulas stand in MaxPool2d."""

    _chosen: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return the largest pixel of each window."""
        x = self._checked(x)
        cells = self._flat(self._windows(x, -np.inf, -np.inf))
        chosen = cells.argmax(axis=2, keepdims=True)
        y = np.take_along_axis(cells, chosen, axis=2)
        # In a window of nothing but -inf the padding is no smaller than the first pixel.
        pixels = self._flat(self._windows(np.ones((1, 1, *x.shape[2:])), 0.0, 0.0))
        chosen = np.where(y == -np.inf, pixels.argmax(axis=2, keepdims=True), chosen)
        self._chosen, self._image = chosen, x.shape
        self._y = y[:, :, 0]
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        chosen = self._recall(self._chosen)
        dout = self._upstream(dout, self._recall(self._y))
        each = np.arange(prod(self.size)).reshape(-1, *(1 for _ in self.size))
        # Selected, not multiplied by a mask: zero times an infinite gradient would be nan.
        dcells = np.where(chosen == each, dout[:, :, np.newaxis], np.zeros((), dout.dtype))
        N, C, *positions = dout.shape
        return self._add_windows(dcells.reshape(N, C, *self.size, *positions))

    def _flat(self, seen: Array) -> Array:
        """Copy windows (N, C, K, L, P, Q) as (N, C, K*L, P, Q): one axis for their cells."""
        N, C, *positions = (*seen.shape[:2], *seen.shape[2 + self._axes :])
        return seen.reshape(N, C, prod(self.size), *positions)


class _AvgPool(_Pooling):
    """What AvgPool1d and AvgPool2d share; the formulas stand in AvgPool2d."""

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        **_Pooling.options,
        "count_pad": (True, False),
    }

    def __init__(
        self,
        size: Sizes = 2,
        stride: Sizes | None = None,
        pad: Sizes = 0,
        ceil: bool = False,
        count_pad: bool = True,
    ) -> None:
        """Pool over windows of ``size``, which is also the stride unless that is given."""
        super().__init__(size, stride, pad, ceil)
        self.count_pad = count_pad

    def forward(self, x: ArrayLike) -> Array:
        """Return the mean of each window."""
        x = self._checked(x)
        self._image = x.shape
        self._y = np.sum(self._windows(x, 0.0, 0.0), axis=self._cells) / self._numbers(x.dtype)
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        dout = self._upstream(dout, self._recall(self._y))
        share = np.expand_dims(dout / self._numbers(dout.dtype), self._cells)
        shape = (*dout.shape[:2], *self.size, *dout.shape[2:])
        return self._add_windows(np.broadcast_to(share, shape))

    @property
    def _cells(self) -> tuple[int, ...]:
        return tuple(range(2, 2 + self._axes))

    def _numbers(self, dtype: Any) -> Array:
        """Return how many cells count in each window: (1, 1, P, Q)."""
        image = np.ones((1, 1, *self._image[2:]), dtype)
        seen = self._windows(image, 1.0 if self.count_pad else 0.0, 0.0)
        return np.asarray(np.sum(seen, axis=self._cells))


class MaxPool2d(_MaxPool):
    """y_ncpq = max over k, l of x_n,c,(ps+k),(qs+l): the largest pixel of each window.

    y follows only the pixel that is chosen, so dx_nchv = sum of dy_ncpq over the windows (p, q)
    that chose the pixel (h, v). Windows overlap where stride < size; where stride > size, the
    pixels between them get zero.

    Where several pixels of a window are equally large there is a kink, and any way to share dy
    among them is a subgradient; the first in row-major order takes it all. nan counts as larger
    than any number, so a window with nan gives nan, and dy goes to the first of them. The padding
    is -inf and is never chosen: a window of -inf alone gives -inf, and dy goes to its first pixel.

    size, stride (the default is size) and pad are one whole number or a pair for (rows, columns).
    x: (N, C, H, V), real; y: (N, C, P, Q) with P = (H + 2 pad - size) // stride + 1, Q likewise.
    With ``ceil`` the division rounds up, so that pixels left over at the end are seen too, in
    windows that may reach beyond the padding; but a last window that would begin in the padding
    after the image is left out. Raises ValueError unless pad < size, or when x has no window.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), sec. 9.3; Saito (2016), sec.
    7.3; overlapping windows: Krizhevsky, Sutskever, Hinton (2012), sec. 3.4.
    """

    forms: ClassVar[tuple[str, ...]] = _IMAGE
    constraints: ClassVar[tuple[str, ...]] = ("pad < size", *_FITS_HEIGHT, *_FITS_WIDTH)
    _axes = 2


class MaxPool1d(_MaxPool):
    """y_ncp = max over k of x_n,c,(ps+k): MaxPool2d with one spatial axis, by the same rules.

    dx_nch = sum of dy_ncp over the windows p that chose the pixel h; among equals, the first.
    x: (N, C, H), real; y: (N, C, P) with P = (H + 2 pad - size) // stride + 1, or rounded up with
    ``ceil``. Raises ValueError unless pad < size, or when x has no window.

    Source: as MaxPool2d.
    """

    forms: ClassVar[tuple[str, ...]] = _SIGNAL
    constraints: ClassVar[tuple[str, ...]] = ("pad < size", *_FITS_HEIGHT)
    _axes = 1


class AvgPool2d(_AvgPool):
    """y_ncpq = (1/m_pq) sum_kl x_n,c,(ps+k),(qs+l): the mean of each window.

    Each pixel of a window has the share 1/m_pq in y, so dx_nchv = sum of dy_ncpq / m_pq over the
    windows (p, q) that cover the pixel (h, v); pixels in no window get zero.

    The padding is zeros. With ``count_pad`` they count: m_pq = K L, but what a window with
    ``ceil`` covers beyond the padding is in neither the sum nor m_pq. Without it, m_pq is the
    number of pixels in the window.

    size, stride (the default is size) and pad are one whole number or a pair for (rows, columns).
    x: (N, C, H, V); y: (N, C, P, Q) with P = (H + 2 pad - size) // stride + 1, Q likewise, or
    rounded up with ``ceil`` as in MaxPool2d. Raises ValueError unless pad < size, or when x has
    no window.

    Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
    recognition" (1998), sec. II.A; Dumoulin, Visin, "A guide to convolution arithmetic" (2016),
    sec. 3.
    """

    forms: ClassVar[tuple[str, ...]] = _IMAGE
    constraints: ClassVar[tuple[str, ...]] = ("pad < size", *_FITS_HEIGHT, *_FITS_WIDTH)
    _axes = 2


class AvgPool1d(_AvgPool):
    """y_ncp = (1/m_p) sum_k x_n,c,(ps+k): AvgPool2d with one spatial axis, by the same rules.

    dx_nch = sum of dy_ncp / m_p over the windows p that cover the pixel h.
    x: (N, C, H); y: (N, C, P) with P = (H + 2 pad - size) // stride + 1, or rounded up with
    ``ceil``. Raises ValueError unless pad < size, or when x has no window.

    Source: as AvgPool2d.
    """

    forms: ClassVar[tuple[str, ...]] = _SIGNAL
    constraints: ClassVar[tuple[str, ...]] = ("pad < size", *_FITS_HEIGHT)
    _axes = 1
