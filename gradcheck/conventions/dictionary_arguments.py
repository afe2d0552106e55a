"""Arguments of functions: arrays, dictionaries of options, dictionaries of parameters, words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.arguments import Argument, Chosen, Fixed, Lent, Several
from gradcheck.conventions.proposal import Slot, bind_forward
from gradcheck.conventions.surface import (
    Parameter,
    compared_words,
    dictionary_keys,
    parameters_of,
)

Values = tuple[Any, ...]

OPTION_VALUES: Mapping[str, Values] = {
    "stride": (1, 2, 3),
    "pad": (1, 0, 2),
    "padding": (1, 0, 2),
    "f": (2, 3),
    "pool_height": (2, 3),
    "pool_width": (2, 3),
    "groups": (2, 1),
    "G": (2, 1),
}
_SETTINGS: Mapping[str, Any] = {
    "mode": "train",
    "p": 0.4,
    "keep_prob": 0.6,
    "dropout": 0.4,
    "seed": 123,
    "eps": 1e-5,
    "epsilon": 1e-5,
    "momentum": 0.9,
    "train": True,
    "training": True,
}


@dataclass(frozen=True)
class Bound:
    """The arrays that a function takes, what to pass for each argument, and the options in it.

    ``words`` are string arguments, such as the name of an activation, which backward is given too.
    """

    slots: tuple[Slot, ...]
    arguments: tuple[Argument, ...]
    options: tuple[tuple[str, Values], ...]
    words: Mapping[str, str]


def bind_arguments(function: Callable[..., Any], *, loss: bool, arrays: bool) -> Bound | None:
    """Return how to pass arrays and settings to a forward function, None where unclear."""
    slots: list[Slot] = []
    arguments: list[Argument] = []
    options: list[tuple[str, Values]] = []
    words: dict[str, str] = {}
    for one in parameters_of(function, bound=False):
        keys = dictionary_keys(function, one.name)
        told = compared_words(function, one.name)
        if keys and all(_is_array_key(key) for key in keys):
            members = tuple(Lent(key) for key in keys)
            slots += [Slot(key, "array") for key in keys]
            arguments.append(Several(tuple(keys), members, dict))
        elif _is_settings(one, keys):
            argument, found = _settings(keys, pooling=not any(s.role == "array" for s in slots))
            arguments.append(argument)
            options += found
        elif told and one.required:
            words[one.name] = told[0]
            arguments.append(Fixed(told[0]))
        elif slots and names.plain(one.name) in names.PROBABILITIES and one.name != "p":
            arguments.append(Fixed(0.4))
        elif one.name in OPTION_VALUES and one.required:
            options.append((one.name, OPTION_VALUES[one.name]))
            arguments.append(Chosen(one.name))
        elif not one.required:
            break
        else:
            bound = bind_forward((*_taken(slots), one), loss=loss, arrays=arrays)
            if bound is None:
                return None
            slots.append(bound[0][-1])
            arguments.append(Lent(one.name))
    if loss and len(slots) == 2 and not any(slot.role == "label" for slot in slots):
        slots[1] = Slot(slots[1].name, "label")  # a loss compares what it is given with something
    return Bound(tuple(slots), tuple(arguments), tuple(options), words) if slots else None


def _taken(slots: list[Slot]) -> tuple[Parameter, ...]:
    return tuple(Parameter(slot.name, True) for slot in slots[:1])


def _is_array_key(key: str) -> bool:
    word = names.plain(key)
    return (key[0] in "WbUV" and len(key) <= 4) or word in names.WEIGHTS | names.BIASES


def _is_settings(one: Parameter, keys: Mapping[str, Any]) -> bool:
    word = names.plain(one.name)
    named = word.endswith(("param", "params", "parameters", "config", "options", "cfg"))
    return bool(keys) or (named and one.required and word != "param")


def _settings(
    keys: Mapping[str, Any], *, pooling: bool
) -> tuple[Several, list[tuple[str, Values]]]:
    """Return the dict that is passed, and those of its keys that are varied."""
    given: dict[str, Argument] = {}
    options: list[tuple[str, Values]] = []
    for key, default in keys.items():
        if key in OPTION_VALUES:
            values = (2, 1, 3) if key == "stride" and pooling else OPTION_VALUES[key]
            options.append((key, values))
            given[key] = Chosen(key)
        elif key in _SETTINGS and (default is ... or key in ("mode", "seed")):
            given[key] = Fixed(_SETTINGS[key])
    return Several(tuple(given), tuple(given.values()), dict), options
