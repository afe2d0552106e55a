"""Where a layer is saturated to the last bit nothing is said; where it is not, faults are found."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.case import make_case
from gradcheck.checks.saturation import lost_in_saturation
from gradcheck.findings import Numbers
from gradcheck.signature import Signature, parse_signature
from gradcheck.subject import Backward, Evaluation, Forward, Script, Subject

FORM: Signature = parse_signature("x: N D -> y: N D")


class Cubes(Subject):
    """y = x^3."""

    forms = (FORM,)

    def run(self, script: Script, options: object = None) -> tuple[Evaluation, ...]:
        done: list[Evaluation] = []
        for step in script:
            if isinstance(step, Forward):
                x = step.primals["x"]
                done.append(Evaluation({"y": x**3}))
            elif isinstance(step, Backward):
                done.append(Evaluation({}, {"x": 3 * x**2 * step.cotangents["y"]}))
        return tuple(done)


def numbers(size: float) -> Numbers:
    return Numbers(index=(0, 0), analytic=size, numeric=0.0, error_bound=0.0, wrong=1, total=4)


@pytest.mark.parametrize(("size", "lost"), [(1e-14, True), (1e-3, False)])
def test_only_what_is_nothing_beside_ordinary_gradients_is_lost(size: float, lost: bool) -> None:
    case = make_case(FORM, {"N": 2, "D": 2}, regime="large", seed=3)
    assert lost_in_saturation(Cubes(), case, "x", numbers(size)) == lost


def test_nothing_is_lost_at_ordinary_values() -> None:
    case = make_case(FORM, {"N": 2, "D": 2}, seed=3)
    assert not lost_in_saturation(Cubes(), case, "x", numbers(1e-14))
    assert np.isfinite(case.primals["x"]).all()
