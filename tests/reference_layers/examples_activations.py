"""One example of each activation and its main options, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.activations import LogSoftmax, Tanh
from layers.gelu import GELU, GELUTanh
from layers.hard_activations import HardSigmoid, HardTanh
from layers.rectifiers import ELU, SELU, LeakyReLU, PReLU
from layers.smooth_activations import Mish, SiLU, Softplus

RNG = np.random.default_rng(31)
X = 2 * RNG.standard_normal((3, 4))
IMAGES = RNG.standard_normal((2, 3, 2, 4))
ONE = X[1, 2]
SLOPES = np.array([0.25, -0.5, 1.5])

EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "Tanh": (Tanh, (), (X,)),
    "Tanh, 0-d": (Tanh, (), (ONE,)),
    "LogSoftmax": (LogSoftmax, (), (X,)),
    "LogSoftmax, columns": (lambda: LogSoftmax(axis=0), (), (X,)),
    "LeakyReLU": (LeakyReLU, (), (X,)),
    "LeakyReLU, 0-d": (lambda: LeakyReLU(alpha=0.2), (), (ONE,)),
    "PReLU, images": (PReLU, (SLOPES,), (IMAGES,)),
    "PReLU, rows": (PReLU, (SLOPES,), (X[:, :3],)),
    "PReLU, one slope": (PReLU, (SLOPES[:1],), (X,)),
    "PReLU, one slope, 0-d": (PReLU, (SLOPES[1],), (X[0],)),
    "ELU": (ELU, (), (X,)),
    "ELU, 0-d": (lambda: ELU(alpha=1.7), (), (ONE,)),
    "SELU": (SELU, (), (X,)),
    "SELU, 0-d": (SELU, (), (ONE,)),
    "HardTanh": (HardTanh, (), (X,)),
    "HardTanh, 0-d": (lambda: HardTanh(low=-5.0, high=4.0), (), (ONE,)),
    "HardSigmoid": (HardSigmoid, (), (X,)),
    "HardSigmoid, 0-d": (lambda: HardSigmoid(slope=0.2), (), (ONE,)),
    "Softplus": (Softplus, (), (X,)),
    "Softplus, 0-d": (lambda: Softplus(beta=2.0), (), (ONE,)),
    "SiLU": (SiLU, (), (X,)),
    "SiLU, 0-d": (lambda: SiLU(beta=1.7), (), (ONE,)),
    "Mish": (Mish, (), (X,)),
    "Mish, 0-d": (Mish, (), (ONE,)),
    "GELU": (GELU, (), (X,)),
    "GELU, 0-d": (GELU, (), (ONE,)),
    "GELUTanh": (GELUTanh, (), (X,)),
    "GELUTanh, 0-d": (GELUTanh, (), (ONE,)),
}
