"""The reference layers through the same code as anybody's: layers x checks x drawn cases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import layers
from benchmarks import composites
from gradcheck import check_layer, parametrize_layers
from gradcheck.case import Case
from gradcheck.cases import cases
from gradcheck.conventions import adapt
from gradcheck.kinds import catalogue

REFERENCE = [kind.reference for kind in catalogue() if kind.reference]
every_layer = pytest.mark.parametrize("layer", REFERENCE, ids=lambda layer: layer.__name__)


@parametrize_layers([layers.Affine, layers.Conv2d, layers.LSTM], examples=20)
def test_layers(layer_check: Any, gradcheck_options: dict[str, Any]) -> None:
    layer_check(seed=gradcheck_options["seed"])


@every_layer
def test_no_layer_is_called_wrong(layer: type[Any], gradcheck_options: dict[str, Any]) -> None:
    # With --gradcheck-examples 2000 this is the long profile: make test-long.
    report = check_layer(layer, **gradcheck_options)
    assert report.verdict == "pass", str(report)
    assert not report.findings
    assert report.subjects[0].cases >= 30  # kinds with few axes have fewer distinct cases


@every_layer
def test_no_form_of_a_reference_layer_is_given_up(layer: type[Any]) -> None:
    assumptions = check_layer(layer, examples=1).subjects[0].assumptions
    assert not {"inputs", "upstream", "reference"} & set(assumptions)


@every_layer
def test_float32_is_no_fault(layer: type[Any], gradcheck_options: dict[str, Any]) -> None:
    # Half as many: what float64 shows is not looked for again.
    examples = max(30, gradcheck_options["examples"] // 2)
    report = check_layer(
        layer, dtypes=("float32",), seed=gradcheck_options["seed"], examples=examples
    )
    assert not report.findings, str(report)


@every_layer
def test_every_option_and_form_is_drawn(layer: type[Any]) -> None:
    subject = adapt(layer)
    seen: set[Any] = set()

    @settings(max_examples=300, database=None, deadline=None, derandomize=True)
    @given(cases(subject))
    def draw(case: Case) -> None:
        seen.add(str(case.signature))
        seen.update(case.options.items())

    draw()
    assert {str(form) for form in subject.forms} <= seen
    assert {(name, value) for name, all_ in subject.options.items() for value in all_} <= seen


SIZES = st.integers(1, 5)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(SIZES, SIZES, SIZES, SIZES, st.integers(0, 2**16))
def test_sequential_as_one_function(n: int, d: int, h: int, m: int, seed: int) -> None:
    composites.check_sequential(n, d, h, m, seed).raise_if_failed()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(SIZES, SIZES, SIZES, st.integers(2, 5), st.integers(0, 2**16))
def test_two_layer_net_as_one_function(n: int, d: int, h: int, m: int, seed: int) -> None:
    composites.check_two_layer_net(n, d, h, m, seed).raise_if_failed()
