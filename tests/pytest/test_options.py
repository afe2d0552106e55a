"""Options, ini keys, profiles: who has the last word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradcheck.pytest_plugin import INI
from tests.pytest.conftest import GRADIENT_CHECKS, RIGHT, TOML, Run

pytest_plugins = ["pytester"]


def cases(result: pytest.RunResult) -> int:
    """Return how many cases the table says were drawn for each layer."""
    found = re.findall(r"mine/layers.py::\S+ +\w+ +(\d+) ", result.stdout.str())
    assert len(set(found)) == 1, result.stdout.str()
    return int(found[0])


def test_the_command_line_comes_before_ini_before_the_file_before_the_default(
    project: Path, write, run: Run
) -> None:
    write("gradcheck.toml", "modules = ['mine/*.py']\nselect = ['GC101']\n")
    assert cases(run()) == 60
    write("gradcheck.toml", "modules = ['mine/*.py']\nselect = ['GC101']\nexamples = 5\n")
    assert cases(run()) == 5
    write("pytest.ini", "[pytest]\ngradcheck_examples = 6\n")
    assert cases(run()) == 6
    assert cases(run("--gradcheck-examples", "7")) == 7


def test_what_a_test_module_says_stands_between_ini_and_command_line(
    write, run: Run, pytester
) -> None:
    pytester.syspathinsert()
    write("mine/__init__.py", "")
    write("mine/layers.py", RIGHT)
    write("pytest.ini", "[pytest]\ngradcheck_examples = 6\ngradcheck_select = GC101\n")
    call = "gradcheck.layer_tests('mine/layers.py', examples=8)"
    write("test_mine.py", f"import gradcheck\ntest_layers = {call}\n")
    assert cases(run()) == 8
    assert cases(run("--gradcheck-examples", "7")) == 7


def test_a_profile_counts_where_it_is_named(project: Path, write, run: Run) -> None:
    write("gradcheck.toml", TOML.replace("examples = 5", "profile = 'dev'"))
    assert cases(run("-k", "GC101")) == 25
    write("gradcheck.toml", TOML + "profile = 'dev'\n")
    assert cases(run("-k", "GC101")) == 5
    assert cases(run("-k", "GC101", "--gradcheck-profile", "ci")) == 60
    write("pytest.ini", "[pytest]\ngradcheck_profile = ci\n")
    result = run("-k", "GC101", "--gradcheck-examples", "9")
    assert cases(result) == 9
    result.stdout.fnmatch_lines(["*profile ci, seed 0*"])


def test_a_fresh_seed_is_told_and_can_be_repeated(project: Path, run: Run) -> None:
    arguments = ("-k", "GC101", "--gradcheck-examples", "3", "--gradcheck-profile", "dev")
    seeds = [
        re.search(r"again: --gradcheck-seed (\d+)", run(*arguments).stdout.str()) for _ in "abc"
    ]
    assert len({one.group(1) for one in seeds if one}) > 1
    result = run(*arguments, "--gradcheck-seed", "12")
    result.stdout.fnmatch_lines(["*profile dev, seed 12 *"])


def test_checks_are_selected_and_left_out(project: Path, write, run: Run) -> None:
    write("gradcheck.toml", "modules = ['mine/*.py']\nexamples = 3\n")
    assert run("--gradcheck-select", "GC101", "--co").parseoutcomes() == {"tests": 2}
    chosen = run("--gradcheck-select", "GC101", "--gradcheck-select", "GC103")
    assert chosen.parseoutcomes() == {"passed": 4}
    chosen = run("--gradcheck-select", "GC1", "--gradcheck-ignore", "GC101")
    assert chosen.parseoutcomes() == {"passed": 2 * (GRADIENT_CHECKS - 1)}
    write("pytest.ini", "[pytest]\ngradcheck_select = GC101 GC103\ngradcheck_ignore = GC103\n")
    assert run().parseoutcomes() == {"passed": 2}


def test_the_folder_of_regressions_is_passed_on_only_where_it_is_given(
    project: Path, write, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gradcheck.pytest_plugin import module_runs

    told = []

    def listen(*_: object, **options: object) -> None:
        told.append(options.get("save_regressions"))
        raise module_runs.SourceError("heard")

    monkeypatch.setattr(module_runs, "check_module", listen)
    run("-k", "Sigmoid and GC101")
    run("-k", "Sigmoid and GC101", "--gradcheck-save-regressions", "kept")
    write("pytest.ini", "[pytest]\ngradcheck_save_regressions = kept\n")
    run("-k", "Sigmoid and GC101")
    assert told == [None, "kept", str(project / "kept")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--gradcheck-profile", "thorogh"), "*no profile 'thorogh'; did you mean 'thorough'?*"),
        (("--gradcheck-examples", "0"), "*'0' is no whole number from 1 to 1000000*"),
        (("--gradcheck-seed", "-1"), "*'-1' is no whole number from 0 to *"),
        (("--gradcheck", "--rootdir", "empty"), "*--gradcheck: no gradcheck.toml *"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line(
    project: Path, run: Run, arguments, message: str
) -> None:
    (project / "empty").mkdir()
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert "Traceback" not in result.stderr.str()


def test_a_mistake_in_the_ini_file_is_one_line(project: Path, write, run: Run) -> None:
    write("pytest.ini", "[pytest]\ngradcheck_examples = many\n")
    result = run()
    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines(["gradcheck_examples = many: 'many' is no whole number*"])


def test_help_and_markers_list_what_there_is(run: Run) -> None:
    text = run("--help").stdout.str()
    assert "gradcheck: checking backward passes:" in text
    for name in ("profile", "seed", "examples", "select", "ignore", "save-regressions"):
        assert f"--gradcheck-{name}" in text
    assert all(f"{name} (" in text for name in INI)
    run("--markers").stdout.fnmatch_lines(["@pytest.mark.gradcheck: *"])
