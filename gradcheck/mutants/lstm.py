"""Mistakes in one step of an LSTM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradcheck.mutants.logistic import sigmoid
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.recurrent import in_time
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array, Arrays


@dataclass(frozen=True)
class Cell:
    """One step: c' = f c + i g and h' = o tanh c', and the gradients of h' and c'."""

    arrays: Arrays
    order: str
    x: Array
    h: Array
    c: Array
    dh: Array
    dc: Array

    @cached_property
    def gates(self) -> dict[str, Array]:
        """The values of i, f, o and g."""
        arrays = self.arrays
        a = self.x @ arrays["Wx"] + self.h @ arrays["Wh"] + arrays["b"]
        parts = dict(zip(self.order, np.split(a, 4, axis=-1), strict=True))
        return {name: np.tanh(one) if name == "g" else sigmoid(one) for name, one in parts.items()}

    @property
    def c_next(self) -> Array:
        """The cell state after the step."""
        return np.asarray(self.gates["f"] * self.c + self.gates["i"] * self.gates["g"])

    @property
    def through_output(self) -> Array:
        """What c' gets through h' = o tanh c'."""
        return np.asarray(self.dh * self.gates["o"] * (1 - np.tanh(self.c_next) ** 2))

    def back(
        self,
        *,
        dc: Array | None = None,
        gates: Arrays | None = None,
        slopes: Arrays | None = None,
        order: str = "",
        untransposed: bool = False,
        dc_left: Array | None = None,
    ) -> dict[str, Array]:
        """Return all gradients, with some of the steps on the way replaced."""
        v = self.gates
        dc = self.dc + self.through_output if dc is None else dc
        d = {"i": dc * v["g"], "f": dc * self.c, "g": dc * v["i"]}
        d = {**d, "o": self.dh * np.tanh(self.c_next), **(gates or {})}
        own = {name: 1 - s * s if name == "g" else s * (1 - s) for name, s in v.items()}
        own = {**own, **(slopes or {})}
        da = np.concatenate([d[name] * own[name] for name in order or self.order], axis=-1)
        Wx, Wh = self.arrays["Wx"], self.arrays["Wh"]
        if untransposed:
            pairs = zip(np.split(da, 4, axis=-1), np.split(Wh, 4, axis=-1), strict=True)
            dh = np.sum([one @ U for one, U in pairs], axis=0)
        else:
            dh = da @ Wh.T
        left = dc * v["f"] if dc_left is None else dc_left
        found = {"x": da @ Wx.T, "h": dh, "c": left, "b": da.sum(axis=0)}
        return {**found, "Wx": self.x.T @ da, "Wh": self.h.T @ da}


def _step(wrong: Callable[[Cell], Arrays]) -> Formula:
    """One step with a mistake: of a cell, or of a sequence of length one."""

    def formula(situation: Situation) -> dict[str, Array]:
        arrays, upstream = situation.arrays, situation.upstream
        order = str(situation.options.get("gates", "ifgo"))
        if "h0" not in arrays:
            states = arrays["h"], arrays["c"], upstream["h_next"], upstream["c_next"]
            return dict(wrong(Cell(arrays, order, arrays["x"], *states)))
        states = arrays["h0"], arrays["c0"], upstream["h"][:, 0], upstream["c"]
        found = wrong(Cell(arrays, order, arrays["x"][:, 0], *states))
        named = {"h0": found["h"], "c0": found["c"], "x": found["x"][:, np.newaxis]}
        return {**{name: found[name] for name in ("Wx", "Wh", "b")}, **named}

    return formula


def _exchanged(cell: Cell, one: str, other: str) -> Mapping[str, Array]:
    """Put the gradients of two gates into each other's columns."""
    order = cell.order.translate(str.maketrans(one + other, other + one))
    return cell.back(order=order)


_ONE = np.ones(())
_CELL = "dc = dc_next + dh_next * o * (1 - tanh(c_next)**2)."
_GATES = "di = dc * g, df = dc * c_prev, dg = dc * i, do = dh_next * tanh(c_next)."
_SLOPES = "da of i, f, o has the factor s * (1 - s), da of g the factor 1 - g**2."

_TOLD: dict[str, tuple[str, str, Callable[[Cell], Arrays]]] = {
    "cell-path-missing": (
        _CELL,
        "{gradient} lacks the path from h_next into the cell state, dh * o * (1 - tanh**2)",
        lambda cell: cell.back(dc=cell.dc),
    ),
    "cell-gradient-ignored": (
        _CELL,
        "{gradient} ignores dc_next, the gradient that comes in for the cell state",
        lambda cell: cell.back(dc=cell.through_output),
    ),
    "tanh-of-cell-derivative-missing": (
        _CELL,
        "{gradient} lacks 1 - tanh(c)**2 on the way from h_next into the cell state",
        lambda cell: cell.back(dc=cell.dc + cell.dh * cell.gates["o"]),
    ),
    "tanh-of-cell-missing-in-derivative": (
        _CELL,
        "{gradient} uses 1 - c**2 where 1 - tanh(c)**2 belongs",
        lambda cell: cell.back(dc=cell.dc + cell.dh * cell.gates["o"] * (1 - cell.c_next**2)),
    ),
    "output-gate-missing": (
        _CELL,
        "{gradient} lacks the factor o on the way from h_next into the cell state",
        lambda cell: cell.back(dc=cell.dc + cell.dh * (1 - np.tanh(cell.c_next) ** 2)),
    ),
    "tanh-missing-in-output-gate": (
        _GATES,
        "{gradient} uses dh * c_next for the output gate; tanh(c_next) belongs there",
        lambda cell: cell.back(gates={"o": cell.dh * cell.c_next}),
    ),
    "next-cell-in-forget-gate": (
        _GATES,
        "{gradient} uses c_next for the forget gate; the state before the step belongs there",
        lambda cell: cell.back(gates={"f": (cell.dc + cell.through_output) * cell.c_next}),
    ),
    "input-and-candidate-exchanged": (
        _GATES,
        "{gradient} multiplies i and g by themselves; each needs the other: di = dc * g",
        lambda cell: cell.back(
            gates={name: (cell.dc + cell.through_output) * cell.gates[name] for name in "ig"}
        ),
    ),
    "sigmoid-derivative-missing": (
        _SLOPES,
        "{gradient} lacks the derivative of the sigmoid of the gates i, f and o",
        lambda cell: cell.back(slopes=dict.fromkeys("ifo", _ONE)),
    ),
    "tanh-derivative-missing": (
        _SLOPES,
        "{gradient} lacks the derivative of the tanh of the candidate g",
        lambda cell: cell.back(slopes={"g": _ONE}),
    ),
    "gate-derivatives-missing": (
        _SLOPES,
        "{gradient} lacks the derivatives of all four gates",
        lambda cell: cell.back(slopes=dict.fromkeys("ifog", _ONE)),
    ),
    "sigmoid-derivative-for-candidate": (
        _SLOPES,
        "{gradient} uses g * (1 - g) for the candidate; g is a tanh: 1 - g**2",
        lambda cell: cell.back(slopes={"g": cell.gates["g"] * (1 - cell.gates["g"])}),
    ),
    "forget-gate-missing": (
        "dc_prev = dc * f.",
        "{gradient} hands dc back as it is: the factor f is missing",
        lambda cell: cell.back(dc_left=cell.dc + cell.through_output),
    ),
    "cell-gradient-past-output": (
        _CELL,
        "{gradient} is dc_next * f: what came through h_next is missing",
        lambda cell: cell.back(dc_left=cell.dc * cell.gates["f"]),
    ),
    "recurrent-weights-not-transposed": (
        "dh_prev = da @ Wh.T.",
        "{gradient} uses the weights of each gate without transposing them",
        lambda cell: cell.back(untransposed=True),
    ),
    "gates-i-f-exchanged": (
        "Write the gates in the order of forward.",
        "{gradient} has the columns of the gates i and f exchanged",
        lambda cell: _exchanged(cell, "i", "f"),
    ),
    "gates-o-g-exchanged": (
        "Write the gates in the order of forward.",
        "{gradient} has the columns of the gates o and g exchanged",
        lambda cell: _exchanged(cell, "o", "g"),
    ),
    "gates-f-o-exchanged": (
        "Write the gates in the order of forward.",
        "{gradient} has the columns of the gates f and o exchanged",
        lambda cell: _exchanged(cell, "f", "o"),
    ),
}

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant(name, text, repair, kind, formula)
    for name, (repair, text, wrong) in _TOLD.items()
    for kind, formula in (("lstm-cell", _step(wrong)), ("lstm", in_time(_step(wrong))))
)
"""The mistakes, each with its formula."""
