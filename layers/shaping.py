"""Layers that move numbers and change none: the backward moves the gradients back.

Each element of y is one element of x, so its derivative there is one, and zero for all others.
Floating dtypes are kept, complex ones too; integers become float64.
"""

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import ELEMENTWISE
from layers.layer import Array, Layer, snapshot, snapshots


class Identity(Layer):
    """y = x, so dx = dy: two copies. x, y: any one shape."""

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    _y: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return a copy of x."""
        self._y = snapshot(x)
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx: a copy of the upstream gradient."""
        return self._upstream(dout, self._recall(self._y)).copy()


class Flatten(Layer):
    """y_n = all numbers of x_n in a row, the last axis the fastest; so dx is dy in x's shape.

    x: (N, d1, ..., dk), y: (N, d1 * ... * dk). Raises ValueError when x has no axis.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C H W -> y: N C*H*W",
        "x: N T D -> y: N T*D",
        "x: N D -> y: N D",
    )
    _shape: tuple[int, ...] | None = None
    _y: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return x as a matrix of one row per sample."""
        x = snapshot(x)
        if x.ndim == 0:
            raise ValueError(f"Flatten.forward: x must have a batch axis, got shape {x.shape}")
        self._shape = x.shape
        # The number of columns is spelt out: NumPy cannot infer it for an empty batch.
        self._y = x.reshape(len(x), prod(x.shape[1:]))
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        dout = self._upstream(dout, self._recall(self._y))
        return dout.reshape(self._recall(self._shape)).copy()


class Reshape(Layer):
    """y_n = x_n in another shape, the last axis the fastest; so dx is dy in x's shape.

    ``shape`` is that of one sample; at most one of its numbers is -1 and stands for what is left.
    x: (N, ...), y: (N, *shape). Raises ValueError when a sample of x does not fit.
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N 2*C 3*D -> y: ...", "x: N 6*D -> y: ...")
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "shape": ((-1,), (2, -1), (-1, 3), (3, -1, 2)),
    }
    _shape: tuple[int, ...] | None = None
    _y: Array | None = None

    def __init__(self, shape: tuple[int, ...] = (-1,)) -> None:
        """Make a layer whose samples come out in ``shape``."""
        self.shape = tuple(shape)
        if self.shape.count(-1) > 1 or any(size < -1 for size in self.shape):
            raise ValueError(f"Reshape: shape may hold -1 once, and sizes, got {self.shape}")

    def forward(self, x: ArrayLike) -> Array:
        """Return x of shape (N, ...) as (N, *shape)."""
        x = snapshot(x)
        self._y = x.reshape(x.shape[:1] + self._solved(x.shape))
        self._shape = x.shape
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        dout = self._upstream(dout, self._recall(self._y))
        return dout.reshape(self._recall(self._shape)).copy()

    def _solved(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of one sample with its -1 solved, from the sizes of x."""
        # Not left to NumPy, which cannot infer an axis when the batch is empty.
        numbers, known = prod(given[1:]), prod(size for size in self.shape if size != -1)
        left = numbers // known if known else 0
        solved = tuple(left if size == -1 else size for size in self.shape)
        if not given or prod(solved) != numbers:
            raise ValueError(
                f"Reshape.forward: x of shape {given} must have a batch axis and samples that "
                f"fit into shape {self.shape}"
            )
        return solved


class Transpose(Layer):
    """Axis i of y is axis axes[i] of x; without ``axes``, all axes are reversed.

    y_(j0 ... jk) = x_(i0 ... ik) where i_axes[m] = j_m. The backward undoes the permutation: axis
    axes[m] of dx is axis m of dy.

    x: one axis for each number in ``axes``, the batch axis among them. Raises ValueError when
    ``axes`` is no permutation of the axes of x.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N T D -> y: ...",
        "x: N D -> y: D N when axes=None",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "axes": (None, (0, 2, 1), (2, 0, 1), (1, 0, -1)),
    }
    _y: Array | None = None

    def __init__(self, axes: tuple[int, ...] | None = None) -> None:
        """Make a layer that permutes by ``axes``, as np.transpose does."""
        self.axes = None if axes is None else tuple(axes)

    def forward(self, x: ArrayLike) -> Array:
        """Return x with its axes permuted."""
        x = snapshot(x)
        self._y = np.transpose(x, self._permutation(x.ndim)).copy()
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        dout = self._upstream(dout, self._recall(self._y))
        return np.transpose(dout, np.argsort(self._permutation(dout.ndim))).copy()

    def _permutation(self, ndim: int) -> tuple[int, ...]:
        if self.axes is None:
            return tuple(reversed(range(ndim)))
        permutation = tuple(axis + ndim if axis < 0 else axis for axis in self.axes)
        if sorted(permutation) != list(range(ndim)):
            raise ValueError(
                f"Transpose.forward: axes {self.axes} must name each of the {ndim} axes of x once"
            )
        return permutation


class Concatenate(Layer):
    """y = the arrays one after the other along ``axis``; so each gets its own part of dy.

    The arrays x, y, ... have one shape but for that axis; arrays of different precision meet in
    the wider one. backward returns a tuple of as many gradients as forward was given arrays.
    Raises ValueError when there is no array or the shapes do not fit.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C, y: N D -> z: N C+D when axis=1|-1",
        "x: N D, y: M D -> z: N+M D when axis=0",
        "x: N C H W, y: N D H W -> z: N C+D H W when axis=1",
        "x: N T C, y: N T D -> z: N T C+D when axis=-1",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"axis": (1, 0, -1)}
    _sizes: tuple[int, ...] | None = None
    _z: Array | None = None

    def __init__(self, axis: int = 1) -> None:
        """Make a layer that concatenates along ``axis``: by default channels, or columns."""
        self.axis = axis

    def forward(self, *arrays: ArrayLike) -> Array:
        """Return the arrays as one."""
        kept = snapshots(*arrays)
        try:
            self._z = np.concatenate(kept, axis=self.axis)
        except ValueError as error:
            raise ValueError(
                f"Concatenate.forward: arrays of shapes {[one.shape for one in kept]} do not fit "
                f"together along axis {self.axis}: {error}"
            ) from None
        self._sizes = tuple(one.shape[self.axis] for one in kept)
        return self._z.copy()

    def backward(self, dout: ArrayLike) -> tuple[Array, ...]:
        """Return the gradients of the arrays, in their order and shapes."""
        dout = self._upstream(dout, self._recall(self._z))
        ends = np.cumsum(self._recall(self._sizes))
        return tuple(part.copy() for part in np.split(dout, ends[:-1], axis=self.axis))
