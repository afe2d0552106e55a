"""What is expected of every layer in ``styles/``: the table behind the tests and the docs page.

Every verdict was established by central differences that have nothing to do with gradcheck. A
file ``..._wrong.py`` has the layers of a hand-in with one fault each, under the names of the file
of right ones. Arrays are called as the file calls them: the attribute that holds the gradient, or
``d`` and the argument. Symbols: a class, the forward function of a pair, the function of a loss
that returns ``(loss, dx)``, and ``Class.method`` for the operations of an autodiff class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STYLES = Path(__file__).with_name("styles")

COURSE_RULE: Mapping[str, Any] = {"grad_reduction": "mean"}
"""The option that says: this course divides the gradients of the parameters by the batch."""


@dataclass(frozen=True)
class Expected:
    """What the report must say of one layer.

    ``read_as`` must occur in the report's assumptions, ``array`` is the wrong gradient, ``factor``
    occurs in the name of the diagnosis, and ``options`` turn the failure into a pass.
    """

    verdict: str
    read_as: str | None = None
    array: str | None = None
    factor: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Style:
    """One file: its convention (as the report and the issue name it) and its layers."""

    number: int
    convention: str
    layers: Mapping[str, Expected]


def right(read_as: str | None = None) -> Expected:
    """Return what is expected of a layer that is right."""
    return Expected("pass", read_as)


def wrong(array: str | None = None, *, factor: str | None = None, rule: bool = False) -> Expected:
    """Return what is expected of a layer whose gradient ``array`` is wrong."""
    return Expected("fail", None, array, factor, COURSE_RULE if rule else {})


def _all_right(names: str, read_as: str | None = None) -> dict[str, Expected]:
    return dict.fromkeys(names.split(), right(read_as))


def _all_wrong(**arrays: str | None) -> dict[str, Expected]:
    return {name: wrong(array) for name, array in arrays.items()}


def _unfinished(names: str) -> dict[str, Expected]:
    return dict.fromkeys(names.split(), Expected("not-attempted"))


_LAYER_OBJECT = {
    **_all_right(
        "AddLayer MulLayer Relu Sigmoid SoftmaxWithLoss SquaredErrorLoss", "backward(dout)"
    ),
    **_all_right("Dropout InvertedDropout Pooling", "backward(dout)"),
    "Affine": right("dW, db"),
    "BatchNormalization": right("dgamma, dbeta"),
    "Convolution": right("dW, db"),
}
_LAYER_OBJECT_WRONG = {
    "MulLayer": wrong("dx"),  # the factors are not swapped
    "Affine": wrong("db", factor="1/N"),  # mean for sum
    "Linear": wrong("db"),  # forgotten
    "Relu": wrong("dx"),  # masked by the sign of the upstream gradient
    "Sigmoid": wrong("dx"),  # the derivative of the input
    "Softmax": wrong("dx"),  # the diagonal of the Jacobian
    "SoftmaxWithLoss": wrong("dx", factor="N"),  # not divided by the batch
    "BatchNormalization": wrong("dx"),  # mean and variance as constants
    "LayerNormalization": wrong("dgamma"),  # that of beta
    "Dropout": wrong("dx"),  # the scale is missing
    "Convolution": wrong("dx"),  # at stride 2
    "Pooling": wrong("dx"),  # windows that overlap
}
_PARALLEL_LISTS = {
    **_all_right("Sigmoid SoftmaxWithLoss TimeDropout"),
    **_all_right("MatMul Affine TimeAffine RNN LSTM TimeRNN", "grads"),
    **_all_right("Embedding TimeEmbedding", "grads"),
}
_PARALLEL_LISTS_WRONG = {
    "MatMul": wrong("dW", factor="1/N"),
    "Affine": wrong("db"),  # the last sample only
    "Sigmoid": wrong("dx"),  # the upstream gradient is ignored
    "Embedding": wrong("dW"),  # repeated ids overwrite
    "SoftmaxWithLoss": wrong("dx"),  # right for the class of the label alone
    "RNN": wrong("dh_prev"),  # the slope of tanh is missing
    "Cell": right(),
    "TimeRNN": wrong("dWh"),  # one step only
    "TimeAffine": wrong("dW", factor="1/T"),  # averaged over time
}
_DICTIONARIES = {
    **_all_right("LinearModule Linear", "dict"),
    **_all_right("ELUModule SoftMaxModule Tanh CrossEntropyModule"),
}
_DICTIONARIES_LAZY = {
    **_all_right("FullyConnected Conv2D Dense LayerNorm1D", "first forward"),
    **_all_right("Pool2D SquaredError"),
}
_DICTIONARIES_WRONG = _all_wrong(
    LinearModule="weight",  # transposed
    ELUModule="dx",  # the constant alpha as its slope
    CrossEntropyModule="dx",  # not divided by the batch
    Dense="b",  # summed over everything
    BatchNorm1D="dX",  # gamma is missing
    AvgPool2D="dX",  # not divided by the size of the window
)
_FUNCTION_PAIR = {
    **_all_right("affine_forward relu_forward batchnorm_forward layernorm_forward", "cache"),
    **_all_right("dropout_forward conv_forward_naive max_pool_forward_naive", "cache"),
    **_all_right("spatial_batchnorm_forward affine_relu_forward", "cache"),
    **_all_right("svm_loss softmax_loss"),
}
_FUNCTION_PAIR_SEQUENCES = {
    **_all_right("rnn_step_forward rnn_forward lstm_step_forward", "cache"),
    **_all_right("word_embedding_forward temporal_affine_forward", "cache"),
    **_all_right("temporal_softmax_loss"),
}
_FUNCTION_PAIR_WRONG = _all_wrong(
    affine_forward="db",  # mean for sum
    fc_forward="db",  # not summed
    relu_forward="dx",  # masked by the sign of the upstream gradient
    batchnorm_forward="dgamma",  # that of beta
    layernorm_forward="dx",  # over the batch
    dropout_forward="dx",  # the scale is missing
    conv_forward_naive="dx",  # without padding
    max_pool_forward_naive="dx",  # windows that overlap
    rnn_step_forward="db",  # the slope of tanh is missing
    word_embedding_forward="dW",  # repeated ids overwrite
    svm_loss="dx",  # not divided by the batch
    softmax_loss="dx",  # the label is divided twice
    affine_relu_forward="dx",  # the mask is missing
)
_COLUMNS = {
    "linear_forward": wrong("dW", factor="1/", rule=True),
    "linear_activation_forward": wrong("dW", factor="1/", rule=True),
    **_all_right("relu sigmoid"),
}
_COLUMNS_SUM = _all_right("linear_forward tanh_forward conv_forward pool_forward rnn_cell_forward")
_COLUMNS_WRONG = _all_wrong(
    linear_forward="db",  # 4/m
    relu="dZ",  # masked by the sign of the upstream gradient
    sigmoid="dZ",  # the derivative of the input
    conv_forward="dA_prev",  # at stride 2
    pool_forward="dA_prev",  # windows that overlap
    rnn_cell_forward="da_prev",  # not transposed
)
_LOCAL_DERIVATIVE = {
    **_all_right("Identity Sigmoid Tanh ReLU", "local"),
    **_all_right("Linear Softmax BatchNorm1d Conv1d_stride1 Conv2d"),
    **_all_right("MSELoss CrossEntropyLoss"),
}
_LOCAL_DERIVATIVE_MEAN = {
    "Linear": wrong("dLdW", factor="1/N", rule=True),
    "CrossEntropyLoss": wrong("dA", factor="N"),
}
_LOCAL_DERIVATIVE_WRONG = {
    "Linear": wrong("dLdW"),  # transposed
    "Sigmoid": wrong("dZ"),  # the sigmoid of the sigmoid
    "Tanh": wrong("dZ"),  # the square is missing
    "MSELoss": wrong("dA", factor="0.5"),
    "CrossEntropyLoss": wrong("dA"),  # the sign
    "BatchNorm1d": wrong("dLdBW"),  # that of Bb
    "Conv1d": wrong("dA"),  # windows that overlap
}
_ACTIVATION_OBJECTS = {
    **_all_right("Sigmoid TanH LeakyReLU SoftPlus", "gradient"),
    **_all_right("ELU Affine", "grad"),
    **_all_right("Dropout SquareLoss CrossEntropy"),
}
_ACTIVATION_OBJECTS_WRONG = _all_wrong(
    Sigmoid="dx",  # the derivative of the input
    Softmax="dx",  # the diagonal of the Jacobian
    LeakyReLU="dx",  # no slope below zero
    ELU="dz",  # alpha is missing
    Dropout="dx",  # the scale is missing
    SquareLoss="dy_pred",  # the sign
)
_UPDATING = {
    **_all_right("Dense Convolutional", "applies its gradients"),
    **_all_right("Tanh Sigmoid Softmax Reshape mse binary_cross_entropy"),
}
_UPDATING_BATCH = {
    **_all_right("FCLayer Linear", "applies its gradients"),
    **_all_right("TanhLayer ReLU"),
}
_UPDATING_OPTIMIZER = {
    **_all_right("Dense BatchNormalization", "applies its gradients"),
    **_all_right("Dropout Flatten"),
}
_UPDATING_WRONG = _all_wrong(
    Dense="dinput",  # of the weights after the step
    Linear="b",  # mean for sum
    FullyConnected="W",  # up instead of down
    Sigmoid="dinput",  # the derivative of the input
    ReLU="dx",  # times the learning rate: right where it is 1
    BatchNormalization="dX",  # the path over the variance is missing
    mse="dy_pred",  # the sign
    binary_cross_entropy="dy_pred",  # not divided by the number of elements
)
_EXPLICIT_INPUTS = {
    **_all_right("Linear ReLU SoftMax BatchNormalization Dropout"),
    **_all_right("MSECriterion ClassNLLCriterion"),
}
_EXPLICIT_INPUTS_MLP = _all_right(
    "AffineLayer SigmoidLayer ReluLayer SoftmaxLayer "
    "SumOfSquaredDiffsError CrossEntropySoftmaxError"
)
_EXPLICIT_INPUTS_GRAD_OUTPUT = _all_right(
    "Layer ReLU Sigmoid Dense softmax_crossentropy_with_logits"
)
_EXPLICIT_INPUTS_WRONG = _all_wrong(
    Linear="gradb",  # summed over everything
    SoftMax="dinput",  # the diagonal of the Jacobian
    MSECriterion="dinput",  # divided by the batch only
    AffineLayer="dweights",  # mean for sum
    SigmoidLayer="dinputs",  # the upstream gradient is ignored
    CrossEntropySoftmaxError="doutputs",  # not divided by the batch
    ReLU="dinput",  # masked by the sign of the upstream gradient
    Dense="biases",  # mean for sum
)
_STATIC_CONTEXT = _all_right("Add Mul Log Inv Sigmoid ReLU MatMul LinearFunction MSELoss", "ctx")
_STATIC_CONTEXT_WRONG = _all_wrong(
    Mul="da",  # the factors are not swapped
    Inv="da",  # the sign
    Sigmoid="da",  # the upstream gradient is ignored
    MatMul="dt2",  # mean for sum
    LinearFunction="dbias",  # not summed
    MSELoss="dprediction",  # not divided
)
_OPERATION = {
    **_all_right("EWiseAdd AddScalar EWiseMul PowerScalar EWiseDiv Transpose", "compute"),
    **_all_right("Summation MatMul Negate Log Exp ReLU LogSumExp SoftmaxLoss", "compute"),
}
_OPERATION_WRONG = _all_wrong(
    EWiseMul="da",  # the factors are not swapped
    EWiseDiv="db",  # the sign
    PowerScalar="da",  # the exponent is missing
    MatMul="db",  # the upstream gradient is ignored
    Exp="da",  # the upstream gradient is ignored
    ReLU="da",  # masked by the sign of the upstream gradient
    LogSumExp="dZ",  # divided by the sum of all rows
    SoftmaxLoss="dZ",  # not divided by the batch
)
_SCALAR = "add mul pow neg radd sub rsub rmul truediv rtruediv"
_TENSOR = "add mul matmul pow neg sub radd rmul"


def _operations(cls: str, operators: str, methods: str) -> list[str]:
    named = [f"__{one}__" for one in operators.split()]
    return [f"{cls}.{one}" for one in (*named, *methods.split())]


_AUTODIFF_SCALAR = {
    name: right("backward()") for name in _operations("Value", _SCALAR, "relu tanh exp")
}
_AUTODIFF_SCALAR_WRONG = {
    "Value.__add__": wrong(),  # = for +=: wrong where a value is used twice
    "Value.__mul__": wrong(),  # the factors are not swapped
    "Value.__pow__": wrong(),  # the exponent is missing
    "Value.__neg__": wrong(),  # made of a wrong product
    "Value.__sub__": wrong(),  # made of a wrong sum
    "Value.relu": wrong(),  # masked by the sign of the upstream gradient
    "Value.tanh": wrong(),  # the upstream gradient is ignored
    "Value.exp": right(),
}
_AUTODIFF_TENSOR = {
    name: right("backward()")
    for name in _operations("Tensor", _TENSOR, "sum mean relu exp log sigmoid softmax")
}
_AUTODIFF_TENSOR_WRONG = {
    "Tensor.__add__": wrong(),  # broadcasting is not undone
    "Tensor.__mul__": wrong(),  # the upstream gradient is ignored
    "Tensor.__matmul__": wrong(),  # mean for sum
    "Tensor.relu": wrong(),  # masked by the sign of the upstream gradient
    "Tensor.sum": right(),
    "Tensor.mean": wrong(),  # not divided
    "Tensor.softmax": wrong(),  # the diagonal of the Jacobian
}
_OUTPUT_ATTRIBUTE = {
    **_all_right("Layer_Dense Layer_Dropout"),
    **_all_right("Activation_ReLU Activation_Softmax Activation_Sigmoid"),
    **_all_right("Loss_CategoricalCrossentropy Loss_MeanSquaredError"),
    **_all_right("Activation_Softmax_Loss_CategoricalCrossentropy"),
}
_OUTPUT_ATTRIBUTE_WRONG = _all_wrong(
    Layer_Dense="dbiases",  # mean for sum
    Activation_ReLU="dinputs",  # masked by the sign of the upstream gradient
    Activation_Softmax="dinputs",  # the diagonal of the Jacobian
    Loss_CategoricalCrossentropy="dinputs",  # that of softmax and loss together
    Layer_Dropout="dinputs",  # the scale is missing
)
_NAMES = {
    **_all_right("ReLu relu_layer MyLinear FC DenseLayer SigmoidActivation Wobble"),
    **_all_right("fully_connected_forward forward_relu sigmoid_fwd"),
    **_all_wrong(RELU="dx", fully_connected_layer="db", Soft_Max_With_Loss="dx", Wiggle="dx"),
    "leakyReluForward": wrong("dx"),
}
_STUBS = _unfinished(
    "Affine Relu Sigmoid Linear LinearModule affine_forward relu_forward softmax_loss svm_loss "
    "Mul EWiseDiv Tanh Softmax"
)

_VARIABLE_FUNCTIONS = _all_right("Square Exp Mul Linear Tanh", "called with variables")
_VARIABLE_FUNCTIONS_WRONG = {
    "Square": wrong(),
    "Exp": wrong(),
    "Mul": wrong(),
    "Linear": wrong("dW", factor="1/N"),
    "Tanh": wrong(),
}

STYLE_FILES: Mapping[str, Style] = {
    "layer_object.py": Style(1, "layer-object", _LAYER_OBJECT),
    "layer_object_wrong.py": Style(1, "layer-object", _LAYER_OBJECT_WRONG),
    "output_attribute.py": Style(1, "layer-object", _OUTPUT_ATTRIBUTE),
    "output_attribute_wrong.py": Style(1, "layer-object", _OUTPUT_ATTRIBUTE_WRONG),
    "names.py": Style(1, "layer-object", _NAMES),
    "parallel_lists.py": Style(2, "parallel-lists", _PARALLEL_LISTS),
    "parallel_lists_wrong.py": Style(2, "parallel-lists", _PARALLEL_LISTS_WRONG),
    "param_pairs.py": Style(2, "parallel-lists", _all_right("Linear ReLU Tanh LossMSE")),
    "param_pairs_wrong.py": Style(
        2, "parallel-lists", _all_wrong(Linear="dl_db", Tanh=None, LossMSE="doutput")
    ),
    "dictionaries.py": Style(3, "dictionaries", _DICTIONARIES),
    "dictionaries_lazy.py": Style(3, "dictionaries", _DICTIONARIES_LAZY),
    "dictionaries_wrong.py": Style(3, "dictionaries", _DICTIONARIES_WRONG),
    "function_pair.py": Style(4, "function-pair", _FUNCTION_PAIR),
    "function_pair_sequences.py": Style(4, "function-pair", _FUNCTION_PAIR_SEQUENCES),
    "function_pair_wrong.py": Style(4, "function-pair", _FUNCTION_PAIR_WRONG),
    "columns.py": Style(5, "columns", _COLUMNS),
    "columns_sum.py": Style(5, "columns", _COLUMNS_SUM),
    "columns_wrong.py": Style(5, "columns", _COLUMNS_WRONG),
    "local_derivative.py": Style(6, "local-derivative", _LOCAL_DERIVATIVE),
    "local_derivative_mean.py": Style(6, "local-derivative", _LOCAL_DERIVATIVE_MEAN),
    "local_derivative_wrong.py": Style(6, "local-derivative", _LOCAL_DERIVATIVE_WRONG),
    "activation_objects.py": Style(6, "local-derivative", _ACTIVATION_OBJECTS),
    "activation_objects_wrong.py": Style(6, "local-derivative", _ACTIVATION_OBJECTS_WRONG),
    "updating.py": Style(7, "updating", _UPDATING),
    "updating_batch.py": Style(7, "updating", _UPDATING_BATCH),
    "updating_optimizer.py": Style(7, "updating", _UPDATING_OPTIMIZER),
    "updating_wrong.py": Style(7, "updating", _UPDATING_WRONG),
    "explicit_inputs.py": Style(8, "explicit-inputs", _EXPLICIT_INPUTS),
    "explicit_inputs_mlp.py": Style(8, "explicit-inputs", _EXPLICIT_INPUTS_MLP),
    "explicit_inputs_grad_output.py": Style(8, "explicit-inputs", _EXPLICIT_INPUTS_GRAD_OUTPUT),
    "explicit_inputs_wrong.py": Style(8, "explicit-inputs", _EXPLICIT_INPUTS_WRONG),
    "static_context.py": Style(9, "static-context", _STATIC_CONTEXT),
    "static_context_wrong.py": Style(9, "static-context", _STATIC_CONTEXT_WRONG),
    "operation.py": Style(10, "operation", _OPERATION),
    "operation_wrong.py": Style(10, "operation", _OPERATION_WRONG),
    "autodiff_scalar.py": Style(11, "autodiff", _AUTODIFF_SCALAR),
    "autodiff_scalar_wrong.py": Style(11, "autodiff", _AUTODIFF_SCALAR_WRONG),
    "autodiff_tensor.py": Style(11, "autodiff", _AUTODIFF_TENSOR),
    "autodiff_tensor_wrong.py": Style(11, "autodiff", _AUTODIFF_TENSOR_WRONG),
    "variable_functions.py": Style(13, "variable-function", _VARIABLE_FUNCTIONS),
    "variable_functions_wrong.py": Style(13, "variable-function", _VARIABLE_FUNCTIONS_WRONG),
    "stubs.py": Style(0, "unfinished", _STUBS),
}


def rows() -> Iterator[tuple[str, str, Expected]]:
    """Yield file, symbol and expectation of every layer."""
    for file, style in STYLE_FILES.items():
        for symbol, expected in style.layers.items():
            yield file, symbol, expected
