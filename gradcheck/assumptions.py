"""What may be said of a layer where its reading is open: ``--assume``, ``[assume]``, ``@assume``.

Each is one line in ``gradcheck.toml``, one ``--assume NAME=VALUE``, one keyword of
:func:`gradcheck.assume`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, TypeVar

from gradcheck.errors import UsageError, nearest

CONVENTIONS = (
    "layer-object",
    "parallel-lists",
    "dictionaries",
    "function-pair",
    "columns",
    "local-derivative",
    "updating",
    "explicit-inputs",
    "static-context",
    "operation",
    "autodiff",
    "variable-function",
)
"""The conventions by name, as docs/conventions.md numbers them."""

_VALUES: Mapping[str, tuple[str, ...]] = {
    "convention": CONVENTIONS,
    "grad_reduction": ("sum", "mean"),
    "loss_gradient": ("mean", "sum"),
    "loss_reduction": ("mean", "sum"),
    "accumulation": ("add", "overwrite"),
    "labels": ("integers", "one-hot", "real"),
    "layout": ("NCHW", "NHWC"),
}
_MARK = "__gradcheck_assume__"
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What is taken as given about a layer; an empty field is left to be found out.

    ``kind`` and ``signature`` say what it is, ``convention`` how it is written (``layer-object``,
    ``function-pair``, ...), ``arguments`` what its constructor is given.
    ``grad_reduction="mean"``: the gradients of parameters are divided by the batch size, as some
    courses have it; ``loss_gradient="sum"``: a loss is a mean and its gradient that of the sum;
    ``loss_reduction``: how the losses of the samples make one number.
    ``accumulation``: whether gradients of parameters ``add`` up until they are reset or
    ``overwrite`` those of the backward before.
    """

    kind: str = ""
    signature: str = ""
    convention: str = ""
    grad_reduction: str = ""
    loss_gradient: str = ""
    loss_reduction: str = ""
    accumulation: str = ""
    labels: str = ""
    layout: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, known in _VALUES.items():
            value = getattr(self, name)
            if value and value not in known:
                raise UsageError(
                    f"assume {name} = {value!r}{nearest(str(value), known)}; "
                    f"known are {', '.join(known)}"
                )

    def over(self, other: Assumptions) -> Assumptions:
        """Return these, and of ``other`` what these leave open."""
        mine = {name: value for name, value in asdict(self).items() if value}
        return replace(other, **mine)

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    @property
    def names_shape(self) -> bool:
        """Whether what it is, and not only how its gradients are scaled, is given."""
        return bool(self.kind or self.signature or self.convention or self.arguments)


def assumptions_from(given: Mapping[str, Any], where: str = "assume") -> Assumptions:
    """Return the assumptions that a mapping of names gives.

    Raises
    ------
    UsageError
        A name or a value is none that is known; the nearest one is offered.
    """
    known = [one.name for one in fields(Assumptions)]
    for name, value in given.items():
        if name not in known:
            raise UsageError(
                f"{where}: unknown assumption {name!r}{nearest(name, known)}. "
                f"Known: {', '.join(known)}"
            )
        wanted = Mapping if name == "arguments" else str
        if not isinstance(value, wanted):
            raise UsageError(
                f"{where}: {name} = {value!r} is no {'table' if wanted is Mapping else 'text'}"
            )
    return Assumptions(**given)


def assumption_from(text: str) -> dict[str, Any]:
    """Return the assumption that ``NAME=VALUE`` gives; ``arguments.stride=2`` for an argument."""
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise UsageError(f"--assume {text!r}: expected NAME=VALUE, as in grad_reduction=mean")
    if name.startswith("arguments."):
        return {"arguments": {name.removeprefix("arguments."): _plain_value(value)}}
    return {name.strip().replace("-", "_"): value.strip()}


def assume(**given: Any) -> Callable[[Thing], Thing]:
    """Say what a layer is, beside its definition::

        @gradcheck.assume(kind="affine", grad_reduction="mean")
        class Layer: ...

    It only leaves a mark on the class or function; names are those of :class:`Assumptions`.
    """
    made = assumptions_from(given, "assume")

    def mark(thing: Thing) -> Thing:
        setattr(thing, _MARK, made)
        return thing

    return mark


def assumed_of(thing: Any) -> Assumptions:
    """Return what the decorator said of a class or function."""
    found = getattr(thing, _MARK, None)
    return found if isinstance(found, Assumptions) else Assumptions()


def _plain_value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
