"""What every layer has: a description of its arrays, and the two guards of its backward."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]
Kept = TypeVar("Kept")


class Guarded:
    """The two guards that every backward begins with."""

    def _recall(self, kept: Kept | None) -> Kept:
        if kept is None:
            raise RuntimeError(f"{type(self).__name__}.backward was called before forward")
        return kept

    def _upstream(self, dout: ArrayLike, output: Array) -> Array:
        # A plain 1.0 or a float64 gradient must not widen the gradients of a float32 layer.
        gradient = np.asarray(dout, dtype=output.dtype)
        if gradient.shape != output.shape:
            raise ValueError(
                f"{type(self).__name__}.backward: dout has shape {gradient.shape}, "
                f"the output of forward had shape {output.shape}"
            )
        return gradient


class Layer(Guarded):
    """A layer, described by plain data.

    ``forms`` are signatures by named axes, the usual one first, such as
    ``"x: N D, W: D M, b: M -> y: N M"``. An axis is a name, an integer, an option, or arithmetic
    on these written without spaces (``H*K``, ``(H+2*pad-K)//stride+1``). Square brackets after the
    axes narrow the values: ``[positive]``, ``[nonzero]``, ``[probabilities]`` (the last axis sums
    to one). Arrays without a gradient are told in the same place: ``[int < C]`` and
    ``[1 <= int < C]`` (labels, ids, lengths), ``[one-hot]``, ``[mask]`` (booleans, at least one
    true in every row of the last axis), and ``[fixed]``, or ``[fixed positive]`` and so on (real
    numbers that are given and not learned). A form that needs certain options ends with
    ``when reduction=mean|sum``; without that it holds for all.

    ``parameters`` names the arrays that go to the constructor, those without a gradient too; a
    form that leaves one out means that the constructor is called without it. ``options`` maps the
    constructor's other arguments to values worth trying, the default first. ``constraints`` are
    comparisons of axes and options that must hold for the layer to make sense, such as
    ``"H+2*pad >= dilation*(K-1)+1"``.
    """

    forms: ClassVar[tuple[str, ...]] = ()
    parameters: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    constraints: ClassVar[tuple[str, ...]] = ()


def snapshots(*values: ArrayLike) -> tuple[Array, ...]:
    """Copy ``values`` as floating arrays of one dtype, to be kept until backward.

    Copies, because a caller may reuse an input buffer between the two passes.
    """
    # Python numbers have no say in the precision. Dtypes are compared, not values, because NumPy
    # before version 2 would look at the size of a 0-d value. An exact type test, since np.float64
    # is a float to isinstance.
    dtypes = [np.asarray(value).dtype for value in values if type(value) not in (int, float)]
    dtype = np.result_type(*dtypes) if dtypes else np.dtype(np.float64)
    dtype = dtype if np.issubdtype(dtype, np.inexact) else np.dtype(np.float64)
    return tuple(np.array(value, dtype=dtype) for value in values)


def snapshot(value: ArrayLike) -> Array:
    """Copy ``value`` as a floating array, to be kept until backward."""
    return snapshots(value)[0]
