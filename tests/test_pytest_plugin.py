"""The plugin in pytest's own hands."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

SUITE = """
import numpy as np
from gradcheck import parametrize_layers

class Sigmoid:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y
    def backward(self, dout):
        return dout * self.y * {slope}

@parametrize_layers([Sigmoid], examples=20)
def test_layers(layer_check):
    layer_check()
"""


@pytest.fixture
def run(pytester: pytest.Pytester):
    def run_suite(slope: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(SUITE.replace("{slope}", slope))
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)

    return run_suite


def test_one_item_for_each_layer_and_check(run) -> None:
    result = run("(1 - self.y)", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["*test_layers?Sigmoid-input-gradient-wrong?"])


def test_a_right_layer_passes(run) -> None:
    outcomes = run("(1 - self.y)").parseoutcomes()
    assert outcomes["passed"] >= 10
    assert "failed" not in outcomes


def test_the_assertion_text_is_the_finding(run) -> None:
    result = run("1", "-k", "input-gradient-wrong")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*GradientCheckFailed: Sigmoid: dx is wrong*", "*smallest case*"])
    assert "exploration.py" not in result.stdout.str()


def test_only_the_faulty_item_fails(run) -> None:
    assert run("1").parseoutcomes()["failed"] == 1


def test_options_are_in_the_help(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--help")
    result.stdout.fnmatch_lines(["gradcheck: checking backward passes:", "*--gradcheck-seed*"])
