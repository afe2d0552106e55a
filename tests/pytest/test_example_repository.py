"""The example repository passes; with one line of a layer broken it says which, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pytest.conftest import Run

pytest_plugins = ["pytester"]
MOST_NUMBERS = 24
"""In a shrunk case; a case as it is drawn has hundreds."""


@dataclass(frozen=True)
class Break:
    """One line of a layer, what it is broken into, and what must be said.

    ``also`` are checks that see the same fault from another side.
    """

    file: str
    line: str
    broken: str
    layer: str
    check: str
    message: str
    also: tuple[str, ...] = ()


BREAKS = (
    Break(
        "affine.py",
        "self.dW = self.x.T @ dout",
        "self.dW = self.x.T @ dout / len(dout)",
        "Affine",
        "parameter-gradient-wrong",
        "Affine: dW is wrong, *",
    ),
    Break(
        "affine.py",
        "self.db = dout.sum(axis=0)",
        "self.db = dout",
        "Affine",
        "gradient-shape-wrong",
        "Affine: db has shape *",
        also=("batch-order-matters",),
    ),
    Break(
        "affine.py",
        "self.x = x\n",
        "self.x = x if self.x is None or len(self.x) != len(x) else self.x\n",
        "Affine",
        "stale-cache",
        "Affine: dW is wrong in the second batch, backward kept the first*",
    ),
    Break(
        "activations.py",
        "return dout * self.mask",
        "dout *= self.mask; return dout",
        "ReLU",
        "upstream-mutated",
        "ReLU.backward writes into dout, *",
    ),
    Break(
        "affine.py",
        "self.dW = self.x.T @ dout",
        "dW = self.x.T @ dout",
        "Affine",
        "gradient-missing",
        "Affine: no gradient of W*",
    ),
    Break(
        "convolution.py",
        "dx[:, :, across, down] += np",
        "dx[:, :, across, down] = np",
        "Conv2d",
        "input-gradient-wrong",
        "Conv2d: dx is wrong, *",
    ),
    Break(
        "normalisation.py",
        "return self.inverse * (dxhat - dxhat.mean(axis=0) - projected)",
        "return self.inverse * (dxhat - dxhat.mean(axis=0))",
        "BatchNorm",
        "input-gradient-wrong",
        "BatchNorm: dx is wrong, *",
    ),
    Break(
        "losses.py",
        "return dout * dx / len(self.t)",
        "return dout * dx",
        "SoftmaxCrossEntropy",
        "input-gradient-wrong",
        "SoftmaxCrossEntropy: dx is wrong, *",
    ),
    Break(
        "losses.py",
        "shifted = x - x.max(axis=1, keepdims=True)",
        "x -= x.max(axis=1, keepdims=True); shifted = x",
        "SoftmaxCrossEntropy",
        "input-mutated",
        "SoftmaxCrossEntropy.forward changes x in place*",
    ),
    Break(
        "functional.py",
        "dgamma = (dout * xhat).sum(axis=0)",
        "dgamma = dout.sum(axis=0)",
        "layernorm_forward",
        "parameter-gradient-wrong",
        "layernorm_forward: dgamma is wrong, *",
    ),
)


def test_it_passes_without_a_line_of_test_code(example: Path, run: Run) -> None:
    result = run("gradcheck.toml")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] >= 250
    assert set(outcomes) <= {"passed", "skipped"}
    result.stdout.fnmatch_lines(["6 layers: 6 pass; profile ci, seed 0 *"])


def test_it_passes_in_its_second_form(example: Path, run: Run) -> None:
    result = run("tests", "--gradcheck-examples", "8")
    assert set(result.parseoutcomes()) == {"passed"}
    result.stdout.fnmatch_lines(["4 layers: 4 pass; *"])


@pytest.mark.parametrize("one", BREAKS, ids=lambda one: f"{one.layer}-{one.check}")
def test_one_broken_line_fails_in_its_item(example: Path, run: Run, one: Break) -> None:
    path = example / "numpy_layers" / one.file
    text = path.read_text(encoding="utf-8")
    assert text.count(one.line) == 1
    path.write_text(text.replace(one.line, one.broken), encoding="utf-8")
    toml = example / "gradcheck.toml"
    toml.write_text("shrink_seconds = 60\n" + toml.read_text())  # however busy the machine is
    result = run(f"gradcheck.toml::numpy_layers/{one.file}", "--gradcheck-examples", "30")
    layer = f"gradcheck.toml::numpy_layers/{one.file}::{one.layer}"
    failed = [line.split()[1] for line in result.outlines if line.startswith("FAILED ")]
    assert failed == [f"{layer}::{name}" for name in (one.check, *one.also)]
    code = r"\[GC\d+ " + one.check + r"\]"
    (headline,) = [line for line in result.outlines if re.search(code, line)]
    pytest.LineMatcher([headline]).fnmatch_lines([f"{one.message}*"])
    numbers = numbers_of_case(result.outlines)
    assert 0 < len(numbers) <= MOST_NUMBERS
    result.stdout.fnmatch_lines([f"  replay  *numpy_layers/{one.file}::{one.layer} --select GC*"])


def numbers_of_case(lines: list[str]) -> list[str]:
    """Return the numbers of the smallest case that is told."""
    at = next(n for n, line in enumerate(lines) if line.startswith("  smallest case "))
    case = [lines[at]]
    for line in lines[at + 1 :]:
        if not line.startswith("                "):
            break
        case.append(line)
    return re.findall(r"-?\d+\.\d*(?:e[+-]?\d+)?|-?\b\d+\b", " ".join(case))
