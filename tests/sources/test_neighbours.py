"""Files of a hand-in import each other, and nothing else meets them."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

import pytest

import layers

BASE = "class Layer:\n    name = 'theirs'\n"


def theirs(module) -> str:
    return module.definitions[-1].value().name


@pytest.mark.parametrize(
    ("name", "text", "files"),
    [
        ("layers.py", "from layer import Layer", {"layer.py": BASE}),
        ("layers.py", "from layer import *", {"layer.py": BASE}),
        ("layers.py", "import layer\nLayer = layer.Layer", {"layer.py": BASE}),
        ("common/layers.py", "from common.np import Layer", {"common/np.py": BASE}),
        ("common/layers.py", "import common.np as c\nLayer = c.Layer", {"common/np.py": BASE}),
        ("common/layers.py", "import common.np\nLayer = common.np.Layer", {"common/np.py": BASE}),
        ("ch08/layers.py", "import sys\nsys.path.append('..')\nfrom common.np import *",
         {"common/np.py": BASE, "common/__init__.py": ""}),
        ("ch08/layers.py", "import sys\nsys.path.insert(0, '../lib')\nfrom base import *",
         {"lib/base.py": BASE}),
        ("p/nn/layers.py", "from ..base import Layer", {"p/base.py": BASE}),
        ("p/nn/layers.py", "from . import base\nLayer = base.Layer", {"p/nn/base.py": BASE}),
        ("p/nn/layers.py", "from .. import base\nLayer = base.Layer",
         {"p/base.py": BASE, "p/__init__.py": "", "p/nn/__init__.py": ""}),
        ("p/layers.py", "from p import Layer", {"p/__init__.py": BASE}),
        ("p/layers.py", "from p.sub import Layer",
         {"p/sub/__init__.py": "from .x import Layer", "p/sub/x.py": BASE}),
        ("p/layers.py", "from p.sub import *",
         {"p/sub/__init__.py": "__all__ = ['x']", "p/sub/x.py": BASE + "\nx = 1",
          "p/extra.py": ""}),
        ("1. Week (copy)/layers.v2.py", "from layer import Layer",
         {"1. Week (copy)/layer.py": BASE}),
    ],
)  # fmt: skip
def test_imports_among_the_files_of_a_hand_in(module, name: str, text: str, files) -> None:
    if "__all__" in str(files):
        text += "\nLayer = x.Layer"
    read = module(f"{text}\nclass A(Layer): pass\n", name, files)
    assert read.notes == ()
    assert theirs(read) == "theirs"


def test_a_neighbour_runs_its_definitions_only_and_tells_what_it_lacks(module) -> None:
    text = "import nowhere\nraise RuntimeError\n" + BASE
    read = module("from layer import Layer\nclass A(Layer): pass\n", neighbours={"layer.py": text})
    assert theirs(read) == "theirs"
    assert len(read.notes) == 1
    assert "layer.py: nowhere is not installed" in read.notes[0]


def test_a_hand_in_wins_over_an_installed_package_of_the_same_name(module) -> None:
    read = module("from layers import Layer\nclass A(Layer): pass\n", "net.py", {"layers.py": BASE})
    assert theirs(read) == "theirs"
    assert sys.modules["layers"] is layers


@pytest.mark.parametrize("name", ["numpy", "random", "sitecustomize", "torch", "pytest"])
def test_a_hand_in_does_not_take_the_place_of_what_all_know(module, name: str) -> None:
    text = (
        "import random, numpy, pytest\ndef f(): return random.random, numpy.ones, pytest.raises\n"
    )
    read = module(text, neighbours={f"{name}.py": "x = 1\n"})
    assert read.definitions[0].value()[2] is pytest.raises
    assert read.notes == ()


def test_a_well_known_name_that_is_not_installed_may_be_theirs(module, monkeypatch) -> None:
    monkeypatch.delitem(sys.modules, "jax", raising=False)
    if importlib.util.find_spec("jax"):
        pytest.skip("jax is installed")
    read = module("from jax import Layer\nclass A(Layer): pass\n", neighbours={"jax.py": BASE})
    assert theirs(read) == "theirs"


def test_a_file_named_like_a_standard_module_can_be_read(module) -> None:
    read = module("import random\nclass A: x = random.random\n", "random.py")
    assert callable(read.definitions[0].value.x)


def test_the_packages_around_a_file_do_not_run(module) -> None:
    around = {"p/__init__.py": "raise RuntimeError\n", "p/nn/__init__.py": "from .all import *\n"}
    around |= {"p/nn/all.py": "import nowhere\n", "p/base.py": BASE}
    read = module("from p.base import Layer\nclass A(Layer): pass\n", "p/nn/layers.py", around)
    assert read.notes == ()
    assert [Path(one).name for one in read.files] == ["layers.py", "base.py"]


def test_a_name_from_the_package_around_comes_from_its_init(module) -> None:
    around = {"p/__init__.py": "from .base import Layer\n", "p/base.py": BASE}
    read = module("import p\nclass A(p.Layer): pass\n", "p/layers.py", around)
    assert theirs(read) == "theirs"


def test_files_that_import_each_other_in_a_circle(module) -> None:
    other = "from layers import B\nclass Layer:\n    name = 'theirs'\ndef f(): return B\n"
    text = "from layer import Layer, f\nclass B: pass\nclass A(Layer):\n    other = f\n"
    read = module(text, neighbours={"layer.py": other})
    assert read.notes == ()
    by_name = {one.name: one.value for one in read.definitions}
    assert by_name["A"].other() is by_name["B"]


def test_an_import_inside_a_function_works_when_the_layer_runs(module) -> None:
    text = "def f():\n    from layer import Layer\n    return Layer\n"
    read = module(text, neighbours={"layer.py": BASE})
    assert read.definitions[0].value().name == "theirs"


def test_two_hand_ins_with_the_same_names_do_not_meet(hand_in, source) -> None:
    text = "from layer import Layer\ndef f():\n    import layer\n    return layer.n, Layer.n\n"
    files = {}
    for n in (1, 2):
        files |= {f"s{n}/layers.py": text, f"s{n}/layer.py": f"n = {n}\nclass Layer: n = {n}\n"}
    folder = hand_in(files)
    first, second = (source(folder / f"s{n}" / "layers.py").modules[0] for n in (1, 2))
    assert first.definitions[0].value() == (1, 1)
    assert second.definitions[0].value() == (2, 2)


def test_the_interpreter_is_left_as_it_was(hand_in, source) -> None:
    before = set(sys.modules), list(sys.path), list(sys.meta_path)
    folder = hand_in(
        {"layers.py": "from layer import Layer\nclass A(Layer): pass", "layer.py": BASE}
    )
    source(folder / "layers.py").close()
    assert (set(sys.modules), list(sys.path), list(sys.meta_path)) == before


def test_a_neighbour_that_python_cannot_read_is_told(module) -> None:
    read = module("from layer import Layer\nclass A: pass\n", neighbours={"layer.py": "x = = 1"})
    assert [one.name for one in read.definitions] == ["A"]
    assert "from layer import Layer failed" in read.notes[0]
    assert "layer.py:1: Python cannot read this" in read.notes[0]


def test_a_name_that_a_neighbour_does_not_define_is_told(module) -> None:
    read = module("from layer import Lair\n", neighbours={"layer.py": BASE})
    assert read.notes[0].endswith("layer.py does not define Lair)")


def test_a_name_that_a_neighbour_leaves_out_is_no_note(module) -> None:
    read = module(
        "from layer import net\ndef f(): return net.x()\n", neighbours={"layer.py": "net = make()"}
    )
    assert read.notes == ()
    with pytest.raises(
        NameError, match=r"net gets its value from what was left out of .*layer\.py"
    ):
        read.definitions[0].value()


def test_relative_imports_end_at_the_top_of_the_hand_in(module) -> None:
    read = module("from ...............far import away\n")
    assert "beyond the top of the hand-in" in read.notes[0]


def test_a_missing_module_of_the_hand_in_is_told(module) -> None:
    read = module("from .nothing import x\n")
    assert "there is no nothing in" in read.notes[0]


def test_imports_by_name_work_while_the_source_is_importable(hand_in, source) -> None:
    text = "import importlib\ndef f(name): return importlib.import_module(name, __package__).n\n"
    files = {"p/layers.py": text, "p/other_13.py": "n = 13\n", "q_14/deep.py": "n = 14\n"}
    read = source(hand_in(files) / "p" / "layers.py")
    f = read.modules[0].definitions[0].value
    with pytest.raises(ModuleNotFoundError):
        f("other_13")
    with read.importable():
        assert (f("other_13"), f("q_14.deep"), f(".other_13")) == (13, 14, 13)
    assert not {"other_13", "q_14", "q_14.deep"} & set(sys.modules)


def test_what_is_installed_is_not_theirs_while_the_source_is_importable(
    hand_in, source, monkeypatch
) -> None:
    read = source(hand_in({"layers.py": "n = 1\n"}) / "layers.py")
    monkeypatch.delitem(sys.modules, "layers")
    with read.importable():
        assert importlib.import_module("layers").__file__ == layers.__file__


def test_a_file_beside_a_folder_of_the_same_name(hand_in, source) -> None:
    files = {"layers.py": "class A: pass\n", "layers/b.py": "class B: pass\n"}
    read = source(hand_in(files))
    assert [[d.name for d in m.definitions] for m in read.modules] == [["B"], ["A"]]


def test_a_folder_does_not_take_the_name_of_a_file_that_was_imported_before(
    hand_in, source
) -> None:
    files = {"a.py": "import layers", "layers.py": "class A: pass\n", "layers/b.py": "x = 1\n"}
    by_name = {d.name: d.value for m in source(hand_in(files)).modules for d in m.definitions}
    assert inspect.getsource(by_name["A"]) == "class A: pass\n"
