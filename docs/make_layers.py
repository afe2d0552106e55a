"""Write docs/layers.md from the reference layers: python docs/make_layers.py [--seeds 5].

Needs PyTorch and SciPy (the extra ``oracles``), which the layers are held against.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
import layers
from gradcheck.kinds import Kind, catalogue
from tests.oracles.comparison import comparisons

PAGE = Path(__file__).with_name("layers.md")
_INTRODUCTION = """# The reference layers

Made by `python docs/make_layers.py`; do not edit. Every layer is plain NumPy in `layers/`, its
docstring derives each gradient. Signatures are by named axes (`gradcheck explain` and
`layers/layer.py` say how to read them); in brackets what is drawn, `[fixed]` and labels have no
gradient. The last columns: what forward and all gradients were held against in float64 (train and
evaluation mode where there are two), and the largest deviation over {seeds} random draws of every
configuration, relative to the largest element or one. `naive` is a plain loop or the formula
written out in the tests. All gradients of all layers are also held against finite differences, with
options, shapes and values drawn by Hypothesis (`make test`, at length `make test-long`).
"""
_OWN = "naive, differences"


def page(seeds: int) -> str:
    """Return the page."""
    found = deviations(seeds)
    rows = [_row(kind, found) for kind in catalogue()]
    composites = [_composite(name, found) for name in composite_names()]
    head = ["| layer | kind | signature | options | held against | deviation |"]
    head += ["|---|---|---|---|---|---|"]
    more = ["", "Composites, from the layers above:", ""]
    more += ["| layer | what | held against | deviation |", "|---|---|---|---|"]
    introduction = _INTRODUCTION.format(seeds=seeds)
    return "\n".join([introduction, *head, *rows, *more, *composites, ""])


def deviations(seeds: int) -> Mapping[str, Mapping[str, float]]:
    """Return, for each layer, the largest deviation from each oracle."""
    found: dict[str, dict[str, float]] = {}
    for comparison in comparisons():
        worst = max(comparison.deviation(seed) for seed in range(seeds))
        held = found.setdefault(comparison.layer, {})
        held[comparison.oracle] = max(held.get(comparison.oracle, 0.0), worst)
    return found


def composite_names() -> list[str]:
    """Return the public classes that are no kind of their own."""
    kinds = {kind.reference for kind in catalogue()} | {layers.Layer}
    return [
        name
        for name in layers.__all__
        if isinstance(getattr(layers, name), type) and getattr(layers, name) not in kinds
    ]


def _row(kind: Kind, found: Mapping[str, Mapping[str, float]]) -> str:
    assert kind.reference is not None
    name = kind.reference.__name__
    more = f" (and {len(kind.forms) - 1} more)" if len(kind.forms) > 1 else ""
    options = "; ".join(f"{own} {_values(values)}" for own, values in kind.options.items())
    constraints = ", ".join(f"`{one}`" for one in kind.constraints)
    options = " with ".join(part for part in (options, constraints) if part)
    form = str(kind.forms[0]).replace("|", "\\|")  # a bar would end the column
    signature = f"`{form}`{more}"
    return (
        f"| {name} | {kind.name} | {signature} | {options or '-'} | {_held(found.get(name, {}))} |"
    )


def _values(values: tuple[Any, ...]) -> str:
    return ", ".join(f"{one:.3g}" if isinstance(one, float) else str(one) for one in values)


def _composite(name: str, found: Mapping[str, Mapping[str, float]]) -> str:
    what = (getattr(layers, name).__doc__ or "").strip().split("\n")[0]
    return f"| {name} | {what} | {_held(found.get(name, {}))} |"


def _held(oracles: Mapping[str, float]) -> str:
    if not oracles:
        return f"{_OWN} | -"
    names = ", ".join(f"`{name}`" for name in oracles)
    return f"{names} | {max(oracles.values()):.1e}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    PAGE.write_text(page(parser.parse_args().seeds), encoding="utf-8")
