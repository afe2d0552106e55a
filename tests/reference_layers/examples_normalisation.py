"""One example of each normalising layer and its main options, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.batch_normalisation import BatchNorm
from layers.group_normalisation import GroupNorm, InstanceNorm
from layers.normalisation import LayerNorm, RMSNorm

RNG = np.random.default_rng(21)
X = RNG.standard_normal((5, 4)) + 0.5
IMAGES = RNG.standard_normal((2, 4, 3, 2)) - 0.3
GAMMA, BETA, MEAN = RNG.standard_normal((3, 4))
VAR = RNG.uniform(0.5, 2, 4)
GAMMAS, BETAS = RNG.standard_normal((2, 4, 3, 2))

# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "BatchNorm": (BatchNorm, (GAMMA, BETA), (X,)),
    "BatchNorm, images": (lambda *p: BatchNorm(*p, eps=0.1), (GAMMA, BETA), (IMAGES,)),
    "BatchNorm, signals": (BatchNorm, (GAMMA, BETA), (IMAGES[..., 0],)),
    "BatchNorm, batch of one": (lambda *p: BatchNorm(*p, eps=0.5), (GAMMA, BETA), (X[:1],)),
    "BatchNorm, evaluation": (
        lambda *p: BatchNorm(*p, training=False),
        (GAMMA, BETA, MEAN, VAR),
        (X,),
    ),
    "BatchNorm, evaluation of images": (
        lambda *p: BatchNorm(*p, training=False, eps=0.1),
        (GAMMA, BETA, MEAN, VAR),
        (IMAGES,),
    ),
    "LayerNorm": (LayerNorm, (GAMMA, BETA), (X,)),
    "LayerNorm, one sample": (LayerNorm, (GAMMA, BETA), (X[0],)),
    "LayerNorm, sequences": (
        lambda *p: LayerNorm(*p, eps=0.1),
        (GAMMA, BETA),
        (X.reshape(1, 5, 4),),
    ),
    "LayerNorm, images": (LayerNorm, (GAMMAS, BETAS), (IMAGES,)),
    "RMSNorm": (RMSNorm, (GAMMA,), (X,)),
    "RMSNorm, one sample": (lambda *p: RMSNorm(*p, eps=0.1), (GAMMA,), (X[0],)),
    "RMSNorm, images": (RMSNorm, (GAMMAS,), (IMAGES,)),
    "GroupNorm": (GroupNorm, (GAMMA, BETA), (IMAGES,)),
    "GroupNorm, one group": (lambda *p: GroupNorm(*p, groups=1), (GAMMA, BETA), (IMAGES,)),
    "GroupNorm, signals": (lambda *p: GroupNorm(*p, 4, 0.1), (GAMMA, BETA), (IMAGES[..., 0],)),
    "GroupNorm, rows": (GroupNorm, (GAMMA, BETA), (X,)),
    "InstanceNorm": (InstanceNorm, (GAMMA, BETA), (IMAGES,)),
    "InstanceNorm, signals": (InstanceNorm, (GAMMA, BETA), (IMAGES[..., 0],)),
    "InstanceNorm, plain": (lambda: InstanceNorm(eps=0.1), (), (IMAGES,)),
}
