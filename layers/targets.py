"""Targets of losses: integer labels, weights of classes, and their checks."""

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, snapshots

BINARY_FORMS = (
    "x: N, t: N [int < 2] -> loss: when reduction=mean|sum",
    "x: N D, t: N D [int < 2] -> loss: when reduction=mean|sum",
    "x: N, t: N [int < 2] -> loss: N when reduction=none",
    "x: N D, t: N D [int < 2] -> loss: N D when reduction=none",
)


def check_scores(scores: Array, name: str) -> None:
    """Raise ValueError unless ``scores`` are (N, C) or (C,) with C > 0."""
    if scores.ndim not in (1, 2) or scores.shape[-1] == 0:
        raise ValueError(f"{name} must have shape (N, C) or (C,) with C > 0, got {scores.shape}")


def one_hot(labels: Array, C: int, ignore_index: int | None = None) -> Array:
    """Return booleans (..., C), true at the label; a row of the ignored label is all false."""
    counted = np.ones(labels.shape, bool) if ignore_index is None else labels != ignore_index
    classes = np.zeros(labels.shape, int)
    classes[counted] = checked_labels(labels[counted], C)
    return np.asarray((classes[..., np.newaxis] == np.arange(C)) & counted[..., np.newaxis])


def checked_labels(
    labels: Array, C: int, name: str = "labels t", axis: str = "C", least: int = 0
) -> Array:
    """Return a copy of integer ``labels`` that lie in [least, C), else raise ValueError."""
    # An empty list of labels reads as float64, hence the question for the size.
    if labels.size and not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"{name} must be integers, got dtype {labels.dtype}")
    outside = labels[(labels < least) | (labels >= C)]
    if outside.size:
        raise ValueError(
            f"{name} must lie in [{least}, {axis}) with {axis} = {C}, got {outside.flat[0]}"
        )
    return np.array(labels, dtype=int)


def weighted(weights: Array, values: Array) -> Array:
    """Return weights * values, and zero where the weight is, though the value be infinite."""
    zero = np.zeros(np.broadcast_shapes(weights.shape, values.shape), values.dtype)
    return np.multiply(weights, values, where=weights != 0, out=zero)


def with_class_weights(x: ArrayLike, weight: Array | None, layer: str) -> tuple[Array, Array]:
    """Copy x and the class weights (C,) in their common dtype; without weights, one for all."""
    x, w = snapshots(x, 1.0 if weight is None else weight)
    if weight is not None and (x.ndim == 0 or w.shape != x.shape[-1:]):
        raise ValueError(
            f"{layer}.forward: weight must have shape (C,), one for each class of "
            f"x: (N, C) or (C,), got {w.shape} and {x.shape}"
        )
    return x, w


def target_weights(
    scores: Array, t: ArrayLike, name: str, ignore_index: int | None = None
) -> Array:
    """Return targets as weights t_nc in the shape and dtype of ``scores``: (N, C) or (C,).

    ``t`` with as many axes as the scores is copied as it is; with one axis less it holds integer
    labels and becomes one-hot, or zero where the label is ``ignore_index``. ``name`` starts the
    sentence of the ValueError otherwise.
    """
    check_scores(scores, name)
    t = np.asarray(t)
    if t.shape == scores.shape:
        return np.array(t, dtype=scores.dtype)
    if t.shape == scores.shape[:-1]:
        return one_hot(t, scores.shape[-1], ignore_index).astype(scores.dtype)
    raise ValueError(
        f"{name} has shape {scores.shape}, so t must have shape {scores.shape[:-1]} (labels) "
        f"or {scores.shape} (one-hot), got {t.shape}"
    )


def binary_targets(t: ArrayLike, x: Array, layer: str) -> Array:
    """Copy targets in the shape and dtype of x, all in [0, 1], or raise ValueError."""
    t = np.array(t, dtype=x.dtype)
    if t.shape != x.shape:
        raise ValueError(f"{layer}.forward: t must have the shape of x, {x.shape}, got {t.shape}")
    if not np.all((t >= 0) & (t <= 1)):
        raise ValueError(f"{layer}.forward: targets t must lie in [0, 1]")
    return t


def labels_as_rows(x: Array, t: ArrayLike, layer: str, ignore_index: int | None = None) -> Array:
    """Return booleans in the shape of x: (N, C) or (C,), true at the labels t: (N,) or ()."""
    check_scores(x, f"{layer}.forward: x")
    t = np.asarray(t)
    if t.shape != x.shape[:-1]:
        raise ValueError(
            f"{layer}.forward: x has shape {x.shape}, so labels t must have shape "
            f"{x.shape[:-1]}, got {t.shape}"
        )
    return one_hot(t, x.shape[-1], ignore_index)
