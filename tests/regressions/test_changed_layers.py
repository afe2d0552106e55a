"""Whatever no longer fits is told in one clear note each, and the run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcheck import check_module
from gradcheck.findings import Report
from tests.regressions.layers_of_mine import RIGHT, WRONG, WRONG_PAIR

PREFIX = "regression regs/"


def checked(source: str = "mine.py", **options: object) -> Report:
    given = {"examples": 3, "shrink_seconds": 0.2, "save_regressions": "regs", **options}
    return check_module(source, **given)  # type: ignore[arg-type]


@pytest.fixture
def kept(here: Path) -> Path:
    """The file of a regression of ``Sigmoid`` in ``mine.py``."""
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    assert checked().verdict == "fail"
    (file,) = (here / "regs").iterdir()
    return file


def note(report: Report) -> str:
    """Return the only note, which names a file."""
    (only,) = report.notes
    assert only.startswith(PREFIX)
    return only


def test_a_layer_that_is_gone(here: Path, kept: Path) -> None:
    (here / "mine.py").write_text(RIGHT.replace("Sigmoid", "Logistic"), encoding="utf-8")
    report = checked()
    assert report.verdict == "pass"
    assert f"{kept.name} was not checked: mine.py has no layer 'Sigmoid' any more" in note(report)
    assert kept.exists()


def test_a_file_that_is_gone(here: Path, kept: Path) -> None:
    (here / "mine.py").rename(here / "yours.py")
    assert "mine.py, the file of Sigmoid, is not there" in note(checked("yours.py"))


def test_another_file_says_nothing_of_it(here: Path, kept: Path) -> None:
    (here / "yours.py").write_text(WRONG_PAIR, encoding="utf-8")
    assert checked("yours.py").notes == ()


def test_one_layer_alone_says_nothing_of_the_others(here: Path, kept: Path) -> None:
    (here / "mine.py").write_text(RIGHT.replace("Sigmoid", "Logistic"), encoding="utf-8")
    assert checked(symbols=["Logistic"]).notes == ()


def test_another_signature(here: Path, kept: Path) -> None:
    text = kept.read_text(encoding="utf-8")
    kept.write_text(text.replace('"x": {', '"z": {'), encoding="utf-8")
    told = note(checked())
    assert "was not checked, the layer has changed" in told
    assert "it has the arrays z (1, 1)" in told
    assert "the layer takes x: " in told


def test_an_option_that_is_gone(here: Path, kept: Path) -> None:
    text = kept.read_text(encoding="utf-8")
    kept.write_text(text.replace('"regime"', '"options": {"slope": 2}, "regime"'), encoding="utf-8")
    assert "it has the option 'slope', and the options of the layer are: none" in note(checked())


def test_a_check_that_is_gone(here: Path, kept: Path) -> None:
    text = kept.read_text(encoding="utf-8")
    kept.write_text(text.replace("input-gradient-wrong", "gradient-odd"), encoding="utf-8")
    assert "no check is called 'gradient-odd' any more" in checked().notes[0]


def test_another_version(here: Path, kept: Path) -> None:
    text = kept.read_text(encoding="utf-8")
    kept.write_text(text.replace("regression/1", "regression/9"), encoding="utf-8")
    report = checked()
    assert report.verdict == "fail"
    assert "its schema is 'gradcheck.regression/9'" in report.notes[0]
    assert report.notes[0].startswith(PREFIX + kept.name)


def test_a_file_that_cannot_be_read(here: Path, kept: Path) -> None:
    kept.write_text("{", encoding="utf-8")
    report = checked()
    assert report.verdict == "fail"
    assert "not JSON" in report.notes[0]
    assert kept.read_text(encoding="utf-8") == "{"


REFUSING = """
        assert x.shape[0] != 1, "no single rows"
        self.y = 0.5"""


def test_a_layer_that_raises_at_the_case(here: Path, kept: Path) -> None:
    (here / "mine.py").write_text(RIGHT.replace("\n        self.y = 0.5", REFUSING), "utf-8")
    report = checked(examples=20)
    assert report.verdict == "error"
    assert "cannot be judged at its case: Sigmoid raises AssertionError" in note(report)


def test_a_layer_of_no_known_kind_that_refuses_the_case(here: Path) -> None:
    (here / "mine.py").write_text(WRONG.replace("Sigmoid", "Wiggle"), encoding="utf-8")
    assert checked().verdict == "fail"
    refusing = RIGHT.replace("Sigmoid", "Wiggle").replace("\n        self.y = 0.5", REFUSING)
    (here / "mine.py").write_text(refusing, encoding="utf-8")
    report = checked(examples=20)
    assert report.verdict == "pass"
    assert "cannot be judged: the layer refuses its case (AssertionError: no single" in note(report)


def test_a_layer_that_is_a_stub_again(here: Path, kept: Path) -> None:
    stub = WRONG.replace("return dout * self.y", "raise NotImplementedError")
    (here / "mine.py").write_text(stub, encoding="utf-8")
    assert "was not checked: Sigmoid is not written to its end" in note(checked())


def test_a_misspelt_method(here: Path, kept: Path) -> None:
    (here / "mine.py").write_text(WRONG.replace("def backward", "def bakward"), encoding="utf-8")
    report = checked()
    assert report.verdict == "fail"
    assert "was not checked: Sigmoid could not be called" in note(report)


def test_a_renamed_array_of_a_known_kind_is_the_same_fault(here: Path, kept: Path) -> None:
    (here / "mine.py").write_text(WRONG.replace("x", "inputs"), encoding="utf-8")
    report = checked()
    assert [one.array for one in report.findings] == ["dinputs"]
    assert [one.regression for one in report.findings] == ["regs/" + kept.name]
    assert report.notes == ()


def test_a_renamed_array_of_no_known_kind_is_told(here: Path) -> None:
    (here / "mine.py").write_text(WRONG.replace("Sigmoid", "Wiggle"), encoding="utf-8")
    checked()
    renamed = WRONG.replace("Sigmoid", "Wiggle").replace("x", "inputs")
    (here / "mine.py").write_text(renamed, encoding="utf-8")
    report = checked()
    assert report.verdict == "fail"
    assert "it has the arrays x (1, 1)" in note(report)
    assert len(list((here / "regs").iterdir())) == 2
