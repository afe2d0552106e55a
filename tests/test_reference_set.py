"""The reference layers through the same code as anybody's: layers x checks x drawn cases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import composites
from gradcheck import check_layer, parametrize_layers
from gradcheck.kinds import catalogue

REFERENCE = [kind.reference for kind in catalogue() if kind.reference]


@parametrize_layers(REFERENCE, examples=40)
def test_layers(layer_check: Any, gradcheck_options: dict[str, Any]) -> None:
    layer_check(seed=gradcheck_options["seed"])


@pytest.mark.parametrize("layer", REFERENCE, ids=lambda layer: layer.__name__)
def test_two_hundred_cases_without_a_false_alarm(
    layer: type[Any], gradcheck_options: dict[str, Any]
) -> None:
    report = check_layer(layer, examples=200, seed=gradcheck_options["seed"])
    assert report.verdict == "pass", str(report)
    assert not report.findings
    assert report.subjects[0].cases >= 50  # Scalar-only kinds have fewer distinct cases.


@pytest.mark.parametrize("layer", REFERENCE, ids=lambda layer: layer.__name__)
def test_no_form_of_a_reference_layer_is_given_up(layer: type[Any]) -> None:
    assumptions = check_layer(layer, examples=1).subjects[0].assumptions
    assert "inputs" not in assumptions
    assert "upstream" not in assumptions


@pytest.mark.parametrize("layer", REFERENCE, ids=lambda layer: layer.__name__)
def test_float32_is_no_fault(layer: type[Any]) -> None:
    report = check_layer(layer, examples=60, dtypes=("float32",), seed=5)
    assert not report.findings, str(report)


SIZES = st.integers(1, 5)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(SIZES, SIZES, SIZES, SIZES, st.integers(0, 2**16))
def test_sequential_as_one_function(n: int, d: int, h: int, m: int, seed: int) -> None:
    composites.check_sequential(n, d, h, m, seed).raise_if_failed()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(SIZES, SIZES, SIZES, st.integers(2, 5), st.integers(0, 2**16))
def test_two_layer_net_as_one_function(n: int, d: int, h: int, m: int, seed: int) -> None:
    composites.check_two_layer_net(n, d, h, m, seed).raise_if_failed()
