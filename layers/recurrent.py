"""What recurrent layers share: the checks of their arrays, their usual weights, and truncation.

A recurrent layer with G gates has Wx: (D, G*H) for the input, Wh: (H, G*H) for the state and
b: (G*H,); the columns of one gate stand together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array


def shared_weights(
    name: str, gates: int, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike
) -> tuple[Array, Array, Array]:
    """Return the three arrays, not copied; ValueError in the name of the layer if they misfit."""
    Wx, Wh, b = np.asarray(Wx), np.asarray(Wh), np.asarray(b)
    H = len(Wh) if Wh.ndim else 0
    columns = gates * H
    if Wx.ndim != 2 or Wx.shape[1] != columns or Wh.shape != (H, columns) or b.shape != (columns,):
        GH = f"{gates}*H" if gates > 1 else "H"
        raise ValueError(
            f"{name}: Wx: (D, {GH}), Wh: (H, {GH}) and b: ({GH},) must share H, "
            f"got {Wx.shape}, {Wh.shape} and {b.shape}"
        )
    return Wx, Wh, b


def drawn_weights(
    gates: int, D: int, H: int, rng: np.random.Generator | None
) -> tuple[Array, Array, Array]:
    """Draw normal weights with the variances 1/D and 1/H; the bias is zero.

    Sums of many terms then start with a variance like that of one, whatever the sizes.

    Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural
    networks" (2010), sec. 4.2.1; Saito, "Deep Learning from Scratch 2" (2018), sec. 5.5.
    """
    rng = np.random.default_rng(rng)
    Wx = rng.standard_normal((D, gates * H)) / np.sqrt(max(D, 1))
    Wh = rng.standard_normal((H, gates * H)) / np.sqrt(max(H, 1))
    return Wx, Wh, np.zeros(gates * H)


def check_input(name: str, axes: str, Wx: Array, x: Array) -> None:
    """Raise ValueError unless x has the ``axes``, ``"N D"`` or ``"N T D"``, and D is that of Wx."""
    if x.ndim != len(axes.split()) or x.shape[-1] != len(Wx):
        raise ValueError(
            f"{name}.forward: x must have the axes {axes} with D = {len(Wx)}, as Wx of shape "
            f"{Wx.shape} expects, got {x.shape}"
        )


def check_states(name: str, Wh: Array, x: Array, **states: Array) -> None:
    """Raise ValueError unless every state is (N, H), with N of x and H of Wh."""
    for key, state in states.items():
        if state.shape != (len(x), len(Wh)):
            raise ValueError(
                f"{name}.forward: {key} must be {(len(x), len(Wh))}, for x of shape {x.shape} and "
                f"Wh of shape {Wh.shape}, got {state.shape}"
            )


def checked_truncation(name: str, truncate: int | None) -> int | None:
    """Return ``truncate`` if it is None or at least 1."""
    if truncate is not None and truncate < 1:
        raise ValueError(f"{name}: truncate must be None or at least 1, got {truncate}")
    return truncate


def is_cut(t: int, truncate: int | None) -> bool:
    """Whether the gradient of the state stops between the steps t - 1 and t.

    So it does at every multiple of ``truncate``, as if the sequence were run in chunks of that
    many steps, each starting from the last state of the one before, taken as a constant. The
    initial state belongs to the first chunk and keeps its gradient.
    """
    return truncate is not None and t > 0 and t % truncate == 0
