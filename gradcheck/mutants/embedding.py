"""Mistakes in tables of rows: embeddings, positions, and the words of negative sampling."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.logistic import sigmoid
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import parameters_of, with_ones_upstream
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _occurrence(last: bool) -> Formula:
    """The student assigned to rows of dW, so that one occurrence of an id is left."""

    def formula(situation: Situation) -> dict[str, Array]:
        ids, W = situation.arrays["ids"].reshape(-1), situation.arrays["W"]
        rows = situation.dout.reshape(len(ids), -1)
        dW = np.zeros_like(W)
        for number, row in list(zip(ids, rows, strict=True))[:: 1 if last else -1]:
            dW[number] = row
        return {"W": dW}

    return formula


def _mean_of_occurrences(situation: Situation) -> dict[str, Array]:
    """The student took the mean over the occurrences of an id."""
    count = np.bincount(situation.arrays["ids"].reshape(-1), minlength=len(situation.arrays["W"]))
    return {"W": situation.gradients["W"] / np.maximum(count, 1)[:, np.newaxis]}


def _row_zeroed(row: int) -> Formula:
    """The student took a row for padding and left it without a gradient."""

    def formula(situation: Situation) -> dict[str, Array]:
        dW = situation.gradients["W"].copy()
        dW[row] = 0
        return {"W": dW}

    return formula


def _of_last(axis: str) -> Formula:
    """The student began dW anew for each sample, or each step: within one, ids add up."""
    return parameters_of(axis, slice(-1, None))


def _every_row(situation: Situation) -> dict[str, Array]:
    """The student gave every row of the table the sum of all gradients."""
    rows = situation.dout.reshape(-1, situation.dout.shape[-1])
    return {"W": np.broadcast_to(rows.sum(axis=0), situation.arrays["W"].shape)}


def _times_row(situation: Situation) -> dict[str, Array]:
    """The student multiplied dW by the rows of the table."""
    return {"W": situation.gradients["W"] * situation.arrays["W"]}


def _positions_mean(situation: Situation) -> dict[str, Array]:
    """The student took the mean over the sequences of the batch."""
    return {"W": situation.gradients["W"] / len(situation.dout)} if situation.dout.ndim == 3 else {}


def _positions_total(situation: Situation) -> dict[str, Array]:
    """The student summed over the places too, and every row got the total."""
    total = situation.gradients["W"].sum(axis=0)
    return {"W": np.broadcast_to(total, situation.arrays["W"].shape)}


def _encoding(multiplied: bool) -> Formula:
    """The student let the encoding take part in backward; it is a constant that is added."""

    def formula(situation: Situation) -> dict[str, Array]:
        waves = situation.y - situation.arrays["x"]
        return {"x": situation.dout * waves if multiplied else situation.dout + waves}

    return formula


def _negative_sampling(wanted: str) -> Formula:
    """Mistakes in the scores' gradient, p - 1 for the target and p for the negatives."""

    def formula(situation: Situation) -> dict[str, Array]:
        h, W = situation.arrays["h"], situation.arrays["W"]
        ids = np.hstack([situation.arrays["t"][:, np.newaxis], situation.arrays["negatives"]])
        p = sigmoid(np.einsum("nd,njd->nj", h, W[ids]))
        target = np.eye(ids.shape[1])[0]
        mean = situation.options.get("reduction", "mean") == "mean"
        share = situation.dout[..., np.newaxis] / (len(h) if mean else 1)
        slopes = {
            "target": p,
            "all-positive": p - 1,
            "only-target": (p - target) * target,
            "only-negatives": (p - target) * (1 - target),
            "sigmoid-again": (p - target) * p * (1 - p),
            "sign": np.where(target == 1, p - 1, -p),
        }
        ds = share * slopes.get(wanted, p - target)
        dW = np.zeros_like(W)
        terms = ds[..., np.newaxis] * h[:, np.newaxis]
        if wanted == "overwritten":
            dW[ids] = terms
            return {"W": dW}
        np.add.at(dW, ids, terms)
        return {"h": np.einsum("nj,njd->nd", ds, W[ids]), "W": dW}

    return formula


_ADD = "np.add.at(dW, ids, dout): every occurrence of an id adds."
_NEGATIVE = "ds = sigmoid(s) - 1 for the target, sigmoid(s) for the negatives."
_PLACES = "dW[:T] = dout.sum(axis=0), and dx = dout."

_TOLD: dict[str, tuple[str, str, str, Formula]] = {
    "only-last-occurrence": (
        "embedding",
        _ADD,
        "{gradient} keeps the last occurrence of a repeated id: dW[ids] = or += does not add",
        _occurrence(last=True),
    ),
    "only-first-occurrence": (
        "embedding",
        _ADD,
        "{gradient} keeps the first occurrence of a repeated id; all must add up",
        _occurrence(last=False),
    ),
    "mean-of-occurrences": (
        "embedding",
        _ADD,
        "{gradient} is the mean over the occurrences of an id; they must add up",
        _mean_of_occurrences,
    ),
    "first-row-zero": (
        "embedding",
        "Only a padding id has no gradient; this table has none.",
        "{gradient} is zero in row 0, as if id 0 were padding",
        _row_zeroed(0),
    ),
    "last-row-zero": (
        "embedding",
        "Check the range of the loop over the ids.",
        "{gradient} is zero in the last row",
        _row_zeroed(-1),
    ),
    "only-last-sample": (
        "embedding",
        _ADD,
        "{gradient} comes from the last sample only: overwritten in the loop, not summed",
        _of_last("N"),
    ),
    "only-last-step": (
        "embedding",
        _ADD,
        "{gradient} comes from the last step of the sequences only",
        _of_last("T"),
    ),
    "every-row": (
        "embedding",
        _ADD,
        "{gradient} has the same sum in every row; only rows whose id occurs get their part",
        _every_row,
    ),
    "times-table": ("embedding", _ADD, "{gradient} is multiplied by W itself", _times_row),
    "upstream-ignored": (
        "embedding",
        _ADD,
        "{gradient} counts the ids and does not use the upstream gradient",
        with_ones_upstream,
    ),
    "mean-over-batch": (
        "learned-positions",
        _PLACES,
        "{gradient} is the mean over the batch; every sequence adds its gradient",
        _positions_mean,
    ),
    "only-last-sequence": (
        "learned-positions",
        _PLACES,
        "{gradient} comes from the last sequence of the batch only",
        _of_last("N"),
    ),
    "only-first-sequence": (
        "learned-positions",
        _PLACES,
        "{gradient} comes from the first sequence of the batch only",
        parameters_of("N", slice(0, 1)),
    ),
    "sum-over-places": (
        "learned-positions",
        _PLACES,
        "{gradient} is summed over the places too; each place has its own row",
        _positions_total,
    ),
    "encoding-multiplied": (
        "positional-encoding learned-positions",
        _PLACES,
        "{gradient} is multiplied by the encoding; forward adds it, so dx = dout",
        _encoding(multiplied=True),
    ),
    "encoding-added": (
        "positional-encoding learned-positions",
        _PLACES,
        "{gradient} has the encoding added; backward is dx = dout",
        _encoding(multiplied=False),
    ),
    "repeated-id-overwritten": (
        "negative-sampling",
        "np.add.at(dW, ids, ...): every occurrence of a word adds.",
        "{gradient} keeps the last occurrence of a repeated word; all must add up",
        _negative_sampling("overwritten"),
    ),
    "target-not-subtracted": (
        "negative-sampling",
        _NEGATIVE,
        "{gradient} treats the target as a negative: the 1 is not subtracted",
        _negative_sampling("target"),
    ),
    "negatives-as-targets": (
        "negative-sampling",
        _NEGATIVE,
        "{gradient} treats the negatives as targets: 1 is subtracted for all",
        _negative_sampling("all-positive"),
    ),
    "negatives-missing": (
        "negative-sampling",
        _NEGATIVE,
        "{gradient} lacks the part of the negatives",
        _negative_sampling("only-target"),
    ),
    "target-missing": (
        "negative-sampling",
        _NEGATIVE,
        "{gradient} lacks the part of the target",
        _negative_sampling("only-negatives"),
    ),
    "sigmoid-derivative-again": (
        "negative-sampling",
        _NEGATIVE,
        "{gradient} has a factor p * (1 - p) too many",
        _negative_sampling("sigmoid-again"),
    ),
    "sign-of-negatives": (
        "negative-sampling",
        _NEGATIVE,
        "{gradient} has the wrong sign in the part of the negatives",
        _negative_sampling("sign"),
    ),
}

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant(name, text, repair, kinds, formula)
    for name, (kinds, repair, text, formula) in _TOLD.items()
)
"""The mistakes, each with its formula."""
