"""Layers that end their process, each with the check that must catch it, and a healthy twin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from gradcheck import check_module
from gradcheck.errors import HarnessError, LayerLost, SourceError, UsageError
from gradcheck.findings import Report, SubjectReport
from gradcheck.modules import check_candidate
from gradcheck.opening import OpenedHere
from gradcheck.sandbox import far_source
from gradcheck.sandbox.forked import OUR_FAULT
from gradcheck.sandbox.processes import Sandbox
from gradcheck.sandbox.session import Session
from gradcheck.settings import settings_from

TWIN = """
import os, sys
import numpy as np

class Sigmoid:
    def forward(self, x):
        self.y = 0.5 * (1 + np.tanh(x / 2))
        return self.y
    def backward(self, dout):
        return dout * self.y * (1 - self.y)
"""
FORWARD = "        self.y = 0.5 * (1 + np.tanh(x / 2))\n"
BACKWARD = "        return dout * self.y * (1 - self.y)\n"
LIMITS = {"request_seconds": 0.5, "load_seconds": 3.0}


@pytest.fixture
def checked(tmp_path: Path):
    def check(text: str, **options: object) -> Report:
        path = tmp_path / "hand_in.py"
        path.write_text(text, encoding="utf-8")
        asked = {"isolate": True, "examples": 10, "limits": LIMITS, **options}
        return check_module(path, **asked)

    return check


def only(report: Report) -> SubjectReport:
    (subject,) = report.subjects
    return subject


def test_the_healthy_twin_passes_and_says_where_it_ran(checked) -> None:
    report = checked(TWIN)
    assert only(report).verdict == "pass"
    assert not report.findings
    assert report.confinement.split()[0] in ("basic", "seccomp", "strict", "namespaces")


@pytest.mark.parametrize(
    ("call", "line", "check", "told"),
    [
        ("backward", "while True: pass", "layer-times-out", "at line 10 in backward"),
        ("backward", "os._exit(0)", "layer-stops", "called exit"),
        ("backward", "import ctypes; ctypes.string_at(0)", "layer-stops", "crashed the process"),
    ],
)
def test_what_ends_its_process_is_an_error(checked, call, line, check, told) -> None:
    place = FORWARD if call == "forward" else BACKWARD
    subject = only(checked(TWIN.replace(place, f"        {line}\n{place}")))
    assert subject.verdict == "error"
    (found,) = subject.findings
    assert found.check == check
    assert told in f"{found.headline}\n{found.detail}"
    assert found.headline.startswith("Sigmoid ")


def test_a_time_out_names_the_call_and_its_shapes(checked) -> None:
    """One that reading does not meet: only many rows make it hang."""
    slow = FORWARD + "        while x.size and abs(x).max() > 500: pass\n"
    (found,) = only(checked(TWIN.replace(FORWARD, slow), examples=60)).findings
    assert found.check == "layer-times-out"
    assert "in forward" in found.detail
    assert "x (" in found.detail


def test_other_layers_of_the_file_get_their_verdicts(checked) -> None:
    wrong = TWIN.replace(BACKWARD, f"        os._exit(0)\n{BACKWARD}")
    both = wrong + TWIN.replace("Sigmoid", "Logistic").replace("import os, sys", "")
    verdicts = {one.symbol: one.verdict for one in checked(both).subjects}
    assert verdicts == {"Sigmoid": "error", "Logistic": "pass"}


def test_definitions_that_hang_are_one_line(checked) -> None:
    hangs = TWIN + "\nclass Slow:\n    while True: pass\n"
    with pytest.raises(SourceError, match=r"definitions ran.*did not come to an end"):
        checked(hangs, limits={"load_seconds": 0.5})


def test_less_than_what_is_required_is_refused(checked) -> None:
    with pytest.raises(UsageError, match="--require namespaces"):
        checked(TWIN, isolate="basic", require="namespaces")


@pytest.mark.parametrize("limits", [{"nothing": 1}, {"memory_bytes": 1}, {"load_seconds": -1}])
def test_an_unknown_limit_is_one_line(checked, limits) -> None:
    with pytest.raises(UsageError):
        checked(TWIN, limits=limits)


def test_a_missing_package_is_named(checked) -> None:
    needs = TWIN.replace("import os, sys", "import os, sys, tensorbored").replace(
        FORWARD, f"        tensorbored.log(x)\n{FORWARD}"
    )
    (found,) = only(checked(needs)).findings
    assert "tensorbored" in f"{found.headline}\n{found.detail}"


def test_a_traceback_has_the_students_frames_alone(checked) -> None:
    raises = TWIN.replace(BACKWARD, "        raise ValueError('my own')\n")
    (found,) = only(checked(raises)).findings
    told = f"{found.headline}\n{found.detail}"
    assert "my own" in told
    assert "raise ValueError" in told
    assert "gradcheck/" not in told


def test_an_honest_forward_that_is_wrong_is_not_called_forged(checked) -> None:
    other = """
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return 3 * (x @ self.W) + self.b
    def backward(self, dout):
        self.dW, self.db = 3 * self.x.T @ dout, dout.sum(axis=0)
        return 3 * dout @ self.W.T
"""
    for seed in range(3):
        (found,) = only(checked(other, seed=seed)).findings
        assert found.headline == "Affine.forward is not the affine that its name says"


def test_a_kind_that_is_assumed_must_be_the_one_that_is_read(checked) -> None:
    forged = (Path(__file__).parent / "hostile" / "forge_perturbed_without_kind.py").read_text()
    (found,) = only(checked(forged, assume={"kind": "affine"})).findings
    assert found.check == "layer-stops"
    assert "no layer of the kind affine" in found.detail


class Busy(OpenedHere):
    """A source whose layers have no chance to end in time, so many times."""

    def __init__(self, path: Path, times: int) -> None:
        super().__init__(path, settings_from({}))
        self.left = times

    def readings(self, candidate, module, settings):
        if self.left:
            self.left -= 1
            raise LayerLost("layer-times-out", "Sigmoid did not end", "", starved=True)
        return super().readings(candidate, module, settings)


@pytest.mark.parametrize(("times", "verdict"), [(1, "pass"), (2, "error")])
def test_a_layer_that_had_no_processor_is_tried_once_more(tmp_path, times, verdict) -> None:
    path = tmp_path / "hand_in.py"
    path.write_text(TWIN, encoding="utf-8")
    source = Busy(path, times)
    (module,) = source.listed
    settings = settings_from({"examples": 5})
    report = check_candidate(module.candidates[0], module.module, settings, source)
    assert report.verdict == verdict


def test_a_worker_of_ours_that_fails_is_no_fault_of_a_layer(checked, monkeypatch) -> None:
    with Sandbox(serve="tests.sandbox.broken_worker:serve") as box:
        monkeypatch.setattr(far_source, "shared_sandbox", lambda *_: box)
        with pytest.raises(HarnessError, match="a worker fails at a right layer of ours, too"):
            checked(TWIN)


def test_the_exit_code_of_our_faults_puts_no_blame_on_us(checked) -> None:
    subject = only(checked(TWIN.replace(BACKWARD, f"        os._exit({OUR_FAULT})\n")))
    assert subject.verdict == "error"
    (found,) = subject.findings
    assert found.check == "layer-stops"
    assert "exit code 70" in found.detail
    assert "a layer of ours did not in its place" in found.detail


def test_files_beside_a_single_one_are_there_and_stay_there(checked, tmp_path) -> None:
    (tmp_path / "helper.py").write_text("secret = 1\n", encoding="utf-8")
    report = checked("from helper import secret\n" + TWIN.replace("0.5 *", "secret * 0.5 *"))
    told = "helper.py: not read, for a file is isolated alone; give the folder to hand it over too"
    assert any(told in one for one in report.notes)
    alone = checked("try:\n    from helper import secret\nexcept ImportError: pass\n" + TWIN)
    assert alone.verdict == "pass"


def test_a_wrong_gradient_of_an_array_that_may_be_handed_in_is_seen(checked) -> None:
    """The constructor takes ``w``, and makes one of its own shape where it is left out."""
    text = (
        "import numpy as np\n\n\nclass Scale:\n    def __init__(self, w=None):\n"
        "        self.w = np.array([1.5]) if w is None else w\n\n    def forward(self, x):\n"
        "        self.x = x\n        return x * self.w\n\n    def backward(self, dout):\n"
        "        self.dw = 1.0 * (dout * self.x).sum().reshape(1)\n        return dout * self.w\n"
    )
    assert checked(text, isolate=False).verdict == "pass"
    subject = only(checked(text.replace("1.0 *", "0.5 *"), isolate=False))
    assert [one.check for one in subject.findings] == ["parameter-gradient-wrong"]


def test_files_of_a_folder_import_each_other_by_its_name(tmp_path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "half.py").write_text("half = 0.5\n")
    (folder / "layer.py").write_text("from mine.half import half\n" + TWIN.replace("0.5", "half"))
    report = check_module(folder, isolate=True, examples=10, limits=LIMITS)
    assert only(report).verdict == "pass"
    assert not report.notes


@pytest.mark.skipif(sys.platform != "linux", reason="refused by a filter of Linux")
def test_what_isolation_refuses_is_said_to_be_refused_by_it(checked) -> None:
    writes = TWIN.replace("Sigmoid", "Dragon").replace(
        FORWARD, f"        open('debug.txt', 'w')\n{FORWARD}"
    )
    with_others = writes + TWIN[TWIN.index("class") :]
    subject = next(one for one in checked(with_others).subjects if one.symbol == "Dragon")
    (found,) = subject.findings
    assert "PermissionError" in found.detail
    assert "it writes no file, starts no process and opens no socket" in found.detail


@pytest.mark.parametrize("name", ["Sigmoid", "Mine"])
def test_a_case_needs_few_questions_also_where_the_shape_of_the_output_is_learned(
    checked, monkeypatch, name
) -> None:
    asked = []
    ask = Session.ask

    def counted(self: Session, *arguments: Any, **named: Any) -> object:
        asked.append(arguments)
        return ask(self, *arguments, **named)

    monkeypatch.setattr(Session, "ask", counted)
    subject = only(checked(TWIN.replace("Sigmoid", name), examples=20, limits={}))
    assert (subject.verdict, subject.kind) == ("pass", "sigmoid")
    assert len(asked) < 10 * subject.cases
