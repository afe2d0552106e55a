"""What of a description is not believed: sizes out of all proportion, kinds that do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gradcheck.axes import satisfied
from gradcheck.errors import SignatureError
from gradcheck.kinds import Kind, catalogue
from gradcheck.meaning import Meaning
from gradcheck.sandbox.packing import Malformed
from gradcheck.signature import Signature

if TYPE_CHECKING:
    from gradcheck.sandbox.descriptions import Description

_MOST_ELEMENTS = 1 << 20


def see_sizes(one: Description) -> None:
    """Refuse terms that cannot be computed, and sizes that would fill the memory."""
    names = {name for form in one.forms for name in (*form.free_axes, *form.names)}
    whole = {
        name: [int(value) for value in values if isinstance(value, int)]
        for name, values in one.options.items()
    }
    for choose in (min, max):
        chosen = {name: choose(values) for name, values in whole.items() if values}
        _see_sizes(one, dict.fromkeys(names, 8) | chosen | dict(one.fixed_axes))


def _see_sizes(one: Description, sizes: Mapping[str, int]) -> None:
    try:
        for form in one.forms:
            for spec in (*form.arrays, *form.outputs):
                elements = 1
                for size in () if spec.open else spec.shape(sizes):
                    elements *= max(abs(size), 1)
                if elements > _MOST_ELEMENTS:
                    raise Malformed(f"an array {spec.name} of {elements} elements")
        for text in one.constraints:
            satisfied(text, sizes)
    except (SignatureError, ZeroDivisionError) as error:
        raise Malformed(str(error)) from None


def see_kind(one: Description) -> None:
    """Refuse a layer of a kind that has not the arrays of the kind, or takes a gradient away."""
    if one.identity.kind is None:
        if one.meanings:
            raise Malformed("a meaning without a kind")
        return
    kind = next((known for known in catalogue() if known.name == one.identity.kind), None)
    if kind is None:
        raise Malformed("a kind that does not exist")
    for form in one.forms:
        meaning = one.meanings.get(form)
        if meaning is not None:
            _see_meaning(meaning, form, kind)
        elif not any(_alike(form, usual) for usual in kind.forms):
            raise Malformed(f"{form}, which is no form of the kind {kind.name}")


def _alike(form: Signature, usual: Signature) -> bool:
    wanted = {(one.name, one.differentiable) for one in usual.arrays}
    return wanted == {(one.name, one.differentiable) for one in form.arrays}


def _see_meaning(meaning: Meaning, form: Signature, kind: Kind) -> None:
    theirs = {one.name for usual in kind.forms for one in usual.arrays}
    own, outputs = {one.name for one in form.arrays}, {one.name for one in form.outputs}
    orders = [order for _, order in (*meaning.arrays.values(), *meaning.outputs.values())]
    most = max(len(usual.outputs) for usual in kind.forms)
    if (
        meaning.kind != kind.name
        or set(meaning.arrays) - own
        or {name for name, _ in meaning.arrays.values()} - theirs
        or set(meaning.outputs) - outputs
        or any(number >= most for number, _ in meaning.outputs.values())
        or any(sorted(order) != list(range(len(order))) for order in orders)
    ):
        raise Malformed(f"a meaning that is none of the kind {kind.name}")
