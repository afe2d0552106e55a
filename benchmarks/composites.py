"""Whole networks of the reference set as one function of all their arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

import layers
from gradcheck import Report, check_vjp


def check_sequential(n: int, d: int, h: int, m: int, seed: int) -> Report:
    """Check affine, ReLU, affine with sizes N=n, D=d, H=h, M=m: input and all parameters."""
    draw = np.random.default_rng(seed).standard_normal
    primals = {"x": draw((n, d)), "W0": draw((d, h)), "b0": draw(h)}
    primals |= {"W2": draw((h, m)), "b2": draw(m)}

    def network(p: dict[str, Any]) -> layers.Sequential:
        first, last = layers.Affine(p["W0"], p["b0"]), layers.Affine(p["W2"], p["b2"])
        return layers.Sequential(first, layers.ReLU(), last)

    def vjp(p: dict[str, Any], u: Any) -> dict[str, Any]:
        net = network(p)
        net.forward(p["x"])
        found = {"x": net.backward(u)}
        first, _, last = net.layers
        return found | {"W0": first.dW, "b0": first.db, "W2": last.dW, "b2": last.db}

    return check_vjp(lambda p: network(p).forward(p["x"]), vjp, primals, seed=seed)


def check_two_layer_net(n: int, d: int, h: int, m: int, seed: int) -> Report:
    """Check the loss of a TwoLayerNet with respect to every parameter."""
    rng = np.random.default_rng(seed)
    x, t = rng.standard_normal((n, d)), rng.integers(0, m, n)
    net = layers.TwoLayerNet(d, h, m, weight_scale=0.5, rng=rng)
    primals = {name: value.copy() for name, value in net.params.items()}

    def at(p: dict[str, Any]) -> layers.TwoLayerNet:
        net.params.update({name: np.array(value) for name, value in p.items()})
        return net

    def vjp(p: dict[str, Any], u: Any) -> dict[str, Any]:
        return {name: gradient * u for name, gradient in at(p).gradient(x, t).items()}

    return check_vjp(lambda p: at(p).loss(x, t), vjp, primals, seed=seed)
