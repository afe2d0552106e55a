"""Layers made of layers: chains, and the names of the parameters in any wiring of layers."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Guarded, Layer


class Composite(Guarded):
    """Several layers, or composites of them, each under a name: ``parts``.

    Parameters are named by part and name, such as ``"attention.Wq"``, or ``"block.attention.Wq"``
    in a composite within the composite. Only those that are learned count: neither one that was
    left out, as a bias may be, nor one without a gradient, such as running statistics. Forward and
    backward are for each kind to define. Parts that are neither a Layer nor a Composite may take
    part, but their parameters are not seen.
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

    def _parameters(self) -> Iterator[tuple[str, Layer, str]]:
        """Yield each parameter's full name, the layer that has it, and its name there."""
        for part_name, part in self.parts.items():
            if isinstance(part, Composite):
                for name, owner, own in part._parameters():
                    yield f"{part_name}.{name}", owner, own
            elif isinstance(part, Layer):
                for own in _learned(part):
                    yield f"{part_name}.{own}", part, own


class Link(Protocol):
    """What can be chained: a layer that is given one array, of whose outputs the first counts."""

    def forward(self, x: ArrayLike, /) -> Array | tuple[Array, ...]:
        """Return the output, or several."""

    def backward(self, dout: ArrayLike, /) -> Array | tuple[Array, ...] | None:
        """Return the gradient of the input, from that of the first output alone."""


class Sequential(Composite):
    """y = f_k(... f_2(f_1(x))): the chain rule runs through the same layers in reverse.

    Shapes and dtypes are those of the layers. Without any layer it is the identity. Of a layer
    with several outputs the first goes on and the others are dropped: the states of an LSTM,
    without its last cell state.

    Parameters are named by position and name, such as ``"0.W"``, and ``"2.0.W"`` in a chain
    within the chain; or by name, ``"hidden.W"`` for ``Sequential(hidden=layer)``.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), sec. 6.5.
    """

    def __init__(self, *layers: Link, **named: Link) -> None:
        """Chain the layers, the one nearest to the input first, then those that have names."""
        self.parts = {**{str(position): layer for position, layer in enumerate(layers)}, **named}
        self.layers: tuple[Link, ...] = (*layers, *named.values())

    def forward(self, x: ArrayLike) -> Array:
        """Return the (first) output of the last layer."""
        out: Any = np.array(x)
        for layer in self.layers:
            out = first(layer.forward(out))
        return np.asarray(out)

    def backward(self, dout: ArrayLike) -> Any:
        """Return dx, or None where x has no gradient; each layer stores those of its parameters."""
        gradient: Any = np.array(dout)
        for layer in reversed(self.layers):
            gradient = first(layer.backward(gradient))
        return gradient


def first(result: Any) -> Any:
    """Return the first of several outputs, or the only one."""
    return result[0] if isinstance(result, tuple) else result


def _learned(layer: Layer) -> Iterator[str]:
    """Yield the names of the parameters that were given and that no form declares as fixed."""
    for name in layer.parameters:
        fixed = any(re.search(rf"\b{name}: [^,]*\[fixed", form) for form in layer.forms)
        if not fixed and getattr(layer, name) is not None:
            yield name
