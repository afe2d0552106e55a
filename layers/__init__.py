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
* Layers made of layers, from ``Sequential`` to ``TransformerBlock``, are called like any other.
  What is learned in them stands in ``parameters_by_name`` and ``gradients_by_name``, under names
  such as ``"0.W"`` or ``"attention.Wq"``.

Layers are pure: they never write into an argument or a parameter, keep their own copy of what
backward needs, and what they return shares memory with nothing. They hold for any upstream
gradient, for any memory layout, and for batches of zero and one.

Floating dtypes are kept: float32 in, float32 out, and so for float16, float64 and longdouble.
Arrays of different precision meet in the wider one; a plain Python number takes the precision of
its partner; integers become float64. The gradient has the dtype of the output. A 0-d result may be
a NumPy scalar, as NumPy's own arithmetic has it.

Complex arrays pass through both directions, for every formula is analytic away from kinks, where
comparisons go by the real part: f(x + ih).imag / h is a derivative without a difference. They are
meant for that, not as signals. Only CTC refuses them.

Each class describes itself by plain data, ``forms``, ``parameters`` and ``options``; see
:class:`layers.layer.Layer`.
"""

from layers.activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from layers.affine import Affine
from layers.attention import ScaledDotProductAttention
from layers.batch_normalisation import BatchNorm
from layers.bidirectional import Bidirectional
from layers.classification_losses import NegativeLogLikelihood, SigmoidWithLoss
from layers.composite import Composite, Sequential
from layers.convolution import Conv1d, Conv2d
from layers.convolutional_net import ConvNet
from layers.ctc import CTC
from layers.differences import central_difference
from layers.divergence_losses import KLDivergence
from layers.dropout import Dropout, Dropout2d
from layers.embedding import Embedding, LearnedPositions, PositionalEncoding
from layers.gelu import GELU, GELUTanh
from layers.group_normalisation import GroupNorm, InstanceNorm
from layers.gru import GRU, GRUCell
from layers.hard_activations import HardSigmoid, HardTanh
from layers.language_model import CharacterLSTM, LanguageModel
from layers.layer import Layer
from layers.losses import CrossEntropy, SoftmaxWithLoss
from layers.lstm import LSTM, LSTMCell
from layers.margin_losses import Hinge, MulticlassHinge
from layers.multi_head_attention import MultiHeadAttention, MultiHeadCrossAttention
from layers.negative_sampling import NegativeSampling
from layers.networks import TwoLayerNet
from layers.nodes import Add, Div, Exp, Log, MatMul, Mul, Repeat, Sub, Sum
from layers.normalisation import LayerNorm, RMSNorm
from layers.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from layers.rectifiers import ELU, SELU, LeakyReLU, PReLU
from layers.regression_losses import Huber, MeanAbsoluteError, MeanSquaredError, SmoothL1
from layers.resampling import (
    AdaptiveAvgPool2d,
    Downsample,
    GlobalAvgPool,
    UpsampleBilinear,
    UpsampleNearest,
)
from layers.residual import Residual
from layers.rnn import RNN, RNNCell
from layers.sequence_losses import TimeSoftmaxWithLoss
from layers.shaping import Concatenate, Flatten, Identity, Reshape, Transpose
from layers.smooth_activations import Mish, SiLU, Softplus, Swish
from layers.transformer import TransformerBlock, TransformerNet
from layers.transposed_convolution import ConvTranspose2d

__all__ = [
    "CTC",
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "SELU",
    "AdaptiveAvgPool2d",
    "Add",
    "Affine",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm",
    "Bidirectional",
    "CharacterLSTM",
    "Composite",
    "Concatenate",
    "Conv1d",
    "Conv2d",
    "ConvNet",
    "ConvTranspose2d",
    "CrossEntropy",
    "Div",
    "Downsample",
    "Dropout",
    "Dropout2d",
    "Embedding",
    "Exp",
    "Flatten",
    "GELUTanh",
    "GRUCell",
    "GlobalAvgPool",
    "GroupNorm",
    "HardSigmoid",
    "HardTanh",
    "Hinge",
    "Huber",
    "Identity",
    "InstanceNorm",
    "KLDivergence",
    "LSTMCell",
    "LanguageModel",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "LearnedPositions",
    "Log",
    "LogSoftmax",
    "MatMul",
    "MaxPool1d",
    "MaxPool2d",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Mish",
    "Mul",
    "MultiHeadAttention",
    "MultiHeadCrossAttention",
    "MulticlassHinge",
    "NegativeLogLikelihood",
    "NegativeSampling",
    "PReLU",
    "PositionalEncoding",
    "RMSNorm",
    "RNNCell",
    "ReLU",
    "Repeat",
    "Reshape",
    "Residual",
    "ScaledDotProductAttention",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SigmoidWithLoss",
    "SmoothL1",
    "Softmax",
    "SoftmaxWithLoss",
    "Softplus",
    "Sub",
    "Sum",
    "Swish",
    "Tanh",
    "TimeSoftmaxWithLoss",
    "TransformerBlock",
    "TransformerNet",
    "Transpose",
    "TwoLayerNet",
    "UpsampleBilinear",
    "UpsampleNearest",
    "central_difference",
]
