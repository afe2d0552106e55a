"""Mistakes in one step of a plain recurrent network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.recurrent import in_time
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _step(wanted: str) -> Formula:
    """One step with a mistake: of a cell, or of a sequence of length one."""

    def formula(situation: Situation) -> dict[str, Array]:
        arrays, in_sequence = situation.arrays, "h0" in situation.arrays
        x = arrays["x"][:, 0] if in_sequence else arrays["x"]
        h = arrays["h0"] if in_sequence else arrays["h"]
        Wx, Wh = arrays["Wx"], arrays["Wh"]
        dout, h_next = (one[:, 0] if in_sequence else one for one in (situation.dout, situation.y))
        a = x @ Wx + h @ Wh + arrays["b"]
        da = dout * _slope(wanted, a, h_next, h, situation.options)
        state = h_next if wanted == "next-state" else h
        back = {"untransposed": Wh, "weights-missing": np.eye(len(Wh))}.get(wanted, Wh.T)
        found: dict[str, Array] = {
            "x": da @ Wx.T,
            "h": dout @ back if wanted == "state-past-activation" else da @ back,
            "Wx": x.T @ da,
            "Wh": da.T @ state if wanted == "transposed-gradient" else state.T @ da,
            "b": dout.sum(axis=0) if wanted == "bias-past-activation" else da.sum(axis=0),
        }
        if not in_sequence:
            return found
        return {**found, "x": found["x"][:, np.newaxis], "h0": found["h"]}

    return formula


def _slope(wanted: str, a: Array, h_next: Array, h: Array, options: Mapping[str, str]) -> Array:
    """Return the derivative of the activation, as the student has it."""
    if wanted == "derivative-missing":
        return np.ones_like(a)
    if options.get("activation", "tanh") == "relu":
        if wanted == "previous-state":
            return np.asarray(h > 0, a.dtype)
        return np.asarray(a > 0, a.dtype)
    slopes = {
        "square-missing": 1 - h_next,
        "before-activation": 1 - a * a,
        "previous-state": 1 - h * h,
        "activation-again": 1 - np.tanh(h_next) ** 2,
        "of-sigmoid": h_next * (1 - h_next),
    }
    return np.asarray(slopes.get(wanted, 1 - h_next * h_next))


_TANH = "da = dout * (1 - h_next**2) with the output h_next of this step."
_TOLD = {
    "derivative-missing": (_TANH, "{gradient} lacks the derivative of the activation"),
    "square-missing": (
        _TANH,
        "the derivative of tanh in {gradient} is 1 - h: the square is missing",
    ),
    "before-activation": (
        _TANH,
        "the derivative in {gradient} uses what goes into tanh; 1 - h**2 wants its output",
    ),
    "previous-state": (
        _TANH,
        "the derivative in {gradient} uses the state before this step, not its output",
    ),
    "activation-again": (_TANH, "{gradient} applies tanh to the output of tanh once more"),
    "of-sigmoid": (_TANH, "{gradient} uses h * (1 - h), the derivative of the sigmoid"),
    "untransposed": ("dh = da @ Wh.T.", "{gradient} uses da @ Wh: Wh must be transposed"),
    "weights-missing": ("dh = da @ Wh.T.", "{gradient} hands da back as it is: Wh is missing"),
    "state-past-activation": (
        "dh = da @ Wh.T with da = dout * derivative.",
        "{gradient} goes back through Wh without the derivative of the activation",
    ),
    "next-state": (
        "dWh = h_prev.T @ da with the state before the step.",
        "{gradient} uses the state after the step; the one before it went into Wh",
    ),
    "transposed-gradient": (
        "dWh = h_prev.T @ da.",
        "{gradient} is transposed: da.T @ h in place of h.T @ da",
    ),
    "bias-past-activation": (
        "db = da.sum(axis=0) with da = dout * derivative.",
        "{gradient} sums dout, without the derivative of the activation",
    ),
}

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant(name, text, repair, kind, formula)
    for name, (repair, text) in _TOLD.items()
    for kind, formula in (("rnn-cell", _step(name)), ("rnn", in_time(_step(name))))
)
"""The mistakes, each with its formula."""
