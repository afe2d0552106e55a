"""What a command line, a configuration file and the defaults say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from gradcheck.assumptions import Assumptions, assumption_from, assumptions_from
from gradcheck.configuration import Configuration, find_configuration, read_configuration
from gradcheck.errors import UsageError, nearest
from gradcheck.profiles import fresh_seed, merged
from gradcheck.waivers import waiver_from

_TYPED = ParameterSource.COMMANDLINE


def configured(context: click.Context, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a command; what the file says gives way to what was typed.

    Raises
    ------
    UsageError
        The file or an assumption says what is not known.
    """
    path = options.get("config")
    file = read_configuration(Path(path)) if path else find_configuration()
    if not path and options.get("isolate") and _lies_in_hand_in(file, context.params["targets"]):
        told = "lies with the hand-in and is not read; if it is yours, give it with --config"
        click.echo(f"gradcheck: {file.path} {told}", err=True)
        file = Configuration()  # what a stranger wrote configures nothing
    apart = ("assume", "config")
    settled = {name: one for name, one in options.items() if name not in apart and one is not None}
    if "waivers" in settled:
        waivers = tuple(waiver_from(text) for text in settled["waivers"])
        settled["waivers"] = (*waivers, *file.settings.get("waivers", ()))
    if "limits" in settled:
        settled["limits"] = dict(map(_limit, settled["limits"]))
    if settled.get("require") and not settled.get("isolate"):
        settled["isolate"] = True
    source = context.get_parameter_source
    typed = {name: one for name, one in settled.items() if source(name) is _TYPED}
    said = merged(file.settings, {name: one for name, one in typed.items() if name != "waivers"})
    for name, value in said.items():
        if name != "waivers":
            settled[name] = tuple(value) if isinstance(value, list) else value
    if settled.get("seed", 0) is None:
        settled["seed"] = fresh_seed()
    return settled | _assumed(options.get("assume", ()), file)


def _assumed(typed: tuple[str, ...], file: Configuration) -> dict[str, Any]:
    everywhere: dict[str, Any] = {}
    single: dict[str, dict[str, Any]] = {}
    for text in typed:
        layer, rest = _addressed(text)
        if layer:
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


def layers_assumed(typed: Sequence[str], symbols: Sequence[str]) -> None:
    """Check that every layer of which something was assumed was there to be checked.

    Raises
    ------
    UsageError
        There was none of that name.
    """
    for text in typed:
        layer, _ = _addressed(text)
        if layer and layer not in symbols:
            raise UsageError(
                f"--assume {text!r}: no layer {layer!r} was checked{nearest(layer, symbols)}. "
                f"Those checked: {', '.join(symbols) or 'none'}"
            )


def _lies_in_hand_in(file: Configuration, targets: Sequence[str]) -> bool:
    if file.path is None:
        return False
    folder = file.path.resolve().parent
    named = (Path(target.partition("::")[0]).resolve() for target in targets)
    hand_ins = [one if one.is_dir() else one.parent for one in named]
    return any(folder == one or one in folder.parents for one in hand_ins)


def _limit(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip().replace("-", "_"), float(value)
    except ValueError:
        told = f"--limit {text!r}: expected NAME=VALUE with a number, as in request_seconds=10"
        raise UsageError(told) from None


def _addressed(text: str) -> tuple[str, str]:
    """Return the layer that an assumption is for, empty for all, and the assumption."""
    layer, separator, rest = text.partition(":")
    return (layer, rest) if separator and "=" not in layer else ("", text)


def _add(known: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        known[name] = {**known.get(name, {}), **value} if isinstance(value, dict) else value
