"""An independent second slope: a polynomial through random nodes, with its own residual.

The five-point stencil asks the forward at fixed nodes; patterns of rounding repeat there. Here
sixteen random nodes t in +-[0.2, 2] d are fitted by t^0 ... t^4. The residual has 11 degrees of
freedom, and the slope's standard deviation is sd * ||second row of R^-1|| / d for the QR
factorisation of the design matrix (ordinary least squares).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck.numerics.bounds import STANDS_OUT
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import Bools, Floats, root_sum_squares

_NODES = 16
_DEGREE = 4
_SAFETY = 8.0
_LOUD = 1000.0  # a residual above this multiple of the rounding of y is no rounding of y


@dataclass(frozen=True, slots=True)
class Fit:
    """The slope of each output from one random fit, and the bound of the contracted slope.

    ``loud`` is the share of the bound that comes from outputs whose residual is far above
    their own rounding.
    """

    step: float
    value: float
    error: float
    loud: float
    active: Bools
    constant: Bools
    finite: bool


def fit(
    probe: Probe, direction: Floats, step: float, floor: Floats, rng: np.random.Generator
) -> Fit:
    """Fit a polynomial along ``direction`` at the scale ``step``."""
    sides = np.where(np.arange(_NODES) % 2, 1.0, -1.0)
    nodes = np.round(rng.uniform(0.2, 2.0, _NODES) * sides * 2.0**8) / 2.0**8
    rise = probe.rises((probe.centre + (t * step) * direction for t in nodes), _NODES)
    slope, deviation, gain = _least_squares(nodes, rise)
    live = probe.u != 0
    constant = (rise == 0).all(axis=0)
    active = live & ~constant
    sigma = np.maximum(deviation, np.maximum(floor, probe.output_rounding))
    error = np.abs(probe.u * (_SAFETY * gain / step) * sigma)
    rough = deviation > STANDS_OUT * floor
    loud = ~(deviation <= _LOUD * probe.output_rounding)
    return Fit(
        step,
        float((probe.u * slope / step)[active].sum()),
        root_sum_squares(error[active & ~rough]) + 3 * float(error[active & rough].sum()),
        float(error[active & loud].sum()),
        active,
        constant & live,
        bool(np.isfinite(rise[:, live]).all()),
    )


def _least_squares(nodes: Floats, rise: Floats) -> tuple[Floats, Floats, float]:
    design = np.stack([nodes**power for power in range(_DEGREE + 1)], axis=1)
    q, r = np.linalg.qr(design)
    with np.errstate(all="ignore"):
        coefficients = np.linalg.solve(r, q.T @ rise)
        residual = rise - design @ coefficients
    largest = np.abs(residual).max(axis=0)
    divisor = np.where(largest > 0, largest, 1.0)
    freedom = len(nodes) - _DEGREE - 1
    with np.errstate(all="ignore"):
        spread = np.sqrt(np.square(residual / divisor).sum(axis=0) / freedom)
    deviation = np.where(largest > 0, largest * spread, 0.0)
    return coefficients[1], deviation, float(np.linalg.norm(np.linalg.inv(r)[1]))
