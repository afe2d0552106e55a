"""Options, constraints and arrays without a gradient in signatures, and what is drawn for them."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings

import layers
from gradcheck import check_layer
from gradcheck.axes import greater_side, satisfied
from gradcheck.case import Case, plain_case
from gradcheck.cases import cases
from gradcheck.errors import SignatureError
from gradcheck.signature import Signature, parse_signature
from gradcheck.subject import Subject

CONV = "x: N G*C H, W: G*F C K -> y: N G*F (H+2*pad-K)//stride+1"


class Described(Subject):
    """Nothing but what cases are drawn from."""

    def __init__(self, *forms: str, constraints: tuple[str, ...] = (), **options: Any) -> None:
        self.forms = tuple(parse_signature(form) for form in forms)
        self.constraints, self.options = constraints, options

    def run(self, script: Any, options: Any = None) -> Any:
        raise NotImplementedError


def drawn(subject: Subject, count: int = 200) -> list[Case]:
    found: list[Case] = []

    @settings(max_examples=count, database=None, deadline=None, derandomize=True)
    @given(cases(subject))
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


def parsed(text: str, *parameters: str) -> Signature:
    return parse_signature(text, parameters)


@pytest.mark.parametrize(
    "text",
    [
        "x: N C, t: N [int < C] -> loss: when reduction=mean|sum",
        "x: N T C, t: N L [1 <= int < C], n: N [2*L+1 <= int < T+1] -> loss:",
        "x: N D, t: N D [fixed] -> loss:",
        "x: N D, t: N D [fixed probabilities], m: N D [mask] -> loss:",
        "x: N D -> y: D N when axes=None",
    ],
)
def test_what_is_read_is_written_again(text: str) -> None:
    assert str(parse_signature(text)) == text


def test_arrays_without_a_gradient_go_to_forward_or_to_the_constructor() -> None:
    form = parsed("x: N D, mean: D [fixed], s: D, m: N D [mask] -> y: N D", "mean", "s")
    assert [one.name for one in form.inputs] == ["x", "m"]
    assert [one.name for one in form.held] == ["mean", "s"]
    assert [one.name for one in form.parameters] == ["s"]
    assert [one.name for one in form.differentiable] == ["x", "s"]


def test_a_constant_that_the_layer_does_not_hold_is_an_input() -> None:
    form = parsed("x: N D, mean: D [fixed] -> y: N D", "mean").with_parameters(frozenset())
    assert [one.name for one in form.inputs] == ["x", "mean"]
    assert [one.name for one in form.differentiable] == ["x"]


@pytest.mark.parametrize(
    ("options", "holds"),
    [({"reduction": "sum"}, True), ({"reduction": "none"}, False), ({"other": 1}, True)],
)
def test_a_form_holds_for_its_options(options: dict[str, Any], holds: bool) -> None:
    form = parse_signature("x: N -> loss: when reduction=mean|sum")
    assert form.holds_for(options) is holds


@pytest.mark.parametrize("end", ["when", "when reduction", "when =mean", "when 2=3"])
def test_conditions_that_cannot_be_read_are_refused(end: str) -> None:
    with pytest.raises(SignatureError):
        parse_signature(f"x: N -> y: N {end} ")


def test_terms_with_one_unknown_are_solved() -> None:
    form = parsed(CONV, "W")
    bound = form.bind({"W": (6, 2, 3)}, {"G": 2})
    assert bound == {"G": 2, "C": 2, "K": 3, "F": 3}


@pytest.mark.parametrize(
    ("constraint", "holds"),
    [("H+2*pad >= K", True), ("H > K", False), ("K == 3", True), ("pad != 1", False)],
)
def test_constraints_are_compared(constraint: str, holds: bool) -> None:
    assert satisfied(constraint, {"H": 2, "K": 3, "pad": 1}) is holds


@pytest.mark.parametrize("constraint", ["H", "H >=", "H => K", "H >= K/2", "H >= Q"])
def test_constraints_that_cannot_be_read_are_refused(constraint: str) -> None:
    with pytest.raises(SignatureError):
        satisfied(constraint, {"H": 2, "K": 3})


def test_the_greater_side_is_known() -> None:
    assert greater_side("H+2*pad >= K") == "H+2*pad"
    assert greater_side("K < H") == "H"
    assert greater_side("K == H") == ""


def test_every_case_satisfies_the_constraints() -> None:
    options: Any = {"pad": (0, 1), "stride": (1, 2), "G": (1, 2)}
    subject = Described(CONV, constraints=("H+2*pad >= K",), **options)
    found = drawn(subject)
    assert len(found) >= 200
    for case in found:
        assert case.primals["x"].shape[2] + 2 * case.options["pad"] >= case.axes["K"]
        assert case.primals["x"].shape[1] == case.options["G"] * case.axes["C"]
    assert any(case.axes["K"] > case.axes["H"] for case in found)  # only thanks to the padding
    plain = plain_case(subject, subject.forms[0])
    assert satisfied("H >= K", plain.axes)


def test_options_that_exclude_each_other_are_not_drawn_together() -> None:
    subject = Described("x: N D -> y: N D", constraints=("a < b",), a=(0, 1), b=(1, 2))
    assert all(case.options["a"] < case.options["b"] for case in drawn(subject))


def test_a_form_is_drawn_with_its_own_options() -> None:
    subject = Described(
        "x: N C -> loss: when reduction=mean|sum",
        "x: N C -> loss: N when reduction=none",
        reduction=("mean", "sum", "none"),
    )
    found = drawn(subject)
    seen = {(len(one.signature.outputs[0].axes), one.options["reduction"]) for one in found}
    assert seen == {(0, "mean"), (0, "sum"), (1, "none")}


def test_labels_keep_to_their_bounds_and_masks_leave_one() -> None:
    form = "x: N T C, t: N L [1 <= int < C], n: N [2*L+1 <= int < T+1], m: N T [mask] -> loss:"
    found = drawn(Described(form, constraints=("T >= 2*L+1",)))
    for case in found:
        t, n, m = (case.primals[name] for name in "tnm")
        assert t.min() >= 1
        assert t.max() < case.axes["C"]
        assert (n >= 2 * case.axes["L"] + 1).all()
        assert (n <= case.axes["T"]).all()
        assert m.dtype == bool
        assert m.any(axis=-1).all()
    assert any(not case.primals["m"].all() for case in found)
    assert any(case.primals["t"].size > len(np.unique(case.primals["t"])) for case in found)


class Standardise:
    """Divides by a given deviation; two outputs, and backward takes two gradients."""

    wrong: ClassVar[bool] = False

    def __init__(self, mean: Any) -> None:
        self.mean = mean

    def forward(self, x: Any, m: Any) -> Any:
        self.m = m
        return np.where(m, x - self.mean, 0.0), x * x / 2 + 0 * x

    def backward(self, dout: Any, square: Any) -> Any:
        x = self.x if self.wrong else 0
        return np.where(self.m, dout, 0.0) + square * x


class RightStandardise(Standardise):
    def forward(self, x: Any, m: Any) -> Any:
        self.x = x
        return super().forward(x, m)

    def backward(self, dout: Any, square: Any) -> Any:
        return np.where(self.m, dout, 0.0) + square * self.x


FORM = "x: N D, mean: D [fixed], m: N D [mask] -> y: N D, z: N D"


def test_several_outputs_and_constants_are_checked() -> None:
    right = check_layer(RightStandardise, signature=FORM, parameters=["mean"])
    assert right.verdict == "pass", str(right)
    wrong = check_layer(Standardise, signature=FORM, parameters=["mean"])
    assert {one.check for one in wrong.findings} >= {"input-gradient-wrong"}
    shown = next(one for one in wrong.findings if one.check == "input-gradient-wrong")
    assert {"dy", "dz"} <= set(shown.case)


class ScaledError:
    """Half of the mean squared error, as many courses define it; right in itself."""

    def forward(self, y: Any, t: Any) -> Any:
        self.difference = y - t
        return 0.5 * np.mean(self.difference**2)

    def backward(self, dout: Any = 1.0) -> Any:
        return dout * self.difference / self.difference.size


def test_a_layer_of_another_meaning_under_a_loose_name_is_not_called_wrong() -> None:
    report = check_layer(type("MSELoss", (ScaledError,), {}))
    assert report.verdict == "pass", str(report)
    assert "mean-squared-error" in report.subjects[0].assumptions["reference"]


class Convolution:
    """A convolution without dilation and groups, as the textbooks write it."""

    def __init__(self, W: Any, b: Any, stride: int = 1, pad: int = 0) -> None:
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x: Any) -> Any:
        F, _, K, L = self.W.shape
        self.x = np.pad(x, [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2])
        s = self.stride
        rows, columns = (self.x.shape[2] - K) // s + 1, (self.x.shape[3] - L) // s + 1
        y = np.empty((len(x), F, rows, columns), dtype=x.dtype)
        for i, j in np.ndindex(rows, columns):
            patch = self.x[:, :, i * s : i * s + K, j * s : j * s + L]
            y[:, :, i, j] = np.tensordot(patch, self.W, ((1, 2, 3), (1, 2, 3))) + self.b
        return y

    def backward(self, dout: Any) -> Any:
        _, _, K, L = self.W.shape
        dx, self.dW = np.zeros_like(self.x), np.zeros_like(self.W)
        self.db = dout.sum(axis=(0, 2, 3))
        s = self.stride
        for i, j in np.ndindex(dout.shape[2:]):
            window = (slice(None), slice(None), slice(i * s, i * s + K), slice(j * s, j * s + L))
            self.dW += np.tensordot(dout[:, :, i, j], self.x[window], (0, 0))
            dx[window] += np.tensordot(dout[:, :, i, j], self.W, (1, 0))
        p = self.pad
        return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]


def test_a_kind_is_recognised_without_some_of_its_options() -> None:
    report = check_layer(Convolution)
    assert report.verdict == "pass", str(report)
    assert report.subjects[0].kind == "conv2d"
    strides = type("Convolution", (Convolution,), {"backward": lambda self, dout: 2 * dout})
    assert check_layer(strides).verdict != "pass"


def test_an_object_is_checked_with_the_options_it_was_made_with() -> None:
    rng = np.random.default_rng(0)
    layer = Convolution(rng.standard_normal((3, 2, 2, 3)), rng.standard_normal(3), 2, 1)
    report = check_layer(layer)
    assert report.verdict == "pass", str(report)
    assert report.subjects[0].kind == "conv2d"


def test_an_object_with_several_outputs_and_constants_is_checked_at_its_inputs() -> None:
    rng = np.random.default_rng(1)
    x, m = rng.standard_normal((3, 2)), np.array([[True, False]] * 3)
    assert check_layer(RightStandardise(np.zeros(2)), x, m).verdict == "pass"
    assert check_layer(Standardise(np.zeros(2)), x, m).verdict in ("fail", "error")
    norm = layers.BatchNorm(np.ones(2), np.zeros(2), training=False)
    assert check_layer(norm, x).verdict == "pass", str(check_layer(norm, x))
    lstm = layers.LSTM.random(2, 3, rng=rng)
    report = check_layer(lstm, rng.standard_normal((2, 4, 2)))
    assert report.verdict == "pass", str(report)


class Shifted:
    """A normalisation that returns the gradients of its parameters with that of its input."""

    def __init__(self, gamma: Any, beta: Any) -> None:
        self.gamma, self.beta = gamma, beta

    def forward(self, x: Any) -> Any:
        self.inner = layers.LayerNorm(self.gamma, self.beta)
        return self.inner.forward(x)

    def backward(self, dout: Any) -> Any:
        return self.inner.backward(dout), self.inner.dgamma, self.inner.dbeta


class TargetFirst:
    """A loss with the target first, as Keras calls it."""

    def forward(self, y_true: Any, y_pred: Any) -> Any:
        self.difference = y_pred - y_true
        return np.mean(self.difference**2)

    def backward(self, dout: Any = 1.0) -> Any:
        return dout * 2 * self.difference / self.difference.size


class OtherEpsilon(Shifted):
    """A normalisation with an epsilon of its own."""

    def forward(self, x: Any) -> Any:
        self.inner = layers.LayerNorm(self.gamma, self.beta, eps=1e-8)
        return self.inner.forward(x)


@pytest.mark.parametrize(
    ("name", "layer"),
    [("LayerNorm", Shifted), ("MSELoss", TargetFirst), ("LayerNorm", OtherEpsilon)],
)
def test_right_layers_of_other_habits_are_not_called_wrong(name: str, layer: type[Any]) -> None:
    report = check_layer(type(name, (layer,), {}))
    assert report.verdict == "pass", str(report)


def test_a_layer_that_only_shares_its_name_is_checked_by_its_own_forward() -> None:
    class Dropout:
        def forward(self, x: Any) -> Any:
            self.x = x
            return x**2

        def backward(self, dout: Any) -> Any:
            return 2 * self.x * dout

    assert check_layer(Dropout).verdict == "pass"
    wrong = type("Dropout", (Dropout,), {"backward": lambda self, dout: dout})
    assert check_layer(wrong).verdict == "fail"  # whatever it is called


def test_a_wrong_backward_of_a_loosely_named_kind_is_wrong() -> None:
    wrong = type(
        "LayerNorm", (layers.LayerNorm,), {"backward": lambda self, dout: dout * self.gamma}
    )
    assert check_layer(wrong).verdict in ("fail", "error")


def test_an_unseeded_mask_of_one_element_is_no_proof_of_determinism() -> None:
    class Masked:
        def forward(self, x: Any) -> Any:
            self.mask = np.random.default_rng().random(x.shape) >= 0.5
            return x * self.mask

        def backward(self, dout: Any) -> Any:
            return dout * self.mask

    report = check_layer(Masked)
    assert report.verdict == "inconclusive", str(report)
    assert {one.check for one in report.findings} <= {"not-deterministic"}


def test_a_gradient_of_whole_numbers_is_no_crash() -> None:
    class ReLU:
        def forward(self, x: Any) -> Any:
            self.mask = x > 0
            return x * self.mask

        def backward(self, dout: Any) -> Any:
            return self.mask.astype(int)  # forgets dout

    report = check_layer(ReLU)
    assert "upstream-ignored" in {one.check for one in report.findings}


def test_objects_are_held_against_the_reference_with_their_own_options() -> None:
    x = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]])
    for layer in (layers.LeakyReLU(0.2), layers.Softmax(axis=0), layers.ELU(0.5)):
        report = check_layer(layer, x)
        assert report.verdict == "pass", str(report)
    for loss in (layers.MeanSquaredError(reduction="none"), layers.Huber(delta=0.5)):
        report = check_layer(loss, x, 2 * x + 1)
        assert report.verdict == "pass", str(report)


def test_a_local_derivative_is_another_convention_and_not_wrong() -> None:
    class Tanh:
        def forward(self, x: Any) -> Any:
            self.y = np.tanh(x)
            return self.y

        def backward(self) -> Any:
            return 1 - self.y**2  # for the caller to multiply

    wrong = type("Tanh", (Tanh,), {"backward": lambda self: 1 - self.y})
    for layer, verdict in ((Tanh, "pass"), (wrong, "fail")):
        report = check_layer(layer)
        assert report.verdict == verdict, str(report)
        assert "multiplied" in report.subjects[0].assumptions["derivative"]
        assert check_layer(layer(), np.array([0.5, -1.0])).verdict == verdict


def test_a_defect_under_a_loose_name_is_told() -> None:
    class Attention:
        def forward(self, q: Any, k: Any, v: Any) -> Any:
            return q @ k @ v

    attention = type("MultiHeadAttention", (Attention,), {})
    report = check_layer(attention)
    assert {one.check for one in report.findings} == {"method-missing"}
