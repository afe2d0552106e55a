"""Every implementation of ``Subject`` keeps every law, and each law can be broken."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import layers
from gradcheck.conventions import CallableSubject, adapt
from gradcheck.counted import Counted
from gradcheck.kinds import find_kind
from gradcheck.opening import Opened, chosen_among, opened
from gradcheck.settings import settings_from
from gradcheck.signature import parse_signature
from gradcheck.subject import Evaluation, Forward, Identity, Subject
from tests.broken_layers import Affine, UpdatesItself
from tests.subject_conformance import LAWS, answers_share_no_memory, instances_do_not_see_each_other


def affine_pair() -> Subject:
    signature = parse_signature("x: N D, W: D M, b: M -> y: N M")

    def forward(p):
        return p["x"] @ p["W"] + p["b"]

    def vjp(p, u):
        return {"x": u @ p["W"].T, "W": p["x"].T @ u, "b": u.sum(axis=0)}

    return CallableSubject(Identity("affine", "callables"), signature, forward, vjp)


def affine_object() -> Subject:
    rng = np.random.default_rng(0)
    return adapt(Affine(rng.standard_normal((3, 2)), rng.standard_normal(2)))


def far(symbol: str) -> Subject:
    """Return a layer in a worker, as well confined as the machine can."""
    source = opened_far()
    ((module, candidate),) = chosen_among(source.listed, [symbol], "right_layers.py")
    return next(source.readings(candidate, module, settings_from({}))).subject


@cache
def opened_far() -> Opened:
    return opened(Path(__file__).parent / "sandbox" / "right_layers.py", settings_from(FAR))


FAR = {"isolate": True}
SUBJECTS: dict[str, Callable[[], Subject]] = {
    "callables": affine_pair,
    "class": lambda: adapt(Affine),
    "class-two-inputs": lambda: adapt(layers.Mul),
    "class-loss": lambda: adapt(layers.SoftmaxWithLoss),
    "object": affine_object,
    "far-class": lambda: far("Affine"),
    "far-class-two-inputs": lambda: far("Mul"),
    "far-class-loss": lambda: far("SoftmaxWithLoss"),
    "far-functions": lambda: far("affine_forward"),
    "counted": lambda: Counted(adapt(layers.Affine, kind=find_kind("affine"))),
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("make", SUBJECTS.values(), ids=SUBJECTS)
def test_subject_keeps_the_law(make: Callable[[], Subject], law: Callable[[Subject], None]) -> None:
    law(make())


class Leaky(layers.Sigmoid):
    """Keeps its cache on the class: a second instance overwrites it."""

    def forward(self, x):
        Leaky.y = super().forward(x)
        return Leaky.y

    def backward(self, dout):
        return dout * Leaky.y * (1 - Leaky.y)


def test_class_level_state_is_seen() -> None:
    with pytest.raises(AssertionError):
        instances_do_not_see_each_other(adapt(Leaky, kind=find_kind("sigmoid")))


class Sharing(Subject):
    """Hands out one array twice."""

    def __init__(self) -> None:
        self.identity = Identity("sharing", "test")
        self.forms = (parse_signature("x: N D -> y: N D"),)
        self.held = np.ones((4, 3))

    def run(self, script, options=None):
        return tuple(
            Evaluation(outputs={"y": self.held})
            if isinstance(step, Forward)
            else Evaluation(gradients={"x": self.held})
            for step in script
        )


def test_shared_memory_is_seen() -> None:
    with pytest.raises(AssertionError):
        answers_share_no_memory(Sharing())


def test_mutations_are_told_with_role_and_phase() -> None:
    subject = adapt(UpdatesItself, kind=find_kind("affine"))
    x, W, b, u = np.ones((2, 3)), np.ones((3, 1)), np.ones(1), np.ones((2, 1))
    (mutation,) = subject.vjp({"x": x, "W": W, "b": b}, {"y": u}).mutated
    assert (mutation.array, mutation.role, mutation.during) == ("W", "parameter", "backward")


class Talkative(layers.Sigmoid):
    def forward(self, x):
        print("hello")
        np.log(np.zeros(1) - 1)
        return super().forward(x)


def test_a_start_leaves_the_generator_of_the_caller_alone() -> None:
    subject = adapt(Talkative, kind=find_kind("sigmoid"))
    before = np.random.get_state()[1].tobytes()
    drawn = subject.run((Forward({"x": np.ones((1, 1))}, start=3),))[0].next_draw
    assert drawn > 0
    assert np.random.get_state()[1].tobytes() == before


def test_prints_are_swallowed_and_warnings_kept(capsys: pytest.CaptureFixture[str]) -> None:
    answer = adapt(Talkative, kind=find_kind("sigmoid")).forward({"x": np.ones((1, 1))})
    assert capsys.readouterr().out == ""
    assert any("RuntimeWarning" in text for text in answer.warnings)
