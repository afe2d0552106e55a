"""Layers made of layers whose parts have names: chains, and wirings that are no plain chain."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer


class Composite:
    """Several layers, or composites of them, each under a name: ``parts``.

    Parameters are named by part and name, such as ``"attention.Wq"``, or ``"block.attention.Wq"``
    in a composite within the composite. Forward and backward are for each kind to define.
    """

    parts: Mapping[str, Any]

    @property
    def parameters_by_name(self) -> dict[str, Array]:
        """The parameter arrays, shared with the layers."""
        return {name: getattr(layer, own) for name, layer, own in self._parameters()}

    @property
    def gradients_by_name(self) -> dict[str, Array]:
        """The gradients of the last backward, under the names of their parameters."""
        return {name: getattr(layer, f"d{own}") for name, layer, own in self._parameters()}

    def share(self, parameters: Mapping[str, Array]) -> None:
        """Let the layers use these arrays from now on, under the names of the parameters."""
        for name, layer, own in self._parameters():
            setattr(layer, own, parameters[name])

    def _parameters(self) -> Iterator[tuple[str, Any, str]]:
        for part_name, part in self.parts.items():
            if isinstance(part, Layer):
                # A parameter that may be left out, such as a bias, is None then.
                learned = (own for own in part.parameters if getattr(part, own) is not None)
                yield from ((f"{part_name}.{own}", part, own) for own in learned)
            else:
                for name, owner, own in part._parameters():
                    yield f"{part_name}.{name}", owner, own

    def _upstream(self, dout: ArrayLike, output: Array | None) -> Array:
        if output is None:
            raise RuntimeError(f"{type(self).__name__}.backward was called before forward")
        gradient = np.asarray(dout, dtype=output.dtype)
        if gradient.shape != output.shape:
            raise ValueError(
                f"{type(self).__name__}.backward: dout has shape {gradient.shape}, "
                f"the output of forward had shape {output.shape}"
            )
        return gradient


class Chain(Composite):
    """y = f_k(... f_2(f_1(x))), as Sequential, but with parts that have names.

    Of a layer with several outputs the first goes on, and the others are dropped: the states of an
    LSTM, without its last cell state.
    """

    def __init__(self, **parts: Any) -> None:
        """Chain the layers, the one nearest to the input first."""
        self.parts = parts

    def forward(self, x: ArrayLike) -> Array:
        """Return the (first) output of the last layer."""
        out = np.array(x)
        for layer in self.parts.values():
            out = first(layer.forward(out))
        return out

    def backward(self, dout: ArrayLike) -> Any:
        """Return dx, or None where x has no gradient; the layers store those of parameters."""
        gradient: Any = np.array(dout)
        for layer in reversed(list(self.parts.values())):
            gradient = first(layer.backward(gradient))
        return gradient


def first(result: Any) -> Any:
    """Return the first of several outputs, or the only one."""
    return result[0] if isinstance(result, tuple) else result
