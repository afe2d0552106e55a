"""Layers in plain NumPy."""

from numpy_layers.activations import ReLU
from numpy_layers.affine import Affine
from numpy_layers.convolution import Conv2d
from numpy_layers.functional import layernorm_backward, layernorm_forward
from numpy_layers.losses import SoftmaxCrossEntropy
from numpy_layers.normalisation import BatchNorm

__all__ = [
    "Affine",
    "BatchNorm",
    "Conv2d",
    "ReLU",
    "SoftmaxCrossEntropy",
    "layernorm_backward",
    "layernorm_forward",
]
