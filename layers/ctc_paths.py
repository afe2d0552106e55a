"""The forward-backward recursions of CTC over all paths at once, on logarithms.

Walks through the places of a label sequence with blanks, one place per frame: stay, go on by
one, or by two where that passes a blank between different labels. See :class:`layers.ctc.CTC`.
"""

import numpy as np

from layers.layer import Array

BLANK = 0


def expected_places(log_y: Array, places: Array, frames: Array, U: Array) -> tuple[Array, Array]:
    """Return ln P: (N,), and the share of P that is at each place in each frame: (N, T, S).

    log_y: (N, T, C), log-probabilities; places: (N, S), the class of every place; frames: (N,), how
    many of the T frames count; U: (N,), how many labels do. Impossible labels have ln P = -inf and
    the share zero.
    """
    N, T, _ = log_y.shape
    S = places.shape[1]
    at_places = np.broadcast_to(places[:, np.newaxis, :], (N, T, S))
    emitted = np.take_along_axis(log_y, at_places, axis=2)
    # A leap lands on a label, and may not join it with the same one: their blank keeps them two.
    leaps = np.zeros((N, S), bool)
    leaps[:, 2:] = (places[:, 2:] != BLANK) & (places[:, 2:] != places[:, :-2])
    last_places = 2 * U[:, np.newaxis] - np.array([0, 1])
    is_end = (np.arange(S) == last_places[..., np.newaxis]).any(axis=1)
    ends = np.where(is_end, 0.0, -np.inf).astype(log_y.dtype)
    walks = _log_forward(emitted, leaps) + _log_backward(emitted, leaps, ends, frames)
    # Every frame that counts has the same sum, ln P, up to rounding; dividing each by its own
    # keeps all shares at or below one, however large the logarithms are.
    totals = np.logaddexp.reduce(walks, axis=2, keepdims=True)
    # Behind the end, and for impossible labels, -inf less -inf would give nan.
    divided = np.where(np.isfinite(totals), totals, np.zeros_like(totals))
    return totals[:, 0, 0], np.exp(walks - divided)


def _log_forward(emitted: Array, leaps: Array) -> Array:
    """ln a_t(s): walks up to frame t that are at place s, frame t included."""
    a = np.full_like(emitted, -np.inf)
    a[:, 0, :2] = emitted[:, 0, :2]
    for t in range(1, emitted.shape[1]):
        stay = a[:, t - 1]
        leap = np.where(leaps, _moved(stay, 2), np.full_like(stay, -np.inf))
        a[:, t] = emitted[:, t] + _sum(stay, _moved(stay, 1), leap)
    return a


def _log_backward(emitted: Array, leaps: Array, ends: Array, frames: Array) -> Array:
    """ln b_t(s): walks after frame t, from place s to an end at the last frame."""
    b = np.full_like(emitted, -np.inf)
    none = b[:, 0].copy()
    rest = none  # b and the emission of the frame after t, by the place that is reached there
    for t in reversed(range(emitted.shape[1])):
        leap = np.where(leaps, rest, none)
        walks = _sum(rest, _moved(rest, -1), _moved(leap, -2))
        b[:, t] = np.where((frames == t + 1)[:, np.newaxis], ends, walks)
        rest = b[:, t] + emitted[:, t]
    return b


def _sum(stay: Array, step: Array, leap: Array) -> Array:
    """Add three probabilities given by their logarithms."""
    return np.asarray(np.logaddexp(np.logaddexp(stay, step), leap))


def _moved(log_p: Array, by: int) -> Array:
    """Shift along the places, to higher ones for by > 0; what is left behind is impossible."""
    moved = np.full_like(log_p, -np.inf)
    if by > 0:
        moved[:, by:] = log_p[:, :-by]
    else:
        moved[:, :by] = log_p[:, -by:]
    return moved
