"""What a file holds gives back the case to the last bit, and reads as a person would write it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from gradcheck.errors import UsageError
from gradcheck.regressions.document import document_of, laid_out, regression_from
from gradcheck.regressions.literals import array_literal
from gradcheck.regressions.record import (
    SCHEMA,
    KeptArray,
    KeptCase,
    KeptLayer,
    Regression,
    kept,
    kept_arrays,
    option_among,
    plain_option,
    restored,
)

DTYPES = ("float64", "float32", "float16", "int64", "uint8", "bool")
ARRAYS = hnp.arrays(
    dtype=hnp.scalar_dtypes().filter(lambda one: one.newbyteorder("=").name in DTYPES),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)


def regression(**changed: object) -> Regression:
    fields: dict[str, object] = {
        "schema": SCHEMA,
        "version": "0.1.0",
        "layer": KeptLayer(
            source="layers.py", symbol="Affine", kind="affine", convention="layer-object"
        ),
        "check": "parameter-gradient-wrong",
        "code": "GC102",
        "array": "dW",
        "headline": "Affine: dW is wrong",
        "case": case([[1.0, 0.5], [-2.0, 0.1]]),
        **changed,
    }
    return Regression(**fields)  # type: ignore[arg-type]


def case(x: object) -> KeptCase:
    return KeptCase(
        signature="x: N D -> y: N D",
        axes={"N": 2, "D": 2},
        regime="plain",
        seed=3,
        mode="fast",
        primals=kept_arrays({"x": np.array(x)}),
        upstream=kept_arrays({"y": np.array(x) * 2}),
    )


@given(ARRAYS)
def test_an_array_comes_back_to_the_last_bit(array: np.ndarray) -> None:
    through = json.loads(laid_out({"values": kept(array).values}))["values"]
    again = restored(KeptArray(dtype=array.dtype.name, shape=array.shape, values=through), "x")
    assert again.dtype == array.dtype.newbyteorder("=")
    assert again.shape == array.shape
    np.testing.assert_array_equal(again, array)
    if array.dtype.kind == "f":  # the sign of a zero is kept, a nan has none
        signs = np.where(np.isnan(array), False, [np.signbit(array), np.signbit(again)])
        assert np.array_equal(*signs)


@given(ARRAYS)
def test_a_literal_in_a_test_is_the_array(array: np.ndarray) -> None:
    again = eval(array_literal(kept(array), 12), {"np": np})
    assert again.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(again, array)


def test_single_precision_is_written_in_its_own_digits() -> None:
    assert kept(np.array([0.1, 1 / 3], np.float32)).values == [0.1, 0.33333334]


def test_what_is_no_number_is_written_as_text() -> None:
    assert kept(np.array([np.nan, np.inf, -np.inf])).values == ["nan", "inf", "-inf"]


@pytest.mark.parametrize("array", [np.array([1j]), np.array([None]), np.array([1], np.longdouble)])
def test_what_json_numbers_cannot_hold_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        kept(array)


def test_a_row_of_numbers_is_a_line() -> None:
    lines = document_of(regression()).splitlines()
    assert "          [1.0, 0.5]," in lines
    assert "          [-2.0, 0.1]" in lines
    assert '    "axes": {"N": 2, "D": 2},' in lines


def test_a_document_says_what_it_was_made_of() -> None:
    one = regression(assume={"kind": "affine"}, strict=True)
    assert regression_from(document_of(one), "a.json") == one


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"shape": [2, 2]', '"shape": [2, 3]', "x has 4 values; its shape (2, 3) needs 6"),
        ('"dtype": "float64"', '"dtype": "flout"', "x has the dtype 'flout'"),
        ("[1.0, 0.5]", '[1.0, "half"]', "x holds 'half'"),
        ('"check": "parameter-gradient-wrong",', "", "missing required field `check`"),
        ('"seed": 3', '"seed": "three"', "$.case.seed"),
        ('"seed": 3', '"seed": -3', "$.case.seed"),
        ('"mode": "fast"', '"mode": "quick"', "mode 'quick'; known are fast"),
        ('"shape": [2, 2]', '"shape": [-2, -2]', "x is no array of float64"),
        ("[1.0, 0.5]", "[" * 100000, "not JSON"),
        (SCHEMA, "gradcheck.regression/2", "its schema is 'gradcheck.regression/2', and this"),
        (f'"schema": "{SCHEMA}",', "", "names no schema"),
        ("{", "[{", "not JSON"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(old: str, new: str, told: str) -> None:
    text = document_of(regression()).replace(old, new, 1)
    with pytest.raises(UsageError) as error:
        regression_from(text, "regs/a.json")
    assert str(error.value).startswith("regs/a.json: ")
    assert told in str(error.value)
    assert "remove it" in str(error.value)


@pytest.mark.parametrize("value", [None, True, 3, 0.5, "same", (1, 2), float("inf"), np.tanh])
def test_an_option_is_found_again_among_the_values(value: object) -> None:
    plain = json.loads(json.dumps(plain_option(value)))
    assert option_among(plain, ("other", 1, value)) is value
