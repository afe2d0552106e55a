"""What is foreseen of a case is what the checks ask, and travels in one message."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import layers
from gradcheck.case import given_case, make_case
from gradcheck.checks.catalogue import find_check
from gradcheck.checks.foreseeing import expected_upstream
from gradcheck.checks.needs import NEEDS, foresee
from gradcheck.conventions import adapt
from gradcheck.counted import Counted
from gradcheck.exploration import run_check
from gradcheck.kinds import find_kind
from gradcheck.sandbox.ahead import Ahead
from gradcheck.signature import parse_signature
from gradcheck.subject import Backward, Forward, Subject
from tests.test_subject_conformance import far


class Recording(Counted):
    """Keeps the scripts that are asked, and those that are foreseen."""

    def __init__(self, inner: Subject) -> None:
        super().__init__(inner)
        self.asked: Counter[str] = Counter()
        self.foreseen: Counter[str] = Counter()

    def run(self, script, options=None):
        self.asked[told(script, options)] += 1
        return super().run(script, options)

    def run_many(self, scripts, options=None):
        return [self.run(script, options) for script in scripts]

    def forward_many(self, points, options=None):
        return [self.forward(point, options) for point in points]

    def foresee(self, scripts, options=None):
        before = self.asked.copy()
        self.foreseen.update(told(script, options) for script in scripts())
        assert self.asked == before, "to foresee asks nothing"


def told(script, options) -> str:
    """Return a script as text, to the last bit of its arrays."""
    steps = []
    for step in script:
        arrays = getattr(step, "primals", getattr(step, "cotangents", {}))
        values = {name: (one.dtype, one.shape, one.tobytes()) for name, one in arrays.items()}
        steps.append((type(step).__name__, step.instance, getattr(step, "layout", ""), values))
    return repr((steps, dict(options or {})))


@pytest.mark.parametrize("layer", [layers.Sigmoid, layers.Affine, layers.Mul])
@pytest.mark.parametrize("name", NEEDS)
def test_what_is_foreseen_is_asked(name: str, layer: type) -> None:
    subject = Recording(adapt(layer, kind=find_kind(layer.__name__)))
    form = subject.forms[0]
    options = {option: values[0] for option, values in subject.options.items()}
    case = make_case(form, dict(zip(form.free_axes, (4, 3, 5, 2), strict=False)), options, seed=6)
    check = find_check(name)
    foresee(subject, [check], case)
    assert not list(run_check(check, subject, case)) or "gradient-wrong" in name
    assert not subject.foreseen - subject.asked


def test_foreseen_scripts_travel_with_the_next_question() -> None:
    subject, questions = counting("Affine")
    first, second, third = three(subject)
    subject.run(first)
    subject.foresee(lambda: [second, third])
    subject.run(first)
    assert questions == [1, 3]
    subject.run_many([second, third])
    assert questions == [1, 3]
    subject.run(second)  # an answer is that of one run, and is given once
    assert questions == [1, 3, 1]


def test_what_was_foreseen_before_is_forgotten() -> None:
    subject, questions = counting("Affine")
    first, second, third = three(subject)
    subject.run(first)
    subject.foresee(lambda: [second])
    subject.run(first)
    subject.foresee(lambda: [third])
    subject.run(second)
    assert questions == [1, 2, 2]


def test_other_options_and_other_values_are_other_questions() -> None:
    ahead = Ahead(brief=1.0, most=10**6)
    script = (Forward({"x": np.ones((2, 3))}),)
    ahead.timed(1e-3, 1)
    ahead.expect(lambda: [script], {"bias": True})
    assert ahead.due(1, {"bias": False}) == []
    ahead.keep(ahead.due(1, {"bias": True}), [()])
    assert ahead.take(script, {"bias": False}) is None
    for other in (np.ones((3, 2)), np.ones((2, 3), "f4"), np.ones((2, 3), order="F"), np.eye(2, 3)):
        assert ahead.take((Forward({"x": other}),), {"bias": True}) is None
    assert ahead.take((*script, Backward({})), {"bias": True}) is None
    assert ahead.take((Forward({"x": np.ones((2, 3))}),), {"bias": True}) == ()
    assert ahead.take(script, {"bias": True}) is None


@pytest.mark.parametrize(("seconds", "along"), [(0.0005, 3), (0.01, 2), (0.05, 0), (3.0, 0)])
def test_a_slow_layer_is_asked_as_ever(seconds: float, along: int) -> None:
    ahead = Ahead(brief=0.04, most=10**6)
    assert ahead.due(1, {}) == []
    ahead.timed(2 * seconds, 2)
    ahead.expect(lambda: [(Forward({"x": np.ones(2)}),)] * 3, {})
    assert len(ahead.due(2, {})) == along


def test_large_arrays_do_not_travel_ahead() -> None:
    ahead = Ahead(brief=1.0, most=1000)
    ahead.timed(1e-3, 1)
    ahead.expect(lambda: [(Forward({"x": np.ones(50)}),)] * 3, {})
    assert len(ahead.due(1, {})) == 2


def test_what_may_be_running_is_told_with_all_shapes_that_were_sent() -> None:
    subject, _ = counting("Affine")
    first, second, _ = three(subject)
    (forward,) = second
    other = (Forward({name: np.tile(one, 2) for name, one in forward.primals.items()}),)
    subject.run(first)
    subject.foresee(lambda: [second, other])
    texts, ask = [], subject._ask

    def telling(kind, question, told, unpack):
        texts.append(told())
        return ask(kind, question, told, unpack)

    subject._ask = telling
    subject.run(first)
    shapes = "x (2, 3), W (3, 4), b (4,)", "x (2, 6), W (3, 8), b (8,)"
    assert texts == [f"forward with {', or with '.join(shapes)}"]


def three(subject: Subject):
    rng = np.random.default_rng(3)
    sizes = dict(zip(subject.forms[0].free_axes, (2, 3, 4), strict=True))
    shapes = {one.name: one.shape(sizes) for one in subject.forms[0].arrays}
    return [
        (Forward({name: rng.normal(size=shape) for name, shape in shapes.items()}),)
        for _ in range(3)
    ]


def counting(symbol: str):
    """Return a layer in a worker, and a list that gets how many scripts each question holds."""
    subject, questions = far(symbol), []
    ask = subject._ask

    def counted(kind, question, *others):
        questions.append(len(question[1]))
        return ask(kind, question, *others)

    subject._ask = counted
    return subject, questions


def test_no_upstream_gradient_is_drawn_for_an_output_that_would_be_gigantic() -> None:
    """A layer in a worker may say of its outputs what it likes."""
    subject = adapt(layers.Sigmoid)
    for outputs, foreseen in (("N D", True), ("N N N N N N N N N N N N", False)):
        form = parse_signature(f"x: N D -> y: {outputs}")
        x = np.ones((4, 2))
        case = replace(given_case(form, {"x": x}, 0), axes={"N": 4, "D": 2})
        assert (expected_upstream(subject, case) is not None) == foreseen
