"""One array of a case as a function of itself: what the differentiator is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, evaluate
from gradcheck.subject import Array, Subject


class Line:
    """One array of a case as a function of itself alone, over all outputs laid end to end."""

    def __init__(self, subject: Subject, case: Case, name: str) -> None:
        self.subject, self.case, self.name = subject, case, name
        evaluation = evaluate(subject, case)
        self.outputs = evaluation.outputs
        self.claimed = evaluation.gradients[name]

    @property
    def point(self) -> tuple[Array, Array, Array | None]:
        """The array itself, the cotangent laid end to end, and the distance to the border."""
        upstream = cotangents(self.subject, self.case, self.outputs)
        x = self.case.primals[self.name]
        domain = self.case.signature.by_name[self.name].domain
        border = np.minimum(x, 1 - x) if domain == "unit" else np.abs(x)
        return x, _laid(list(upstream.values())), border if domain != "real" else None

    def forward(self, points: Sequence[Array]) -> list[Array]:
        """Return the outputs at each point; nan where the layer raised or gave no array."""
        return self.forward_named([{self.name: point} for point in points])

    def forward_named(self, points: Sequence[Mapping[str, Array]]) -> list[Array]:
        """Return the outputs with several arrays moved at each point."""
        primals = [{**self.case.primals, **moved} for moved in points]
        answers = self.subject.forward_many(primals, self.case.options)
        return [
            _laid(list(one.outputs.values())) if one.outputs else self._nothing() for one in answers
        ]

    def pullback(self, x: Array, cotangent: Array) -> Array:
        """Return the claimed gradient at ``x``; nan where the layer gave none."""
        split, at = {}, 0
        for name, output in self.outputs.items():
            split[name] = cotangent[at : at + output.size].reshape(output.shape)
            at += output.size
        primals = {**self.case.primals, self.name: x}
        answer = self.subject.vjp(primals, split, self.case.options)
        gradient = answer.gradients.get(self.name)
        return gradient if gradient is not None and gradient.shape == x.shape else x * np.nan

    def _nothing(self) -> Array:
        return np.full(sum(one.size for one in self.outputs.values()), np.nan)


def _laid(arrays: Sequence[Array]) -> Array:
    return arrays[0].ravel() if len(arrays) == 1 else np.concatenate([a.ravel() for a in arrays])
