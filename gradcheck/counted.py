"""How often a layer was asked, as the report says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gradcheck.subject import Backward, Evaluation, Forward, Script, Subject


class Counted(Subject):
    """A subject that counts how often forward and backward are asked."""

    def __init__(self, inner: Subject) -> None:
        self.inner = inner
        self.identity, self.forms = inner.identity, inner.forms
        self.options, self.fixed_axes = inner.options, inner.fixed_axes
        self.constraints, self.unit_upstream = inner.constraints, inner.unit_upstream
        self.meanings, self.takes_upstream = inner.meanings, inner.takes_upstream
        self.repeatable, self.probed = inner.repeatable, inner.probed
        self.updates, self.accumulation = inner.updates, inner.accumulation
        self.output_shapes = inner.output_shapes
        self.forward_calls = self.backward_calls = 0

    def run(
        self, script: Script, options: Mapping[str, Any] | None = None
    ) -> tuple[Evaluation, ...]:
        """Count the steps and hand them on."""
        backward = sum(isinstance(step, Backward) for step in script)
        self.backward_calls += backward
        self.forward_calls += sum(isinstance(step, Forward) for step in script)
        return self.inner.run(script, options)

    def run_many(
        self, scripts: Sequence[Script], options: Mapping[str, Any] | None = None
    ) -> list[tuple[Evaluation, ...]]:
        """Count the steps of all and hand them on together."""
        steps = [step for script in scripts for step in script]
        self.backward_calls += sum(isinstance(step, Backward) for step in steps)
        self.forward_calls += sum(isinstance(step, Forward) for step in steps)
        return self.inner.run_many(scripts, options)

    def forward_many(
        self, points: Sequence[Any], options: Mapping[str, Any] | None = None
    ) -> list[Evaluation]:
        """Count the points and hand them on together."""
        self.forward_calls += len(points)
        return self.inner.forward_many(points, options)

    def foresee(
        self, scripts: Callable[[], Iterable[Script]], options: Mapping[str, Any] | None = None
    ) -> None:
        """Hand it on: what is not asked for in the end is not counted."""
        self.inner.foresee(scripts, options)

    def attest(self) -> None:
        """Let the layer itself answer for what it gave."""
        self.inner.attest()
