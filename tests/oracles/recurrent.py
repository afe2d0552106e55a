"""The recurrent layers against those of PyTorch, with the same weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from layers.bidirectional import Bidirectional
from layers.gru import GRU, GRUCell
from layers.lstm import LSTM, LSTMCell
from layers.rnn import RNN, RNNCell
from tests.oracles.comparison import Comparison, Pair

N, T, D, H = 3, 6, 4, 5
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
LAYERS: dict[str, Any] = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
CELLS: dict[str, Any] = {"RNN": RNNCell, "LSTM": LSTMCell, "GRU": GRUCell}


def draw(rng: np.random.Generator, kind: str) -> list[Any]:
    """Draw Wx, Wh, b, and bh for the GRU, of a size that saturates some gates."""
    G = GATES[kind]
    shapes = [(D, G * H), (H, G * H), (G * H,)] + ([(G * H,)] if kind == "GRU" else [])
    return [rng.standard_normal(shape) for shape in shapes]


def copy_weights(module: Any, parameters: list[Any], suffix: str) -> None:
    """Give a module of PyTorch our weights; what we have not, its second bias, is zero."""
    import torch

    *both, b = parameters[:3]
    bh = parameters[3] if len(parameters) > 3 else np.zeros_like(b)
    with torch.no_grad():
        for name, array in zip(("weight_ih", "weight_hh"), both, strict=True):
            getattr(module, name + suffix).copy_(torch.from_numpy(array.T.copy()))
        getattr(module, "bias_ih" + suffix).copy_(torch.from_numpy(b))
        getattr(module, "bias_hh" + suffix).copy_(torch.from_numpy(bh))


def parameter_pairs(ours: Any, module: Any, suffix: str) -> Iterable[Pair]:
    """Compare the gradients of the weights."""
    yield "dWx", ours.dWx, getattr(module, "weight_ih" + suffix).grad.numpy().T
    yield "dWh", ours.dWh, getattr(module, "weight_hh" + suffix).grad.numpy().T
    yield "db", ours.db, getattr(module, "bias_ih" + suffix).grad.numpy()
    if getattr(ours, "bh", None) is not None:
        yield "dbh", ours.dbh, getattr(module, "bias_hh" + suffix).grad.numpy()


def cell_pairs(rng: np.random.Generator, kind: str, relu: bool = False) -> Iterable[Pair]:
    """Run one step of both."""
    import torch

    parameters = draw(rng, kind)
    ours = CELLS[kind](*parameters, **({"activation": "relu"} if relu else {}))
    options = {"nonlinearity": "relu"} if relu else {}
    theirs = getattr(torch.nn, f"{kind}Cell")(D, H, **options).double()
    copy_weights(theirs, parameters, "")
    inputs = [rng.standard_normal((N, size)) for size in (D, H, H)][: 3 if kind == "LSTM" else 2]
    x, *state = (torch.tensor(array, requires_grad=True) for array in inputs)
    outputs = theirs(x, tuple(state) if kind == "LSTM" else state[0])
    mine = ours.forward(*inputs)
    yield from compared(rng, ours, mine, outputs, [x, *state])
    yield from parameter_pairs(ours, theirs, "")


def compared(
    rng: np.random.Generator, ours: Any, mine: Any, theirs: Any, leaves: list[Any]
) -> Iterable[Pair]:
    """Compare outputs, draw an upstream gradient for each, and compare those of the inputs."""
    import torch

    mine = mine if isinstance(mine, tuple) else (mine,)
    theirs = theirs if isinstance(theirs, tuple) else (theirs,)
    for position, (one, two) in enumerate(zip(mine, theirs, strict=True)):
        yield f"output {position}", one, two.detach().numpy()
    douts = [rng.standard_normal(np.shape(one)) for one in mine]
    torch.autograd.backward(theirs, [torch.from_numpy(dout) for dout in douts])
    found = ours.backward(*douts)
    found = found if isinstance(found, tuple) else (found,)
    for position, (gradient, leaf) in enumerate(zip(found, leaves, strict=True)):
        yield f"gradient of input {position}", gradient, leaf.grad.numpy()


def sequence_pairs(
    rng: np.random.Generator, kind: str, started: bool, relu: bool = False
) -> Iterable[Pair]:
    """Run a sequence through both, from given states or from zero."""
    import torch

    parameters = draw(rng, kind)
    ours = LAYERS[kind](*parameters, **({"activation": "relu"} if relu else {}))
    options = {"nonlinearity": "relu"} if relu else {}
    theirs = getattr(torch.nn, kind)(D, H, batch_first=True, **options).double()
    copy_weights(theirs, parameters, "_l0")
    states = 0 if not started else 2 if kind == "LSTM" else 1
    inputs = [rng.standard_normal((N, T, D))]
    inputs += [rng.standard_normal((N, H)) for _ in range(states)]
    x, *state = (torch.tensor(array, requires_grad=True) for array in inputs)
    given = [one[None] for one in state]
    h, last = theirs(x, *([tuple(given)] if len(given) == 2 else given))
    outputs = (h, last[1][0]) if kind == "LSTM" else h
    yield from compared(rng, ours, ours.forward(*inputs), outputs, [x, *state])
    yield from parameter_pairs(ours, theirs, "_l0")


def bidirectional_pairs(rng: np.random.Generator, kind: str) -> Iterable[Pair]:
    """Run a sequence through both in two directions."""
    import torch

    parameters = [draw(rng, kind), draw(rng, kind)]
    ahead, back = (LAYERS[kind](*arrays) for arrays in parameters)
    ours = Bidirectional(ahead, back)
    theirs = getattr(torch.nn, kind)(D, H, batch_first=True, bidirectional=True).double()
    x = rng.standard_normal((N, T, D))
    for arrays, suffix in zip(parameters, ("_l0", "_l0_reverse"), strict=True):
        copy_weights(theirs, arrays, suffix)
    leaf = torch.tensor(x, requires_grad=True)
    yield from compared(rng, ours, ours.forward(x), theirs(leaf)[0], [leaf])
    yield from parameter_pairs(ahead, theirs, "_l0")
    yield from parameter_pairs(back, theirs, "_l0_reverse")


def before_pairs(rng: np.random.Generator, started: bool) -> Iterable[Pair]:
    """Write the GRU of the paper, reset before the product, in PyTorch's own operations."""
    import torch

    arrays = [*draw(rng, "GRU")[:3], rng.standard_normal((N, T, D)), rng.standard_normal((N, H))]
    Wx, Wh, b, x, h = leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    if not started:
        h = torch.zeros((N, H), dtype=torch.float64)
    states = []
    for t in range(T):
        a = x[:, t] @ Wx + b
        r = torch.sigmoid(a[:, :H] + h @ Wh[:, :H])
        z = torch.sigmoid(a[:, H : 2 * H] + h @ Wh[:, H : 2 * H])
        n = torch.tanh(a[:, 2 * H :] + (r * h) @ Wh[:, 2 * H :])
        h = z * h + (1 - z) * n
        states.append(h)
    ours = GRU(*arrays[:3], reset_after=False)
    inputs = slice(3, 5 if started else 4)
    mine = ours.forward(*arrays[inputs])
    yield from compared(rng, ours, mine, torch.stack(states, dim=1), leaves[inputs])
    for name, leaf in zip(("dWx", "dWh", "db"), leaves[:3], strict=True):
        yield name, getattr(ours, name), leaf.grad.numpy()


def of(kind: str, layer: str, oracle: str, words: str, pairs: Callable[..., Any]) -> Comparison:
    """Shorten the table below."""
    return Comparison(f"{kind}{layer}", f"torch.nn.{kind}{oracle}", words, pairs)


COMPARISONS: list[Comparison] = [
    of("RNN", "Cell", "Cell", "relu", partial(cell_pairs, kind="RNN", relu=True)),
    of(
        "RNN",
        "",
        "",
        "relu",
        partial(sequence_pairs, kind="RNN", started=True, relu=True),
    ),
    Comparison("GRU", "torch.autograd", "reset before", partial(before_pairs, started=True)),
    Comparison(
        "GRU", "torch.autograd", "reset before, from zero", partial(before_pairs, started=False)
    ),
]
for _kind in GATES:
    COMPARISONS += [
        of(_kind, "Cell", "Cell", "", partial(cell_pairs, kind=_kind)),
        of(_kind, "", "", "", partial(sequence_pairs, kind=_kind, started=True)),
        of(_kind, "", "", "from zero", partial(sequence_pairs, kind=_kind, started=False)),
        Comparison(
            "Bidirectional", f"torch.nn.{_kind}", _kind, partial(bidirectional_pairs, kind=_kind)
        ),
    ]
