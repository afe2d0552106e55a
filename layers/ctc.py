"""Connectionist temporal classification: labels of a sequence whose alignment is not known."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import log_softmax
from layers.ctc_paths import BLANK, expected_places
from layers.layer import Array, Layer, snapshot
from layers.reductions import REDUCTIONS, known_reduction, reduced
from layers.targets import checked_labels


class CTC(Layer):
    """L_n = -ln P_n, with P_n the probability of all paths of classes that collapse to the labels.

    x holds logits, y = softmax(x) over the last axis. A path has one class for each frame t and the
    probability prod_t y_{t,path(t)}. It collapses by merging repeats, then dropping the blank,
    class 0. Put a blank before, between and after the U labels: l'_0, ..., l'_2U. The paths are
    those that walk through l', one place s per frame, from place 0 or 1 to place 2U or 2U - 1, and
    per step stay, or go on by one, or by two where that passes a blank between different labels.

    Forward: a_t(s), the probability of the walks up to frame t that are at s, that frame included,

        a_0(s) = y_{0,l'_s} for s = 0, 1,  a_t(s) = y_{t,l'_s} (a_{t-1}(s) + a_{t-1}(s-1) + [..2]),

    with the third term a_{t-1}(s-2) where the leap is allowed. Backward likewise: b_t(s), the
    probability of the rest of the walk after frame t from s, is one at the last frame for s = 2U
    and 2U - 1, and b_t(s) = sum of b_{t+1}(r) y_{t+1,l'_r} over the places r reached from s. Then
    P = sum_s a_t(s) b_t(s) at any t. All of it is done on logarithms, where products of hundreds
    of small numbers stay finite.

    Gradient: a walk at s in frame t has the factor y_{t,l'_s} once for that frame, so
    y_tc dP/dy_tc = sum of a_t(s) b_t(s) over the s with l'_s = c. With g_tc that sum over P, the
    expected share of class c at frame t, -dln P = -sum_tc g_tc dln y_tc. As the g_t of a frame sum
    to one, the softmax gives dx_tc = y_tc - g_tc, as for cross-entropy with target g; zero
    in the frames behind the end.

    ``reduction`` mean divides every L_n by max(U_n, 1), then takes the mean over the batch; sum
    adds the L_n; none keeps them. Labels that fit no path, for there are fewer frames
    than U plus the number of repeats, cost infinity, or nothing with ``zero_infinity``. Their
    gradient is zero either way, since no small change makes them possible.

    x: (N, T, C), batch first, real floating; t: labels (N, L) in [1, C), of which the first
    target_lengths[n] = U_n count; input_lengths: (N,) in [1, T], the frames of each sample;
    target_lengths: (N,) in [0, L]. The loss is 0-d, or (N,) for none, with the dtype of x. Raises
    ValueError when shapes do not fit or a label or length is out of range.

    Source: Graves, Fernandez, Gomez, Schmidhuber, "Connectionist Temporal Classification" (2006),
    sec. 3 and 4, with b without the factor of its own frame; the reductions are those of PyTorch.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N T C, t: N L [1 <= int < C], input_lengths: N [2*L+1 <= int < T+1], "
        "target_lengths: N [1 <= int < L+1] -> loss: when reduction=mean|sum",
        "x: N T C, t: N L [1 <= int < C], input_lengths: N [2*L+1 <= int < T+1], "
        "target_lengths: N [1 <= int < L+1] -> loss: N when reduction=none",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reduction": REDUCTIONS,
        "zero_infinity": (False, True),
    }
    constraints: ClassVar[tuple[str, ...]] = ("T >= 2*L+1", "C >= 2")
    _y: Array | None = None
    _g: Array | None = None
    _counted: Array | None = None
    _divisors: Array | None = None
    _loss: Array | None = None

    def __init__(self, *, reduction: str = "mean", zero_infinity: bool = False) -> None:
        """Make a CTC loss."""
        self.reduction, self.zero_infinity = known_reduction(reduction, "CTC"), zero_infinity

    def forward(
        self, x: ArrayLike, t: ArrayLike, input_lengths: ArrayLike, target_lengths: ArrayLike
    ) -> Array:
        """Return the loss: 0-d, or one per sample for reduction none."""
        x, t = snapshot(x), np.asarray(t)
        frames, U = _checked_lengths(x, t, np.asarray(input_lengths), np.asarray(target_lengths))
        N, T, C = x.shape
        places = _with_blanks(t, U, C)
        log_y, self._y = log_softmax(x)
        log_p, share = expected_places(log_y, places, frames, U)
        possible = np.isfinite(log_p)
        self._g = share @ (places[..., np.newaxis] == np.arange(C))
        self._counted = _first(frames, T) & possible[:, np.newaxis]
        losses = -log_p
        if self.zero_infinity:
            losses = np.where(possible, losses, np.zeros_like(losses))
        divisors = np.maximum(U, 1) * max(N, 1) if self.reduction == "mean" else np.ones_like(U)
        self._divisors = divisors.astype(x.dtype)
        self._loss = reduced(losses / self._divisors, self.reduction, 1)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dx in the shape of x; ``dout`` has the shape of the loss."""
        y, g = self._recall(self._y), self._recall(self._g)
        counted, divisors = self._recall(self._counted), self._recall(self._divisors)
        dlosses = self._upstream(dout, self._recall(self._loss)) / divisors
        dx = np.where(counted[..., np.newaxis], y - g, np.zeros_like(y))
        return np.asarray(dlosses[:, np.newaxis, np.newaxis] * dx)


def _first(count: Array, length: int) -> Array:
    """Return booleans (N, length), true at the first count_n places of row n."""
    return np.asarray(np.arange(length) < count[:, np.newaxis])


def _with_blanks(t: Array, U: Array, C: int) -> Array:
    """Return l': (N, 2L+1), the labels that count, with blanks around, and behind them."""
    N, L = t.shape
    counted = _first(U, L)
    places = np.full((N, 2 * L + 1), BLANK)
    places[:, 1::2][counted] = checked_labels(t[counted], C, least=BLANK + 1)
    return places


def _checked_lengths(
    x: Array, t: Array, input_lengths: Array, target_lengths: Array
) -> tuple[Array, Array]:
    fit = x.ndim == 3 and x.shape[1] > 0 and x.shape[2] > 0 and t.ndim == 2
    if not fit or any(
        shape != (len(x),) for shape in (t.shape[:1], input_lengths.shape, target_lengths.shape)
    ):
        raise ValueError(
            f"CTC.forward: x must have shape (N, T, C) with T and C > 0, t (N, L), input_lengths "
            f"and target_lengths (N,), got {x.shape}, {t.shape}, {input_lengths.shape} and "
            f"{target_lengths.shape}"
        )
    T, L = x.shape[1], t.shape[1]
    frames = checked_labels(input_lengths, T + 1, "input_lengths", "T+1", least=1)
    return frames, checked_labels(target_lengths, L + 1, "target_lengths", "L+1")
