"""The upstream gradient of a kept case is its own; that of any other case is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import layers
from gradcheck.case import Case, given_case, make_case
from gradcheck.checks.sibling import sibling
from gradcheck.conventions import adapt

AFFINE = adapt(layers.Affine)
OUTPUTS = {"y": np.zeros((2, 3))}
OWN = {"y": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])}


def case(**changed: object) -> Case:
    made = make_case(AFFINE.forms[0], {"N": 2, "D": 2, "M": 3}, seed=3)
    return replace(made, **changed)  # type: ignore[arg-type]


def test_a_kept_upstream_is_taken_as_it_is() -> None:
    np.testing.assert_array_equal(case(upstream=OWN).cotangents(OUTPUTS)["y"], OWN["y"])
    assert not np.array_equal(case().cotangents(OUTPUTS)["y"], OWN["y"])


def test_it_gets_the_dtype_of_the_output() -> None:
    single = {"y": OUTPUTS["y"].astype(np.float32)}
    assert case(upstream=OWN).cotangents(single)["y"].dtype == np.float32


def test_an_output_of_another_shape_gets_a_drawn_one() -> None:
    other = {"y": np.zeros((4, 3))}
    drawn = case().cotangents(other)["y"]
    np.testing.assert_array_equal(case(upstream=OWN).cotangents(other)["y"], drawn)


def test_a_backward_that_knows_no_other_gets_ones() -> None:
    assert (case(upstream=OWN).cotangents(OUTPUTS, unit=True)["y"] == 1).all()


def test_a_sibling_has_an_upstream_of_its_own() -> None:
    given = given_case(AFFINE.forms[0], case().primals, 3)
    other = sibling(AFFINE, replace(given, upstream=OWN))
    assert not np.array_equal(other.cotangents(OUTPUTS)["y"], OWN["y"])
    assert sibling(AFFINE, case(upstream=OWN)).upstream is None
