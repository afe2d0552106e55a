"""``layer_tests`` and ``parametrize_layers`` in a test module."""

from __future__ import annotations

import pytest

from tests.pytest.conftest import GRADIENT_CHECKS, RIGHT, WRONG

pytest_plugins = ["pytester"]
DECORATED = """
import pytest
import gradcheck
from mine.layers import Affine, Sigmoid

@gradcheck.parametrize_layers([Sigmoid], examples=5, select=["GC1"])
def test_layers(layer_check):
    layer_check()
"""
ASSIGNED = """
import gradcheck
from mine.layers import Affine, Sigmoid

test_layers = gradcheck.layer_tests(Sigmoid, Affine, examples=5, select=["GC1"])
"""
OURS = ("exploration.py", "layer_run.py", "items.py", "raise GradientCheckFailed", "hidden")


@pytest.fixture
def layers(write, pytester: pytest.Pytester):
    def write_layers(text: str, tests: str) -> None:
        pytester.syspathinsert()
        write("mine/__init__.py", "")
        write("mine/layers.py", text)
        write("test_mine.py", tests)

    return write_layers


@pytest.mark.parametrize("tests", [DECORATED, ASSIGNED])
def test_one_item_for_each_layer_and_check(layers, run, tests: str) -> None:
    layers(RIGHT, tests)
    result = run("--collect-only", "-q")
    result.stdout.fnmatch_lines(["test_mine.py::test_layers?Sigmoid-input-gradient-wrong?"])
    one = run("test_mine.py::test_layers[Sigmoid-input-gradient-wrong]")
    assert one.parseoutcomes() == {"passed": 1}
    assert "failed" not in run("test_mine.py::test_layers").parseoutcomes()


@pytest.mark.parametrize("tests", [DECORATED, ASSIGNED])
def test_the_assertion_text_is_the_finding(layers, run, tests: str) -> None:
    layers(WRONG, tests)
    result = run("-k", "Sigmoid")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(
        [
            "*Sigmoid: dx is wrong, *GC101 input-gradient-wrong*",
            "*smallest case x = *",
            "*replay  *pytest 'test_mine.py::test_layers?Sigmoid-input-gradient-wrong?'*",
        ]
    )
    text = result.stdout.str()
    assert not [one for one in OURS if one in text]


def test_an_assigned_failure_is_only_the_finding(layers, run) -> None:
    layers(WRONG, ASSIGNED)
    lines = run("-k", "Sigmoid").outlines
    start = next(n for n, line in enumerate(lines) if "Sigmoid input-gradient-wrong _" in line)
    assert lines[start + 1].startswith("Sigmoid: dx is wrong, ")


def test_the_line_of_the_layer_is_told(layers, run) -> None:
    layers(WRONG, ASSIGNED)
    result = run("--tb=line", "-k", "Sigmoid")
    result.stdout.fnmatch_lines(["*layers.py:4: Sigmoid: dx is wrong, *"])


def test_pairs_modules_and_files_are_layers_too(layers, run) -> None:
    pair = RIGHT + (
        "\ndef square_forward(x):\n    return x**2, x\n"
        "\ndef square_backward(dout, cache):\n    return 2 * cache * dout\n"
    )
    tests = """
import gradcheck, mine.layers
from mine.layers import square_backward, square_forward
options = {"examples": 5, "select": ["GC101"]}
test_pair = gradcheck.layer_tests((square_forward, square_backward), **options)
test_module = gradcheck.layer_tests(mine.layers, **options)
test_file = gradcheck.layer_tests("mine/layers.py", **options)
class TestInClass:
    test_pattern = gradcheck.layer_tests("mine/l*.py", **options)
not_a_test = gradcheck.layer_tests(mine.layers, **options)
"""
    layers(pair, tests)
    result = run("-v")
    assert result.parseoutcomes() == {"passed": 1 + 3 * 3}
    result.stdout.fnmatch_lines(
        [
            "*test_mine.py::test_pair?square_forward-input-gradient-wrong? PASSED*",
            "*test_mine.py::test_file?Affine-input-gradient-wrong? PASSED*",
            "*test_mine.py::TestInClass::test_pattern?Affine-input-gradient-wrong? PASSED*",
        ]
    )


def test_two_layers_of_one_name_have_items_of_their_own(layers, run) -> None:
    tests = ASSIGNED.replace("Sigmoid, Affine, ex", "Sigmoid, Sigmoid(), ex")
    layers(RIGHT, tests)
    lines = run("--co", "-q").outlines
    items = [line for line in lines if "::" in line]
    assert len(items) == len(set(items)) == 2 * GRADIENT_CHECKS


def test_a_decorated_test_may_use_fixtures_and_override_options(layers, run) -> None:
    tests = DECORATED.replace(
        "def test_layers(layer_check):\n    layer_check()",
        "def test_layers(layer_check, gradcheck_options, tmp_path):\n"
        "    layer_check(seed=gradcheck_options['seed'] + 1, examples=3)\n"
        "    assert gradcheck_options == {'seed': 4, 'examples': 60}",
    )
    layers(RIGHT, tests)
    assert "failed" not in run("--gradcheck-seed", "4").parseoutcomes()


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("Sigmoid, exampels=3", "test_mine.py::test_layers: unknown option 'exampels'; did you *"),
        ("Sigmoid, select=['GC9X']", "test_mine.py::test_layers: no check 'GC9X'*"),
        ("'mine/nowhere.py'", "test_mine.py::test_layers: *'mine/nowhere.py'*"),
    ],
)
def test_a_mistake_in_a_call_is_one_line(layers, run, layer: str, message: str) -> None:
    layers(
        RIGHT, ASSIGNED.split("test_layers")[0] + f"test_layers = gradcheck.layer_tests({layer})"
    )
    result = run()
    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines([message])
    assert "Traceback" not in result.stdout.str()


def test_without_the_plugin_assigned_layers_are_no_tests(layers, run) -> None:
    layers(WRONG, ASSIGNED)
    assert run("-p", "no:gradcheck").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert run("--no-gradcheck").ret == pytest.ExitCode.NO_TESTS_COLLECTED
