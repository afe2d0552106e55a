"""Convention 1: an object with ``forward(x)`` and ``backward(dout)``; gradients in ``dW, db``.

The parameters go into the constructor (a class) or lie on the object already (an object);
``backward`` returns the gradient of the input, or a tuple where there are several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradcheck.conventions.arguments import Call, Lent, Upstream
from gradcheck.conventions.places import Place
from gradcheck.conventions.readers import Held, InTurn, Item, Parallel, Reader, Whole
from gradcheck.conventions.wiring import Make, Wiring
from gradcheck.signature import ArraySpec, Signature

NAME = "layer-object"

PARAMETER_ALIASES: Mapping[str, tuple[str, ...]] = {
    "W": ("W", "w", "weight", "weights", "kernel"),
    "b": ("b", "B", "bias", "biases"),
}


def wire(
    signature: Signature,
    make: Make,
    inputs: Sequence[ArraySpec],
    own_names: Mapping[str, str],
    *,
    passes_upstream: bool = True,
    source: tuple[str, ...] = (),
) -> Wiring:
    """Return the wiring of a layer of this convention.

    ``inputs`` are in the order of the arguments of forward; ``own_names`` are the layer's own names
    of the arrays that it holds.
    """
    outputs = [one.name for one in signature.outputs]
    upstream = tuple(Upstream(name) for name in outputs) if passes_upstream else ()
    places = {
        name: tuple(Place(((".", one),)) for one in attributes(own_names[name], name))
        for name in (one.name for one in signature.held)
        if name in own_names
    }
    return Wiring(
        signature,
        make,
        (Call("forward", tuple(Lent(one.name) for one in inputs)),),
        (Call("backward", upstream),),
        {
            name: Item(number) if len(outputs) > 1 else Whole()
            for number, name in enumerate(outputs)
        },
        _gradients(signature, inputs, own_names),
        places,
        source,
    )


def _gradients(
    signature: Signature, inputs: Sequence[ArraySpec], own_names: Mapping[str, str]
) -> dict[str, tuple[Reader, ...]]:
    wanted = [one for one in inputs if one.differentiable]
    learned = signature.parameters
    readers: dict[str, tuple[Reader, ...]] = {}
    for number, one in enumerate(wanted):
        labels = sum(not other.differentiable for other in inputs[: inputs.index(one)])
        readers[one.name] = (InTurn(number, labels, len(inputs), len(wanted), len(learned)),)
    for number, one in enumerate(learned):
        after = InTurn(len(wanted) + number, 0, len(inputs), len(wanted), len(learned))
        held = (
            Held(Place(((".", name),))) for name in gradient_names(own_names[one.name], one.name)
        )
        readers[one.name] = (after, *held, Parallel(one.name))
    return readers


def attributes(own: str, name: str) -> tuple[str, ...]:
    """Return the attributes in which a parameter may be found."""
    return tuple(dict.fromkeys((own, *PARAMETER_ALIASES.get(name, (name,)))))


def gradient_names(own: str, name: str) -> tuple[str, ...]:
    """Return the attributes in which the gradient of a parameter may be found."""
    words = dict.fromkeys((own, name, own.lower()))
    patterns = ("d{}", "grad_{}", "{}_grad", "d_{}", "{}grad", "dL_d{}", "dLd{}", "d{}_")
    return tuple(dict.fromkeys(pattern.format(word) for word in words for pattern in patterns))
