"""What goes to a worker is what was asked, every field of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from gradcheck.sandbox.ahead import Ahead
from gradcheck.sandbox.questions import packed, unpacked
from gradcheck.subject import Backward, Evaluation, Forward, Look, Script, Spoil, Step

X = {"x": np.arange(6.0).reshape(2, 3)}
OTHERWISE: dict[str, Any] = {"instance": 3, "layout": "strided", "start": 7, "profiled": True}
STEPS = [Forward(X), Backward(X), Spoil(), Look()]


def altered() -> list[Step]:
    """Return each step once with each of its plain fields at another value."""
    return [
        dataclasses.replace(step, **{one.name: OTHERWISE[one.name]})
        for step in STEPS
        for one in dataclasses.fields(step)
        if one.name not in ("primals", "cotangents")
    ]


@pytest.mark.parametrize("step", altered(), ids=repr)
def test_every_field_of_a_step_arrives(step: Step) -> None:
    (arrived,) = unpacked(packed((step,)))
    for one in dataclasses.fields(step):
        value, wanted = getattr(arrived, one.name), getattr(step, one.name)
        assert np.array_equal(value["x"], X["x"]) if value and wanted is X else value == wanted


@pytest.mark.parametrize("step", altered(), ids=repr)
def test_a_script_that_differs_in_one_field_gets_no_answer_that_came_early(step: Step) -> None:
    plain: Script = (type(step)(X),) if isinstance(step, (Forward, Backward)) else (type(step)(),)
    ahead = Ahead(brief=1.0, most=1 << 20)
    ahead.expect(list, {})
    ahead.keep([plain], [(Evaluation(),)])
    assert ahead.take((step,), {}) is None
    assert ahead.take(plain, {}) is not None
    assert ahead.take(plain, {}) is None  # once
