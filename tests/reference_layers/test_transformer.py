"""Transformer blocks, language models, and the composites they are made of."""

from typing import Any

import numpy as np
import pytest

from layers import central_difference
from layers.language_model import CharacterLSTM, LanguageModel
from layers.transformer import TransformerBlock, TransformerNet

RNG = np.random.default_rng(55)
IDS = RNG.integers(0, 5, (2, 4))
TARGETS = np.array([[1, 2, 0, 4], [3, 3, -1, -1]])


def lstm_model() -> CharacterLSTM:
    return CharacterLSTM(5, 3, 4, rng=np.random.default_rng(1))


def transformer_model() -> TransformerNet:
    return TransformerNet(5, 4, blocks=2, heads=2, hidden=6, rng=np.random.default_rng(1))


every_model = pytest.mark.parametrize("make", [lstm_model, transformer_model])


def shaken(parameters: dict[str, Any]) -> None:
    """Move biases and scales from their start, where some gradients are too regular."""
    for array in parameters.values():
        array += 0.3 * RNG.standard_normal(array.shape)


def test_block_gradients_are_those_of_differences() -> None:
    """Of the input and of all sixteen parameters, with a mask."""
    block, x = TransformerBlock.random(4, 6, heads=2, rng=RNG), RNG.standard_normal((2, 3, 4))
    shaken(block.parameters_by_name)
    mask, dout = np.tril(np.ones((3, 3), bool)), RNG.standard_normal(x.shape)
    block.forward(x, mask)
    gradients = {"x": block.backward(dout), **block.gradients_by_name}
    arrays = {"x": x, **block.parameters_by_name}
    assert len(arrays) == 17
    for name, array in arrays.items():
        numeric = central_difference(lambda _: np.sum(block.forward(x, mask) * dout), array)
        np.testing.assert_allclose(gradients[name], numeric, rtol=1e-6, atol=1e-8, err_msg=name)


def test_block_of_idle_branches_is_the_identity() -> None:
    """When both branches end in zeros, x passes beside them, and so does the gradient."""
    block, x = TransformerBlock.random(4, heads=2), RNG.standard_normal((2, 3, 4))
    for name in ("attention.Wo", "contract.W"):
        block.parameters_by_name[name][...] = 0
    np.testing.assert_array_equal(block.forward(x), x)
    np.testing.assert_array_equal(block.backward(x), x)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_block_keeps_the_dtype(dtype: Any) -> None:
    """Even under a float64 upstream gradient."""
    block = TransformerBlock.random(4, heads=2)
    block.share({name: a.astype(dtype) for name, a in block.parameters_by_name.items()})
    y = block.forward(RNG.standard_normal((1, 2, 4)).astype(dtype))
    dx = block.backward(np.ones((1, 2, 4)))
    dtypes = {array.dtype for array in (y, dx, *block.gradients_by_name.values())}
    assert dtypes == {np.dtype(dtype)}


def test_block_shares_no_memory_and_repeats() -> None:
    block, x = TransformerBlock.random(4, heads=2), RNG.standard_normal((2, 3, 4))
    y = block.forward(x)
    dout = y.copy()
    first = block.backward(dout)
    expected = first.copy()
    for array in (x, y, first):
        array[...] = 77
    np.testing.assert_array_equal(block.backward(dout), expected)


@pytest.mark.parametrize("shape", [(0, 3, 4), (2, 0, 4), (1, 1, 4)])
def test_block_edges(shape: tuple[int, ...]) -> None:
    block = TransformerBlock.random(4, heads=2, causal=True)
    assert block.forward(np.ones(shape)).shape == block.backward(np.ones(shape)).shape == shape


def test_block_guards() -> None:
    block = TransformerBlock.random(4)
    with pytest.raises(RuntimeError, match=r"TransformerBlock.backward was called before forward"):
        block.backward(np.ones((2, 3, 4)))
    block.forward(np.ones((2, 3, 4)))
    with pytest.raises(ValueError, match=r"has shape \(9, 9\), the output of forward had shape"):
        block.backward(np.ones((9, 9)))
    with pytest.raises(ValueError, match="the last axes of x must be those of gamma"):
        block.forward(np.ones((2, 3, 5)))


@every_model
def test_two_gradients_agree(make: Any) -> None:
    """Backpropagation and differences, relative to the size of the gradient."""
    model = make()
    shaken(model.params)
    exact, numeric = model.gradient(IDS, TARGETS), model.numerical_gradient(IDS, TARGETS)
    assert exact.keys() == numeric.keys() == model.params.keys()
    for name, expected in numeric.items():
        # Of attention.bk the gradient is zero, and the difference of rounded losses is not.
        bound = 1e-7 * np.linalg.norm(expected) + 1e-9
        assert np.linalg.norm(exact[name] - expected) < bound, name


@every_model
def test_a_model_sees_no_future(make: Any) -> None:
    """Changing the last id changes the last logits only."""
    model, later = make(), IDS.copy()
    later[:, -1] = (later[:, -1] + 1) % 5
    one, two = model.predict(IDS), model.predict(later)
    assert one.shape == (2, 4, 5)
    np.testing.assert_array_equal(one[:, :-1], two[:, :-1])
    assert not np.array_equal(one[:, -1], two[:, -1])


@every_model
def test_parameters_can_be_updated_and_rebound(make: Any) -> None:
    model = make()
    model.params["affine.W"] *= 0
    model.params["affine.b"] = np.arange(5.0)
    np.testing.assert_array_equal(model.predict(IDS), np.broadcast_to(np.arange(5.0), (2, 4, 5)))


@every_model
def test_training_learns_the_batch(make: Any) -> None:
    """Six targets are soon known by heart."""
    model = make()
    before, _ = model.loss_and_gradient(IDS, TARGETS)
    assert before == model.loss(IDS, TARGETS)
    for _ in range(300):
        for name, gradient in model.gradient(IDS, TARGETS).items():
            model.params[name] -= 0.5 * gradient
    assert model.loss(IDS, TARGETS) < before / 4


@every_model
def test_the_generator_decides_the_draw(make: Any) -> None:
    np.testing.assert_equal(make().params, make().params)


@every_model
def test_generated_text_continues(make: Any) -> None:
    """With the same generator the same; a cold model takes the likeliest id."""
    model = make()
    texts = [model.generate([1, 2], 6, context=3, rng=np.random.default_rng(4)) for _ in range(2)]
    np.testing.assert_array_equal(*texts)
    assert list(texts[0][:2]) == [1, 2]
    assert len(texts[0]) == 8
    cold = model.generate([1, 2], 1, context=3, temperature=1e-6)
    assert cold[-1] == model.predict([[1, 2]])[0, -1].argmax()
    with pytest.raises(ValueError, match="at least one id to continue"):
        model.generate([], 3, context=3)


@every_model
@pytest.mark.parametrize("shape", [(0, 3), (2, 0)])
def test_empty_texts(make: Any, shape: tuple[int, int]) -> None:
    """No loss and no gradient."""
    model: LanguageModel = make()
    loss, gradient = model.loss_and_gradient(np.zeros(shape, int), np.zeros(shape, int))
    assert loss == 0
    assert not any(array.any() for array in gradient.values())


@every_model
def test_ids_must_be_known(make: Any) -> None:
    with pytest.raises(ValueError, match=r"ids must lie in \[0, V\) with V = 5"):
        make().predict([[5]])
