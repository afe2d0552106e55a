"""What is not installed does not stop a file; using it says what is missing."""

from __future__ import annotations

import copy
import os

import numpy as np
import pytest

from gradcheck.sources import Absent

TORCH = Absent("torch", "torch is not installed")


@pytest.mark.parametrize(
    "statement",
    [
        "import nowhere",
        "import nowhere.deep as n",
        "from nowhere import a, b",
        "from nowhere.x import *",
    ],
)
def test_a_missing_package_is_one_note(module, statement: str) -> None:
    read = module(f"{statement}\nimport nowhere.again\nclass A: pass\n")
    assert read.notes == (
        "nowhere is not installed, nor a file beside this one; what needs it was left out",
    )
    assert [one.name for one in read.definitions] == ["A"]


def test_a_name_that_a_package_no_longer_has_is_a_placeholder(module) -> None:
    text = "from collections import OrderedDict, Hashable\ndef f(): return OrderedDict\n"
    read = module(text + "def g(): return Hashable()\n")
    assert read.definitions[0].value().__name__ == "OrderedDict"
    assert read.notes == (
        "line 1: from collections import Hashable failed "
        "(ImportError: cannot import name 'Hashable' from 'collections')",
    )
    with pytest.raises(ImportError, match=r"collections\.Hashable is used here, but its import"):
        read.definitions[1].value()


def test_of_several_imports_only_the_missing_ones_fail(module) -> None:
    read = module("import math, nowhere, json\ndef f(): return math.pi, json.dumps(1)\n")
    assert read.definitions[0].value()[1] == "1"


def test_a_layer_that_needs_it_says_what_is_missing(module) -> None:
    read = module("import nowhere as no\ndef f(x): return no.linalg.solve(x)\n")
    with pytest.raises(ImportError, match=r"nowhere\.linalg\.solve is used here.*not installed"):
        read.definitions[0].value(1)


def test_a_missing_base_class_leaves_the_layer_usable(module) -> None:
    text = (
        "import torch_not_here.nn as nn\nclass A(nn.Module, metaclass=type):\n"
        "    def __init__(self, n):\n        super().__init__(n)\n"
        "        nn.Module.__init__(self)\n        self.n = n\n"
    )
    layer = module(text).definitions[0].value(3)
    assert layer.n == 3
    assert not hasattr(layer, "parameters")
    with pytest.raises(AttributeError, match=r"base class torch_not_here\.nn\.Module, but"):
        layer.register(1)


def test_two_missing_bases_may_stand_side_by_side(module) -> None:
    read = module("from nowhere import A, B\nclass C(A, B, keyword=1): pass\nclass D(C): pass\n")
    assert [one.name for one in read.definitions] == ["C", "D"]


def test_a_missing_decorator_leaves_the_function(module) -> None:
    text = "import numba_not_here as nb\n@nb.njit(cache=True)\ndef f(x): return x\n"
    text += "class A:\n    @nb.jit\n    def g(self): return 1\n"
    read = module(text)
    assert read.definitions[0].value(2) == 2
    assert read.definitions[1].value().g() == 1


def test_annotations_with_missing_types_are_harmless(module) -> None:
    text = "import torch_not_here as t\nfrom typing import Optional\n"
    text += "def f(x: t.Tensor | None, y: Optional[t.Tensor], z: t.Array[int]) -> t.X: return 1\n"
    assert module(text).definitions[0].value(1, 2, 3) == 1


def test_try_except_import_error_takes_the_fallback(module) -> None:
    text = "try:\n    import cupy_not_here as np\nexcept ImportError:\n    import numpy as np\n"
    assert module(text + "def f(): return np\n").definitions[0].value() is np


@pytest.mark.parametrize(
    "use",
    [
        lambda t: t(),
        lambda t: t + 1,
        lambda t: 2 * t,
        lambda t: np.ones(2) @ t,
        lambda t: -t,
        lambda t: bool(t),
        lambda t: list(t),
        lambda t: len(t),
        lambda t: 1 in t,
        lambda t: float(t),
        lambda t: t < 1,
        lambda t: np.asarray(t),
        lambda t: np.exp(t),
        lambda t: t["x"] + 1,
        lambda t: setattr(t, "x", 1),
        lambda t: t.__enter__(),
    ],
)
def test_any_use_of_a_placeholder_is_an_import_error(use) -> None:
    with pytest.raises(ImportError, match="is used here, but torch is not installed"):
        use(TORCH.tensor)


def test_looking_at_a_placeholder_is_harmless() -> None:
    assert repr(TORCH.nn.Module) == "<absent torch.nn.Module>"
    assert copy.deepcopy([TORCH])[0] is TORCH
    assert copy.copy(TORCH) is TORCH
    assert not isinstance(3, TORCH.Tensor)
    assert not issubclass(int, TORCH.Tensor)
    assert not hasattr(TORCH, "__wrapped__")


def test_no_window_opens(module, monkeypatch) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)
    module("class A: pass\n")
    assert os.environ["MPLBACKEND"] == "Agg"
