"""Mistakes in the gradients of gamma and beta, and in batch norm when it is not training."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.normalised import normalised, per_element
from gradcheck.mutants.parts import parameters_of
from gradcheck.mutants.situation import Situation, situation_of
from gradcheck.subject import Array


def _summed(situation: Situation, values: Array) -> Array:
    """Sum over all axes but those of gamma."""
    gamma, ndim = situation.arrays["gamma"], values.ndim
    if situation.kind.name in ("batch-norm", "group-norm", "instance-norm"):
        return np.asarray(values.sum(axis=(0, *range(2, ndim))))
    return np.asarray(values.sum(axis=tuple(range(ndim - gamma.ndim))))


def _dgamma(wanted: str) -> Formula:
    """The student multiplied dout by something else than x-hat."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, dout = situation.arrays["x"], situation.dout
        the = normalised(situation)
        x_hat = the.x_hat.reshape(the.shape)
        values = {
            "input": dout * x,
            "output": dout * situation.y,
            "one": dout,
            "centred": dout * the.centred.reshape(the.shape),
            "scaled": dout * per_element(situation) * x_hat,
            "square": dout * x_hat * x_hat,
            "upstream": x_hat,
        }
        return {"gamma": _summed(situation, values[wanted])}

    return formula


def _dbeta_scaled(situation: Situation) -> dict[str, Array]:
    """The student multiplied dout by gamma before summing it for beta."""
    return {"beta": _summed(situation, per_element(situation) * situation.dout)}


def _exchanged(situation: Situation) -> dict[str, Array]:
    """The student returned dgamma for beta and dbeta for gamma."""
    right = situation.gradients
    return {"gamma": right["beta"], "beta": right["gamma"]}


def _batch_statistics(situation: Situation) -> dict[str, Array]:
    """The student used mean and variance of the batch where forward used the running ones."""
    if situation.options.get("training", True):
        return {}
    arrays = {name: situation.arrays[name] for name in ("x", "gamma", "beta")}
    return dict(_training(situation, arrays).gradients)


def _training(situation: Situation, arrays: dict[str, Array]) -> Situation:
    options = {**situation.options, "training": True}
    found = situation_of(situation.kind, arrays, options, situation.upstream)
    if found is None:
        raise ValueError("not to be trained")
    return found


def _constant_in_evaluation(situation: Situation) -> dict[str, Array]:
    """The student used the formula of training where forward used running statistics."""
    if situation.options.get("training", True):
        return {}
    x, dout = situation.arrays["x"], situation.dout
    axes = (0, *range(2, x.ndim))
    view = (-1, *[1] * (x.ndim - 2))
    s = 1 / np.sqrt(situation.arrays["running_var"] + situation.options["eps"]).reshape(view)
    x_hat = (x - situation.arrays["running_mean"].reshape(view)) * s
    g = per_element(situation) * dout
    means = g.mean(axis=axes, keepdims=True), (g * x_hat).mean(axis=axes, keepdims=True)
    return {"x": s * (g - means[0] - x_hat * means[1])}


def _gamma_missing_in_evaluation(situation: Situation) -> dict[str, Array]:
    """The student divided dout by the running deviation and forgot gamma."""
    if situation.options.get("training", True):
        return {}
    view = (-1, *[1] * (situation.dout.ndim - 2))
    variance = situation.arrays["running_var"].reshape(view)
    return {"x": situation.dout / np.sqrt(variance + situation.options["eps"])}


def _deviation_missing_in_evaluation(situation: Situation) -> dict[str, Array]:
    """The student multiplied dout by gamma and forgot the running deviation."""
    if situation.options.get("training", True):
        return {}
    return {"x": per_element(situation) * situation.dout}


_WITH_BETA = "batch-norm layer-norm group-norm instance-norm"
_ALL = f"{_WITH_BETA} rms-norm"
_DGAMMA = "dgamma = (dout * xhat) summed over all axes but those of gamma."
_EVALUATION = "With running statistics dx = gamma * dout / sqrt(running_var + eps)."

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "input-for-normalised",
        "{gradient} is the sum of dout * x: it must be that of dout * xhat",
        _DGAMMA,
        _ALL,
        _dgamma("input"),
    ),
    mutant(
        "output-for-normalised",
        "{gradient} is the sum of dout * y: it must be that of dout * xhat",
        _DGAMMA,
        _ALL,
        _dgamma("output"),
    ),
    mutant(
        "normalised-missing",
        "{gradient} is the sum of dout alone: the factor xhat is missing",
        _DGAMMA,
        _ALL,
        _dgamma("one"),
    ),
    mutant(
        "centred-for-normalised",
        "{gradient} uses x - mean: it must be divided by the deviation too",
        _DGAMMA,
        _WITH_BETA,
        _dgamma("centred"),
    ),
    mutant(
        "gamma-in-dgamma",
        "{gradient} has a factor gamma too many",
        _DGAMMA,
        _WITH_BETA,
        _dgamma("scaled"),
    ),
    mutant(
        "normalised-squared",
        "{gradient} has xhat twice",
        _DGAMMA,
        _ALL,
        _dgamma("square"),
    ),
    mutant(
        "upstream-missing-in-dgamma",
        "{gradient} is the sum of xhat alone: the factor dout is missing",
        _DGAMMA,
        _ALL,
        _dgamma("upstream"),
    ),
    mutant(
        "gamma-in-dbeta",
        "{gradient} has a factor gamma too many",
        "dbeta = dout summed over all axes but those of beta.",
        _WITH_BETA,
        _dbeta_scaled,
    ),
    mutant(
        "dgamma-and-dbeta-exchanged",
        "the gradients of gamma and beta are exchanged",
        "dgamma = sum(dout * xhat), dbeta = sum(dout).",
        _WITH_BETA,
        _exchanged,
    ),
    mutant(
        "batch-statistics-in-evaluation",
        "{gradient} uses the statistics of the batch; forward used the running ones",
        _EVALUATION,
        "batch-norm",
        _batch_statistics,
    ),
    mutant(
        "training-formula-in-evaluation",
        "{gradient} follows the formula of training; running statistics do not depend on x",
        _EVALUATION,
        "batch-norm",
        _constant_in_evaluation,
    ),
    mutant(
        "gamma-missing-in-evaluation",
        "{gradient} lacks gamma when not in training",
        _EVALUATION,
        "batch-norm",
        _gamma_missing_in_evaluation,
    ),
    mutant(
        "deviation-missing-in-evaluation",
        "{gradient} lacks the division by sqrt(running_var + eps) when not in training",
        _EVALUATION,
        "batch-norm",
        _deviation_missing_in_evaluation,
    ),
    mutant(
        "only-last-sample",
        "{gradient} comes from the last sample only: overwritten in the loop, not summed",
        "Sum over all axes but those of gamma.",
        "layer-norm group-norm instance-norm rms-norm",
        parameters_of("N", slice(-1, None)),
    ),
)
"""The mistakes, each with its formula."""
