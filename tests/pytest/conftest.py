"""Projects of layers, and pytest run on them in this process.

What a run needs is loaded here first: pytester forgets the modules that an inner run loads, and
NumPy does not like to be loaded twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import hypothesis
import numpy
import pytest

import gradcheck.pytest_plugin.collection
import gradcheck.pytest_plugin.in_python
import gradcheck.pytest_plugin.session
import gradcheck.pytest_plugin.summary
from gradcheck.checks.catalogue import CHECKS

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "numpy_layers"
LOADED = (gradcheck, hypothesis, numpy)

_GRADIENTS = [one for one in CHECKS if one.code.startswith("GC1") and one.stage == "stable"]
GRADIENT_CHECKS = len(_GRADIENTS)
"""How many checks ``select = ['GC1']`` selects."""
AFTER_A_WRONG_ONE = sum("GC101" in one.unless for one in _GRADIENTS)
"""Those of them that are not run beside a wrong input gradient."""

RIGHT = """
import numpy as np

class Sigmoid:
    def forward(self, x):
        self.y = 0.5 * (1 + np.tanh(x / 2))
        return self.y
    def backward(self, dout):
        return dout * self.y * (1 - self.y)

class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T
"""
WRONG = RIGHT.replace("dout * self.y * (1 - self.y)", "dout * self.y")
TOML = "modules = ['mine/*.py']\nexamples = 5\nselect = ['GC1']\n"

Run = Callable[..., pytest.RunResult]


@pytest.fixture(autouse=True)
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pytest print what a person sees: in continuous integration its lines are longer."""
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run pytest in the project of the test, without a cache unless it is asked for."""

    def run_pytest(*arguments: str, cache: bool = False) -> pytest.RunResult:
        plain = () if cache else ("-p", "no:cacheprovider")
        return pytester.runpytest_inprocess(*plain, *arguments)

    return run_pytest


@pytest.fixture
def write(pytester: pytest.Pytester) -> Callable[[str, str], Path]:
    """Write a file of the project."""

    def write_file(name: str, text: str) -> Path:
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def project(write: Callable[[str, str], Path], pytester: pytest.Pytester) -> Path:
    """Return a project of two right layers and a ``gradcheck.toml``."""
    write("gradcheck.toml", TOML)
    write("mine/layers.py", RIGHT)
    write("mine/__init__.py", "")
    return pytester.path


@pytest.fixture
def example(pytester: pytest.Pytester) -> Path:
    """Return a copy of the example repository."""
    caches = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True, ignore=caches)
    return pytester.path
