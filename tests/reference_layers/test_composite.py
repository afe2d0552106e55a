"""Layers made of layers: the names of parameters, and what a chain passes on."""

from typing import Any

import numpy as np
import pytest

from layers import (
    LSTM,
    RNN,
    Affine,
    BatchNorm,
    Bidirectional,
    Conv1d,
    Embedding,
    InstanceNorm,
    NegativeLogLikelihood,
    Residual,
    Sequential,
    SoftmaxWithLoss,
    TransformerBlock,
)

RNG = np.random.default_rng(56)


def test_names_tell_the_way_to_a_parameter() -> None:
    """By position or by name, through chains and composites of any kind."""
    network = Sequential(
        Affine.random(4, 4),
        Sequential(Residual(Affine.random(4, 4)), inner=Sequential(Affine.random(4, 4))),
        both=Bidirectional(RNN.random(4, 2), RNN.random(4, 2)),
    )
    assert list(network.parameters_by_name) == [
        "0.W",
        "0.b",
        "1.0.0.W",
        "1.0.0.b",
        "1.inner.0.W",
        "1.inner.0.b",
        *(f"both.{way}.{name}" for way in ("ahead", "back") for name in ("Wx", "Wh", "b")),
    ]
    x = RNG.standard_normal((2, 3, 4))
    network.backward(network.forward(x))
    shapes = {name: gradient.shape for name, gradient in network.gradients_by_name.items()}
    assert shapes == {name: array.shape for name, array in network.parameters_by_name.items()}


def test_a_composite_may_hold_a_chain() -> None:
    """As it may stand in one."""
    both = Bidirectional(Sequential(rnn=RNN.random(2, 3)), Sequential(LSTM.random(2, 3)))
    assert list(both.parameters_by_name)[::3] == ["ahead.rnn.Wx", "back.0.Wx"]
    assert both.backward(both.forward(np.ones((1, 4, 2)))).shape == (1, 4, 2)


def test_parameters_that_were_left_out_have_no_name() -> None:
    network = Sequential(
        Affine.random(2, 3, bias=False), Conv1d(np.ones((1, 1, 1))), InstanceNorm()
    )
    assert list(network.parameters_by_name) == ["0.W", "1.W"]


@pytest.mark.parametrize("training", [True, False])
def test_fixed_parameters_have_no_name(training: bool) -> None:
    """Running statistics and weights of classes are given, not learned."""
    network = Sequential(Affine.random(2, 3), norm=BatchNorm.random(3, training=training))
    assert list(network.parameters_by_name) == ["0.W", "0.b", "norm.gamma", "norm.beta"]
    network.backward(network.forward(RNG.standard_normal((5, 2))))
    assert list(network.gradients_by_name) == list(network.parameters_by_name)
    for loss in (SoftmaxWithLoss, NegativeLogLikelihood):
        assert not Sequential(loss(np.ones(3))).parameters_by_name


def test_objects_of_other_kinds_take_part_without_names() -> None:
    class Twice:
        def forward(self, x: Any) -> Any:
            return 2 * x

        def backward(self, dout: Any) -> Any:
            return 2 * dout

    network = Sequential(Twice(), Affine(np.eye(2)))
    np.testing.assert_array_equal(network.forward([1.0, 3.0]), [2, 6])
    np.testing.assert_array_equal(network.backward([1.0, 1.0]), [2, 2])
    assert list(network.parameters_by_name) == ["1.W"]


def test_arrays_can_be_put_in_by_name() -> None:
    """They are shared, at any depth."""
    network = Sequential(lstm=LSTM.random(2, 3), last=Sequential(Affine.random(3, 2)))
    zeros = {name: np.zeros_like(array) for name, array in network.parameters_by_name.items()}
    network.share(zeros)
    assert all(array is zeros[name] for name, array in network.parameters_by_name.items())
    assert not network.forward(np.ones((1, 2, 2))).any()


def test_of_several_outputs_the_first_goes_on() -> None:
    """The last cell state of an LSTM is dropped, and its gradient is zero."""
    lstm, x = LSTM.random(2, 3, rng=RNG), RNG.standard_normal((4, 5, 2))
    network, dout = Sequential(lstm), RNG.standard_normal((4, 5, 3))
    h, c = lstm.forward(x)
    np.testing.assert_array_equal(network.forward(x), h)
    np.testing.assert_array_equal(network.backward(dout), lstm.backward(dout, np.zeros_like(c)))


def test_a_chain_from_ids_has_no_gradient_to_return() -> None:
    network = Sequential(Embedding.random(5, 3), Affine.random(3, 2))
    assert network.backward(network.forward([1, 4, 4])) is None
    assert list(network.gradients_by_name) == ["0.W", "1.W", "1.b"]


def test_every_part_of_a_block_is_named() -> None:
    block = TransformerBlock.random(4)
    parts = list(dict.fromkeys(name.split(".")[0] for name in block.parameters_by_name))
    assert parts == ["norm1", "attention", "norm2", "expand", "contract"]
    assert len(block.parameters_by_name) == 16
