"""What the package promises of every layer, over one table of examples."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import layers
import tests.reference_layers

# Construction, parameter arrays, arguments of forward; one module for each family of layers.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {}
for _module in pkgutil.iter_modules(tests.reference_layers.__path__):
    if _module.name.startswith("examples_"):
        EXAMPLES |= importlib.import_module(f"tests.reference_layers.{_module.name}").EXAMPLES
every_example = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)


def cast(values: tuple[Any, ...], dtype: Any) -> tuple[Any, ...]:
    """Copy arrays, the floating ones in another dtype."""
    arrays = [np.array(value) for value in values]
    return tuple(a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays)


def outputs_of(value: Any) -> tuple[Any, ...]:
    """List what forward returned."""
    return value if isinstance(value, tuple) else (value,)


def upstream(value: Any) -> tuple[Any, ...]:
    """Draw a gradient for each output: never ones, both signs."""
    rng = np.random.default_rng(7)
    return tuple(
        np.asarray(rng.standard_normal(np.shape(one)), one.dtype) for one in outputs_of(value)
    )


def separate(layer: Any, found: list[Any]) -> tuple[list[Any], list[Any]]:
    """Part a list of gradients into those of the inputs and those of the parameters."""
    names = getattr(layer, "parameters", None)
    if names is None:
        learned = len(layer.gradients_by_name)
    else:
        learned = sum(hasattr(layer, f"d{name}") for name in names)
    return found[: len(found) - learned], found[len(found) - learned :]


def gradients(layer: Any, dout: tuple[Any, ...]) -> list[Any]:
    """Run backward and list the gradients of inputs, then of the parameters that have one."""
    result = layer.backward(*dout)
    of_inputs = [] if result is None else list(outputs_of(result))
    if isinstance(layer, layers.Sequential):
        return of_inputs + list(layer.gradients_by_name.values())
    learned = (f"d{name}" for name in layer.parameters)
    return of_inputs + [getattr(layer, name) for name in learned if hasattr(layer, name)]


@every_example
def test_gradients_are_those_of_differences(example: Any) -> None:
    """For an upstream gradient that is not one."""
    make, *arguments = example
    parameters, inputs = (cast(arrays, np.longdouble) for arrays in arguments)
    layer = make(*parameters)
    dout = upstream(layer.forward(*inputs))
    of_inputs, of_parameters = separate(layer, gradients(layer, dout))

    def scalar(_: Any) -> Any:
        again = outputs_of(make(*parameters).forward(*inputs))
        return sum(np.sum(y * dy) for y, dy in zip(again, dout, strict=True))

    # What has no gradient comes last, among the inputs as among the parameters.
    pairs = [*zip(inputs, of_inputs, strict=False), *zip(parameters, of_parameters, strict=False)]
    for array, gradient in pairs:
        numeric = layers.central_difference(scalar, array)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-8, atol=1e-9)


@every_example
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_dtype_is_kept(example: Any, dtype: Any) -> None:
    """In every output and gradient, even under a float64 upstream gradient."""
    make, parameters, inputs = example
    layer = make(*cast(parameters, dtype))
    outputs = outputs_of(layer.forward(*cast(inputs, dtype)))
    dout = tuple(np.asarray(one, np.float64) for one in upstream(outputs))
    assert all(array.dtype == dtype for array in [*outputs, *gradients(layer, dout)])


@every_example
def test_arguments_are_not_written(example: Any) -> None:
    """Read-only arrays pass through both directions."""
    make, parameters, inputs = example
    parameters, inputs = cast(parameters, float), cast(inputs, float)
    for array in parameters + inputs:
        array.setflags(write=False)
    layer = make(*parameters)
    dout = upstream(layer.forward(*inputs))
    for array in dout:
        array.setflags(write=False)
    layer.backward(*dout)


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
    for array in [*inputs, *outputs_of(output), *returned]:
        if isinstance(array, np.ndarray):
            array[...] = 77
    for one, two in zip(dout, upstream(output), strict=True):
        np.testing.assert_array_equal(one, two)
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
    for one, two in zip(gradients(plain, dout), gradients(other, tuple(map(scattered, dout))), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-13)


@every_example
def test_backward_needs_forward(example: Any) -> None:
    """And the error says so."""
    make, parameters, inputs = example
    with pytest.raises(RuntimeError, match="backward was called before forward"):
        make(*parameters).backward(*upstream(make(*parameters).forward(*inputs)))


@every_example
def test_upstream_gradient_of_another_shape_is_refused(example: Any) -> None:
    """Rather than broadcast; the error names both shapes."""
    make, parameters, inputs = example
    layer = make(*parameters)
    count = len(outputs_of(layer.forward(*inputs)))
    with pytest.raises(ValueError, match=r"has shape \(9, 9, 9\), the output of forward had"):
        layer.backward(*[np.ones((9, 9, 9))] * count)


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
