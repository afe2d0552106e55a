"""What a command line, a configuration file and the defaults say together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from gradcheck.assumptions import Assumptions, assumption_from, assumptions_from
from gradcheck.configuration import Configuration, find_configuration, read_configuration


def configured(context: click.Context, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a command; what the file says gives way to what was typed.

    Raises
    ------
    UsageError
        The file or an assumption says what is not known.
    """
    path = options.get("config")
    file = read_configuration(Path(path)) if path else find_configuration()
    settled = {name: one for name, one in options.items() if name not in ("assume", "config")}
    for name, value in file.settings.items():
        typed = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if name in settled and not typed:
            settled[name] = tuple(value) if isinstance(value, list) else value
    return settled | _assumed(options.get("assume", ()), file)


def _assumed(typed: tuple[str, ...], file: Configuration) -> dict[str, Any]:
    everywhere: dict[str, Any] = {}
    single: dict[str, dict[str, Any]] = {}
    for text in typed:
        layer, separator, rest = text.partition(":")
        if separator and "=" not in layer:
            _add(single.setdefault(layer, {}), assumption_from(rest))
        else:
            _add(everywhere, assumption_from(text))
    layers = dict(file.layers)
    for name, given in single.items():
        layers[name] = assumptions_from(given, "--assume").over(layers.get(name, Assumptions()))
    return {
        "assume": assumptions_from(everywhere, "--assume").over(file.assume),
        "layers": layers,
    }


def _add(known: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        known[name] = {**known.get(name, {}), **value} if isinstance(value, dict) else value
