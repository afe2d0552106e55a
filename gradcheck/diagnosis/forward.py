"""A forward that is not that of its kind: what it is instead, where that can be shown exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradcheck.cases import Case
from gradcheck.checks.evaluation import evaluate, reference
from gradcheck.diagnosis.evidence import Discrepancy, Evidence
from gradcheck.diagnosis.factors import factor
from gradcheck.findings import Diagnosis
from gradcheck.subject import Subject


class Outputs(Discrepancy):
    """The outputs of a layer in the place of a gradient: the claim, and the reference's."""

    @property
    def word(self) -> str:
        """How the text calls what is wrong."""
        return "forward"

    @property
    def failing(self) -> tuple[Evidence, ...]:
        """The outputs of the failing cases."""
        return tuple(one for case in self.failing_cases if (one := _outputs(self.subject, case)))


def explain_forward(subject: Subject, failing: Sequence[Case]) -> Diagnosis | None:
    """Return what a forward computes in the place of its kind's, or None."""
    wrong = Outputs(subject, failing[0].signature.outputs[0].name, failing)
    found = factor(wrong)
    if found is None:
        return None
    return Diagnosis(
        name=f"forward-{found.name}",
        text=found.text.replace("the right gradient", "the right value"),
        evidence=found.evidence,
    )


def _outputs(subject: Subject, case: Case) -> Evidence | None:
    right, name = reference(subject, case), case.signature.outputs[0].name
    value = evaluate(subject, case).outputs.get(name)
    if right is None or value is None or value.shape != right.outputs[name].shape:
        return None
    wanted = right.outputs[name].astype(np.float64)
    if not np.any(wanted) or not np.isfinite(value).all() or not np.isfinite(wanted).all():
        return None
    error = np.zeros(wanted.shape)
    return Evidence(subject, case, name, value.astype(np.float64), wanted, error)
