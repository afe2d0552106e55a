"""What is a layer's fault, what is only our ignorance, and what is not there yet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import layers
from gradcheck import check_layer, check_module
from gradcheck.conventions.stubs import is_unfinished
from gradcheck.findings import SubjectReport


def checked(tmp_path: Path, text: str, **settings) -> SubjectReport:
    path = tmp_path / "layers_of_mine.py"
    path.write_text(f"import numpy as np\n{text}", encoding="utf-8")
    return check_module(path, examples=20, **settings).subjects[-1]


BIAS_FORGOTTEN = """
class Conv:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.randn(n_in, n_out), np.zeros(n_out)
        self.dLdW, self.dLdb = np.zeros_like(self.W), np.zeros_like(self.b)
    def forward(self, A):
        self.A = A
        return A @ self.W
    def backward(self, dLdZ):
        self.dLdW, self.dLdb = self.A.T @ dLdZ, dLdZ.sum(axis=0)
        return dLdZ @ self.W.T
"""


def test_a_gradient_of_what_forward_forgot_is_wrong(tmp_path: Path) -> None:
    subject = checked(tmp_path, BIAS_FORGOTTEN)
    assert {one.array for one in subject.faults} == {"dLdb"}
    healthy = BIAS_FORGOTTEN.replace("A @ self.W\n", "A @ self.W + self.b\n")
    assert checked(tmp_path, healthy).verdict == "pass"


def test_an_array_that_no_gradient_belongs_to_is_held_fixed_and_told(tmp_path: Path) -> None:
    subject = checked(
        tmp_path,
        """
class Mixer:
    def __init__(self):
        self.angles = np.linspace(0.5, 1.5, 4)
    def forward(self, x):
        return x * self.angles[: x.shape[1]].sum()
    def backward(self, dout):
        return dout * self.angles[: dout.shape[1]].sum()
""",
    )
    assert subject.verdict == "pass"
    assert "angles" in str(dict(subject.assumptions))


@pytest.mark.parametrize("half", ["forward", "backward"])
def test_a_half_that_is_not_there_is_not_attempted(tmp_path: Path, half: str) -> None:
    subject = checked(tmp_path, f"class Sigmoid:\n    def {half}(self, x):\n        return x\n")
    assert subject.verdict == "not-attempted"


def test_a_misspelt_half_is_a_fault(tmp_path: Path) -> None:
    text = (
        "class Sigmoid:\n    def forward(self, x): return x\n    def backwrad(self, d): return d\n"
    )
    subject = checked(tmp_path, text)
    assert [one.check for one in subject.faults] == ["method-misspelt"]


def test_a_part_that_others_are_to_write_is_not_attempted(tmp_path: Path) -> None:
    subject = checked(
        tmp_path,
        """
class Pointwise:
    def forward(self, x):
        self.x = x
        return self.apply(x)
    def backward(self, dout):
        return dout * self.slope(self.x)
    def apply(self, x): return x ** 2
    def slope(self, x): raise NotImplementedError
""",
    )
    assert subject.verdict == "not-attempted"
    assert subject.assumptions["unfinished"] == "slope is still to be written"


def test_what_never_ran_to_its_end_is_a_fault_only_under_a_known_name(tmp_path: Path) -> None:
    text = """
class {name}:
    def forward(self, x):
        self.x = x
        return x * 2
    def backward(self, dout, plan):
        return dout * plan.factor(self.x)
"""
    subject = checked(tmp_path, text.format(name="Blurp"))
    assert [one.check for one in subject.faults] == ["layer-unusable"]


def test_a_fault_of_ours_costs_one_layer(tmp_path: Path, monkeypatch) -> None:
    def broken(*arguments):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("gradcheck.opening.readings_of", broken)
    subject = checked(tmp_path, BIAS_FORGOTTEN)
    assert subject.verdict == "harness-error"
    assert "ZeroDivisionError: ours" in subject.assumptions["fault of gradcheck"]


def _returns_what_nobody_set(self):
    return self.output


def _returns_its_input(self):
    return self.input_


def _raises_at_the_end(x):
    raise NotImplementedError


def _computes(x):
    y = x + 1
    return y


def test_a_stub_computes_nothing() -> None:
    assert is_unfinished(_returns_what_nobody_set)
    assert is_unfinished(_raises_at_the_end)
    assert not is_unfinished(_returns_its_input)
    assert not is_unfinished(_computes)


def test_what_backward_applies_and_does_not_show_is_told(tmp_path: Path) -> None:
    subject = checked(
        tmp_path,
        """
class Affine:
    def __init__(self, n_in, n_out):
        self.W, self.eta = np.random.randn(n_in, n_out), 0.1
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, dout):
        dx = dout @ self.W.T
        self.W -= self.eta * self.x.T @ dout
        return dx
""",
    )
    assert [one.check for one in subject.faults] == ["layer-unusable"]
    assert "backward(dout, learning_rate)" in subject.faults[0].detail


SIMILARITY = """
class Similarity:
    def forward(self, a, b):
        self.a, self.b = a, b
        return (a * b).sum(axis=1)
    def backward(self, dout):
        return dout[:, None] * self.b, dout[:, None] * self.a
"""


def test_a_wrong_gradient_is_not_taken_for_a_label(tmp_path: Path) -> None:
    assert checked(tmp_path, SIMILARITY).verdict == "pass"
    subject = checked(tmp_path, SIMILARITY.replace("dout[:, None] * self.a", "self.a"))
    assert {one.array for one in subject.faults} == {"b", "db"}


TARGET_LOSS = """
class TargetLoss:
    def forward(self, p, t):
        self.p, self.t = p, t
        return 0.5 * np.sum((p - t) ** 2) / len(p)
    def backward(self):
        return (self.p - self.t) / len(self.p)
"""


def test_targets_are_not_narrowed_to_where_a_fault_is_hidden(tmp_path: Path) -> None:
    assert checked(tmp_path, TARGET_LOSS).verdict == "pass"
    assert checked(tmp_path, TARGET_LOSS.replace("- self.t)", "- self.t**2)")).verdict == "fail"


def test_an_image_layer_of_no_known_name_is_not_accused_at_rows(tmp_path: Path) -> None:
    subject = checked(
        tmp_path,
        """
class Shuffled:
    def forward(self, x):
        N, C, H, W = x.shape
        if H % 7 or W % 7: raise ValueError("must divide")
        return x[:, ::-1]
    def backward(self, dout):
        return dout[:, ::-1]
""",
    )
    assert [one.check for one in subject.faults] == ["layer-unusable"]


STATIC_PAIR = """
class Linear:
    @staticmethod
    def forward(x, w, b):
        return x @ w + b, (x, w)
    @staticmethod
    def backward(dout, cache):
        x, w = cache
        return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""


def test_static_methods_with_a_cache_are_a_pair_of_functions(tmp_path: Path) -> None:
    subject = checked(tmp_path, STATIC_PAIR)
    assert (subject.symbol, subject.verdict, subject.convention) == (
        "Linear",
        "pass",
        "function-pair",
    )
    wrong = checked(tmp_path, STATIC_PAIR.replace("sum(axis=0)", "mean(axis=0)"))
    assert {one.array for one in wrong.faults} == {"db"}


def test_a_digit_that_belongs_to_the_name_makes_no_other_kind_of_it() -> None:
    class ReLU6:
        def forward(self, x):
            self.x = x
            return np.clip(x, 0, 6)

        def backward(self, dout):
            return dout * ((self.x > 0) & (self.x < 6))

    assert check_layer(ReLU6, examples=20).verdict == "pass"


def test_results_in_buffers_are_the_convention_of_those_who_are_given_the_inputs_again() -> None:
    class Linear:
        def __init__(self, W, b):
            self.W, self.b, self.output = W, b, np.empty(0)

        def updateOutput(self, input):
            if len(self.output) != len(input):
                self.output = np.empty((len(input), self.W.shape[1]))
            np.dot(input, self.W, out=self.output)
            self.output += self.b
            return self.output

        def updateGradInput(self, input, gradOutput):
            self.dW, self.db = input.T @ gradOutput, gradOutput.sum(axis=0)
            return gradOutput @ self.W.T

    subject = check_layer(Linear, examples=20).subjects[0]
    assert subject.verdict == "pass"
    assert [one.check for one in subject.findings] == ["result-overwritten"]


def test_examples_in_columns_are_a_fault_until_they_are_assumed() -> None:
    class Softmax:
        def forward(self, x):
            e = np.exp(x - x.max(axis=0))
            self.y = e / e.sum(axis=0)
            return self.y

        def backward(self, dout):
            return self.y * (dout - (dout * self.y).sum(axis=0))

    found = check_layer(Softmax, examples=20).subjects[0].faults[0]
    assert found.check == "forward-differs"
    assert "--assume signature='x: C N -> y: C N'" in found.diagnosis.repair
    said = {"signature": "x: C N -> y: C N"}
    assert check_layer(Softmax, examples=20, assume=said).verdict == "pass"


def test_the_mode_that_is_left_out_since_its_forward_is_another_is_told() -> None:
    class BatchNorm(layers.BatchNorm):
        def forward(self, *arrays):
            y = super().forward(*arrays)
            return y if self.training else 2 * y

        def backward(self, dout):
            return super().backward(dout if self.training else 2 * dout)

    told = check_layer(BatchNorm, kind="batch-norm", examples=5).subjects[0].assumptions
    assert told["not checked"] == "training = False, where forward is not that of batch-norm"
    right = check_layer(layers.BatchNorm, examples=5).subjects[0]
    assert "not checked" not in right.assumptions


def test_a_value_of_an_option_that_means_something_else_is_left_out() -> None:
    class SquaredError:
        def __init__(self, reduction="mean"):
            self.reduction = reduction

        def forward(self, y, t):
            self.d, self.n = y - t, y.size
            squares = self.d**2
            return squares.mean() if self.reduction == "mean" else squares.sum() / 2

        def backward(self, dout):
            dy = 2 * self.d / self.n if self.reduction == "mean" else self.d
            return dout * dy, -dout * dy

    report = check_layer(SquaredError, kind="mean-squared-error", examples=30)
    assert report.verdict == "pass"
    assert not report.findings, str(report)


def test_a_mode_that_makes_no_difference_is_told() -> None:
    class BatchNorm(layers.BatchNorm):
        def forward(self, *arrays):
            self.training = True  # in evaluation too: the statistics of the batch
            return super().forward(*arrays)

    report = check_layer(BatchNorm, kind="batch-norm", examples=30).subjects[0]
    assert "not checked" not in report.assumptions
    assert {"forward-differs", "evaluation-changes-state"} <= {one.check for one in report.findings}


def test_one_number_for_a_bias_is_a_wrong_gradient_and_no_scalar_bias(tmp_path: Path) -> None:
    text = """
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum()
        return dout @ self.W.T
"""
    (found,) = checked(tmp_path, text).faults
    assert (found.check, found.array) == ("gradient-shape-wrong", "b")
    assert checked(tmp_path, text.replace("dout.sum()", "dout.sum(axis=0)")).verdict == "pass"
