"""The rules of the house, kept by looking at it."""

from __future__ import annotations

import ast
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

import gradcheck
from gradcheck.checks import catalogue
from gradcheck.checks.catalogue import CHECKS

ROOT = Path(__file__).parent.parent
MODULES = sorted([*ROOT.glob("gradcheck/**/*.py"), *ROOT.glob("layers/**/*.py")])
RECORDS = {
    "assumptions",
    "axes",
    "batch",
    "errors",
    "findings",
    "hints",
    "inventory",
    "meaning",
    "output_shapes",
    "profiles",
    "rechecks",
    "settings",
    "signature",
    "sizes",
    "subject",
    "targets",
    "version",
    "waivers",
}
SKELETON = ("What it finds:", "Why it matters:", "A wrong layer:", "How to repair it:", "Limits:")


def imports(path: Path) -> set[str]:
    """Return the modules imported at any place of a file, but for typing only."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def third_party(path: Path) -> set[str]:
    roots = {module.split(".")[0] for module in imports(path)}
    return roots - set(sys.stdlib_module_names) - {"gradcheck", "layers"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("layers/**/*.py")), ids=name)
def test_layers_import_only_numpy_and_each_other(path: Path) -> None:
    assert third_party(path) <= {"numpy"}
    assert not any(module.startswith("gradcheck") for module in imports(path))


@pytest.mark.parametrize("path", sorted(ROOT.glob("gradcheck/numerics/*.py")), ids=name)
def test_numerics_imports_only_numpy_and_itself(path: Path) -> None:
    assert third_party(path) <= {"numpy"}
    ours = {module for module in imports(path) if module.startswith(("gradcheck", "layers"))}
    assert all(module.startswith("gradcheck.numerics") for module in ours)


@pytest.mark.parametrize("record", sorted(RECORDS))
def test_records_import_only_each_other(record: str) -> None:
    ours = {
        module
        for module in imports(ROOT / "gradcheck" / f"{record}.py")
        if module.startswith("gradcheck")
    }
    assert ours <= {f"gradcheck.{other}" for other in RECORDS}


@pytest.mark.parametrize("path", sorted(ROOT.glob("gradcheck/report/*.py")), ids=name)
def test_report_sees_only_what_was_found(path: Path) -> None:
    ours = {module for module in imports(path) if module.startswith("gradcheck")}
    records = {"gradcheck.findings", "gradcheck.inventory", "gradcheck.baseline.changes"}
    assert ours <= records


def test_what_changed_is_a_record() -> None:
    ours = imports(ROOT / "gradcheck" / "baseline" / "changes.py")
    known = {"gradcheck.findings", "gradcheck.report.changes"}  # the latter for its own text
    assert {one for one in ours if one.startswith("gradcheck")} <= known


@pytest.mark.parametrize("path", sorted(ROOT.glob("gradcheck/sources/*.py")), ids=name)
def test_sources_know_nothing_of_layers(path: Path) -> None:
    assert third_party(path) <= {"nbformat"}
    ours = {module for module in imports(path) if module.startswith("gradcheck")}
    assert all(one == "gradcheck.errors" or one.startswith("gradcheck.sources") for one in ours)


@pytest.mark.parametrize("path", sorted(ROOT.glob("gradcheck/conventions/*.py")), ids=name)
def test_conventions_know_nothing_of_checking(path: Path) -> None:
    assert third_party(path) <= {"numpy"}
    known = {
        f"gradcheck.{one}"
        for one in (*RECORDS - {"findings", "settings"}, "kinds", "case", "layouts")
    }
    ours = {module for module in imports(path) if module.startswith(("gradcheck", "layers"))}
    assert all(one in known or one.startswith("gradcheck.conventions") for one in ours)


@pytest.mark.parametrize("path", sorted(ROOT.glob("gradcheck/diagnosis/*.py")), ids=name)
def test_diagnosis_knows_nothing_of_how_a_layer_is_written(path: Path) -> None:
    assert third_party(path) <= {"numpy", "msgspec"}
    rooms = ("checks", "diagnosis", "mutants", "numerics")
    known = {f"gradcheck.{one}" for one in (*RECORDS - {"settings"}, "kinds", "case", *rooms)}
    ours = {module for module in imports(path) if module.startswith(("gradcheck", "layers"))}
    assert all(one in known or one.split(".")[1] in rooms for one in ours)


def test_nothing_imports_the_commands() -> None:
    for path in MODULES:
        users = {"gradcheck.__main__", "gradcheck.cli"}
        assert name(path) in users or not {"gradcheck.cli", "gradcheck.listing"} & imports(path)


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        (
            "hypothesis",
            {f"gradcheck.{one}" for one in ("cases", "drawing", "exploration", "strategies")},
        ),
        (
            "pytest",
            {
                f"gradcheck.pytest_plugin.{one}"
                for one in (
                    "__init__",
                    "collection",
                    "in_python",
                    "items",
                    "locating",
                    "options",
                    "session",
                )
            },
        ),
        ("xdist", {"gradcheck.pytest_plugin.scheduling"}),
        ("layers", {"gradcheck.known_kinds"}),
        ("rich", {"gradcheck.report.terminal", "gradcheck.cli"}),
        (
            "click",
            {
                f"gradcheck.{one}"
                for one in (
                    "baseline_commands",
                    "cli",
                    "command_options",
                    "doctor_command",
                    "option_declarations",
                    "replay_command",
                )
            },
        ),
        ("nbformat", {"gradcheck.sources.notebook"}),
    ],
)
def test_only_one_place_knows_a_package(package: str, allowed: set[str]) -> None:
    users = {
        name(path)
        for path in MODULES
        if name(path).startswith("gradcheck")
        and any(module.split(".")[0] == package for module in imports(path))
    }
    assert users <= allowed


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_stay_small(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 300, f"{lines} lines: which two reasons to change live here?"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_functions_stay_small(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node) or ""
            body = (node.end_lineno or 0) - node.lineno + 1 - text.count("\n") - 1
            assert body <= 50, f"{node.name} has {body} lines"


def loaded_after(statement: str) -> set[str]:
    return {module.split(".")[0] for module in modules_after(statement)}


def modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


def test_importing_gradcheck_is_cheap() -> None:
    heavy = {"hypothesis", "pytest", "_pytest", "rich", "click", "msgspec", "layers"}
    assert not heavy & loaded_after("import gradcheck")


def test_the_pytest_plugin_is_cheap() -> None:
    heavy = {"hypothesis", "rich", "click", "msgspec", "layers", "numpy"}
    assert not heavy & loaded_after("import gradcheck.pytest_plugin")


def test_a_worker_holds_neither_hypothesis_nor_the_reference() -> None:
    held = {"hypothesis", "pytest", "_pytest", "rich", "click", "layers"}
    assert not held & loaded_after("import gradcheck.sandbox.worker")


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_the_sandbox_starts_processes(path: Path) -> None:
    starters = {"subprocess", "multiprocessing", "pty", "pexpect"}
    ours = name(path).startswith("gradcheck") and not name(path).startswith("gradcheck.sandbox")
    assert not (ours and starters & imports(path))


def test_nothing_unpickles_but_a_worker() -> None:
    users = {
        name(path)
        for path in MODULES
        if any(one in path.read_text(encoding="utf-8") for one in ("pickle.load", "Unpickler"))
    }
    in_workers = {"gradcheck.sandbox.questions", "gradcheck.sandbox.blueprint"}
    assert {one for one in users if one.startswith("gradcheck")} == in_workers
    importers = {name(path) for path in MODULES if "gradcheck.sandbox.blueprint" in imports(path)}
    assert importers == {"gradcheck.sandbox.worker"}  # which no grader imports
    grader = "from gradcheck.sandbox.far_source import FarSource"
    assert "gradcheck.sandbox.blueprint" not in modules_after(grader)


def test_public_names_exist() -> None:
    for public in gradcheck.__all__:
        assert getattr(gradcheck, public) is not None
    assert set(dir(gradcheck)) == set(gradcheck.__all__)


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'chek_layer'"):
        _ = gradcheck.chek_layer


def test_checks_are_unique_and_in_families() -> None:
    codes = [check.code for check in CHECKS]
    names = [check.name for check in CHECKS]
    assert len(set(codes)) == len(codes)
    families = [code[:3] for code in codes]  # one block each: GC0.., GC1.., not interleaved
    assert sum(a != b for a, b in itertools.pairwise(families)) == (len(set(families)) - 1)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_is_documented(check: catalogue.Check) -> None:
    positions = [check.documentation.find(part) for part in SKELETON]
    assert -1 not in positions, f"missing: {SKELETON[positions.index(-1)]}"
    assert positions == sorted(positions)


def test_every_check_function_is_in_the_table() -> None:
    listed = {check.function.__name__ for check in CHECKS if check.function}
    for family in (
        "accumulation",
        "batching",
        "determinism",
        "directional",
        "dtypes",
        "gradients",
        "honesty",
        "interface",
        "layout",
        "linearity",
        "purity",
        "shapes",
        "stability",
        "state",
        "values",
    ):
        tree = ast.parse((ROOT / "gradcheck" / "checks" / f"{family}.py").read_text("utf-8"))
        for node in tree.body:
            text = ast.get_docstring(node) or "" if isinstance(node, ast.FunctionDef) else ""
            if SKELETON[0] in text:
                assert node.name in listed
