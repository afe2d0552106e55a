"""Functions that are called with variables: read as their own framework calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcheck import check_module
from gradcheck.conventions.variable_function import variable_class
from gradcheck.findings import Report, SubjectReport

ARRAYS = """
import numpy as np


class Variable:
    def __init__(self, data):
        if not isinstance(data, np.ndarray):
            raise TypeError(type(data))
        self.data = data
        self.grad = None
        self.creator = None

    def backward(self):
        if self.grad is None:
            self.grad = np.ones_like(self.data)
        waiting = [self.creator]
        while waiting:
            made = waiting.pop()
            made.input.grad = made.backward(made.output.grad)
            if made.input.creator is not None:
                waiting.append(made.input.creator)


class Function:
    def __call__(self, input):
        y = self.forward(input.data)
        output = Variable(np.asarray(y))
        output.creator = self
        self.input = input
        self.output = output
        return output

    def forward(self, x):
        raise NotImplementedError()

    def backward(self, gy):
        raise NotImplementedError()


class Cube(Function):
    def forward(self, x):
        return x**3

    def backward(self, gy):
        return 3 * self.input.data**2 * gy


class CubeWithoutItsFactor(Function):
    def forward(self, x):
        return x**3

    def backward(self, gy):
        return self.input.data**2 * gy


class Shifted(Function):
    def forward(self, x):
        return x + 1.0
"""

VARIABLES = '''
import weakref
import numpy as np


class Variable:
    __array_priority__ = 200

    def __init__(self, data, name=None):
        self.data = data
        self.name = name
        self.grad = None

    @property
    def shape(self):
        return self.data.shape

    def backward(self):
        self.grad = Variable(np.ones_like(self.data))


class Parameter(Variable):
    pass


def as_variable(value):
    return value if isinstance(value, Variable) else Variable(np.asarray(value))


class Function:
    def __call__(self, *inputs):
        inputs = [as_variable(x) for x in inputs]
        ys = self.forward(*[x.data for x in inputs])
        if not isinstance(ys, tuple):
            ys = (ys,)
        outputs = [Variable(np.asarray(y)) for y in ys]
        self.inputs, self.outputs = inputs, [weakref.ref(one) for one in outputs]
        return outputs if len(outputs) > 1 else outputs[0]

    def forward(self, *xs):
        raise NotImplementedError()

    def backward(self, *gys):
        raise NotImplementedError()


class Product(Function):
    def forward(self, x0, x1):
        return x0 * x1

    def backward(self, gy):
        x0, x1 = self.inputs
        return gy * x1, gy * x0


class ProductNotSwapped(Product):
    def backward(self, gy):
        x0, x1 = self.inputs
        return gy * x0, gy * x1


def mul(a, b):
    return Product()(a, b)


class Sine(Function):
    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        return gy * Cosine()(self.inputs[0])


class Cosine(Function):
    def forward(self, x):
        return np.cos(x)

    def backward(self, gy):
        return gy * Sine()(self.inputs[0])


class Exponential(Function):
    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        return gy * self.outputs[0]()


class ExponentialOfItself(Exponential):
    def backward(self, gy):
        y = self.outputs[0]()
        return gy * y * y


class Reshaped(Function):
    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        self.x_shape = x.shape
        return x.reshape(self.shape)

    def backward(self, gy):
        return Reshaped(self.x_shape)(gy)


class Halved(Function):
    def forward(self, x):
        return x * 0.5

    def backward(self, gy):
        gy *= 0.5
        return gy


class HalvedInPlace(Halved):
    def backward(self, gy):
        gy.data *= 0.5
        return gy


class SquaredDistance(Function):
    def forward(self, x0, x1):
        return ((x0 - x1) ** 2).sum() / len(x0)

    def backward(self, gy):
        x0, x1 = self.inputs
        gx0 = gy.data * 2.0 * (x0.data - x1.data) / len(x0.data)
        return Variable(gx0), Variable(-gx0)


class SquaredDistanceOfTheSum(SquaredDistance):
    def backward(self, gy):
        x0, x1 = self.inputs
        gx0 = gy.data * 2.0 * (x0.data - x1.data)
        return Variable(gx0), Variable(-gx0)


def setup_variable():
    """Give the variables their operators."""
    Variable.__mul__ = mul
    Variable.__rmul__ = mul


setup_variable()
'''

MODULES = """
import numpy as np


class Tensor:
    def __init__(self, data):
        self.data = data


class Module:
    def __call__(self, x):
        self.input = x
        return self.forward(x)

    def forward(self, x):
        raise NotImplementedError()


class Doubled(Module):
    def forward(self, x):
        return 2 * x

    def backward(self, dout):
        return 2 * dout
"""

RIGHT = [
    (ARRAYS, "Cube"),
    *((VARIABLES, one) for one in ("Product", "Sine", "Exponential", "Reshaped")),
    *((VARIABLES, one) for one in ("Halved", "SquaredDistance")),
]
WRONG = [
    (ARRAYS, "CubeWithoutItsFactor", "input-gradient-wrong"),
    (VARIABLES, "ProductNotSwapped", "input-gradient-wrong"),
    (VARIABLES, "Cosine", "input-gradient-wrong"),  # its sign; Sine, which calls it, is right
    (VARIABLES, "ExponentialOfItself", "input-gradient-wrong"),
    (VARIABLES, "HalvedInPlace", "upstream-mutated"),
    (VARIABLES, "SquaredDistanceOfTheSum", "input-gradient-wrong"),
]


@pytest.mark.parametrize(("text", "symbol"), RIGHT)
def test_a_right_function_passes_as_its_framework_calls_it(
    tmp_path: Path, text: str, symbol: str
) -> None:
    subject = checked(tmp_path, text, symbol)
    assert subject.verdict == "pass", subject
    assert "called with variables" in subject.assumptions["read as"], subject.assumptions


@pytest.mark.parametrize(("text", "symbol", "check"), WRONG)
def test_a_wrong_function_fails_for_what_is_wrong_with_it(
    tmp_path: Path, text: str, symbol: str, check: str
) -> None:
    subject = checked(tmp_path, text, symbol)
    assert check in {one.check for one in subject.faults}, subject
    assert subject.convention == "variable-function"


@pytest.mark.parametrize("text", [ARRAYS, VARIABLES])
def test_the_base_class_and_the_variables_are_passed_over(tmp_path: Path, text: str) -> None:
    report = report_of(tmp_path, text)
    assert {"Function", "Variable"} <= set(report.passed_over)


def test_a_function_without_a_backward_of_its_own_is_not_attempted(tmp_path: Path) -> None:
    assert checked(tmp_path, ARRAYS, "Shifted").verdict == "not-attempted"


def test_a_module_that_only_keeps_its_input_is_called_with_arrays(tmp_path: Path) -> None:
    assert checked(tmp_path, MODULES, "Doubled").convention != "variable-function"


def test_the_class_of_the_variables_is_the_one_that_the_call_makes() -> None:
    names: dict[str, type] = {}
    assert variable_class(type("Plain", (), names)) is None


def checked(folder: Path, text: str, symbol: str) -> SubjectReport:
    """Return the report on one layer of a file with this text."""
    return report_of(folder, text, symbol).subjects[0]


def report_of(folder: Path, text: str, *symbols: str) -> Report:
    """Return the report on a file with this text."""
    file = folder / "functions.py"
    file.write_text(text)
    return check_module(file, symbols=symbols, examples=20, shrink_seconds=0.0)
