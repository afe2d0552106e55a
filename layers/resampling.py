"""Resampling: images made larger, smaller or of a given size, without anything to learn."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot
from layers.windows import Sizes, per_axis


class UpsampleNearest(Layer):
    """y_nchv = x_n,c,(h//a),(v//b): each pixel becomes a block of a rows and b columns.

    A pixel enters every element of its block, so dx_ncpq is the sum of dy over the block.

    factor: one whole number, or the pair (a, b). x: (N, C, H, V); y: (N, C, a H, b V). Raises
    ValueError when x has another number of axes.

    Source: Odena, Dumoulin, Olah, "Deconvolution and Checkerboard Artifacts" (2016).
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N C H V -> y: N C factor*H factor*V",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"factor": (2, 1, 3)}
    _y: Array | None = None

    def __init__(self, factor: Sizes = 2) -> None:
        """Enlarge by ``factor``."""
        self.factor = per_axis(factor, 2, 1, "UpsampleNearest: factor")

    def forward(self, x: ArrayLike) -> Array:
        """Return x with every pixel repeated along both axes."""
        a, b = self.factor
        self._y = np.repeat(np.repeat(_images(x, "UpsampleNearest"), a, axis=2), b, axis=3)
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        dout = self._upstream(dout, self._recall(self._y))
        (N, C, H, V), (a, b) = dout.shape, self.factor
        dx: Array = np.sum(dout.reshape(N, C, H // a, a, V // b, b), axis=(3, 5))
        return dx


class Downsample(Layer):
    """y_ncpq = x_n,c,(ap),(bq): every a-th row and b-th column, the first one included.

    The pixels that are kept pass their gradient on, dx_n,c,(ap),(bq) = dy_ncpq; all others get
    zero. (For the mean of each block, take AvgPool2d.)

    factor: one whole number, or the pair (a, b). x: (N, C, H, V); y: (N, C, P, Q) with P = H / a
    and Q = V / b, rounded up. Raises ValueError when x has another number of axes.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), sec. 9.5, eq. 9.8 (its stride).
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C H V -> y: N C (H+factor-1)//factor (V+factor-1)//factor",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"factor": (2, 1, 3)}
    _x: Array | None = None

    def __init__(self, factor: Sizes = 2) -> None:
        """Reduce by ``factor``."""
        self.factor = per_axis(factor, 2, 1, "Downsample: factor")

    def forward(self, x: ArrayLike) -> Array:
        """Return every a-th row and b-th column of x."""
        self._x = _images(x, "Downsample")
        return self._kept(self._x).copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        dx = np.zeros_like(x)
        self._kept(dx)[...] = self._upstream(dout, self._kept(x))
        return dx

    def _kept(self, x: Array) -> Array:
        a, b = self.factor
        return x[:, :, ::a, ::b]


class GlobalAvgPool(Layer):
    """y_nc = (1/S) sum_hv x_nchv: the mean of each channel over its S = H V pixels.

    Every pixel has the same share in y, so dx_nchv = dy_nc / S.

    x: (N, C, H, V), or (N, C, H) with S = H, or any number of spatial axes; y: (N, C). Raises
    ValueError when there is no spatial axis or no pixel.

    Source: Lin, Chen, Yan, "Network in Network" (2014), sec. 3.2.
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N C H V -> y: N C", "x: N C H -> y: N C")
    _image: tuple[int, ...] = ()
    _y: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return the mean over the spatial axes."""
        x = snapshot(x)
        if x.ndim < 3 or 0 in x.shape[2:]:
            raise ValueError(
                f"GlobalAvgPool.forward: x must have shape (N, C, H, V) or (N, C, H) with pixels, "
                f"got {x.shape}"
            )
        self._image = x.shape
        self._y = np.mean(x, axis=tuple(range(2, x.ndim)))
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        dout = self._upstream(dout, self._recall(self._y))
        N, C, *image = self._image
        share = dout.reshape(N, C, *(1 for _ in image))
        # One axis at a time: float16 cannot hold the number of pixels of a larger image.
        for length in image:
            share = share / length
        return np.broadcast_to(share, self._image).copy()


class _Separable(Layer):
    """y_nc = A x_nc B^T, with one matrix for the rows and one for the columns.

    For each image, dx_nc = A^T dy_nc B. As every element of y is a sum over all of x, mostly times
    zero, an infinite pixel or nan spoils more of y than the elements that it should.
    """

    _A: Array | None = None
    _B: Array | None = None
    _y: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return A x B^T for every channel of every sample."""
        x = _images(x, type(self).__name__)
        if 0 in x.shape[2:]:
            raise ValueError(f"{type(self).__name__}.forward: x of shape {x.shape} has no pixels")
        self._A, self._B = (self._matrix(axis, x.shape[2 + axis], x.dtype) for axis in (0, 1))
        self._y = self._A @ x @ self._B.T
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        A, B = self._recall(self._A), self._recall(self._B)
        dx: Array = A.T @ self._upstream(dout, self._recall(self._y)) @ B
        return dx

    def _matrix(self, axis: int, length: int, dtype: Any) -> Array:
        """Return the matrix for one axis: a row for each output pixel, its weights on the input."""
        raise NotImplementedError


class AdaptiveAvgPool2d(_Separable):
    """y_ncpq = mean of x_nchv over floor(pH/P) <= h < ceil((p+1)H/P), and v likewise.

    A grid of P by Q windows that covers the image, whatever its size; they overlap where P does
    not divide H. The mean over rows and columns is A x B^T, where A_ph = 1/m_p for the m_p rows h
    of window p and zero elsewhere, and B likewise for columns; so dx_nc = A^T dy_nc B.

    size: one whole number, or the pair (P, Q). x: (N, C, H, V), finite; y: (N, C, P, Q). P may
    exceed H. Raises ValueError when x has another number of axes or no pixels.

    Source: He, Zhang, Ren, Sun, "Spatial Pyramid Pooling in Deep Convolutional Networks" (2014),
    sec. 2.2; the bounds of the windows are in its appendix.
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N C H V -> y: N C size size",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"size": (1, 2, 3)}

    def __init__(self, size: Sizes = 1) -> None:
        """Pool to ``size`` windows along each axis."""
        self.size = per_axis(size, 2, 1, "AdaptiveAvgPool2d: size")

    def _matrix(self, axis: int, length: int, dtype: Any) -> Array:
        count = self.size[axis]
        p, h = np.arange(count)[:, np.newaxis], np.arange(length)
        # -(-a // b) is a / b rounded up.
        covered = (p * length // count <= h) & (h < -(-(p + 1) * length // count))
        weights: Array = covered.astype(dtype)
        weights /= weights.sum(axis=1, keepdims=True)
        return weights


class UpsampleBilinear(_Separable):
    """y_nc = A x_nc B^T: pixels between the given ones, by linear interpolation along each axis.

    Pixels are squares, and the corners of x and y coincide ("align_corners = False"): the centre
    of row i of y lies at u = (i + 1/2) / a - 1/2 among the rows of x. Between the rows h <= u and
    h + 1 the weights are 1 - (u - h) and u - h, and these are row i of A; beyond the outermost
    centres the outermost row counts alone. B does the same for columns. So dx_nc = A^T dy_nc B.

    factor: one whole number, or the pair (a, b). x: (N, C, H, V), finite; y: (N, C, a H, b V).
    Raises ValueError when x has another number of axes or no pixels.

    Source: Press et al., "Numerical Recipes" (3rd ed., 2007), sec. 3.6.
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N C H V -> y: N C factor*H factor*V",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"factor": (2, 1, 3)}

    def __init__(self, factor: Sizes = 2) -> None:
        """Enlarge by ``factor``."""
        self.factor = per_axis(factor, 2, 1, "UpsampleBilinear: factor")

    def _matrix(self, axis: int, length: int, dtype: Any) -> Array:
        # Distances are counted in units of 1 / 2a: whole numbers, exact in every dtype.
        unit = 2 * self.factor[axis]
        i, h = np.arange(self.factor[axis] * length)[:, np.newaxis], np.arange(length)
        u = np.clip(2 * i + 1 - self.factor[axis], 0, unit * (length - 1))
        # A tent over each row of x: 1 at its centre and 0 at its neighbours'.
        weights: Array = np.maximum(0, unit - np.abs(u - unit * h)).astype(dtype)
        return weights / unit


def _images(x: ArrayLike, name: str) -> Array:
    x = snapshot(x)
    if x.ndim != 4:
        raise ValueError(f"{name}.forward: x must have shape (N, C, H, V), got {x.shape}")
    return x
