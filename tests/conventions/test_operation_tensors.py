"""Operations that compute their gradients with the tensors of their own framework."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcheck import check_module
from gradcheck.conventions.arguments import Memory
from gradcheck.conventions.operation import NodeOf, array_of, propose
from gradcheck.findings import SubjectReport

FRAMEWORK = """
import numpy as np


class Op:
    def compute(self, *args):
        raise NotImplementedError()

    def gradient(self, out_grad, node):
        raise NotImplementedError()


class TensorOp(Op):
    def __call__(self, *args):
        return Tensor.make_from_op(self, args)


class Tensor:
    def __init__(self, array, *, dtype=None, requires_grad=True):
        self.op, self.inputs = None, []
        self.cached_data = np.array(array, dtype=dtype)
        self.requires_grad = requires_grad

    @staticmethod
    def make_from_op(op, inputs):
        made = Tensor.__new__(Tensor)
        made.op, made.inputs, made.cached_data = op, list(inputs), None
        made.requires_grad = any(one.requires_grad for one in inputs)
        made.realize_cached_data()
        if not made.requires_grad:
            return Tensor(made.cached_data, requires_grad=False)
        return made

    def realize_cached_data(self):
        if self.cached_data is None:
            self.cached_data = self.op.compute(*[x.realize_cached_data() for x in self.inputs])
        return self.cached_data

    def numpy(self):
        return self.realize_cached_data()

    @property
    def data(self):
        return Tensor(self.realize_cached_data(), requires_grad=False)

    @property
    def shape(self):
        return self.realize_cached_data().shape

    def __mul__(self, other):
        return EWiseMul()(self, other)

    def transpose(self, axes=None):
        return Transpose(axes)(self)

    def broadcast_to(self, shape):
        return BroadcastTo(shape)(self)

    def sum(self, axes=None):
        return Summation(axes)(self)


class EWiseMul(TensorOp):
    def compute(self, a, b):
        return a * b

    def gradient(self, out_grad, node):
        lhs, rhs = node.inputs
        return out_grad * rhs, out_grad * lhs


class Transpose(TensorOp):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        first, second = self.axes or (-2, -1)
        return np.swapaxes(a, first, second)

    def gradient(self, out_grad, node):
        return out_grad.transpose(axes=self.axes)


class TransposeTwice(Transpose):
    def compute(self, a):
        return 2.0 * super().compute(a)


class Reshape(TensorOp):
    def __init__(self, shape):
        self.shape = shape

    def compute(self, a):
        return np.reshape(a, self.shape)

    def gradient(self, out_grad, node):
        return reshape(out_grad, node.inputs[0].shape)


def reshape(a, shape):
    return Reshape(shape)(a)


class BroadcastTo(TensorOp):
    def __init__(self, shape):
        self.shape = shape

    def compute(self, a):
        return np.broadcast_to(a, self.shape)

    def gradient(self, out_grad, node):
        lead = len(self.shape) - len(node.inputs[0].shape)
        return reshape(out_grad.sum(axes=tuple(range(lead))), node.inputs[0].shape)


class Summation(TensorOp):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        return np.sum(a, axis=self.axes)

    def gradient(self, out_grad, node):
        shape = node.inputs[0].shape
        axes = range(len(shape)) if self.axes is None else self.axes
        kept = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
        return reshape(out_grad, kept).broadcast_to(shape)


class Exp(TensorOp):
    def compute(self, a):
        return np.exp(a)

    def gradient(self, out_grad, node):
        return out_grad * node


class ExpByModuleFunction(TensorOp):
    def compute(self, a):
        return np.exp(a)

    def gradient(self, out_grad, node):
        return out_grad * exp(node.inputs[0])


class ExpTwice(TensorOp):
    def compute(self, a):
        return np.exp(a)

    def gradient(self, out_grad, node):
        return out_grad * exp(exp(node.inputs[0].data))


def exp(a):
    return Exp()(a)


class ReLU(TensorOp):
    def compute(self, a):
        return np.maximum(a, 0)

    def gradient(self, out_grad, node):
        return out_grad * Tensor(node.realize_cached_data() > 0)


class ReLUOfTheGradient(TensorOp):
    def compute(self, a):
        return np.maximum(a, 0)

    def gradient(self, out_grad, node):
        return out_grad * Tensor(out_grad.realize_cached_data() > 0)


class TensorTupleOp(Op):
    pass


class AddBoth(TensorTupleOp):
    def compute(self, a):
        return a + 1, a + 2

    def gradient(self, out_grad, node):
        return out_grad[0] + out_grad[1]


class Stack(TensorOp):
    def __init__(self, axis):
        self.axis = axis

    def compute(self, args):
        return np.stack([one for one in args], self.axis)

    def gradient(self, out_grad, node):
        return out_grad
"""

RIGHT = ("EWiseMul", "Transpose", "Reshape", "BroadcastTo", "Summation", "Exp", "ReLU")
WRONG = ("TransposeTwice", "ExpTwice", "ReLUOfTheGradient")


@pytest.mark.parametrize("symbol", [*RIGHT, "ExpByModuleFunction"])
def test_a_right_operation_passes_with_its_own_tensors(tmp_path: Path, symbol: str) -> None:
    subject = checked(tmp_path, symbol)
    assert subject.verdict == "pass", subject
    assert subject.convention == "operation"


@pytest.mark.parametrize("symbol", WRONG)
def test_a_wrong_operation_fails_with_its_own_tensors(tmp_path: Path, symbol: str) -> None:
    subject = checked(tmp_path, symbol)
    assert "input-gradient-wrong" in {one.check for one in subject.faults}, subject


def test_one_tensor_is_not_taken_for_several() -> None:
    """A tensor that can be indexed without end would be gone through without end."""
    names: dict[str, Any] = {}
    exec(compile(FRAMEWORK, "framework", "exec"), names)
    assert len(list(propose(names["Exp"]))) == 2
    assert len(list(propose(names["Stack"]))) == 1


def test_what_makes_tuples_of_tensors_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "ops.py"
    file.write_text(FRAMEWORK)
    report = check_module(file, examples=1, shrink_seconds=0.0)
    assert {"AddBoth", "TensorTupleOp", "TensorOp"} <= set(report.passed_over)


def test_a_node_of_arrays_computes_like_its_value_and_answers_like_a_tensor() -> None:
    x = np.array([[1.0, 2.0]])
    memory = Memory({"a": x}, outputs={"y": 2 * x})
    node = NodeOf(("a",), "y").value(memory)
    assert (node * 3 == 6 * x).all()
    assert node.inputs[0].shape == x.shape
    for one, value in ((node, 2 * x), (node.inputs[0], x)):
        for held in (one.realize_cached_data(), one.numpy(), one.cached_data):
            assert type(held) is np.ndarray
            assert (held == value).all()
    assert np.shares_memory(node.inputs[0], x)
    assert (node + 1).inputs == ()


def test_what_a_gradient_returns_is_read_however_it_is_wrapped() -> None:
    class Wrapped:
        def __init__(self, value: object) -> None:
            self.value = value

        def numpy(self) -> object:
            return self.value

    assert array_of((Wrapped(Wrapped(1.0)), None)) == (1.0, None)


def checked(folder: Path, symbol: str) -> SubjectReport:
    """Return the report on one operation."""
    file = folder / "ops.py"
    file.write_text(FRAMEWORK)
    return check_module(file, symbols=[symbol], examples=20, shrink_seconds=0.0).subjects[0]
