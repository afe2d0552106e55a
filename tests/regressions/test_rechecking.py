"""What failed once is checked first, in every style of layer, until it passes, and then told."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from gradcheck import check_chain, check_layer, check_module, check_vjp
from gradcheck.findings import Report
from gradcheck.regressions.store import keep, read_regression, saved_in
from tests.conventions.expected import STYLES
from tests.regressions.layers_of_mine import RARE, RIGHT, WRONG, WRONG_LOSS, WRONG_PAIR

FOLDER = "regs"
STYLES_OF_LAYERS = [
    ("layer_object_wrong", "layer_object", "Affine"),
    ("function_pair_wrong", "function_pair", "affine_forward"),
    ("function_pair_wrong", "function_pair", "softmax_loss"),
    ("dictionaries_wrong", "dictionaries", "LinearModule"),
    ("parallel_lists_wrong", "parallel_lists", "MatMul"),
    ("updating_wrong", "updating", "Dense"),
    ("static_context_wrong", "static_context", "MatMul"),
    ("operation_wrong", "operation", "EWiseMul"),
    ("columns_wrong", "columns_sum", "linear_forward"),
    ("autodiff_scalar_wrong", "autodiff_scalar", "Value.__mul__"),
]


def checked(file: str = "mine.py", symbol: str = "Sigmoid", **options: object) -> Report:
    given = {"examples": 12, "shrink_seconds": 0.2, "save_regressions": FOLDER, **options}
    return check_module(file, symbols=[symbol], **given)  # type: ignore[arg-type]


def files() -> dict[str, str]:
    return {one.name: one.read_text(encoding="utf-8") for one in Path(FOLDER).glob("*")}


@pytest.mark.parametrize(("wrong", "right", "symbol"), STYLES_OF_LAYERS)
def test_saved_found_first_mended_and_told(here: Path, wrong: str, right: str, symbol: str) -> None:
    shutil.copy(STYLES / f"{wrong}.py", here / "mine.py")
    first = checked(symbol=symbol).subjects[0]
    kept = files()
    assert {Path(one.regression).name for one in first.faults} == set(kept)
    assert kept

    again = checked(symbol=symbol, examples=1, seed=77).subjects[0]
    assert {one.outcome for one in again.rechecks} == {"fails"}
    assert {(one.check, one.array): one.case for one in again.faults if one.regression} == {
        (one.check, one.array): one.case for one in first.faults
    }
    assert all(files()[name] == text for name, text in kept.items())

    shutil.copy(STYLES / f"{right}.py", here / "mine.py")
    mended = checked(symbol=symbol)
    assert mended.verdict == "pass"
    assert {one.outcome for one in mended.subjects[0].rechecks} == {"passes"}
    for name in kept:
        file = str(Path(FOLDER, name))
        assert any(note.startswith(f"regression {file} no longer fails") for note in mended.notes)
    assert files() == kept


def test_of_two_faults_each_is_told_at_its_own_case(here: Path) -> None:
    """One case may show both; each of them has a file."""
    text = WRONG_PAIR.replace("x.T @ dout,", "2 * x.T @ dout,")
    (here / "mine.py").write_text(text, encoding="utf-8")
    checked(symbol="affine_forward", examples=40)
    found, _ = saved_in(FOLDER)
    assert len(found) == 2
    for seed in range(2):
        report = checked(symbol="affine_forward", examples=2, seed=seed)
        for fault in report.subjects[0].faults:
            (own,) = (one for file, one in found if file == fault.regression)
            assert own.array == fault.array
            assert fault.case["x"] == own.case.primals["x"].values
            assert fault.headline == own.headline


def test_a_rare_fault_is_not_left_to_the_draws(here: Path) -> None:
    (here / "mine.py").write_text(RARE, encoding="utf-8")

    def passes_by(seed: int) -> bool:
        return checked(examples=2, seed=seed, save_regressions="").verdict == "pass"

    blind = next(filter(passes_by, range(20)))
    assert checked(examples=200).verdict == "fail"
    again = checked(examples=2, seed=blind)
    assert again.verdict == "fail"
    (fault,) = again.subjects[0].faults
    assert fault.shapes["x"][0] == 5
    assert fault.regression


def test_what_was_not_kept_is_found_by_drawing(here: Path) -> None:
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    plain = checked(save_regressions="")
    assert [one.rechecks for one in plain.subjects] == [()]
    assert not Path(FOLDER).exists()
    assert all(not one.regression for one in plain.findings)


def test_the_report_has_no_record_of_the_case_unless_it_is_asked_for(here: Path) -> None:
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    assert '"record"' not in checked().to_json()
    assert '"record"' in checked(keep_cases=True).to_json()
    assert '"record"' not in checked(keep_cases=True, hints="none").to_json()


def test_a_kept_case_is_not_shrunk_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    first = checked()

    calls: list[object] = []
    monkeypatch.setattr("gradcheck.runner.shrink", lambda *_, **__: calls.append(1))
    assert checked().findings[0].case == first.findings[0].case
    assert calls == []
    checked(save_regressions="")
    assert calls == [1]


def test_drawn_cases_still_feed_the_diagnosis(here: Path) -> None:
    (here / "mine.py").write_text(WRONG_LOSS, encoding="utf-8")
    names = [checked(symbol="softmax_loss").findings[0].diagnosis for _ in range(2)]
    assert [one and one.name for one in names] == ["factor-N", "factor-N"]


def test_another_case_of_a_fault_that_was_mended_gets_a_file_of_its_own(here: Path) -> None:
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    checked()
    before = files()
    (here / "mine.py").write_text(RARE, encoding="utf-8")
    report = checked(examples=200)
    assert [one.outcome for one in report.subjects[0].rechecks] == ["passes"]
    after = files()
    assert len(after) == len(before) + 1
    assert {name: after[name] for name in before} == before
    outcomes = [one.outcome for one in checked(examples=2).subjects[0].rechecks]
    assert outcomes == ["passes", "fails"]


def test_a_crash_at_a_kept_case_is_a_fault(here: Path) -> None:
    (here / "mine.py").write_text(RARE, encoding="utf-8")
    checked(examples=200)
    crashing = RARE.replace("dx = dx * 1.5", "dx = dx @ np.ones((1000, 1))")
    (here / "mine.py").write_text(crashing, encoding="utf-8")
    report = checked(examples=3)
    assert report.verdict == "error"
    assert [one.outcome for one in report.subjects[0].rechecks] == ["unjudged"]
    assert any("cannot be judged at its case: Sigmoid raises" in note for note in report.notes)
    assert len(files()) == 2


def test_a_layer_in_python_keeps_its_cases_too(here: Path) -> None:
    space: dict[str, type] = {}
    exec(RARE, space)
    options = {"save_regressions": FOLDER, "shrink_seconds": 0.2}
    first = check_layer(space["Sigmoid"], examples=200, **options)
    assert first.verdict == "fail"
    again = check_layer(space["Sigmoid"], examples=3, **options)
    assert again.findings[0].case == first.findings[0].case
    exec(RIGHT, space)
    (note,) = check_layer(space["Sigmoid"], examples=3, **options).notes
    assert "no longer fails" in note


def test_a_fault_at_concrete_inputs_is_kept(here: Path) -> None:
    space: dict[str, type] = {}
    exec(WRONG, space)
    x = [[0.1, 1 / 3], [0.7, -2.0]]
    first = check_layer(space["Sigmoid"](), x, save_regressions=FOLDER)
    (file,) = Path(FOLDER).iterdir()
    assert read_regression(file).case.primals["x"].values == x
    again = check_layer(space["Sigmoid"](), x, save_regressions=FOLDER)
    assert [one.outcome for one in again.subjects[0].rechecks] == ["fails"]
    assert again.findings[0].case == first.findings[0].case


def test_a_remark_that_fails_only_where_it_is_asked_to_is_kept_so(here: Path) -> None:
    (here / "mine.py").write_text(
        WRONG.replace("dout * self.y", "(1 + 0 * dout) * self.y * (1 - self.y) * dout").replace(
            "self.y = 0.5 * (1 + np.tanh(x / 2))",
            "self.y = 0.5 * (1 + np.tanh(np.asarray(x, dtype=np.float32) / 2))",
        ),
        encoding="utf-8",
    )
    plain = checked()
    remarks = {one.check for one in plain.subjects[0].remarks}
    assert remarks
    assert not Path(FOLDER).exists()
    strict = checked(strict=True)
    assert {one.check for one in strict.subjects[0].faults} >= remarks
    assert len(files()) == len(strict.subjects[0].faults)
    again = checked(strict=True, examples=2)
    assert {one.outcome for one in again.subjects[0].rechecks} == {"fails"}


def test_a_waived_fault_is_not_kept(here: Path) -> None:
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    waiver = [{"layer": "Sigmoid", "check": "GC1", "reason": "known"}]
    assert checked(waivers=waiver).verdict == "waived"
    assert not Path(FOLDER).exists()


def test_a_check_that_is_left_out_leaves_out_its_cases(here: Path) -> None:
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    checked()
    assert checked(ignore=["GC1"]).subjects[0].rechecks == ()


def test_a_folder_that_cannot_be_written_costs_the_file_and_not_the_report(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "mine.py").write_text(WRONG, encoding="utf-8")

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gradcheck.regressions.keeping.keep", full)
    report = checked()
    assert report.verdict == "fail"
    assert any("No space left on device" in note for note in report.notes)


def test_files_of_two_layers_of_one_name_are_told_apart(here: Path) -> None:
    for folder in ("a", "b"):
        (here / folder).mkdir()
        (here / folder / "mine.py").write_text(WRONG, encoding="utf-8")
        checked(f"{folder}/mine.py")
    assert len(files()) == 2
    for folder in ("a", "b"):
        (only,) = checked(f"{folder}/mine.py").subjects[0].rechecks
        assert read_regression(Path(only.file)).layer.source == f"{folder}/mine.py"


def test_a_file_that_moved_is_still_the_file_of_its_layers(here: Path) -> None:
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    checked()
    (here / "src").mkdir()
    (here / "mine.py").rename(here / "src" / "mine.py")
    assert checked("src/mine.py", examples=1).subjects[0].rechecks[0].outcome == "fails"


def test_a_hand_made_file_is_checked_like_any_other(here: Path) -> None:
    """The upstream gradient is the file's own and not drawn."""
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    checked()
    (file,) = Path(FOLDER).iterdir()
    text = file.read_text(encoding="utf-8")
    before, upstream, after = text.partition('"upstream"')
    first = after.index("[", after.index('"values"'))
    file.write_text(
        before + upstream + after[:first] + "[[8.0]]" + after[after.rindex("]") + 1 :],
        encoding="utf-8",
    )
    case = read_regression(file).case
    if case.size != 2:
        pytest.fail(f"the case has {case.size} numbers")
    found = checked(examples=1).findings[0]
    assert [[8.0]] in found.case.values()
    assert keep(read_regression(file), FOLDER) == str(file)


def test_single_precision_is_kept_as_such(here: Path) -> None:
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    first = checked(dtypes=["float32"])
    (file,) = Path(FOLDER).iterdir()
    assert read_regression(file).case.primals["x"].dtype == "float32"
    again = checked(examples=1)
    assert again.subjects[0].rechecks[0].outcome == "fails"
    assert again.findings[0].case == first.findings[0].case


def test_callables_and_chains_are_kept_too(here: Path) -> None:
    def vjp(x: np.ndarray, u: np.ndarray) -> np.ndarray:
        return u * np.cos(x) * 1.01

    for number in range(2):
        report = check_vjp(np.sin, vjp, np.array([0.3, 2.0]), save_regressions=FOLDER)
        assert report.verdict == "fail"
        assert len(report.subjects[0].rechecks) == number
    space: dict[str, type] = {}
    exec(WRONG + RIGHT.replace("Sigmoid", "Logistic"), space)
    layers = [space["Logistic"], space["Sigmoid"]]
    for number in range(2):
        report = check_chain(layers, examples=6, save_regressions=FOLDER)
        assert report.verdict == "fail"
        assert bool(report.subjects[0].rechecks) == bool(number)
        assert {one.outcome for one in report.subjects[0].rechecks} <= {"fails"}
