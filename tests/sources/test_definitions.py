"""Definitions run, scripts do not."""

from __future__ import annotations

import io
import random
import sys

import numpy as np
import pytest

from gradcheck.errors import SourceError


def names(module) -> list[str]:
    return [one.name for one in module.definitions]


def test_classes_and_functions_in_the_order_of_the_file_with_their_lines(module) -> None:
    read = module("import math\n\nclass B:\n    pass\n\n\ndef f(x): return x\nclass A(B): pass\n")
    assert [(one.name, one.line) for one in read.definitions] == [("B", 3), ("f", 7), ("A", 8)]
    assert read.definitions[1].value(3) == 3


def test_imported_classes_are_not_definitions(module) -> None:
    assert names(module("from fractions import Fraction\nclass A: pass\n")) == ["A"]


def test_of_a_name_defined_twice_the_last_counts(module) -> None:
    read = module("def f(): return 1\nclass A: pass\ndef f(): return 2\n")
    assert [(one.name, one.line) for one in read.definitions] == [("A", 2), ("f", 3)]
    assert read.definitions[1].value() == 2


def test_of_two_branches_the_one_that_ran_is_told(module) -> None:
    read = module("if True:\n    def f(): return 1\nelse:\n    def f(): return 2\n")
    assert [(one.line, one.value()) for one in read.definitions] == [(2, 1)]


def test_a_lambda_with_a_name_is_a_definition(module) -> None:
    read = module("import numpy as np\nrelu = lambda x: missing_here(np.maximum(x, 0))\n")
    assert [(one.name, one.line) for one in read.definitions] == [("relu", 2)]


@pytest.mark.parametrize(
    "statement",
    [
        "print('x')",
        "raise RuntimeError",
        "input()",
        "for i in range(3): raise RuntimeError",
        "while True: pass",
        "data = open('absent.csv').read()",
        "import numpy as np\ndata = np.load('absent.npy')",
        "import numpy as np\nnp.seterr(all='raise')",
        "net = A()",
        "import sys\nsys.stdout = None",
        "if __name__ == '__main__':\n    raise RuntimeError",
        "if A().x:\n    raise RuntimeError",
        "with open('absent') as f:\n    pass",
        "assert False",
        "del A",
        "import random\nrandom.seed(0)",
        "x = (lambda: undefined)()",
    ],
)
def test_scripts_do_not_run(module, statement: str) -> None:
    read = module(f"class A:\n    def __init__(self): raise RuntimeError\n{statement}\n")
    assert names(read) == ["A"]
    assert read.notes == ()
    assert sys.stdout is not None


@pytest.mark.parametrize(
    "constant",
    [
        "EPS = 1e-7",
        "EPS = np.finfo(float).eps",
        "EPS: float = float('1e-7')",
        "EPS = 2 * 10**-8",
        "EPS = {'eps': [1e-7]}['eps'][0]",
        "EPS = np.random.default_rng(0).uniform()",
        "RNG = np.random.RandomState(0)\nEPS = RNG.uniform()",
        "from math import sqrt as root\nEPS = root(2)",
        "from collections import namedtuple\nP = namedtuple('P', 'eps')\nEPS = 1",
        "EPS = 1\nEPS += 1",
        "with np.errstate(all='ignore'):\n    EPS = np.float64(1)",
        "if np.float64 is not None:\n    EPS = 1\nelse:\n    EPS = -1",
        "try:\n    import no_such_package\n    EPS = -1\nexcept ImportError:\n    EPS = 1",
        "if GPU:\n    EPS = compute()\nelse:\n    EPS = 1",
    ],
)
def test_constants_are_there_for_the_layers(module, constant: str) -> None:
    read = module(f"import numpy as np\nGPU = False\n{constant}\nclass A:\n    eps = EPS\n")
    assert read.definitions[0].value.eps > 0
    assert read.notes == ()


def test_what_depends_on_a_call_left_out_is_left_out_without_a_note(module) -> None:
    read = module("data = load()\nx = data[0]\ny = x * 2\ndef f(): return y\n")
    assert "y" not in read.namespace
    assert read.notes == ()
    with pytest.raises(NameError, match="'y' is not defined"):
        read.definitions[0].value()


def test_a_branch_left_out_may_be_the_one_that_counts(module) -> None:
    read = module("GPU = True\nif GPU:\n    x = compute()\nelse:\n    x = 1\ny = x\n")
    assert "y" not in read.namespace
    assert read.notes == ()


def test_a_class_may_be_extended_after_its_definition(module) -> None:
    read = module("class A: pass\ndef forward(self): return 1\nA.forward = forward\n")
    assert read.definitions[0].value().forward() == 1


def test_future_statements_are_honoured(module) -> None:
    text = "from __future__ import annotations\ndef f(x: NotThere): return x\n"
    assert module(text).definitions[0].value.__annotations__ == {"x": "NotThere"}


def test_annotations_are_not_ours_to_be_deferred(module) -> None:
    assert module("def f(x: int): return x\n").definitions[0].value.__annotations__ == {"x": int}


def test_an_annotation_that_fails_does_not_cost_the_layer(module) -> None:
    read = module("data = load()\nclass A:\n    def forward(self, x: data.Array): return x\n")
    assert read.definitions[0].value().forward(1) == 1
    assert read.notes == ()


def test_typing_only_imports_are_not_made(module) -> None:
    text = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import nowhere\nclass A: pass\n"
    )
    assert module(text).notes == ()


def test_dataclasses_with_annotations_as_text_work(module) -> None:
    text = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "from typing import ClassVar\n"
        "@dataclass\nclass A:\n    n: ClassVar[int] = 3\n    m: int = 4\n"
    )
    assert repr(module(text).definitions[0].value()).endswith("A(m=4)")


def test_everything_runs_when_asked_but_not_as_main(module) -> None:
    text = "x = [n for n in range(3)]\nx.append(9)\ndef f(): return x\n"
    text += "if __name__ == '__main__': f = 1\n"
    assert module(text, run_module=True).definitions[0].value() == [0, 1, 2, 9]


def test_a_script_that_runs_gets_no_input_and_no_screen(module, capsys) -> None:
    read = module("print('hello')\nanswer = input('? ')\nclass A: pass\n", run_module=True)
    assert capsys.readouterr().out == ""
    assert read.notes == (
        "line 2: answer could not be defined (EOFError: EOF when reading a line)",
    )


def test_standard_input_and_output_are_ours_again_afterwards(module) -> None:
    before = sys.stdin, sys.stdout, sys.argv
    module("import sys\nsys.stdin = sys.stdout = sys.argv = None\n", run_module=True)
    assert (sys.stdin, sys.stdout, sys.argv) == before
    assert not isinstance(sys.stdin, io.StringIO)


def test_random_generators_are_left_as_they_were(module) -> None:
    states = random.getstate(), np.random.get_state()[1].tolist()
    text = "import random\nimport numpy as np\nrandom.seed(1)\nx = np.random.rand(3)\n"
    module(text, run_module=True)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states


def test_a_constant_that_fails_is_noted_and_the_rest_goes_on(module) -> None:
    read = module("import math\nx = 1 / 0\nclass A:\n    def f(self): return x + 1\n")
    assert read.notes == ("line 2: x could not be defined (ZeroDivisionError: division by zero)",)
    with pytest.raises(NameError, match=r"x is used here, but line 2: it got no value \(ZeroDiv"):
        read.definitions[0].value().f()


@pytest.mark.parametrize(
    "raised", ["ValueError('no')", "SystemExit(3)", "MemoryError()", "GeneratorExit"]
)
def test_a_class_that_fails_is_noted_with_its_line(module, raised: str) -> None:
    read = module(f"class A:\n    x = 1\n    raise {raised}\nclass B: pass\n")
    assert names(read) == ["B"]
    assert len(read.notes) == 1
    assert read.notes[0].startswith("line 3: A could not be defined")


def test_a_keyboard_interrupt_is_the_users_own(module) -> None:
    with pytest.raises(KeyboardInterrupt):
        module("class A:\n    raise KeyboardInterrupt\n")


def test_a_decorator_left_out_does_not_cost_the_layer(module) -> None:
    read = module("REGISTRY = make()\n@REGISTRY.register('a')\nclass A: pass\n")
    assert names(read) == ["A"]
    assert read.notes == ("line 3: A was read without a decorator that is not there",)


def test_decorators_that_the_class_defines_itself_are_kept(module) -> None:
    read = module(
        "class A:\n    def twice(f): return lambda self: 2 * f(self)\n"
        "    @property\n    def n(self): return self._n\n"
        "    @n.setter\n    def n(self, n): self._n = n\n"
        "    @twice\n    def m(self): return self.n\n"
    )
    assert read.notes == ()
    layer = read.definitions[0].value()
    layer.n = 3
    assert layer.m() == 6


def test_a_decorator_from_the_same_branch_is_kept(module) -> None:
    text = "if True:\n    def twice(f): return lambda: 2 * f()\n    @twice\n    def g(): return 2\n"
    read = module(text)
    assert [one.value() for one in read.definitions if one.name == "g"] == [4]


def test_a_very_long_expression_is_no_fault_of_ours(module) -> None:
    for length in (300, 900, 2000, 5000):  # from what runs to what Python's parser refuses
        try:
            read = module("x = " + "+".join(["1"] * length) + "\nclass A: pass\n")
        except SourceError as error:
            assert "too deeply nested" in str(error)  # noqa: PT017
        else:
            assert names(read) == ["A"]


def test_a_stand_in_for_a_package_that_is_not_there_is_made(module) -> None:
    read = module(
        "try:\n    import no_such_package as mx\nexcept ImportError:\n"
        "    class Dummy:\n        array = None\n    mx = Dummy()\n    other = Dummy()\n"
        "kinds = (float, mx.array)\nclass A:\n    kinds = kinds\n"
    )
    assert read.definitions[-1].value.kinds == (float, None)
    assert "other" not in read.namespace
