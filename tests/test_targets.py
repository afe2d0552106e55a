"""``FILE::LAYER``, import paths and drives, taken apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcheck.errors import UsageError
from gradcheck.targets import by_source, split_target


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("layers.py", ("layers.py", "")),
        ("layers.py::Affine", ("layers.py", "Affine")),
        ("engine.py::Value.__mul__", ("engine.py", "Value.__mul__")),
        (
            "layers.py::batchnorm_forward/batchnorm_backward_alt",
            ("layers.py", "batchnorm_forward/batchnorm_backward_alt"),
        ),
        ("C:\\hw\\layers.py", ("C:\\hw\\layers.py", "")),
        ("C:\\hw\\layers.py::Affine", ("C:\\hw\\layers.py", "Affine")),
        ("package.module", ("package.module", "")),
        ("package.module:Affine", ("package.module:Affine", "")),
        ("package.module::Affine", ("package.module", "Affine")),
        ("week 1/hand in.zip::Affine", ("week 1/hand in.zip", "Affine")),
    ],
)
def test_source_and_layer(target: str, expected: tuple[str, str]) -> None:
    assert split_target(target) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("layers.py::", "the name of a layer is missing"),
        ("::Affine", "the name of a file is missing"),
        ("", "the name of a file is missing"),
    ],
)
def test_what_is_missing_is_told(target: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        split_target(target)


def test_a_name_with_colons_in_it_that_exists(tmp_path: Path) -> None:
    odd = tmp_path / "week::1.py"
    odd.write_text("")
    assert split_target(str(odd)) == (str(odd), "")
    assert split_target(f"{odd}::Affine") == (str(odd), "Affine")


def test_layers_are_grouped_by_source_and_the_whole_wins(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "a.py").write_text("")
    monkeypatch.chdir(tmp_path)
    assert by_source(["a.py::X", "b.py::Z", "./a.py::Y", "a.py::X"]) == {
        "a.py": ["X", "Y"],
        "b.py": ["Z"],
    }
    assert by_source(["a.py::X", "a.py"]) == {"a.py": []}
