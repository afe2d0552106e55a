"""Mistakes in matrix products: affine layers and the matmul node."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _turned(array: Array) -> Array:
    return np.swapaxes(array, -1, -2)


def _rows(situation: Situation) -> tuple[Array, Array]:
    """Return x and dout as matrices of one row for each vector that meets W."""
    D, M = situation.arrays["W"].shape
    return situation.arrays["x"].reshape(-1, D), situation.dout.reshape(-1, M)


def _weights_not_transposed(situation: Situation) -> dict[str, Array]:
    """The student wrote dx = dout @ W; NumPy accepts it where W is square."""
    return {"x": situation.dout @ situation.arrays["W"]}


def _weight_gradient_transposed(situation: Situation) -> dict[str, Array]:
    """The student wrote dW = dout.T @ x, which has the right shape where W is square."""
    return {"W": _turned(situation.gradients["W"])}


def _input_not_transposed(situation: Situation) -> dict[str, Array]:
    """The student wrote dW = x @ dout; NumPy accepts it for as many samples as inputs."""
    if situation.kind.name == "affine":
        x, dout = _rows(situation)
        return {"W": x @ dout}
    return {"W": situation.arrays["x"] @ situation.dout}


def _weight_gradient_from_output(situation: Situation) -> dict[str, Array]:
    """The student kept the output y and wrote dW = y.T @ dout; it fits where W is square."""
    _, dout = _rows(situation)
    return {"W": situation.y.reshape(dout.shape).T @ dout}


def _bias_along_wrong_axis(situation: Situation) -> dict[str, Array]:
    """The student summed over the outputs, not the samples; it fits where both are as many."""
    return {"b": situation.dout.sum(axis=-1)}


def _bias_of_row(row: int) -> Formula:
    """The student overwrote db in a loop over the samples, or took one row."""
    return lambda situation: {"b": _rows(situation)[1][row]}


def _bias_total(situation: Situation) -> dict[str, Array]:
    """The student summed all of dout, and every element of b got the total."""
    return {"b": np.full_like(situation.arrays["b"], situation.dout.sum())}


def _weight_gradient_of_row(row: int) -> Formula:
    """The student overwrote dW in a loop over the samples, or took one sample."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, dout = _rows(situation)
        return {"W": np.outer(x[row], dout[row])}

    return formula


def _of_step(step: int) -> Formula:
    """The student took the gradient of the weights from one step of the sequences only."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, dout = situation.arrays["x"], situation.dout
        if x.ndim != 3 or dout.ndim != 3:
            return {}
        return {"W": x[:, step].T @ dout[:, step], "b": dout[:, step].sum(axis=0)}

    return formula


def _without_upstream(situation: Situation) -> dict[str, Array]:
    """The student took the derivative of y alone: ones where dout belongs."""
    return dict(situation.again(upstream={"y": np.ones_like(situation.dout)}).gradients)


def _rectified(situation: Situation) -> dict[str, Array]:
    """The student masked dx by the sign of x, as the ReLU before this layer does."""
    dx = situation.gradients["x"]
    return {"x": np.where(situation.arrays["x"] > 0, dx, np.zeros_like(dx))}


def _rectified_output(situation: Situation) -> dict[str, Array]:
    """The student masked dout by the sign of the output, as a ReLU behind this layer does."""
    dout = np.where(situation.y > 0, situation.dout, np.zeros_like(situation.dout))
    return dict(situation.again(upstream={"y": dout}).gradients)


def _weights_of_stack_overwritten(situation: Situation) -> dict[str, Array]:
    """The student kept the last matrix of the stack where all used the same W."""
    x, W, dout = situation.arrays["x"], situation.arrays["W"], situation.dout
    if W.ndim >= x.ndim or x.ndim < 3:
        return {}
    return {"W": _turned(x[-1]) @ dout[-1]}


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "weights-not-transposed",
        "{gradient} is dout @ W: W must be transposed; it only fits where W is square",
        "dx = dout @ W.T.",
        "affine matmul",
        _weights_not_transposed,
    ),
    mutant(
        "weight-gradient-transposed",
        "{gradient} is transposed: dout.T @ x in place of x.T @ dout",
        "dW = x.T @ dout.",
        "affine matmul",
        _weight_gradient_transposed,
    ),
    mutant(
        "input-not-transposed",
        "{gradient} is x @ dout: x must be transposed; it only fits for N = D",
        "dW = x.T @ dout.",
        "affine matmul",
        _input_not_transposed,
    ),
    mutant(
        "weight-gradient-from-output",
        "{gradient} is made of the layer's output where its input belongs",
        "dW = x.T @ dout; keep x, not y, in forward.",
        "affine",
        _weight_gradient_from_output,
    ),
    mutant(
        "bias-along-wrong-axis",
        "{gradient} is summed over the outputs instead of the batch; it only fits for N = M",
        "db = dout.sum(axis=0).",
        "affine",
        _bias_along_wrong_axis,
    ),
    mutant(
        "bias-of-first-row",
        "{gradient} is the first row of dout; it must be the sum over the batch",
        "db = dout.sum(axis=0).",
        "affine",
        _bias_of_row(0),
    ),
    mutant(
        "bias-of-last-row",
        "{gradient} is the last row of dout: overwritten sample by sample, not summed",
        "db = dout.sum(axis=0), or += in the loop.",
        "affine",
        _bias_of_row(-1),
    ),
    mutant(
        "bias-total",
        "{gradient} has the sum of all of dout in every element",
        "Sum over the batch axis only: db = dout.sum(axis=0).",
        "affine",
        _bias_total,
    ),
    mutant(
        "weight-gradient-of-first-row",
        "{gradient} comes from the first sample only",
        "dW = x.T @ dout sums over the batch.",
        "affine",
        _weight_gradient_of_row(0),
    ),
    mutant(
        "weight-gradient-of-last-row",
        "{gradient} comes from the last sample only: overwritten in a loop, not summed",
        "dW = x.T @ dout sums over the batch; in a loop write +=.",
        "affine",
        _weight_gradient_of_row(-1),
    ),
    mutant(
        "only-last-step",
        "{gradient} comes from the last step of the sequences only",
        "Flatten (N, T, D) to rows first, so that dW and db sum over all steps.",
        "affine",
        _of_step(-1),
    ),
    mutant(
        "only-first-step",
        "{gradient} comes from the first step of the sequences only",
        "Flatten (N, T, D) to rows first, so that dW and db sum over all steps.",
        "affine",
        _of_step(0),
    ),
    mutant(
        "upstream-ignored",
        "{gradient} does not use the upstream gradient: it is as if dout were ones",
        "dx = dout @ W.T, dW = x.T @ dout, db = dout.sum(axis=0).",
        "affine matmul",
        _without_upstream,
    ),
    mutant(
        "masked-by-input",
        "{gradient} is zero where x <= 0: the ReLU's mask does not belong to this layer",
        "Leave the mask to the ReLU: dx = dout @ W.T.",
        "affine",
        _rectified,
    ),
    mutant(
        "masked-by-output",
        "{gradient} uses dout masked where the output is negative, as a ReLU would",
        "Leave the mask to the ReLU: use dout as it comes.",
        "affine",
        _rectified_output,
    ),
    mutant(
        "stack-overwritten",
        "{gradient} comes from the last matrix of the stack; all of them used W",
        "Sum x[n].T @ dout[n] over n.",
        "matmul",
        _weights_of_stack_overwritten,
    ),
)
"""The mistakes, each with its formula."""
