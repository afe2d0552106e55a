"""Mistakes in dropout: the mask, and the scale that keeps the expected value."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import with_ones_upstream
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _wrong(wanted: str) -> Formula:
    """Mistakes in dout * mask / (1 - p), where in training."""

    def formula(situation: Situation) -> dict[str, Array]:
        p, dout = float(situation.options["p"]), situation.dout
        if not situation.options["training"] or not 0 < p < 1:
            return {}
        kept = situation.again(arrays={"x": np.ones_like(dout)}).y != 0
        found = {
            "mask": dout,
            "mask-only": dout / (1 - p),
            "scale": dout * kept,
            "scale-twice": dout * kept / (1 - p) ** 2,
            "scale-multiplied": dout * kept * (1 - p),
            "other-share": dout * kept / p,
            "upside-down": dout * ~kept / (1 - p),
            "output": np.where(situation.y != 0, dout / (1 - p), 0),
            "value": dout * situation.y,
        }
        return {"x": found[wanted]}

    return formula


def _in_evaluation(wanted: str) -> Formula:
    """The student went back as in training where forward left x as it is."""

    def formula(situation: Situation) -> dict[str, Array]:
        p, dout = float(situation.options["p"]), situation.dout
        if situation.options["training"] or not 0 < p < 1:
            return {}
        if wanted == "mask":
            return dict(situation.again(options={"training": True}).gradients)
        return {"x": dout / (1 - p) if wanted == "divided" else dout * (1 - p)}

    return formula


_KINDS = "dropout dropout2d"
_RULE = "Keep the mask of forward: dx = dout * mask / (1 - p)."
_PLAIN = "When not in training forward is y = x, so dx = dout."
_TOLD: dict[str, tuple[str, str, Formula]] = {
    "mask-and-scale-missing": (
        _RULE,
        "{gradient} is dout as it came: mask and scale are missing",
        _wrong("mask"),
    ),
    "mask-missing": (
        _RULE,
        "{gradient} is scaled, but not masked: dropped places pass",
        _wrong("mask-only"),
    ),
    "scale-missing": (
        _RULE,
        "{gradient} is masked, but lacks the factor 1 / (1 - p)",
        _wrong("scale"),
    ),
    "scale-twice": (_RULE, "{gradient} is divided by 1 - p twice", _wrong("scale-twice")),
    "scale-multiplied": (
        _RULE,
        "{gradient} is multiplied by 1 - p; forward divides by it",
        _wrong("scale-multiplied"),
    ),
    "divided-by-dropped-share": (
        _RULE,
        "{gradient} is divided by p; forward divides by 1 - p",
        _wrong("other-share"),
    ),
    "mask-upside-down": (
        _RULE,
        "{gradient} passes at the dropped places, and not at the kept ones",
        _wrong("upside-down"),
    ),
    "mask-from-output": (
        _RULE,
        "the mask of {gradient} is y != 0: zero also where x itself is zero",
        _wrong("output"),
    ),
    "value-for-mask": (
        _RULE,
        "{gradient} is multiplied by the output of forward, not by its mask",
        _wrong("value"),
    ),
    "upstream-ignored": (
        _RULE,
        "{gradient} is the mask alone: it is not multiplied by dout",
        with_ones_upstream,
    ),
    "masked-in-evaluation": (
        _PLAIN,
        "{gradient} is masked although forward dropped nothing",
        _in_evaluation("mask"),
    ),
    "divided-in-evaluation": (
        _PLAIN,
        "{gradient} is divided by 1 - p although forward left x as it is",
        _in_evaluation("divided"),
    ),
    "multiplied-in-evaluation": (
        _PLAIN,
        "{gradient} is multiplied by 1 - p although forward left x as it is",
        _in_evaluation("multiplied"),
    ),
}

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant(name, text, repair, _KINDS, formula) for name, (repair, text, formula) in _TOLD.items()
)
"""The mistakes, each with its formula."""
