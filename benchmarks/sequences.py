"""Layers over time: the LSTM cell, a recurrent net over five steps, attention."""

from __future__ import annotations

import numpy as np

from benchmarks.layer import Array, Arrays, Generator, Layer, Shapes, side
from benchmarks.pointwise import sigmoid, softmax, softmax_backward

_STEPS = 5


def _gates(a: Arrays) -> tuple[Array, Array, Array, Array]:
    z = np.concatenate([a["x"], a["h"]], axis=1) @ a["W"]
    i, f, o, candidate = np.split(z, 4, axis=1)
    return sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(candidate)


def _lstm(a: Arrays) -> Array:
    i, f, o, candidate = _gates(a)
    c = f * a["c"] + i * candidate
    return np.concatenate([o * np.tanh(c), c], axis=1)


def _lstm_backward(a: Arrays, u: Array) -> Arrays:
    i, f, o, candidate = _gates(a)
    t = np.tanh(f * a["c"] + i * candidate)
    uh, uc = np.split(u, 2, axis=1)
    gc = uc + uh * o * (1 - t * t)
    gz = np.concatenate(
        [
            gc * candidate * i * (1 - i),
            gc * a["c"] * f * (1 - f),
            uh * t * o * (1 - o),
            gc * i * (1 - candidate**2),
        ],
        axis=1,
    )
    joined = gz @ a["W"].T
    d = a["x"].shape[1]
    gW = np.concatenate([a["x"], a["h"]], axis=1).T @ gz
    return {"x": joined[:, :d], "h": joined[:, d:], "c": gc * f, "W": gW}


def _lstm_shapes(rng: Generator, most: int) -> Shapes:
    n, d, h = side(rng, most // 2), side(rng, most // 2), side(rng, most // 2)
    return {"x": (n, d), "h": (n, h), "c": (n, h), "W": (d + h, 4 * h)}


def _rnn(a: Arrays) -> Array:
    h, states = a["h0"], []
    for x in a["x"]:
        h = np.tanh(x @ a["Wx"] + h @ a["Wh"])
        states.append(h)
    return np.stack(states)


def _rnn_backward(a: Arrays, u: Array) -> Arrays:
    states = _rnn(a)
    gx, gWx, gWh = (np.zeros_like(a[name]) for name in ("x", "Wx", "Wh"))
    gh = np.zeros_like(a["h0"])
    for step in reversed(range(len(u))):
        before = states[step - 1] if step else a["h0"]
        gz = (u[step] + gh) * (1 - states[step] ** 2)
        gx[step] = gz @ a["Wx"].T
        gWx += a["x"][step].T @ gz
        gWh += before.T @ gz
        gh = gz @ a["Wh"].T
    return {"x": gx, "h0": gh, "Wx": gWx, "Wh": gWh}


def _rnn_shapes(rng: Generator, most: int) -> Shapes:
    n, d, h = side(rng, most // 2), side(rng, most // 2), side(rng, most // 2)
    return {"x": (_STEPS, n, d), "h0": (n, h), "Wx": (d, h), "Wh": (h, h)}


def _weights(a: Arrays) -> tuple[Array, float]:
    divisor = float(np.sqrt(a["q"].shape[-1]))
    return softmax(a["q"] @ a["k"].T / divisor), divisor


def _attend(a: Arrays) -> Array:
    return _weights(a)[0] @ a["v"]


def _attend_backward(a: Arrays, u: Array) -> Arrays:
    weights, divisor = _weights(a)
    scores = softmax_backward(weights, u @ a["v"].T) / divisor
    return {"q": scores @ a["k"], "k": scores.T @ a["q"], "v": weights.T @ u}


def _attend_shapes(rng: Generator, most: int) -> Shapes:
    t, s, d, e = (side(rng, most - 2) for _ in range(4))
    return {"q": (t, d), "k": (s, d), "v": (s, e)}


LAYERS = (
    Layer("lstm-cell", True, _lstm_shapes, _lstm, _lstm_backward),
    Layer("rnn", True, _rnn_shapes, _rnn, _rnn_backward),
    Layer("attention", True, _attend_shapes, _attend, _attend_backward),
)
