"""Recurrent layers: against the formula step by step, truncation, edges, shapes refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import Affine, Sequential, central_difference
from layers.bidirectional import Bidirectional
from layers.gru import GRU, GRUCell
from layers.lstm import LSTM, LSTMCell
from layers.rnn import RNN, RNNCell

RNG = np.random.default_rng(52)
PAIRS = {
    "RNN": (RNN, RNNCell, {}),
    "RNN, relu": (RNN, RNNCell, {"activation": "relu"}),
    "LSTM": (LSTM, LSTMCell, {}),
    "LSTM, fgio": (LSTM, LSTMCell, {"gates": "fgio"}),
    "GRU": (GRU, GRUCell, {}),
    "GRU, zrn": (GRU, GRUCell, {"gates": "zrn"}),
    "GRU, reset before": (GRU, GRUCell, {"reset_after": False}),
}
every_layer = pytest.mark.parametrize("layer", [RNN, LSTM, GRU])
every_cell = pytest.mark.parametrize("cell", [RNNCell, LSTMCell, GRUCell])
SIZES = st.tuples(*[st.integers(0, 3)] * 2, *[st.integers(1, 4)] * 2)


def outputs_of(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def logistic(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def states_of(layer: Any, count: int, width: int) -> list[Any]:
    states = 2 if issubclass(layer, LSTM | LSTMCell) else 1
    return [RNG.standard_normal((count, width)) for _ in range(states)]


def test_known_step_of_the_rnn() -> None:
    """a = 1 * 2 + 3 * 0.5 - 3 = 0.5, worked by hand."""
    cell = RNNCell([[2.0]], [[0.5]], [-3.0])
    h = cell.forward([[1.0]], [[3.0]])
    np.testing.assert_allclose(h, [[np.tanh(0.5)]])
    dx, dh = cell.backward([[10.0]])
    slope = 10 / np.cosh(0.5) ** 2
    np.testing.assert_allclose(
        [dx, dh, cell.dWx, cell.dWh], slope * np.array([2, 0.5, 1, 3]).reshape(4, 1, 1)
    )
    np.testing.assert_allclose(cell.db, [slope])


def test_known_sequence_of_the_rnn() -> None:
    """With relu and positive numbers all is linear: h = 1, then 1 + 3 * 1, then 1 + 3 * 4."""
    rnn = RNN([[1.0]], [[3.0]], [0.0], activation="relu")
    np.testing.assert_array_equal(rnn.forward(np.ones((1, 3, 1))), [[[1], [4], [13]]])
    np.testing.assert_array_equal(rnn.backward([[[0.0], [0.0], [1.0]]]), [[[9], [3], [1]]])
    np.testing.assert_array_equal(rnn.dWh, [[3 * 1 + 1 * 4]])
    np.testing.assert_array_equal(rnn.db, [13])


def test_known_step_of_the_lstm() -> None:
    """With all sums zero, every gate is a half and g is zero: c' = c / 2, h' = tanh(c') / 2."""
    cell = LSTMCell(np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4))
    h, c = cell.forward([[5.0]], [[7.0]], [[3.0]])
    np.testing.assert_allclose([h, c], [[[np.tanh(1.5) / 2]], [[1.5]]])
    _, _, dc = cell.backward([[0.0]], [[1.0]])
    np.testing.assert_allclose(dc, [[0.5]])
    # i meets g = 0; f gets c / 4; g gets i = 1/2; o gets nothing, for dh is zero.
    np.testing.assert_allclose(cell.db, [0, 0.75, 0.5, 0])


@pytest.mark.parametrize("gates", ["ifgo", "fgio", "ifog", "ogfi"])
def test_lstm_as_written_in_the_textbook(gates: str) -> None:
    """The six equations, each with its own columns."""
    D, H = 3, 2
    x, h, c = RNG.standard_normal((4, D)), *RNG.standard_normal((2, 4, H))
    Wx, Wh, b = RNG.standard_normal((D, 4 * H)), RNG.standard_normal((H, 4 * H)), np.arange(4.0 * H)
    column = {gate: slice(k * H, (k + 1) * H) for k, gate in enumerate(gates)}
    a = {gate: x @ Wx[:, s] + h @ Wh[:, s] + b[s] for gate, s in column.items()}
    c_next = logistic(a["f"]) * c + logistic(a["i"]) * np.tanh(a["g"])
    h_next = logistic(a["o"]) * np.tanh(c_next)
    found = LSTMCell(Wx, Wh, b, gates=gates).forward(x, h, c)
    np.testing.assert_allclose(found, (h_next, c_next), rtol=1e-13)


@pytest.mark.parametrize("gates", ["rzn", "zrn"])
@pytest.mark.parametrize("reset_after", [True, False])
def test_gru_as_written_in_the_textbook(gates: str, reset_after: bool) -> None:
    """The four equations, each with its own columns."""
    D, H = 3, 2
    x, h = RNG.standard_normal((4, D)), RNG.standard_normal((4, H))
    Wx, Wh, b = RNG.standard_normal((D, 3 * H)), RNG.standard_normal((H, 3 * H)), np.arange(3.0 * H)
    bh = RNG.standard_normal(3 * H) if reset_after else np.zeros(3 * H)
    s = {gate: slice(k * H, (k + 1) * H) for k, gate in enumerate(gates)}
    r = logistic(x @ Wx[:, s["r"]] + b[s["r"]] + h @ Wh[:, s["r"]] + bh[s["r"]])
    z = logistic(x @ Wx[:, s["z"]] + b[s["z"]] + h @ Wh[:, s["z"]] + bh[s["z"]])
    U, c = Wh[:, s["n"]], bh[s["n"]]
    hidden = r * (h @ U + c) if reset_after else (r * h) @ U
    n = np.tanh(x @ Wx[:, s["n"]] + b[s["n"]] + hidden)
    cell = GRUCell(Wx, Wh, b, bh if reset_after else None, reset_after, gates)
    np.testing.assert_allclose(cell.forward(x, h), (1 - z) * n + z * h, rtol=1e-13)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SIZES, st.sampled_from(sorted(PAIRS)))
def test_a_sequence_is_its_cell_step_by_step(sizes: tuple[int, ...], name: str) -> None:
    """Forward and backward, with the gradients of the weights summed over the steps."""
    (N, T, D, H), (layer, cell, options) = sizes, PAIRS[name]
    over_time = layer.random(D, H, rng=RNG, **options)
    parameters = [getattr(over_time, key) for key in ("Wx", "Wh", "b")]
    x, initial = RNG.standard_normal((N, T, D)), states_of(layer, N, H)
    cells, states, h = (
        [cell(*parameters, **options) for _ in range(T)],
        initial,
        np.empty((N, T, H)),
    )
    for t in range(T):
        states = outputs_of(cells[t].forward(x[:, t], *states))
        h[:, t] = states[0]
    out = outputs_of(over_time.forward(x, *initial))
    for found, expected in zip(out, (h, *states[1:]), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    douts = [RNG.standard_normal(one.shape) for one in out]
    dstates = [np.zeros((N, H)), *douts[1:]]
    sums, dx = dict.fromkeys(("dWx", "dWh", "db"), 0.0), np.empty_like(x)
    for t in reversed(range(T)):
        dx[:, t], *dstates = cells[t].backward(dstates[0] + douts[0][:, t], *dstates[1:])
        sums = {key: total + getattr(cells[t], key) for key, total in sums.items()}
    for found, expected in zip(over_time.backward(*douts), (dx, *dstates), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
    for key, expected in sums.items():
        np.testing.assert_allclose(getattr(over_time, key), expected, rtol=1e-10, atol=1e-12)


@every_layer
def test_left_out_states_are_zero(layer: Any) -> None:
    """And have no place among the gradients."""
    x = RNG.standard_normal((2, 3, 4))
    one, two = (layer.random(4, 3, rng=np.random.default_rng(1)) for _ in range(2))
    zeros = [np.zeros((2, 3)) for _ in states_of(layer, 2, 3)]
    plain, given = outputs_of(one.forward(x)), outputs_of(two.forward(x, *zeros))
    np.testing.assert_equal(plain, given)
    dx = one.backward(*plain)
    assert dx.shape == x.shape
    np.testing.assert_array_equal(dx, two.backward(*given)[0])


@every_layer
@pytest.mark.parametrize("k", [1, 2, 3, 7, 9])
def test_truncation_is_that_of_chunks(layer: Any, k: int) -> None:
    """Run one by one, each from the last state of the one before, as a constant."""
    N, T, D, H = 2, 7, 3, 4
    whole = layer.random(D, H, rng=RNG, truncate=k)
    x, initial = RNG.standard_normal((N, T, D)), states_of(layer, N, H)
    out = outputs_of(whole.forward(x, *initial))
    douts = [RNG.standard_normal(one.shape) for one in out]
    found = whole.backward(*douts)
    states, gradients, sums = initial, [], dict.fromkeys(("dWx", "dWh", "db"), 0.0)
    for start in range(0, T, k):
        chunk = layer(whole.Wx, whole.Wh, whole.b)
        steps = slice(start, start + k)
        h, *rest = outputs_of(chunk.forward(x[:, steps], *states))
        last = start + k >= T
        of_cell = [douts[1] if last else np.zeros((N, H))] if rest else []
        gradients.append(chunk.backward(douts[0][:, steps], *of_cell))
        sums = {key: total + getattr(chunk, key) for key, total in sums.items()}
        states = [h[:, -1], *rest]
        np.testing.assert_allclose(h, out[0][:, steps], rtol=1e-12)
    dx = np.concatenate([gradient[0] for gradient in gradients], axis=1)
    for one, two in zip(found, (dx, *gradients[0][1:]), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-11, atol=1e-13)
    for key, expected in sums.items():
        np.testing.assert_allclose(getattr(whole, key), expected, rtol=1e-11, atol=1e-13)


@every_layer
def test_truncation_must_be_positive(layer: Any) -> None:
    with pytest.raises(ValueError, match="truncate must be None or at least 1, got 0"):
        layer.random(2, 3, truncate=0)


@every_layer
@pytest.mark.parametrize(("N", "T"), [(0, 3), (2, 0), (0, 0), (1, 1)])
def test_empty_batches_and_empty_sequences(layer: Any, N: int, T: int) -> None:
    """Shapes stay, and the gradients of the weights are zero where nothing happened."""
    recurrent = layer.random(2, 3, rng=RNG)
    initial = states_of(layer, N, 3)
    out = outputs_of(recurrent.forward(np.ones((N, T, 2)), *initial))
    assert out[0].shape == (N, T, 3)
    dx, *dstates = recurrent.backward(*[np.ones(one.shape) for one in out])
    assert dx.shape == (N, T, 2)
    assert all(gradient.shape == (N, 3) for gradient in dstates)
    if N * T == 0:
        assert not recurrent.dWx.any()
        assert not recurrent.dWh.any()
        assert not recurrent.db.any()


def test_without_a_step_the_cell_state_passes_through() -> None:
    """And so does its gradient."""
    lstm, c0 = LSTM.random(2, 3), RNG.standard_normal((2, 3))
    _, c = lstm.forward(np.ones((2, 0, 2)), np.zeros((2, 3)), c0)
    np.testing.assert_array_equal(c, c0)
    np.testing.assert_array_equal(lstm.backward(np.ones((2, 0, 3)), c0)[2], c0)


def test_gradient_of_the_last_cell_state_may_be_left_out() -> None:
    """Which is zero then."""
    lstm, x, dh = LSTM.random(2, 3), RNG.standard_normal((2, 4, 2)), RNG.standard_normal((2, 4, 3))
    lstm.forward(x)
    np.testing.assert_array_equal(lstm.backward(dh), lstm.backward(dh, np.zeros((2, 3))))


@every_layer
def test_a_second_forward_replaces_the_first(layer: Any) -> None:
    """Also with another batch size, other lengths, and without states."""
    recurrent = layer.random(2, 3, rng=np.random.default_rng(1))
    fresh = layer.random(2, 3, rng=np.random.default_rng(1))
    recurrent.forward(np.ones((4, 5, 2)), *states_of(layer, 4, 3))
    x = RNG.standard_normal((2, 3, 2))
    for one in (recurrent, fresh):
        h = outputs_of(one.forward(x))
        dx = one.backward(*h)
        again = one.backward(*h)
        np.testing.assert_array_equal(dx, again)
    np.testing.assert_array_equal(recurrent.dWh, fresh.dWh)


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturation_is_quiet(layer: Any, dtype: Any) -> None:
    """Sums of 1e8 and of 1e-8 give finite values and gradients; warnings are errors."""
    for size in (1e8, 1e-8):
        recurrent = layer(*(array.astype(dtype) for array in weights(layer, size)))
        out = outputs_of(recurrent.forward(RNG.standard_normal((2, 3, 2)).astype(dtype)))
        dx = recurrent.backward(*[np.ones_like(one) for one in out])
        assert all(np.isfinite(array).all() for array in (*out, dx, recurrent.dWh))


def weights(layer: Any, size: float) -> list[Any]:
    drawn = layer.random(2, 3, rng=RNG)
    return [size * drawn.Wx, drawn.Wh, drawn.b]


@pytest.mark.parametrize("name", [name for name in PAIRS if "relu" not in name])
def test_complex_step(name: str) -> None:
    """The formulas are analytic: an imaginary step gives the derivative without rounding."""
    layer, _, options = PAIRS[name]
    recurrent = layer.random(2, 3, rng=RNG, **options)
    x = RNG.standard_normal((2, 4, 2))
    dout = outputs_of(recurrent.forward(x))
    dx = recurrent.backward(*dout)
    direction = RNG.standard_normal(x.shape)
    moved = outputs_of(recurrent.forward(x + 1e-30j * direction))
    slope = sum(np.sum(one.imag / 1e-30 * dy) for one, dy in zip(moved, dout, strict=True))
    np.testing.assert_allclose(slope, np.sum(dx * direction), rtol=1e-12)


@every_layer
def test_parameters_are_shared(layer: Any) -> None:
    """An update in place is seen by the next forward."""
    recurrent = layer.random(2, 3, rng=RNG)
    parameters = [recurrent.Wx, recurrent.Wh, recurrent.b]
    other = layer(*parameters)
    assert other.Wx is parameters[0]
    before = outputs_of(other.forward(np.ones((1, 2, 2))))[0]
    parameters[0] *= 2
    assert not np.array_equal(outputs_of(other.forward(np.ones((1, 2, 2))))[0], before)


@every_layer
def test_wider_precision_wins(layer: Any) -> None:
    """Float32 sequences meet float64 weights, and the gradient has the dtype of the output."""
    recurrent = layer.random(2, 3)
    out = outputs_of(recurrent.forward(np.ones((1, 2, 2), np.float32)))
    dx = recurrent.backward(*[np.ones_like(one) for one in out])
    assert {one.dtype for one in (*out, dx, recurrent.dWx, recurrent.db)} == {np.dtype(float)}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RNN(np.ones((2, 3)), np.ones((3, 2)), np.ones(3)), r"RNN: Wx: \(D, H\), Wh: "),
        (lambda: RNN(np.ones((2, 3)), 1.0, np.ones(3)), r"got \(2, 3\), \(\) and \(3,\)"),
        (lambda: LSTM(np.ones((2, 6)), np.ones((2, 6)), np.ones(6)), r"\(4\*H,\) must share H"),
        (lambda: GRU(np.ones((2, 6)), np.ones((2, 6)), np.ones((1, 6))), r"GRU: .*\(1, 6\)"),
        (lambda: GRU(*[np.ones((2, 6))] * 2, np.ones(6), np.ones(2)), r"bh must have the shape"),
        (
            lambda: GRUCell(*[np.ones((2, 6))] * 2, np.ones(6), np.ones(6), reset_after=False),
            "GRUCell: bh needs reset_after=True",
        ),
        (lambda: GRU.random(2, 3, gates="rzz"), "must order the letters r, z, n, got 'rzz'"),
        (lambda: LSTMCell.random(2, 3, gates="ifg"), "must order the letters i, f, g, o"),
        (lambda: RNN.random(2, 3, activation="elu"), "activation must be tanh or relu, got 'elu'"),
    ],
)
def test_parameters_must_fit(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@every_layer
@pytest.mark.parametrize("shape", [(2, 3, 5), (2, 2), (), (2,), (1, 2, 3, 2)])
def test_sequences_must_fit(layer: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=rf"{layer.__name__}.forward: x must have the axes N T D"):
        layer.random(2, 3).forward(np.ones(shape))


@every_cell
@pytest.mark.parametrize("shape", [(2, 5), (2,), (), (1, 2, 2)])
def test_inputs_of_cells_must_fit(cell: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=rf"{cell.__name__}.forward: x must have the axes N D"):
        cell.random(2, 3).forward(np.ones(shape), *states_of(cell, 2, 3))


@pytest.mark.parametrize("layer", [RNN, LSTM, GRU, RNNCell, LSTMCell, GRUCell])
@pytest.mark.parametrize("shape", [(2, 4), (1, 3), (3,)])
def test_states_must_fit(layer: Any, shape: tuple[int, ...]) -> None:
    """A state of one row would broadcast to the batch, and its gradient would not fit."""
    x = np.ones((2, 2) if layer.__name__.endswith("Cell") else (2, 4, 2))
    states = [np.ones(shape) for _ in states_of(layer, 2, 3)]
    with pytest.raises(ValueError, match=rf"{layer.__name__}.forward: h0? must be \(2, 3\)"):
        layer.random(2, 3).forward(x, *states)


def test_lstm_takes_both_states_or_none() -> None:
    with pytest.raises(ValueError, match="h0 and c0 must be given together"):
        LSTM.random(2, 3).forward(np.ones((1, 2, 2)), np.ones((1, 3)))


def test_usual_weights() -> None:
    """The variance is 1/D and 1/H, and the forget gate starts open."""
    lstm = LSTM.random(400, 100, rng=np.random.default_rng(3), gates="fgio")
    assert lstm.Wx.std() == pytest.approx(1 / 20, rel=0.02)
    assert lstm.Wh.std() == pytest.approx(1 / 10, rel=0.02)
    np.testing.assert_array_equal(lstm.b, np.repeat([1, 0], [100, 300]))
    again = LSTM.random(400, 100, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(lstm.Wh, again.Wh)


def bidirectional(layer: Any) -> Bidirectional:
    return Bidirectional(layer.random(2, 3, rng=RNG), layer.random(2, 4, rng=RNG))


@every_layer
def test_bidirectional_gradients_are_those_of_differences(layer: Any) -> None:
    """Of the input and of every parameter of both directions."""
    network, x = bidirectional(layer), RNG.standard_normal((2, 3, 2))
    dout = RNG.standard_normal((2, 3, 7))
    network.forward(x)
    gradients = {"x": network.backward(dout), **network.gradients_by_name}
    arrays = {"x": x, **network.parameters_by_name}
    assert list(arrays)[1:] == [
        f"{way}.{name}" for way in ("ahead", "back") for name in ("Wx", "Wh", "b")
    ]
    for name, array in arrays.items():
        numeric = central_difference(lambda _: np.sum(network.forward(x) * dout), array)
        np.testing.assert_allclose(gradients[name], numeric, rtol=1e-7, atol=1e-9, err_msg=name)


def test_bidirectional_last_state_of_the_way_back_is_the_first_in_time() -> None:
    """The second half is the other layer on the reversed sequence, in the order of time."""
    network, x = bidirectional(LSTM), RNG.standard_normal((2, 5, 2))
    y = network.forward(x)
    back: Any = network.back
    np.testing.assert_array_equal(y[:, 0, 3:], back.forward(x[:, ::-1])[0][:, -1])


def test_bidirectional_shares_no_memory_and_repeats() -> None:
    network, x = bidirectional(GRU), RNG.standard_normal((2, 5, 2))
    y = network.forward(x)
    dout = y.copy()
    first = network.backward(dout)
    expected = first.copy()
    for array in (x, y, first):
        array[...] = 77
    np.testing.assert_array_equal(network.backward(dout), expected)


def test_bidirectional_can_be_chained() -> None:
    """Two of them, then an affine layer over the flattened sequence."""
    network = Sequential(
        Bidirectional(RNN.random(2, 3), RNN.random(2, 3)),
        Bidirectional(RNN.random(6, 2), RNN.random(6, 2)),
        Affine(RNG.standard_normal((20, 2)), np.zeros(2)),
    )
    x = RNG.standard_normal((3, 5, 2))
    network.forward(x)
    dx = network.backward(np.ones((3, 2)))
    numeric = central_difference(lambda _: np.sum(network.forward(x)), x)
    np.testing.assert_allclose(dx, numeric, rtol=1e-7, atol=1e-9)


def test_bidirectional_guards() -> None:
    network, one = bidirectional(RNN), RNN.random(2, 3)
    with pytest.raises(RuntimeError, match="backward was called before forward"):
        network.backward(np.ones((2, 3, 7)))
    network.forward(np.ones((2, 3, 2)))
    with pytest.raises(ValueError, match=r"has shape \(9, 9\), the output of forward had"):
        network.backward(np.ones((9, 9)))
    with pytest.raises(ValueError, match=r"x must be \(N, T, D\), got \(2, 3\)"):
        network.forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match="got one twice"):
        Bidirectional(one, one)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_bidirectional_keeps_the_dtype(dtype: Any) -> None:
    halves = [RNN(*(array.astype(dtype) for array in weights(RNN, 1.0))) for _ in range(2)]
    network = Bidirectional(*halves)
    y = network.forward(np.ones((1, 2, 2), dtype))
    dx = network.backward(np.ones(y.shape))
    assert {y.dtype, dx.dtype, halves[1].dWx.dtype} == {np.dtype(dtype)}
