"""What drawing costs: cases a second, and what the time of a check is spent on.

    python benchmarks/cases.py [--draws 1000] [--seed 1]

The first table draws cases alone, and an integer alone for what Hypothesis costs whatever is drawn
(processor time, so that a machine that does something else as well gives the same).
The second checks each layer once with the defaults of ``check_layer`` and a clock around its parts:
shares of one run. ``drawing`` is what makes a case of Hypothesis's choices, ``Hypothesis`` all else
between two cases and before the first, ``arithmetic`` what the checks do beside calling the layer
(differences, bounds, comparisons, and copying arrays for each call).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import HealthCheck, given
from hypothesis import seed as seeded
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

# benchmarks/ is not installed: it is found beside this file.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.markdown import table
from gradcheck import cases as cases_module
from gradcheck import check_layer, exploration
from gradcheck.cases import cases
from gradcheck.conventions import adapt
from gradcheck.kinds import find_kind

KINDS = (
    "sigmoid",
    "affine",
    "softmax-with-loss",
    "embedding",
    "batch-norm",
    "max-pool2d",
    "conv2d",
    "lstm",
    "multi-head-attention",
)
PARTS = ("Hypothesis", "drawing", "forward", "backward", "arithmetic")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given_ = parser.parse_args()
    rows = [_drawing("an integer alone", st.integers(0, 2**16 - 1), given_.draws, given_.seed)]
    for name in KINDS:
        subject = adapt(find_kind(name).reference)
        rows.append(_drawing(name, cases(subject), given_.draws, given_.seed))
    columns = ["kind", "draws a second", "median, ms", "90 %, ms"]
    table("Drawing cases", columns, rows)
    columns = ["kind", "seconds", *PARTS]
    table("Shares of one check", columns, [_shares(name, given_.seed) for name in KINDS])


def _drawing(name: str, strategy: st.SearchStrategy[Any], draws: int, seed: int) -> list[Any]:
    clock: list[float] = []

    def visit(_: Any) -> None:
        clock.append(time.process_time())

    controlled = hypothesis_settings(
        max_examples=draws,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    seeded(seed)(controlled(given(strategy)(visit)))()
    each = 1000 * np.diff(clock)
    middle, most = (float(np.quantile(each, share)) for share in (0.5, 0.9))
    return [name, round(1000 / float(each.mean())), f"{middle:.2f}", f"{most:.2f}"]


class _Clock:
    """Seconds by part; of nested parts each second counts for the innermost."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.inside = ["Hypothesis"]
        self.since = time.perf_counter()

    def turn(self) -> None:
        now = time.perf_counter()
        self.seconds[self.inside[-1]] += now - self.since
        self.since = now

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        self.turn()
        self.inside.append(name)
        try:
            yield
        finally:
            self.turn()
            self.inside.pop()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **keywords: Any) -> Any:
            with self.part(name):
                return function(*args, **keywords)

        return call


def _shares(name: str, seed: int) -> list[Any]:
    """Return the shares of one check of a reference layer, the parts patched with clocks."""
    layer = find_kind(name).reference
    check_layer(layer, seed=seed)  # once for all that is loaded and remembered
    clock = _Clock()

    class Timed(layer):  # type: ignore[misc, valid-type]
        forward = clock.timed("forward", layer.forward)
        backward = clock.timed("backward", layer.backward)

    Timed.__name__ = layer.__name__
    with ExitStack() as stack:
        for module, function, part in (
            (cases_module, "make_case", "drawing"),
            (exploration, "_visit", "arithmetic"),
        ):
            timed = clock.timed(part, getattr(module, function))
            stack.enter_context(mock.patch.object(module, function, timed))
        clock.since = time.perf_counter()
        report = check_layer(Timed, kind=name, seed=seed)
        clock.turn()
    report.raise_if_failed()
    total = sum(clock.seconds.values())
    shares = [f"{100 * clock.seconds[part] / total:.0f} %" for part in PARTS]
    return [name, f"{total:.2f}", *shares]


if __name__ == "__main__":
    main()
