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


def _log_epsilon(loss: type[Any], epsilon: float) -> Value:
    """Return the loss with ``log(p + epsilon)`` in the place of ``log(p)``."""

    def value(scores: Any, labels: Any) -> Any:
        p = scores if loss is layers.CrossEntropy else layers.Softmax().forward(scores)
        p, labels = np.atleast_2d(p), np.asarray(labels)
        if labels.ndim < np.ndim(scores):
            chosen = np.take_along_axis(p, labels.reshape(-1, 1), axis=1)
            return -np.log(chosen + epsilon).mean()
        return -(np.atleast_2d(labels) * np.log(p + epsilon)).sum(axis=1).mean()

    return value


def _log_epsilons(loss: type[Any]) -> dict[str, Value]:
    return {
        f"log(p + {epsilon:.0e})".replace("e-0", "e-"): _log_epsilon(loss, epsilon)
        for epsilon in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
    }


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
        ("maxpooling2d", "maxpool", "maxpooling", "pooling", "pool"),
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
