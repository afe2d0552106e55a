"""The public functions at concrete points, and what they refuse."""

from __future__ import annotations

import cProfile

import numpy as np
import pytest

from gradcheck import UsageError, check_gradient, check_layer, check_vjp
from gradcheck.errors import AdaptError, SignatureError
from tests.broken_layers import Affine, DividedTwice, Mul, ReLU, SoftmaxWithLoss

RNG = np.random.default_rng(0)
X, W, B = RNG.standard_normal((5, 4)), RNG.standard_normal((4, 3)), RNG.standard_normal(3)


def caught(report) -> set[str]:
    return {one.check for one in report.findings}


def test_an_object_at_concrete_inputs() -> None:
    assert check_layer(Affine(W, B), X).verdict == "pass"
    assert caught(check_layer(DividedTwice(W, B), X)) == {"parameter-gradient-wrong"}


def test_an_object_keeps_its_arrays() -> None:
    layer = Affine(W.copy(), B.copy())
    check_layer(layer, X)
    check_layer(layer)
    assert np.array_equal(layer.W, W)
    assert vars(layer).keys() == {"W", "b"}


def test_an_object_without_inputs_is_drawn_around_its_sizes() -> None:
    report = check_layer(Affine(W, B), examples=30)
    assert report.verdict == "pass"
    assert report.subjects[0].cases >= 20


def test_an_object_of_no_known_kind() -> None:
    class Squash:
        def __init__(self):
            self.slope = np.array([2.0, 0.5])

        def forward(self, x):
            self.x = x
            return np.tanh(x * self.slope)

        def backward(self, dout):
            inner = dout * (1 - np.tanh(self.x * self.slope) ** 2)
            self.dslope = (inner * self.x).sum(axis=0) * self.factor
            return inner * self.slope

        factor = 1.0

    assert check_layer(Squash(), X[:, :2]).verdict == "pass"
    Squash.factor = 1.0001
    (finding,) = check_layer(Squash(), X[:, :2]).findings
    assert (finding.check, finding.array) == ("parameter-gradient-wrong", "dslope")


def test_two_inputs_and_labels() -> None:
    assert check_layer(Mul(), X, 2 * X).verdict == "pass"
    assert check_layer(SoftmaxWithLoss(), X, np.array([0, 1, 2, 3, 0])).verdict == "pass"


def test_a_declared_signature() -> None:
    class Scale:
        def __init__(self, s):
            self.s = s

        def forward(self, x):
            self.x = x
            return x * self.s

        def backward(self, dout):
            self.ds = (dout * self.x).sum(axis=0)
            return dout * self.s

    signature = "x: N D, s: D -> y: N D"
    assert check_layer(Scale, signature=signature, parameters=["s"]).verdict == "pass"


def test_a_layer_of_unknown_kind_is_checked_all_the_same() -> None:
    class Wiggle:
        def forward(self, x):
            self.x = x
            return np.sin(x)

        def backward(self, dout):
            return dout * np.cos(self.x) * 1.001

    report = check_layer(Wiggle)
    assert caught(report) == {"input-gradient-wrong"}
    assert report.subjects[0].kind is None


def test_vjp_over_every_structure() -> None:
    check_vjp(np.tanh, lambda x, u: u * (1 - np.tanh(x) ** 2), X).raise_if_failed()
    pair = check_vjp(lambda p: p[0] @ p[1], lambda p, u: (u @ p[1].T, p[0].T @ u), (X, W))
    named = check_vjp(
        lambda p: p["x"] @ p["W"],
        lambda p, u: {"x": u @ p["W"].T, "W": p["x"].T @ u * (1 + 1e-5)},
        {"x": X, "W": W},
    )
    assert pair.verdict == "pass"
    assert [one.array for one in named.findings] == ["dW"]


def test_integers_pass_through_as_labels() -> None:
    ids = np.array([0, 2, 2, 1])

    def vjp(p, u):
        gradient = np.zeros_like(p["table"])
        np.add.at(gradient, p["ids"], u)
        return {"table": gradient}

    check_vjp(lambda p: p["table"][p["ids"]], vjp, {"table": X, "ids": ids}).raise_if_failed()


def test_gradient_of_a_scalar_function() -> None:
    check_gradient(lambda x: (x**2).sum(), lambda x: 2 * x, X).raise_if_failed()
    report = check_gradient(lambda x: (x**2).sum(), lambda x: x, X)
    assert caught(report) == {"input-gradient-wrong"}


def test_seeds_repeat_and_differ() -> None:
    first, second = (check_layer(DividedTwice, kind="affine", seed=4) for _ in range(2))
    assert first.findings == second.findings


@pytest.mark.parametrize(
    ("call", "error", "expected"),
    [
        (lambda: check_layer(object()), AdaptError, "no method 'forward'"),
        (lambda: check_layer(Affine, X), AdaptError, "is a class"),
        (lambda: check_layer(Affine, exampels=3), UsageError, "did you mean 'examples'?"),
        (lambda: check_layer(Affine, kind="afine"), UsageError, "did you mean 'affine'?"),
        (lambda: check_layer(Affine, select=["GC99"]), UsageError, "no check 'GC99'"),
        (lambda: check_layer(ReLU, signature="x N D"), SignatureError, "no '->'"),
        (lambda: check_layer(ReLU, kind="relu", signature="x: N -> y: N"), UsageError, "not both"),
    ],
)
def test_mistakes_of_the_caller_are_told(call, error, expected: str) -> None:
    with pytest.raises(error) as stopped:
        call()
    assert expected in str(stopped.value)


class Dropout:
    def forward(self, x):
        self.mask = np.random.rand(*x.shape) > 0.5
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


def test_a_layer_on_the_global_generator_is_checked_and_the_generator_left_alone() -> None:
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    assert check_layer(Dropout).verdict == "pass"
    assert np.random.rand() == expected


def test_gradients_in_parallel_lists() -> None:
    class Listed:
        def __init__(self, W):
            self.params, self.grads = [W], [np.zeros_like(W)]

        def forward(self, x):
            self.x = x
            return x @ self.params[0]

        def backward(self, dout):
            self.grads[0][...] = self.x.T @ dout
            return dout @ self.params[0].T

    assert check_layer(Listed, kind="matmul").verdict == "pass"


class WithoutBias:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        axes = tuple(range(self.x.ndim - 1))
        self.dW = np.tensordot(self.x, dout, (axes, axes))
        return dout @ self.W.T


@pytest.mark.parametrize("shape", [(4,), (5, 4), (2, 5, 4)])
def test_what_the_reference_does_not_take_is_checked_without_it(shape) -> None:
    x = RNG.standard_normal(shape)
    assert check_layer(WithoutBias(W), x, kind="affine").verdict == "pass"

    class AnyAxes(WithoutBias):
        def __init__(self, W, b):
            self.W, self.b = W, b

        def forward(self, x):
            return super().forward(x) + self.b

        def backward(self, dout):
            self.db = dout.sum(axis=tuple(range(dout.ndim - 1)))
            return super().backward(dout)

    assert check_layer(AnyAxes(W, B), x, kind="affine").verdict == "pass"


def test_an_object_that_raises_is_a_finding_and_no_exception_of_ours() -> None:
    class Raises(ReLU):
        def forward(self, x):
            raise ValueError("always")

    report = check_layer(Raises(), X, kind="relu")
    assert caught(report) == {"layer-raises"}
    Raises.__name__ = "Nameless"
    assert caught(check_layer(Raises(), X)) == {"layer-raises"}


def test_a_check_runs_under_a_profiler() -> None:
    profiler = cProfile.Profile()
    assert profiler.runcall(check_layer, Affine, kind="affine", examples=5).verdict == "pass"
    assert any("layer_object" in str(one.code) for one in profiler.getstats())
