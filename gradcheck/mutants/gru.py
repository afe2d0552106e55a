"""Mistakes in one step of a gated recurrent unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradcheck.mutants.logistic import sigmoid
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.recurrent import in_time
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array, Arrays

Parts = dict[str, Array]


@dataclass(frozen=True)
class Cell:
    """One step: h' = (1 - z) n + z h, with the reset gate r after or before the product."""

    arrays: Arrays
    order: str
    after: bool
    x: Array
    h: Array
    dh: Array

    def parts(self, columns: Array) -> Parts:
        """Return the columns of each gate."""
        return dict(zip(self.order, np.split(columns, 3, axis=-1), strict=True))

    @cached_property
    def values(self) -> Parts:
        """The gates r and z, the candidate n, and q, what U_n gave (plus its bias)."""
        arrays = self.arrays
        a, U = self.parts(self.x @ arrays["Wx"] + arrays["b"]), self.parts(arrays["Wh"])
        c = self.parts(arrays.get("bh", np.zeros_like(arrays["b"])))
        r, z = (sigmoid(a[name] + self.h @ U[name] + c[name]) for name in "rz")
        q = (self.h if self.after else r * self.h) @ U["n"] + c["n"]
        return {"r": r, "z": z, "q": q, "n": np.tanh(a["n"] + (r * q if self.after else q))}

    def back(
        self,
        *,
        dn: Array | None = None,
        dz: Array | None = None,
        direct: Array | float | None = None,
        reset: Array | float | None = None,
        slopes: Arrays | None = None,
        ways: str = "rzn",
        exchanged: bool = False,
        unreset: bool = False,
        untransposed: bool = False,
    ) -> Parts:
        """Return all gradients, with some of the steps on the way replaced."""
        v, U = self.values, self.parts(self.arrays["Wh"])
        own = {"r": v["r"] * (1 - v["r"]), "z": v["z"] * (1 - v["z"]), "n": 1 - v["n"] ** 2}
        own = {**own, **(slopes or {})}
        back = {name: one if untransposed else one.T for name, one in U.items()}
        dn = (self.dh * (1 - v["z"]) if dn is None else dn) * own["n"]
        dz = (self.dh * (self.h - v["n"]) if dz is None else dz) * own["z"]
        r = v["r"] if reset is None else reset
        dq = dn * r if self.after else dn
        dm = dq @ back["n"]
        dr = (dn * v["q"] if self.after else dm * self.h) * own["r"]
        ways_back = {
            "r": dr @ back["r"],
            "z": dz @ back["z"],
            "n": dm if self.after else dm * r,
        }
        dh = self.dh * (v["z"] if direct is None else direct)
        dh = dh + np.sum([ways_back[name] for name in ways], axis=0) if ways else dh
        da, m = {"r": dr, "z": dz, "n": dn}, self.h if self.after or unreset else v["r"] * self.h
        dU = {"r": self.h.T @ dr, "z": self.h.T @ dz, "n": m.T @ dq}
        order = self.order.translate(str.maketrans("rz", "zr")) if exchanged else self.order
        joined = np.concatenate([da[name] for name in order], axis=-1)
        return {
            "x": joined @ self.arrays["Wx"].T,
            "h": dh,
            "Wx": self.x.T @ joined,
            "Wh": np.concatenate([dU[name] for name in order], axis=-1),
            "b": joined.sum(axis=0),
            "bh": np.concatenate([{**da, "n": dq}[name].sum(axis=0) for name in order]),
        }


def _step(wrong: Callable[[Cell], Parts]) -> Formula:
    """One step with a mistake: of a cell, or of a sequence of length one."""

    def formula(situation: Situation) -> Parts:
        arrays, options = situation.arrays, situation.options
        order, after = str(options.get("gates", "rzn")), bool(options.get("reset_after", True))
        if "h0" not in arrays:
            return wrong(Cell(arrays, order, after, arrays["x"], arrays["h"], situation.dout))
        x, dh = arrays["x"][:, 0], situation.dout[:, 0]
        found = wrong(Cell(arrays, order, after, x, arrays["h0"], dh))
        kept = {name: found[name] for name in ("Wx", "Wh", "b", "bh") if name in arrays}
        return {**kept, "h0": found["h"], "x": found["x"][:, np.newaxis]}

    return formula


_ONE = np.ones(())
_MIX = "h_next = (1 - z) * n + z * h: dn = dh * (1 - z), dz = dh * (h - n), and dh * z for h."
_WAYS = "h enters four times: directly (dh * z), and through the gates r, z and the candidate."
_RESET = "Check where r acts: n = tanh(a + r * (h U)), or n = tanh(a + (r * h) U)."

_TOLD: dict[str, tuple[str, str, Callable[[Cell], Parts]]] = {
    "update-gate-exchanged": (
        _MIX,
        "{gradient} has z and 1 - z exchanged",
        lambda cell: cell.back(dn=cell.dh * cell.values["z"], direct=1 - cell.values["z"]),
    ),
    "update-gate-in-candidate": (
        _MIX,
        "{gradient} uses z for the candidate where 1 - z belongs",
        lambda cell: cell.back(dn=cell.dh * cell.values["z"]),
    ),
    "update-gate-sign": (
        _MIX,
        "{gradient} uses n - h for the update gate where h - n belongs",
        lambda cell: cell.back(dz=cell.dh * (cell.values["n"] - cell.h)),
    ),
    "candidate-missing-in-update-gate": (
        _MIX,
        "{gradient} uses dh * h for the update gate: the candidate is missing in h - n",
        lambda cell: cell.back(dz=cell.dh * cell.h),
    ),
    "state-missing-in-update-gate": (
        _MIX,
        "{gradient} uses -dh * n for the update gate: the state is missing in h - n",
        lambda cell: cell.back(dz=-cell.dh * cell.values["n"]),
    ),
    "direct-path-missing": (
        _WAYS,
        "{gradient} lacks dh * z, the direct way of the state into the next one",
        lambda cell: cell.back(direct=0.0),
    ),
    "direct-path-not-gated": (
        _WAYS,
        "{gradient} has dh where dh * z belongs, on the direct way",
        lambda cell: cell.back(direct=1.0),
    ),
    "reset-gate-path-missing": (
        _WAYS,
        "{gradient} lacks the way of the state through the reset gate",
        lambda cell: cell.back(ways="zn"),
    ),
    "update-gate-path-missing": (
        _WAYS,
        "{gradient} lacks the way of the state through the update gate",
        lambda cell: cell.back(ways="rn"),
    ),
    "candidate-path-missing": (
        _WAYS,
        "{gradient} lacks the way of the state through the candidate",
        lambda cell: cell.back(ways="rz"),
    ),
    "gate-paths-missing": (
        _WAYS,
        "{gradient} lacks the ways of the state through gates and candidate",
        lambda cell: cell.back(ways=""),
    ),
    "reset-gate-missing": (
        _RESET,
        "{gradient} lacks the factor r on the way back from the candidate",
        lambda cell: cell.back(reset=1.0),
    ),
    "state-not-reset": (
        "dU_n = (r * h).T @ da_n.",
        "{gradient} uses h for the candidate's weights where r * h went in",
        lambda cell: cell.back(unreset=True),
    ),
    "sigmoid-derivative-missing": (
        "da of r and z has the factor s * (1 - s).",
        "{gradient} lacks the derivative of the sigmoid of the gates r and z",
        lambda cell: cell.back(slopes=dict.fromkeys("rz", _ONE)),
    ),
    "tanh-derivative-missing": (
        "da_n = dn * (1 - n**2).",
        "{gradient} lacks the derivative of the tanh of the candidate",
        lambda cell: cell.back(slopes={"n": _ONE}),
    ),
    "gates-exchanged": (
        "Write the gates in the order of forward.",
        "{gradient} has the columns of the gates r and z exchanged",
        lambda cell: cell.back(exchanged=True),
    ),
    "recurrent-weights-not-transposed": (
        "Go back with U.T.",
        "{gradient} uses the recurrent weights without transposing them",
        lambda cell: cell.back(untransposed=True),
    ),
}

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant(name, text, repair, kind, formula)
    for name, (repair, text, wrong) in _TOLD.items()
    for kind, formula in (("gru-cell", _step(wrong)), ("gru", in_time(_step(wrong))))
)
"""The mistakes, each with its formula."""
