"""Mistakes in losses of yes-or-no questions, and of margins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck.mutants.logistic import sigmoid
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _logits(slope: Callable[[Array, Array, Array], Array]) -> Formula:
    """A wrong slope for (1 - t) p - v t (1 - p), from p, t and x; divided as the right one."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, t = situation.arrays["x"], situation.arrays["t"]
        mean = situation.options.get("reduction", "mean") == "mean"
        return {"x": situation.dout / (x.size if mean else 1) * slope(sigmoid(x), t, x)}

    return formula


def _slope_again(situation: Situation) -> dict[str, Array]:
    """The student multiplied p - t by the derivative of the sigmoid once more."""
    p = sigmoid(situation.arrays["x"])
    return {"x": situation.gradients["x"] * p * (1 - p)}


def _positive_weight_ignored(situation: Situation) -> dict[str, Array]:
    """The student left the weight of the positive targets out of backward."""
    weight = np.ones_like(situation.arrays["pos_weight"])
    return dict(situation.again(arrays={"pos_weight": weight}).gradients)


def _positive_weight_for_all(situation: Situation) -> dict[str, Array]:
    """The student multiplied all of p - t by the weight of the positive targets."""
    weight = situation.arrays["pos_weight"]
    return {"x": weight * _positive_weight_ignored(situation)["x"]}


def _hinge(wanted: str) -> Formula:
    """Mistakes in -sign where sign * x < margin."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, t = situation.arrays["x"], situation.arrays["t"]
        margin, sign = situation.options["margin"], 2 * t - 1
        inside = sign * x < margin
        slopes = {
            "mask": -sign * np.ones_like(x),
            "margin": np.where(sign * x < 0, -sign, 0),
            "one": np.where(sign * x < 1, -sign, 0),
            "label": np.where(inside, -t, 0),
            "sign": np.where(x < margin, -sign, 0),
            "constant": np.where(inside, -1, 0),
            "input": np.where(inside, -sign * x, 0),
            "outside": np.where(inside, 0, -sign),
        }
        mean = situation.options.get("reduction", "mean") == "mean"
        return {"x": situation.dout / (x.size if mean else 1) * slopes[wanted]}

    return formula


def _multiclass(wanted: str) -> Formula:
    """Mistakes in the pull: one for each violated class, minus their number at the right one."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, margin = situation.arrays["x"], situation.options["margin"]
        right = np.eye(x.shape[-1])[situation.arrays["t"]]
        of_right = (right * x).sum(axis=-1, keepdims=True)
        others = 1 - right
        violated = (x - of_right + margin > 0) * others
        count = violated.sum(axis=-1, keepdims=True)
        close = (x > of_right) * others
        pulls = {
            "right": violated,
            "once": violated - right * (count > 0),
            "always": violated - right,
            "counted": violated - right * (count + 1),
            "margin": close - right * close.sum(axis=-1, keepdims=True),
            "mask": others - right * others.sum(axis=-1, keepdims=True),
            "sign": violated + right * count,
            "slack": np.maximum(x - of_right + margin, 0) * others,
        }
        rows = len(x) if x.ndim == 2 else 1
        mean = situation.options.get("reduction", "mean") == "mean"
        return {"x": situation.dout[..., np.newaxis] / (rows if mean else 1) * pulls[wanted]}

    return formula


_BCE = "dx = (sigmoid(x) - t) / M * dout, and nothing more."
_HINGE = "dx = -s / M * dout where s * x < margin, with s = 2 * t - 1, else zero."
_PULL = "Each violated class gets +1, the right class minus their number, then / N * dout."

_HINGE_TOLD = {
    "mask-missing": ("mask", "{gradient} is not zero beyond the margin, where the loss is flat"),
    "margin-missing": (
        "margin",
        "the mask of {gradient} compares with 0; the loss is flat beyond margin",
    ),
    "margin-of-one": (
        "one",
        "the mask of {gradient} compares with 1; this loss has another margin",
    ),
    "labels-of-zero": (
        "label",
        "{gradient} uses the labels 0 and 1 where the signs -1 and 1 belong",
    ),
    "sign-missing-in-mask": (
        "sign",
        "the mask of {gradient} compares x, not sign * x, with the margin",
    ),
    "sign-missing": (
        "constant",
        "{gradient} is -1 for either label: the sign of the label is missing",
    ),
    "input-too-many": ("input", "{gradient} has a factor x too many: the slope is the sign alone"),
    "mask-upside-down": ("outside", "{gradient} is zero inside the margin, and not beyond it"),
}
_PULL_TOLD = {
    "right-class-not-pulled": (
        "right",
        "{gradient} is zero at the right class, which is in every term",
    ),
    "right-class-pulled-once": (
        "once",
        "{gradient} has -1 at the right class; it needs minus the number of violated ones",
    ),
    "right-class-always-pulled": ("always", "{gradient} has -1 at the right class of every row"),
    "right-class-counted": (
        "counted",
        "{gradient} counts the right class as violated by itself: one too many",
    ),
    "margin-missing": (
        "margin",
        "{gradient} counts a class from 0 on; it is violated from -margin on",
    ),
    "mask-missing": ("mask", "{gradient} pulls every class; only the violated ones count"),
    "right-class-sign": ("sign", "{gradient} has the wrong sign at the right class"),
    "slack-for-count": (
        "slack",
        "{gradient} is the value of the loss, not one for each violated class",
    ),
}

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "sigmoid-derivative-again",
        "{gradient} has a factor p * (1 - p) too many: p - t contains the sigmoid's part",
        _BCE,
        "sigmoid-with-loss",
        _slope_again,
    ),
    mutant(
        "sigmoid-missing",
        "{gradient} is x - t: the sigmoid of x belongs before the minus",
        _BCE,
        "sigmoid-with-loss",
        _logits(lambda p, t, x: x - t),
    ),
    mutant(
        "target-not-subtracted",
        "{gradient} is p: the target is not subtracted",
        _BCE,
        "sigmoid-with-loss",
        _logits(lambda p, t, x: p),
    ),
    mutant(
        "derivative-by-probabilities",
        "{gradient} is (p - t) / (p (1 - p)), by p; the sigmoid's part is missing",
        _BCE,
        "sigmoid-with-loss",
        _logits(lambda p, t, x: (p - t) / (p * (1 - p))),
    ),
    mutant(
        "negative-targets-missing",
        "{gradient} is zero where t = 0: the part (1 - t) * p is missing",
        _BCE,
        "sigmoid-with-loss",
        _logits(lambda p, t, x: -t * (1 - p)),
    ),
    mutant(
        "derivative-of-softmax-loss",
        "{gradient} is -t / p: only the part of the positive targets, without the sigmoid's",
        _BCE,
        "sigmoid-with-loss",
        _logits(lambda p, t, x: -t / p),
    ),
    mutant(
        "labels-of-minus-one",
        "{gradient} treats the labels as -1 and 1; here they are 0 and 1",
        _BCE,
        "sigmoid-with-loss",
        _logits(lambda p, t, x: p - (2 * t - 1)),
    ),
    mutant(
        "positive-weight-ignored",
        "{gradient} lacks the weight of the positive targets that forward uses",
        "dx = ((1 - t) * p - pos_weight * t * (1 - p)) / M * dout.",
        "sigmoid-with-loss",
        _positive_weight_ignored,
    ),
    mutant(
        "positive-weight-for-all",
        "{gradient} weights all targets; pos_weight belongs to the positive ones only",
        "dx = ((1 - t) * p - pos_weight * t * (1 - p)) / M * dout.",
        "sigmoid-with-loss",
        _positive_weight_for_all,
    ),
    *(
        mutant(name, text, _HINGE, "hinge", _hinge(key))
        for name, (key, text) in _HINGE_TOLD.items()
    ),
    *(
        mutant(name, text, _PULL, "multiclass-hinge", _multiclass(key))
        for name, (key, text) in _PULL_TOLD.items()
    ),
)
"""The mistakes, each with its formula."""
