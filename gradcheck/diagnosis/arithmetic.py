"""Faults of the arithmetic: nothing computed, drawn anew, or computed in single precision."""

from __future__ import annotations

import numpy as np

from gradcheck.checks.evaluation import cotangents, evaluate
from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import Evidence
from gradcheck.findings import Diagnosis
from gradcheck.numerics.rounding import Floats
from gradcheck.subject import Backward, Forward

_SINGLE = 1e-5  # float32 is never off by more, relative to the largest element, without cancelling


def all_zero(wrong: Discrepancy) -> Diagnosis | None:
    """A gradient that was prepared and never filled."""
    if len(wrong.failing) < 2 or any(np.any(one.claimed) for one in wrong.failing):
        return None
    return Diagnosis(
        name="all-zero",
        text=f"{wrong.word} is zero everywhere: allocated and never filled?",
        evidence=f"holds in all {len(wrong.failing)} failing cases seen",
        repair=f"assign {wrong.word} in backward",
    )


def drawn_again(wrong: Discrepancy) -> Diagnosis | None:
    """A backward that gives another gradient when it is called again, zero at other places."""
    again = [second for one in wrong.failing if (second := _again(one)) is not None]
    if len(again) < 4 or len(again) < len(wrong.failing):
        return None
    pairs = list(zip(again, wrong.failing, strict=True))
    moved = sum(not np.array_equal(second == 0, one.claimed == 0) for second, one in pairs)
    if 2 * moved < len(pairs):  # a mask of few elements may be drawn the same
        return None
    return Diagnosis(
        name="drawn-again-in-backward",
        text=f"{wrong.word} is another one when backward is called again: it draws random numbers "
        "of its own",
        evidence=f"in {moved} of {len(pairs)} failing cases seen a second call is zero at other "
        "elements, after the same forward",
        repair="keep the mask that forward drew, and use it in backward",
    )


def _again(one: Evidence) -> Floats | None:
    """Return the gradient of a second backward after one forward."""
    upstream = cotangents(one.subject, one.case, evaluate(one.subject, one.case).outputs)
    script = (Forward(one.case.primals), Backward(upstream), Backward(upstream))
    last = one.subject.run(script, one.case.options)[-1]
    gradient = last.gradients.get(one.array)
    if last.raised or gradient is None or gradient.shape != one.claimed.shape:
        return None
    return gradient.astype(np.float64)


def single_precision(wrong: Discrepancy) -> Diagnosis | None:
    """A gradient that went through float32 although all that goes in is float64."""
    if len(wrong.failing) < 3 or not all(map(_is_single, wrong.failing)):
        return None
    largest = max(
        float(np.abs(one.discrepancy).max() / np.abs(one.numeric).max()) for one in wrong.failing
    )
    return Diagnosis(
        name="float32-inside",
        text=f"{wrong.word} is rounded to float32, although the layer is given float64",
        evidence=f"in all {len(wrong.failing)} failing cases seen each of its values is a number "
        f"of float32, and off by up to {largest:.0e} of the gradient, which is that rounding",
        repair="leave the dtype to the inputs: no astype(np.float32), no dtype=np.float32",
    )


def _is_single(one: Evidence) -> bool:
    inputs = [array for array in one.case.primals.values() if array.dtype.kind == "f"]
    if any(array.dtype != np.float64 for array in inputs):
        return False
    claimed: Floats = one.claimed
    exact = np.array_equal(claimed.astype(np.float32).astype(np.float64), claimed)
    close = np.abs(one.discrepancy).max() <= _SINGLE * np.abs(one.numeric).max()
    return bool(exact and close)
