"""The table of known kinds: name, reference layer, and the names that public code gives it.

The only module that imports ``layers``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import layers
from gradcheck.kinds import Row

Value = Callable[..., Any]


_EPSILONS = (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)


def _reduced(losses: Any, reduction: str) -> Any:
    return losses if reduction == "none" else getattr(losses, reduction)()


def _cross_entropy(loss: type[Any], log: Value) -> Value:
    """Return a cross-entropy with ``log`` in the place of the logarithm."""

    def value(scores: Any, labels: Any, reduction: str = "mean", **_: Any) -> Any:
        p = scores if loss is layers.CrossEntropy else layers.Softmax().forward(scores)
        p, labels = np.atleast_2d(p), np.asarray(labels)
        p = p.reshape(-1, p.shape[-1])
        if labels.ndim < np.ndim(scores):
            chosen = np.take_along_axis(p, labels.reshape(-1, 1), axis=1)
            return _reduced(-log(chosen[:, 0]), reduction)
        labels = np.atleast_2d(labels).reshape(p.shape)
        return _reduced(-(labels * log(p)).sum(axis=1), reduction)

    return value


def _sigmoid_cross_entropy(_: type[Any], log: Value) -> Value:
    """Return a sigmoid cross-entropy with ``log`` in the place of both logarithms."""

    def value(scores: Any, labels: Any, reduction: str = "mean", **_: Any) -> Any:
        p = layers.Sigmoid().forward(scores)
        return _reduced(-labels * log(p) - (1 - labels) * log(1 - p), reduction)

    return value


def _approximate_logarithms() -> dict[str, Value]:
    """Return the logarithms that textbooks keep finite: an epsilon inside, or a clip before."""
    found: dict[str, Value] = {}
    for epsilon in _EPSILONS:
        text = f"{epsilon:.0e}".replace("e-0", "e-")
        found[f"log(p + {text})"] = lambda p, e=epsilon: np.log(p + e)
        found[f"log(clip(p, {text}, 1 - {text}))"] = lambda p, e=epsilon: np.log(
            np.clip(p, e, 1 - e)
        )
        found[f"log(max(p, {text}))"] = lambda p, e=epsilon: np.log(np.maximum(p, e))
    return found


def _log_epsilons(
    loss: type[Any], make: Callable[[type[Any], Value], Value] = _cross_entropy
) -> dict[str, Value]:
    return {name: make(loss, log) for name, log in _approximate_logarithms().items()}


ROWS: tuple[Row, ...] = (
    # Graph nodes and dense layers.
    Row("add", layers.Add, ("addition", "plus"), strict=True),
    Row("sub", layers.Sub, ("subtract", "subtraction", "minus"), strict=True),
    Row("mul", layers.Mul, ("multiply", "multiplication", "times", "product"), strict=True),
    Row("div", layers.Div, ("divide", "division"), strict=True),
    Row("exp", layers.Exp, ("exponential",), strict=True),
    Row("log", layers.Log, ("logarithm", "ln")),
    Row("matmul", layers.MatMul, ("matrixmultiply", "dot"), strict=True),
    Row("repeat", layers.Repeat),
    Row("sum", layers.Sum),
    Row(
        "affine",
        layers.Affine,
        ("linear", "dense", "fullyconnected", "fc", "innerproduct", "timeaffine"),
        strict=True,
    ),
    # Shapes.
    Row("identity", layers.Identity, ("noop", "passthrough")),
    Row("flatten", layers.Flatten, ("flattener",)),
    Row("reshape", layers.Reshape, ("view",)),
    Row("transpose", layers.Transpose, ("permute",)),
    Row("concatenate", layers.Concatenate, ("concat", "cat")),
    # Activations.
    Row("relu", layers.ReLU, ("rectifiedlinear", "rectifier"), strict=True),
    Row("sigmoid", layers.Sigmoid, ("logistic",), strict=True),
    Row("softmax", layers.Softmax, strict=True),
    Row("tanh", layers.Tanh, ("hyperbolictangent", "tanhactivation")),
    Row("log-softmax", layers.LogSoftmax),
    Row("leaky-relu", layers.LeakyReLU, ("leakyrectifier", "lrelu")),
    Row("prelu", layers.PReLU, ("parametricrelu",)),
    Row("elu", layers.ELU, ("exponentiallinearunit",)),
    Row("selu", layers.SELU, ("scaledelu",)),
    Row("hard-tanh", layers.HardTanh, ("hardtanhactivation",)),
    Row("hard-sigmoid", layers.HardSigmoid, ("hsigmoid",)),
    Row("softplus", layers.Softplus, ("smoothrelu",)),
    Row("silu", layers.SiLU, ("swish", "swishactivation")),
    Row("mish", layers.Mish),
    Row("gelu", layers.GELU, ("geluexact", "geluerf")),
    Row("gelu-tanh", layers.GELUTanh, ("geluapprox", "newgelu", "fastgelu")),
    # Losses.
    Row(
        "cross-entropy",
        layers.CrossEntropy,
        ("crossentropyloss", "crossentropyerror", "crossentropyonprobabilities"),
        otherwise="softmax-with-loss",
        approximations=_log_epsilons(layers.CrossEntropy),
    ),
    Row(
        "softmax-with-loss",
        layers.SoftmaxWithLoss,
        (
            "softmaxloss",
            "softmaxcrossentropy",
            "softmaxcrossentropyloss",
            "softmaxwithcrossentropy",
            "crossentropywithsoftmax",
            "softmaxcrossentropywithlogits",
            "crossentropywithlogits",
        ),
        strict=True,
        approximations=_log_epsilons(layers.SoftmaxWithLoss),
    ),
    Row(
        "sigmoid-with-loss",
        layers.SigmoidWithLoss,
        (
            "sigmoidloss",
            "sigmoidcrossentropy",
            "sigmoidcrossentropyloss",
            "bcewithlogits",
            "bcewithlogitsloss",
            "binarycrossentropywithlogits",
            "logisticloss",
        ),
        approximations=_log_epsilons(layers.SigmoidWithLoss, _sigmoid_cross_entropy),
    ),
    Row("negative-log-likelihood", layers.NegativeLogLikelihood, ("nll", "nllloss")),
    Row("hinge", layers.Hinge, ("hingeloss", "binaryhinge", "binaryhingeloss")),
    Row(
        "multiclass-hinge",
        layers.MulticlassHinge,
        ("svm", "svmloss", "multiclasshingeloss", "multiclasssvm", "multiclasssvmloss"),
    ),
    Row(
        "mean-squared-error",
        layers.MeanSquaredError,
        ("mse", "mseloss", "meansquarederrorloss", "squarederror", "l2loss"),
    ),
    Row("mean-absolute-error", layers.MeanAbsoluteError, ("mae", "maeloss", "l1", "l1loss")),
    Row("huber", layers.Huber, ("huberloss",)),
    Row("smooth-l1", layers.SmoothL1, ("smoothl1loss",)),
    Row("kl-divergence", layers.KLDivergence, ("kl", "kldiv", "kldivloss", "kldivergenceloss")),
    Row(
        "time-softmax-with-loss",
        layers.TimeSoftmaxWithLoss,
        ("timesoftmaxloss", "temporalsoftmaxloss", "sequencesoftmaxloss"),
        approximations=_log_epsilons(layers.SoftmaxWithLoss),
    ),
    Row("ctc", layers.CTC, ("ctcloss", "connectionisttemporalclassification")),
    Row("negative-sampling", layers.NegativeSampling, by_name=False),
    # Normalisation, regularisation, embedding.
    Row(
        "batch-norm",
        layers.BatchNorm,
        ("batchnorm1d", "batchnorm2d", "batchnormalization", "batchnormalisation", "bn"),
    ),
    Row("layer-norm", layers.LayerNorm, ("layernormalization", "layernormalisation")),
    Row("rms-norm", layers.RMSNorm, ("rmsnormalization", "rmsnormalisation", "rmslayernorm")),
    Row("group-norm", layers.GroupNorm, ("groupnormalization", "groupnormalisation", "gn")),
    Row(
        "instance-norm",
        layers.InstanceNorm,
        ("instancenorm1d", "instancenorm2d", "instancenormalization", "instancenormalisation"),
    ),
    Row("dropout", layers.Dropout, ("inverteddropout",)),
    Row("dropout2d", layers.Dropout2d, ("spatialdropout",)),
    Row("embedding", layers.Embedding, ("embed", "wordembedding", "tokenembedding", "lookuptable")),
    Row(
        "positional-encoding",
        layers.PositionalEncoding,
        ("positionencoding", "sinusoidalpositionalencoding", "posenc"),
    ),
    Row(
        "learned-positions",
        layers.LearnedPositions,
        ("positionalembedding", "positionembedding", "learnedpositionalencoding"),
    ),
    # Convolution and pooling.
    Row("conv1d", layers.Conv1d, ("convolution1d", "temporalconv")),
    Row(
        "conv2d",
        layers.Conv2d,
        ("convolution2d", "convolution", "conv", "convolutional"),
    ),
    Row(
        "conv-transpose2d",
        layers.ConvTranspose2d,
        ("conv2dtranspose", "transposedconv2d", "transposedconvolution", "deconv", "deconvolution"),
    ),
    Row("max-pool1d", layers.MaxPool1d, ("maxpooling1d",)),
    Row(
        "max-pool2d",
        layers.MaxPool2d,
        ("maxpooling2d", "maxpool", "maxpooling", "pooling", "pool", "pool2d"),
    ),
    Row("avg-pool1d", layers.AvgPool1d, ("averagepooling1d",)),
    Row(
        "avg-pool2d",
        layers.AvgPool2d,
        ("averagepooling2d", "avgpool", "meanpool", "averagepool", "avgpooling"),
    ),
    Row(
        "global-avg-pool",
        layers.GlobalAvgPool,
        ("globalaveragepooling", "globalavgpool2d", "globalaveragepooling2d", "gap"),
    ),
    Row("adaptive-avg-pool2d", layers.AdaptiveAvgPool2d, ("adaptiveavgpool",)),
    Row(
        "upsample-nearest",
        layers.UpsampleNearest,
        ("upsample", "upsampling2d", "upsampling", "nearestupsample"),
    ),
    Row("upsample-bilinear", layers.UpsampleBilinear, ("bilinearupsample",)),
    Row("downsample", layers.Downsample, ("subsample",)),
    # Sequences. A class called RNN is one step in some books and all steps in others.
    Row("rnn-cell", layers.RNNCell, ("rnnstep", "elmancell", "vanillarnncell")),
    Row("rnn", layers.RNN, ("timernn",), by_name=False),
    Row("lstm-cell", layers.LSTMCell, ("lstmstep",)),
    Row("lstm", layers.LSTM, ("timelstm",), by_name=False),
    Row("gru-cell", layers.GRUCell, ("grustep",)),
    Row("gru", layers.GRU, ("timegru",), by_name=False),
    # Attention.
    Row(
        "scaled-dot-product-attention",
        layers.ScaledDotProductAttention,
        ("dotproductattention", "sdpa", "scaleddotproduct"),
    ),
    Row(
        "multi-head-attention",
        layers.MultiHeadAttention,
        ("multiheadselfattention", "mha"),
    ),
    Row("multi-head-cross-attention", layers.MultiHeadCrossAttention, ("crossattention",)),
)
