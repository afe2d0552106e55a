"""Every convention is recognised: files in the style of courses, each layer with its verdict."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from gradcheck import check_module
from gradcheck.conventions.candidates import Candidate
from gradcheck.findings import SubjectReport
from gradcheck.modules import check_candidate
from gradcheck.opening import OpenedHere
from gradcheck.settings import settings_from
from gradcheck.sources import SourceModule
from tests.conventions.expected import STYLE_FILES, STYLES, Expected, rows

ROWS = [pytest.param(*row, id=f"{row[0].removesuffix('.py')}-{row[1]}") for row in rows()]
WITH_OPTIONS = [one for one in ROWS if one.values[2].options]
EXAMPLES = 10


@pytest.mark.parametrize(("file", "symbol", "expected"), ROWS)
def test_the_verdict_on_a_layer_is_right(file: str, symbol: str, expected: Expected) -> None:
    subject = checked(file, symbol)
    accepted = {"fail", "error"} if expected.verdict == "fail" else {expected.verdict}
    assert subject.verdict in accepted, told(subject)
    assert not unusable(subject), told(subject)
    assert expected.array is None or names_array(subject, expected.array), told(subject)
    assert expected.read_as is None or expected.read_as in assumed(subject), assumed(subject)
    if expected.factor:
        assert any(expected.factor in name for name in diagnosed(subject)), told(subject)


@pytest.mark.parametrize(("file", "symbol", "expected"), WITH_OPTIONS)
def test_a_documented_convention_is_named_and_passes_with_its_option(
    file: str, symbol: str, expected: Expected
) -> None:
    failed = checked(file, symbol)
    for option in expected.options:
        assert re.search(option.replace("_", "[-_]"), told(failed)), told(failed)
    passed = checked(file, symbol, assume=expected.options)
    assert passed.verdict == "pass", told(passed)


@pytest.mark.parametrize("file", STYLE_FILES)
def test_no_layer_of_a_file_is_missing_from_the_report(file: str) -> None:
    report = check_module(STYLES / file, examples=1, shrink_seconds=0.0, select=["GC0"])
    found = {one.symbol for one in report.subjects}
    assert set(STYLE_FILES[file].layers) <= found, f"passed over: {dict(report.passed_over)}"


def test_every_style_is_in_the_table_and_defines_what_the_table_says() -> None:
    assert {path.name for path in STYLES.glob("*.py")} == set(STYLE_FILES)
    for file, style in STYLE_FILES.items():
        defined = definitions(file)
        assert set(style.layers) <= defined, file


@pytest.mark.parametrize("number", range(1, 12))
def test_every_convention_has_right_and_wrong_layers(number: int) -> None:
    layers = [
        (expected.verdict, symbol)
        for style in STYLE_FILES.values()
        for symbol, expected in style.layers.items()
        if style.number == number
    ]
    assert sum(verdict == "pass" for verdict, _ in layers) >= 4
    assert sum(verdict == "fail" for verdict, _ in layers) >= 3


@cache
def opened(file: str) -> OpenedHere:
    """Return a file read once, as when the whole of it is checked."""
    return OpenedHere(STYLES / file, settings_from({}))


def candidates(file: str) -> dict[str, tuple[SourceModule, Candidate]]:
    """Return the layers of a file by name."""
    listed = opened(file).listed
    return {one.symbol: (layers.module, one) for layers in listed for one in layers.candidates}


def checked(file: str, symbol: str, **options: object) -> SubjectReport:
    settings = settings_from({"examples": EXAMPLES, "shrink_seconds": 0.0, **options})
    module, candidate = candidates(file)[symbol]
    return check_candidate(candidate, module, settings, opened(file))


def definitions(file: str) -> set[str]:
    """Return the classes, functions and methods that a file defines, by reading it."""
    names = set()
    for node in ast.parse((STYLES / file).read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            inner = (one for one in node.body if isinstance(one, ast.FunctionDef))
            names |= {f"{node.name}.{one.name}" for one in inner}
    return names


def names_array(subject: SubjectReport, wanted: str) -> bool:
    """Whether a finding is about the gradient ``wanted``, as ``db``, ``b`` or ``grads["b"]``."""
    for finding in subject.faults:
        *_, last = re.findall(r"[A-Za-z]\w*", finding.array or "") or [""]
        if last.endswith(wanted) or last == wanted.removeprefix("d"):
            return True
    return False


def unusable(subject: SubjectReport) -> bool:
    """Whether the layer was not checked at all, which may not count as a fault that was found."""
    return any(one.check == "layer-unusable" for one in subject.findings)


def diagnosed(subject: SubjectReport) -> list[str]:
    return [one.diagnosis.name for one in subject.findings if one.diagnosis]


def assumed(subject: SubjectReport) -> str:
    return "; ".join(f"{name}: {text}" for name, text in subject.assumptions.items())


def told(subject: SubjectReport) -> str:
    findings = [
        " ".join(
            part
            for part in (one.check, one.headline, one.detail, one.diagnosis and one.diagnosis.text)
            if part
        )
        for one in subject.findings
    ]
    return "\n".join([f"{subject.symbol}: {subject.verdict}", assumed(subject), *findings])
