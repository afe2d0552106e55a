"""The Kullback-Leibler divergence of a predicted distribution from a given one."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshots
from layers.reductions import known_reduction, reduced
from layers.targets import weighted


class KLDivergence(Layer):
    """L = (1/M) sum_nc t_nc (ln t_nc - x_nc), for log-probabilities x and given probabilities t.

    Only the second term depends on x, and it is linear: dx_nc = -(dL / M) t_nc. That e^x sums to
    one is not used: the gradient is that of the formula. 0 ln 0 counts as zero, and so does a
    class with t = 0 whatever its x is, -inf included; x = -inf where t > 0 costs infinity.

    ``reduction`` batchmean divides by M = N, the size of the batch, which for rows (N, C) gives
    the divergence of its definition; mean by the number of elements, which gives 1/C of that; sum
    does not divide (M = 1), and none keeps one loss per element. One row alone has N = 1.

    x, t: (N, ..., C) or (C,), one shape, floating, t not negative; the loss is 0-d, or the shape
    of x for none, in their wider dtype. Raises ValueError when the shapes differ or t is negative.

    Source: Kullback, Leibler, "On Information and Sufficiency" (1951), sec. 2; Bishop (2006),
    eq. 1.113. The reductions are those of PyTorch's kl_div, whose default is mean.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C, t: N C [fixed probabilities] -> loss: when reduction=batchmean|mean|sum",
        "x: C, t: C [fixed probabilities] -> loss: when reduction=batchmean|mean|sum",
        "x: N T C, t: N T C [fixed probabilities] -> loss: when reduction=batchmean|mean|sum",
        "x: N C, t: N C [fixed probabilities] -> loss: N C when reduction=none",
        "x: C, t: C [fixed probabilities] -> loss: C when reduction=none",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reduction": ("batchmean", "mean", "sum", "none")
    }
    _t: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, *, reduction: str = "batchmean") -> None:
        """Make a divergence with the reduction."""
        self.reduction = known_reduction(reduction, "KLDivergence", self.options["reduction"])

    def forward(self, x: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or in the shape of x for reduction none."""
        x, t = snapshots(x, t)
        if x.ndim == 0 or x.shape != t.shape:
            raise ValueError(
                f"KLDivergence.forward: x and t must have one shape (N, ..., C) or (C,), "
                f"got {x.shape} and {t.shape}"
            )
        if np.any(t < 0):
            raise ValueError("KLDivergence.forward: probabilities t must not be negative")
        self._t = t
        log_t = np.log(t, where=t != 0, out=np.zeros_like(t))
        rows = len(x) if x.ndim > 1 else 1
        count = {"batchmean": rows, "mean": x.size}.get(self.reduction, 1)
        self._divisor = max(count, 1)
        self._loss = reduced(weighted(t, log_t - x), self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dx in the shape of x; ``dout`` has the shape of the loss."""
        t = self._recall(self._t)
        dout = self._upstream(dout, self._recall(self._loss))
        return np.asarray(dout / self._divisor * -t)
