"""Reference neural-network layers in plain NumPy, each with a backward pass derived by hand.

Every layer keeps one convention:

* Construction takes the parameter arrays and options. The layer shares the arrays it is given,
  so an update in place (``W -= rate * layer.dW``) takes effect at the next forward. Layers with
  weights can also be made from sizes: ``Affine.random(D, M, rng=generator)``.
* ``forward(...)`` returns the output, or a tuple of them. ``backward(dout)`` takes the gradient of
  some scalar L with respect to that output, one argument for each output, and returns the gradient
  with respect to the input, or a tuple of them when several inputs have one. Labels, ids, lengths,
  masks and other targets get no gradient and no place in that tuple.
* Gradients of parameters are attributes, ``dW`` for ``W`` and ``db`` for ``b``: summed over the
  batch, there after the first backward and overwritten at each one. Parameters must not
  change between the two passes.
* Losses own the mean over the batch, so their ``backward(dout=1.0)`` divides by its size and
  nothing else does. The mean over an empty batch is 0.0.
* ``backward`` before ``forward`` raises RuntimeError; axes that do not fit raise ValueError.

Layers are pure: they never write into an argument or a parameter, keep their own copy of what
backward needs, and what they return shares memory with nothing. They hold for any upstream
gradient, for any memory layout, and for batches of zero and one.

Floating dtypes are kept: float32 in, float32 out, and so for float64 and longdouble. Arrays of
different precision meet in the wider one; a plain Python number takes the precision of its
partner; integers become float64. The gradient has the dtype of the output. A 0-d result may be
a NumPy scalar, as NumPy's own arithmetic has it.

Each class describes itself by plain data, ``forms``, ``parameters`` and ``options``; see
:class:`layers.layer.Layer`.
"""

from layers.activations import ReLU, Sigmoid, Softmax
from layers.affine import Affine
from layers.differences import central_difference
from layers.layer import Layer
from layers.losses import CrossEntropy, SoftmaxWithLoss
from layers.networks import Sequential, TwoLayerNet
from layers.nodes import Add, Div, Exp, Log, MatMul, Mul, Repeat, Sub, Sum

__all__ = [
    "Add",
    "Affine",
    "CrossEntropy",
    "Div",
    "Exp",
    "Layer",
    "Log",
    "MatMul",
    "Mul",
    "ReLU",
    "Repeat",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "SoftmaxWithLoss",
    "Sub",
    "Sum",
    "TwoLayerNet",
    "central_difference",
]
