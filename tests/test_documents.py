"""README, pages and examples say what is true."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gradcheck import check_module
from gradcheck.checks.catalogue import CHECKS
from gradcheck.kinds import catalogue
from gradcheck.sandbox.confinement import LEVELS, at_least, attempted, offered

ROOT = Path(__file__).parent.parent
HAND_IN = ROOT / "examples" / "homework" / "hand_in.py"

EXPECTED = {
    "MulLayer": set(),
    "AddLayer": set(),
    "Exp": set(),
    "Sigmoid": set(),
    "MatMul": set(),
    "SoftmaxWithLoss": set(),
    "Sub": {"forward-returns-nothing"},
    "Div": {"method-misspelt"},
    "Dense": {"constructor-never-ran"},
    "Relu": {"upstream-mutated"},
    "Softmax": {"forward-differs"},
    "Affine": {"parameter-gradient-wrong"},
    "SoftmaxCrossEntropy": {"forward-differs", "input-gradient-wrong"},
}


@pytest.mark.parametrize("seed", range(2))
def test_every_verdict_on_the_hand_in_is_right(seed: int) -> None:
    report = check_module(HAND_IN, seed=seed, shrink_seconds=0)
    assert {one.symbol: {f.check for f in one.faults} for one in report.subjects} == EXPECTED


def test_the_hand_in_is_diagnosed() -> None:
    report = check_module(HAND_IN, symbols=["Affine", "SoftmaxCrossEntropy"])
    named = {one.array: one.diagnosis.name for one in report.findings if one.diagnosis}
    assert named == {"dW": "factor-1/N", "dx": "factor-1/N", "loss": "forward-factor-N"}


def test_the_textbook_loss_passes_with_a_remark() -> None:
    (subject,) = check_module(HAND_IN, symbols=["SoftmaxWithLoss"]).subjects
    (remark,) = subject.remarks
    assert "log(p + 1e-7)" in remark.headline


def test_readme_shows_current_output() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```console\n\$ (gradcheck check .*?)\n(.*?)```", text, re.S)
    done = subprocess.run(
        [sys.executable, "-m", *shown[0].split()],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    now = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    assert _untimed(now) == _untimed(shown[1])


@pytest.mark.parametrize("name", ["checks", "mistakes"])
def test_page_is_current(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    assert text == importlib.import_module(f"make_{name}").page()


def test_changelog_counts_the_checks() -> None:
    assert f"{len(CHECKS)} checks" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/*.md")), ids=str
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_json_of_the_demo_is_json() -> None:
    assert json.loads(check_module(HAND_IN, symbols=["Exp"]).to_json())["verdict"] == "pass"


def _untimed(text: str) -> str:
    return re.sub(r"in \d+\.\d s", "in ... s", text.strip())


def test_the_page_of_layers_lists_every_layer_as_it_is() -> None:
    page = (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")
    for kind in catalogue():
        assert kind.reference is not None
        form = str(kind.forms[0]).replace("|", "\\|")
        row = f"| {kind.reference.__name__} | {kind.name} | `{form}`"
        assert row in page, f"{row} is not in docs/layers.md: make layers-page"


def test_the_examples_of_the_page_of_strategies_run() -> None:
    page = (ROOT / "docs" / "strategies.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.S):
        exec(block, names)
    tests = [one for name, one in names.items() if name.startswith("test_")]
    assert len(tests) == 3
    for one in tests:
        one()


def test_the_page_of_isolation_has_every_limit_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    make = importlib.import_module("make_isolation")
    page = (ROOT / "docs" / "isolation.md").read_text(encoding="utf-8")
    assert make.block(page, "limits") == make.limits_table(), "python docs/make_isolation.py"


@pytest.mark.parametrize("level", LEVELS[1:])
def test_what_the_page_of_isolation_says_is_refused_is(
    level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    make = importlib.import_module("make_isolation")
    page = (ROOT / "docs" / "isolation.md").read_text(encoding="utf-8")
    told = make.refusals_in(make.block(page, "refusals"))
    if sys.platform != "linux" or not at_least(offered().level, level):
        pytest.skip(f"this machine does not offer {level}")
    here = attempted(level)
    assert list(told[level]) == list(here)
    # An ordinary user, an older kernel or a container may refuse more.
    assert {name for name, no in told[level].items() if no} <= {n for n, no in here.items() if no}


def test_every_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    make = importlib.import_module("make_isolation")
    code = "".join(
        one.read_text(encoding="utf-8") for one in (ROOT / "gradcheck" / "sandbox").glob("*.py")
    )
    unread = {name for name in make.LIMITS if not re.search(rf"limits\.{name}\b", code)}
    assert not unread
