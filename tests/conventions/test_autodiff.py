"""Convention 11 in all the ways in which people write such classes, right and wrong."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from gradcheck import check_module
from gradcheck.findings import Report

SCALAR = """
    import math

    class Value:
        def __init__(self, {value}, _children=()):
            self.{value}, self.{grad} = {value}, 0
            self._children = set(_children)
            self._backward = lambda: None

        def __add__(self, other):
            out = Value(self.{value} + other.{value}, (self, other))
            def _backward():
                self.{grad} += out.{grad}
                other.{grad} += out.{grad}
            out._backward = _backward
            return out

        def __mul__(self, other):
            out = Value(self.{value} * other.{value}, (self, other))
            def _backward():
                self.{grad} += other.{value} * out.{grad}
                other.{grad} += self.{value} * out.{grad}
            out._backward = _backward
            return out

        def tanh(self):
            out = Value(math.tanh(self.{value}), (self,))
            def _backward():
                self.{grad} += (1 - out.{value} ** 2) * out.{grad}
            out._backward = _backward
            return out

        def backward(self):
            order, seen = [], set()
            def visit(v):
                if v not in seen:
                    seen.add(v)
                    for child in v._children:
                        visit(child)
                    order.append(v)
            visit(self)
            self.{grad} = 1
            for v in reversed(order):
                v._backward()
"""

RECURSIVE = """
    import numpy as np

    class Tensor:
        def __init__(self, data, requires_grad=False, depends_on=()):
            self.data = np.asarray(data, dtype=float)
            self.requires_grad, self.depends_on = requires_grad, depends_on
            self.grad = Tensor(np.zeros_like(self.data)) if requires_grad else None

        def backward(self, grad: 'Tensor' = None):
            if grad is None:
                assert self.data.shape == ()
                grad = Tensor(1.0)
            self.grad.data = self.grad.data + grad.data
            for tensor, function in self.depends_on:
                tensor.backward(Tensor(function(grad.data)))

        def __mul__(self, other):
            parts = [(self, lambda g: g * other.data), (other, lambda g: g * self.data)]
            return Tensor(self.data * other.data, True, parts)

        def __neg__(self):
            return Tensor(-self.data, True, [(self, lambda g: -g)])

        def sum(self):
            part = (self, lambda g: g * np.ones_like(self.data))
            return Tensor(self.data.sum(), True, [part])
"""

RELU_ALONE = """
    import numpy as np

    class Tensor:
        {slots}

        def __init__(self, data, requires_grad=False):
            self.data, self.grad = data, None
            self.requires_grad, self._prev, self._backward = requires_grad, (), None

        def _of(self, data, *children):
            out = Tensor(data, any(one.requires_grad for one in children))
            out._prev = children
            return out

        def _take(self, grad):
            self.grad = grad if self.grad is None else self.grad + grad

        def __mul__(self, other):
            out = self._of(self.data * other.data, self, other)
            def _backward():
                self._take(out.grad * other.data)
                other._take(out.grad * self.data)
            out._backward = _backward
            return out

        def relu(self):
            out = self._of(np.maximum(self.data, 0), self)
            def _backward():
                self._take(out.grad * (self.data > 0))
            out._backward = _backward
            return out

        def sum(self):
            out = self._of(self.data.sum(), self)
            def _backward():
                self._take(out.grad * np.ones(self.data.shape))
            out._backward = _backward
            return out

        def backward(self):
            {refusal}
            self.grad = np.ones(np.shape(self.data))
            order, seen = [], set()
            def visit(v):
                if id(v) not in seen:
                    seen.add(id(v))
                    for child in v._prev:
                        visit(child)
                    order.append(v)
            visit(self)
            for v in reversed(order):
                if v._backward:
                    v._backward()
"""

SLOTS = "__slots__ = ('data', 'grad', 'requires_grad', '_prev', '_backward')"
REFUSAL = "assert np.size(self.data) == 1, 'only for a scalar'"


@pytest.fixture
def check(tmp_path: Path):
    def run(text: str, **changes: str) -> Report:
        for old, new in changes.items():
            text = text.replace(f"{{{old}}}", new)
        path = tmp_path / "engine.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return check_module(path, examples=12, shrink_seconds=0.0)

    return run


def verdicts(report: Report) -> dict[str, str]:
    return {one.symbol.rpartition(".")[2]: one.verdict for one in report.subjects}


def scalar(value: str = "data", grad: str = "grad") -> str:
    return SCALAR.replace("{value}", value).replace("{grad}", grad)


@pytest.mark.parametrize(
    ("value", "grad"), [("data", "grad"), ("value", "_grad"), ("val", "gradient")]
)
def test_the_attributes_may_have_any_usual_name(check, value: str, grad: str) -> None:
    right = dict.fromkeys(("__add__", "__mul__", "tanh", "backward"), "pass")
    assert verdicts(check(scalar(value, grad))) == right


def test_every_operation_has_the_line_of_its_method(check) -> None:
    text = textwrap.dedent(scalar()).split("\n")
    for one in check(scalar()).subjects:
        assert f"def {one.symbol.rpartition('.')[2]}(" in text[one.line - 1]


@pytest.mark.parametrize(
    ("symbol", "old", "new"),
    [
        ("tanh", "self.grad += (1 - out.data ** 2) * out.grad", "self.grad += 1 - out.data ** 2"),
        ("tanh", "self.grad += (1", "self.grad = (1"),
        ("__add__", "self.grad += out", "self.grad = out"),
        ("__mul__", "other.grad += self.data", "other.grad += other.data"),
    ],
)
def test_only_the_operation_at_fault_is_blamed(check, symbol: str, old: str, new: str) -> None:
    assert old in scalar()
    found = verdicts(check(scalar().replace(old, new)))
    assert {name for name, verdict in found.items() if verdict != "pass"} == {symbol}


def test_a_backward_in_the_wrong_order_is_wrong(check) -> None:
    text = scalar()
    start = text.index("order, seen")
    naive = """waiting = [self]
            self.grad = 1
            while waiting:
                v = waiting.pop()
                v._backward()
                waiting.extend(v._children)
"""
    found = verdicts(check(text[:start] + naive))
    assert {name for name, verdict in found.items() if verdict == "fail"} == {"backward"}


def test_a_recursion_that_is_handed_objects(check) -> None:
    report = check(RECURSIVE)
    found = verdicts(report)
    assert found.pop("__mul__") in ("fail", "error")  # of broadcast operands
    assert found == {"__neg__": "pass", "sum": "pass", "backward": "pass"}
    (product,) = [one for one in report.subjects if one.symbol == "Tensor.__mul__"]
    assert {one.case.get("option shapes") for one in product.findings} & {"row", "row first"}


@pytest.mark.parametrize("slots", ["", SLOTS])
@pytest.mark.parametrize("refusal", ["", REFUSAL])
def test_gradients_that_are_none_slots_and_a_backward_of_scalars_only(
    check, slots: str, refusal: str
) -> None:
    found = verdicts(check(RELU_ALONE, slots=slots, refusal=refusal))
    assert found.pop("__mul__") == "fail"  # broadcasting is not undone
    assert found == {"relu": "pass", "sum": "pass", "backward": "pass"}


def test_a_sum_that_ignores_its_upstream_gradient_is_wrong(check) -> None:
    text = RELU_ALONE.replace("out.grad * np.ones(self", "np.ones(self")
    assert verdicts(check(text, slots="", refusal=""))["sum"] == "fail"


def test_what_needs_a_framework_is_passed_over(check) -> None:
    text = (
        scalar()
        .replace("import math", "import math\n    import jax")
        .replace("math.tanh(", "jax.numpy.tanh(")
    )
    assert set(verdicts(check(text))) == {"__add__", "__mul__", "backward"}


def test_reverse_operators_and_powers(check) -> None:
    more = """
        def __rsub__(self, other):
            out = Value(other - self.data, (self,))
            def _backward():
                self.grad += {sign}out.grad
            out._backward = _backward
            return out

        def __pow__(self, n):
            assert isinstance(n, int), "only whole numbers"
            out = Value(self.data ** n, (self,))
            def _backward():
                self.grad += {factor} * self.data ** (n - 1) * out.grad
            out._backward = _backward
            return out
"""
    text = scalar() + more
    right = verdicts(check(text, sign="-", factor="n"))
    wrong = verdicts(check(text, sign="", factor="(n - 1)"))
    assert (right["__rsub__"], right["__pow__"]) == ("pass", "pass")
    assert (wrong["__rsub__"], wrong["__pow__"]) == ("fail", "fail")


def test_what_is_still_to_be_written_is_not_attempted(check) -> None:
    text = scalar()
    start, end = text.index("out = Value(math"), text.index("def backward")
    found = verdicts(check(f"{text[:start]}raise NotImplementedError\n\n        {text[end:]}"))
    right = {"__add__": "pass", "__mul__": "pass", "backward": "pass"}
    assert found == {**right, "tanh": "not-attempted"}
    start = text.index("order, seen")
    assert verdicts(check(f"{text[:start]}pass\n")) == {"backward": "not-attempted"}
