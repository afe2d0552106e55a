"""What the package promises of every layer, over one table of examples."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import layers

RNG = np.random.default_rng(20)
X, Y = RNG.standard_normal((2, 3, 4))
W, b = RNG.standard_normal((4, 2)), RNG.standard_normal(2)
P = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
LABELS, ONE_HOT = np.array([3, 0, 1]), np.eye(4)[[3, 0, 1]]

# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "Add": (layers.Add, (), (X, Y)),
    "Sub": (layers.Sub, (), (X, Y)),
    "Mul": (layers.Mul, (), (X, Y)),
    "Mul, 0-d": (layers.Mul, (), (X[0, 0], Y[0, 0])),
    "Div": (layers.Div, (), (X, Y)),
    "Exp": (layers.Exp, (), (X,)),
    "Exp, 0-d": (layers.Exp, (), (X[0, 0],)),
    "Log": (layers.Log, (), (P,)),
    "MatMul": (layers.MatMul, (), (X, W)),
    "Repeat": (lambda: layers.Repeat(3), (), (X[:1],)),
    "Sum": (layers.Sum, (), (X,)),
    "ReLU": (layers.ReLU, (), (X,)),
    "ReLU, 0-d": (layers.ReLU, (), (X[0, 0],)),
    "Sigmoid": (layers.Sigmoid, (), (X,)),
    "Sigmoid, 0-d": (layers.Sigmoid, (), (X[0, 0],)),
    "Softmax": (layers.Softmax, (), (X,)),
    "Softmax, columns": (lambda: layers.Softmax(axis=0), (), (X,)),
    "Affine": (layers.Affine, (W, b), (X,)),
    "Affine, one sample": (layers.Affine, (W, b), (X[0],)),
    "Affine, images": (layers.Affine, (W, b), (X.reshape(3, 2, 2),)),
    "CrossEntropy": (layers.CrossEntropy, (), (P, LABELS)),
    "CrossEntropy, one-hot": (layers.CrossEntropy, (), (P, ONE_HOT)),
    "CrossEntropy, one sample": (layers.CrossEntropy, (), (P[0], LABELS[0])),
    "SoftmaxWithLoss": (layers.SoftmaxWithLoss, (), (X, LABELS)),
    "SoftmaxWithLoss, one-hot": (layers.SoftmaxWithLoss, (), (X, ONE_HOT)),
    "SoftmaxWithLoss, one sample": (layers.SoftmaxWithLoss, (), (X[0], ONE_HOT[0])),
    "Sequential": (
        lambda W, b: layers.Sequential(layers.Affine(W, b), layers.ReLU()),
        (W, b),
        (X,),
    ),
}
every_example = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)


def cast(values: tuple[Any, ...], dtype: Any) -> tuple[Any, ...]:
    """Copy arrays, the floating ones in another dtype."""
    arrays = [np.array(value) for value in values]
    return tuple(a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays)


def upstream(output: Any) -> Any:
    """Draw a gradient for an output: never ones, both signs."""
    return np.asarray(np.random.default_rng(7).standard_normal(np.shape(output)), output.dtype)


def gradients(layer: Any, dout: Any) -> list[Any]:
    """Run backward and list the gradients of inputs, then of parameters."""
    result = layer.backward(dout)
    of_inputs = list(result) if isinstance(result, tuple) else [result]
    if isinstance(layer, layers.Sequential):
        return of_inputs + list(layer.gradients_by_name.values())
    return of_inputs + [getattr(layer, f"d{name}") for name in layer.parameters]


@every_example
def test_gradients_are_those_of_differences(example: Any) -> None:
    """For an upstream gradient that is not one."""
    make, *arguments = example
    parameters, inputs = (cast(arrays, np.longdouble) for arrays in arguments)
    layer = make(*parameters)
    dout = upstream(layer.forward(*inputs))
    analytic = gradients(layer, dout)
    # Targets come last among the inputs and have no gradient.
    arrays = inputs[: len(analytic) - len(parameters)] + parameters
    for array, gradient in zip(arrays, analytic, strict=True):
        numeric = layers.central_difference(
            lambda _: np.sum(make(*parameters).forward(*inputs) * dout), array
        )
        np.testing.assert_allclose(gradient, numeric, rtol=1e-8, atol=1e-9)


@every_example
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_dtype_is_kept(example: Any, dtype: Any) -> None:
    """In the output and in every gradient, even under a float64 upstream gradient."""
    make, parameters, inputs = example
    layer = make(*cast(parameters, dtype))
    output = layer.forward(*cast(inputs, dtype))
    dout = np.asarray(upstream(output), np.float64)
    assert all(array.dtype == dtype for array in [output, *gradients(layer, dout)])


@every_example
def test_arguments_are_not_written(example: Any) -> None:
    """Read-only arrays pass through both directions."""
    make, parameters, inputs = example
    parameters, inputs = cast(parameters, float), cast(inputs, float)
    for array in parameters + inputs:
        array.setflags(write=False)
    layer = make(*parameters)
    dout = upstream(layer.forward(*inputs))
    dout.setflags(write=False)
    layer.backward(dout)


@every_example
def test_results_share_no_memory(example: Any) -> None:
    """Overwriting all that was passed in or returned does not change the next backward."""
    make, parameters, inputs = example
    inputs = cast(inputs, float)
    layer = make(*parameters)
    output = layer.forward(*inputs)
    dout = upstream(output)
    expected = [np.array(g) for g in gradients(layer, dout)]
    returned = gradients(layer, dout)
    for array in [*inputs, output, *returned]:
        if isinstance(array, np.ndarray):
            array[...] = 77
    np.testing.assert_equal(dout, upstream(output))
    for first, again in zip(expected, gradients(layer, dout), strict=True):
        np.testing.assert_array_equal(first, again)


@every_example
def test_memory_layout_is_irrelevant(example: Any) -> None:
    """Fortran order and strides give the gradients of contiguous arrays."""
    make, parameters, inputs = example

    def scattered(value: Any) -> Any:
        wide = np.asfortranarray(np.repeat(np.atleast_1d(value), 2, axis=-1))
        return wide[..., ::2].reshape(np.shape(value), order="A") if np.ndim(value) else value

    plain, other = make(*parameters), make(*map(scattered, parameters))
    dout = upstream(plain.forward(*inputs))
    other.forward(*map(scattered, inputs))
    for one, two in zip(gradients(plain, dout), gradients(other, scattered(dout)), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-13)


@every_example
def test_backward_needs_forward(example: Any) -> None:
    """And the error says so."""
    make, parameters, _ = example
    with pytest.raises(RuntimeError, match="backward was called before forward"):
        make(*parameters).backward(1.0)


@every_example
def test_upstream_gradient_of_another_shape_is_refused(example: Any) -> None:
    """Rather than broadcast; the error names both shapes."""
    make, parameters, inputs = example
    layer = make(*parameters)
    layer.forward(*inputs)
    with pytest.raises(ValueError, match=r"dout has shape \(9, 9, 9\), the output of forward had"):
        layer.backward(np.ones((9, 9, 9)))


def test_plain_numbers_become_float64() -> None:
    """Unless a float32 partner decides."""
    assert layers.Mul().forward(3, 2).dtype == np.float64
    assert layers.Mul().forward(np.float32(3), 2.5).dtype == np.float32


def test_public_names_are_listed() -> None:
    """Every layer of the package is exported, and described."""
    described = [getattr(layers, name) for name in layers.__all__]
    public = [c for c in layers.Layer.__subclasses__() if not c.__name__.startswith("_")]
    assert set(public) <= set(described)
    assert all(layer.forms for layer in public)
