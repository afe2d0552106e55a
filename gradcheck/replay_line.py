"""The line of a finding that repeats it: a command, or a call where there is no file."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import asdict

from gradcheck.assumptions import Assumptions
from gradcheck.checks.check import Check
from gradcheck.profiles import profile_settings
from gradcheck.settings import Settings
from gradcheck.subject import Subject


def replay_line(subject: Subject, check: Check, settings: Settings) -> str:
    """Return how to run one check on one layer again, as it was run."""
    symbol = subject.identity.symbol
    usual = {**asdict(Settings()), **profile_settings(settings.profile)}
    if subject.identity.convention == "chain":
        layers = symbol.replace(" -> ", ", ")
        return f"check_chain([{layers}], select=[{check.code!r}], seed={settings.seed})"
    if subject.identity.source:
        target = shlex.quote(f"{subject.identity.source}::{symbol}")
        words = ["gradcheck check", target, "--select", check.code]
        words += [f"--profile {settings.profile}"] if settings.profile else []
        for name in ("seed", "examples", "mode"):
            value = getattr(settings, name)
            words += [f"--{name} {value}"] if value != usual[name] else []
        flags = {"--strict": settings.strict, "--run-module": settings.run_module}
        words += [f"--fail {shlex.quote(one)}" for one in settings.fail]
        flags |= {"--isolate": bool(settings.isolate)}
        words += [name for name, given in flags.items() if given]
        words += [f"--limit {name}={value:g}" for name, value in settings.limits.items()]
        return " ".join([*words, *_assumed(settings, symbol)])
    return f"check_layer({symbol}, ..., select=[{check.code!r}], seed={settings.seed})"


def _assumed(settings: Settings, symbol: str) -> Iterator[str]:
    """Yield the options that say what was assumed of a layer, the decorator's left out."""
    told = asdict(settings.layers.get(symbol, Assumptions()).over(settings.assume))
    arguments = told.pop("arguments")
    named = {f"arguments.{name}": json.dumps(value) for name, value in arguments.items()}
    for name, value in {**told, **named}.items():
        if value:
            yield f"--assume {shlex.quote(f'{name}={value}')}"
