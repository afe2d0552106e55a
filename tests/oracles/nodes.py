"""The nodes of a graph, and the classifiers of the textbooks, against PyTorch's autograd."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

import layers
from tests.oracles.comparison import Array, Comparison, Pair


def node_pairs(
    rng: np.random.Generator, make: Callable[[], Any], theirs: Any, shapes: Any
) -> Iterable[Pair]:
    """Hold the value and all gradients against ``theirs`` of torch and tensors; all positive."""
    import torch

    arrays = [rng.uniform(0.2, 3, shape) for shape in shapes]
    node, tensors = make(), [torch.tensor(array, requires_grad=True) for array in arrays]
    expected = theirs(torch, *tensors)
    dout = rng.standard_normal(tuple(expected.shape))
    expected.backward(torch.from_numpy(dout))
    yield "value", node.forward(*arrays), expected.detach().numpy()
    found = node.backward(dout)
    found = found if isinstance(found, tuple) else (found,)
    for number, (gradient, tensor) in enumerate(zip(found, tensors, strict=True)):
        yield f"gradient {number}", gradient, tensor.grad.numpy()


def net_pairs(rng: np.random.Generator, net: Any, x: Array, theirs: Any) -> Iterable[Pair]:
    """Hold the loss and the gradients of all parameters against autograd."""
    import torch

    for array in net.params.values():
        array += 0.3 * rng.standard_normal(array.shape)
    t = rng.integers(0, 3, len(x))
    leaves = {name: torch.tensor(a, requires_grad=True) for name, a in net.params.items()}
    logits = theirs(torch.nn.functional, torch.from_numpy(x), leaves)
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(t))
    loss.backward()
    yield "loss", net.loss(x, t), loss.detach().numpy()
    for name, gradient in net.gradient(x, t).items():
        yield name, gradient, leaves[name].grad.numpy()


def two_layer_pairs(rng: np.random.Generator) -> Iterable[Pair]:
    """Write TwoLayerNet in PyTorch."""

    def theirs(_: Any, x: Any, p: Any) -> Any:
        return (x @ p["W1"] + p["b1"]).relu() @ p["W2"] + p["b2"]

    net = layers.TwoLayerNet(5, 6, 3, rng=rng)
    return net_pairs(rng, net, rng.standard_normal((4, 5)), theirs)


def conv_net_pairs(rng: np.random.Generator, stride: int, pad: int) -> Iterable[Pair]:
    """Write ConvNet in PyTorch."""

    def theirs(F: Any, x: Any, p: Any) -> Any:
        y = F.max_pool2d(F.conv2d(x, p["W1"], p["b1"], stride, pad).relu(), 2)
        return (y.flatten(1) @ p["W2"] + p["b2"]).relu() @ p["W3"] + p["b3"]

    net = layers.ConvNet((2, 8, 9), 4, 3, 6, 3, stride=stride, pad=pad, rng=rng)
    return net_pairs(rng, net, rng.standard_normal((5, 2, 8, 9)), theirs)


def chain_pairs(rng: np.random.Generator) -> Iterable[Pair]:
    """Write a chain of three layers in PyTorch, all of whose gradients count."""
    import torch

    shapes = {"0.W": (4, 5), "0.b": (5,), "last.W": (5, 2)}
    p = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    affine, last = layers.Affine(p["0.W"], p["0.b"]), layers.Affine(p["last.W"])
    chain, x = layers.Sequential(affine, layers.Tanh(), last=last), rng.standard_normal((3, 4))
    leaves = {name: torch.tensor(a, requires_grad=True) for name, a in {"x": x, **p}.items()}
    y = torch.tanh(leaves["x"] @ leaves["0.W"] + leaves["0.b"]) @ leaves["last.W"]
    dout = rng.standard_normal((3, 2))
    y.backward(torch.from_numpy(dout))
    yield "y", chain.forward(x), y.detach().numpy()
    gradients = {"x": chain.backward(dout), **chain.gradients_by_name}
    for name, leaf in leaves.items():
        yield name, gradients[name], leaf.grad.numpy()


NODES: dict[type[Any], tuple[str, Any, tuple[tuple[int, ...], ...]]] = {
    layers.Add: ("torch.add", lambda torch, x, y: torch.add(x, y), ((3, 4), (3, 4))),
    layers.Sub: ("torch.sub", lambda torch, x, y: torch.sub(x, y), ((3, 4), (3, 4))),
    layers.Mul: ("torch.mul", lambda torch, x, y: torch.mul(x, y), ((3, 4), (3, 4))),
    layers.Div: ("torch.div", lambda torch, x, y: torch.div(x, y), ((3, 4), (3, 4))),
    layers.Exp: ("torch.exp", lambda torch, x: torch.exp(x), ((3, 4),)),
    layers.Log: ("torch.log", lambda torch, x: torch.log(x), ((3, 4),)),
    layers.Repeat: ("torch.Tensor.repeat", lambda torch, x: x.repeat(2, 1), ((1, 4),)),
    layers.Sum: ("torch.sum", lambda torch, x: torch.sum(x, dim=0, keepdim=True), ((3, 4),)),
}

COMPARISONS: list[Comparison] = [
    *(
        Comparison(
            layer.__name__,
            oracle,
            "",
            partial(node_pairs, make=layer, theirs=theirs, shapes=shapes),
        )
        for layer, (oracle, theirs, shapes) in NODES.items()
    ),
    Comparison("Sequential", "torch.autograd", "", chain_pairs),
    Comparison("TwoLayerNet", "torch.autograd", "", two_layer_pairs),
    *(
        Comparison(
            "ConvNet",
            "torch.autograd",
            f"stride={stride}, pad={pad}",
            partial(conv_net_pairs, stride=stride, pad=pad),
        )
        for stride, pad in ((1, 0), (2, 1))
    ),
]
