"""What the package promises of every layer, over one table of examples."""

import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
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


def learned(layer: Any) -> list[Any]:
    """List the gradients of the parameters that have one."""
    if hasattr(layer, "gradients_by_name"):
        return list(layer.gradients_by_name.values())
    return [getattr(layer, f"d{name}") for name in layer.parameters if hasattr(layer, f"d{name}")]


def gradients(layer: Any, dout: tuple[Any, ...]) -> list[Any]:
    """Run backward and list the gradients of inputs, then of the parameters that have one."""
    result = layer.backward(*dout)
    return [*(() if result is None else outputs_of(result)), *learned(layer)]


def paired(layer: Any, inputs: Any, parameters: Any, found: list[Any]) -> list[tuple[Any, Any]]:
    """Pair arrays with their gradients, among the inputs and then among the parameters."""
    of_inputs = found[: len(found) - len(learned(layer))]
    # What has no gradient comes last in both.
    return [
        *zip(inputs, of_inputs, strict=False),
        *zip(parameters, learned(layer), strict=False),
    ]


@every_example
def test_gradients_are_those_of_differences(example: Any) -> None:
    """For an upstream gradient that is not one."""
    make, *arguments = example
    parameters, inputs = (cast(arrays, np.longdouble) for arrays in arguments)
    layer = make(*parameters)
    dout = upstream(layer.forward(*inputs))
    found = gradients(layer, dout)

    def scalar(_: Any) -> Any:
        again = outputs_of(make(*parameters).forward(*inputs))
        return sum(np.sum(y * dy) for y, dy in zip(again, dout, strict=True))

    for array, gradient in paired(layer, inputs, parameters, found):
        numeric = layers.central_difference(scalar, array)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-8, atol=1e-9)


def moved(example: Any, step: Any) -> tuple[Any, Any, list[Any], list[Any]]:
    """Run a layer with all that has a gradient moved by step times a direction.

    Return the outputs, their upstream gradients, the gradients, and the directions.
    """
    make, parameters, inputs = example
    parameters, inputs = cast(parameters, float), cast(inputs, float)
    layer = make(*parameters)
    dout = upstream(layer.forward(*inputs))
    pairs = paired(layer, inputs, parameters, gradients(layer, dout))
    rng = np.random.default_rng(8)
    directions = {id(array): rng.standard_normal(array.shape) for array, _ in pairs}
    inputs, parameters = (
        [a + step * directions[id(a)] if id(a) in directions else a for a in arrays]
        for arrays in (inputs, parameters)
    )
    layer = make(*parameters)
    outputs = outputs_of(layer.forward(*inputs))
    return outputs, dout, gradients(layer, dout), list(directions.values())


analytic_examples = pytest.mark.parametrize(
    "example",
    [example for name, example in EXAMPLES.items() if not name.startswith("CTC")],
    ids=[name for name in EXAMPLES if not name.startswith("CTC")],
)


@analytic_examples
def test_complex_steps_give_the_gradients(example: Any) -> None:
    """All arrays at once: the imaginary part of the outputs is the derivative along the step."""
    outputs, dout, found, directions = moved(example, 1e-30j)
    along = sum(np.sum(y.imag / 1e-30 * dy) for y, dy in zip(outputs, dout, strict=True))
    expected = sum(np.sum(g.real * v) for g, v in zip(found, directions, strict=True))
    np.testing.assert_allclose(along, expected, rtol=1e-10, atol=1e-11)


@analytic_examples
def test_complex_steps_pass_through_backward(example: Any) -> None:
    """And give the derivatives of the gradients."""
    _, _, found, _ = moved(example, 1e-30j)
    (_, _, above, _), (_, _, below, _) = (moved(example, step) for step in (1e-6, -1e-6))
    for gradient, up, down in zip(found, above, below, strict=True):
        assert gradient.dtype == np.complex128
        np.testing.assert_allclose(gradient.imag / 1e-30, (up - down) / 2e-6, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name.startswith("CTC")])
def test_what_takes_no_complex_arrays_says_so(name: str) -> None:
    """It adds probabilities by their logarithms, for which NumPy has real numbers only."""
    with pytest.raises(TypeError, match="logaddexp"):
        moved(EXAMPLES[name], 1e-30j)


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
    for one, two in zip(
        gradients(plain, dout), gradients(other, tuple(map(scattered, dout))), strict=True
    ):
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


def subclasses(one: type[Any]) -> set[type[Any]]:
    """Collect what is derived from a class, at any depth."""
    return {one}.union(*map(subclasses, one.__subclasses__()))


def test_public_names_are_listed() -> None:
    """Every layer and composite of the package is exported, and every layer is described."""
    ours = subclasses(layers.Layer) | subclasses(layers.Composite)
    public = {
        one for one in ours if one.__module__.startswith("layers.") and one.__name__[0] != "_"
    }
    assert public <= {getattr(layers, name) for name in layers.__all__}
    described = public & (subclasses(layers.Layer) - {layers.Layer})
    assert len(described) > 70
    assert all(layer.forms for layer in described)


def test_importing_leaves_random_numbers_alone() -> None:
    """Most of the time would go there, where NumPy leaves it out until it is asked for."""
    code = "import sys, numpy; before = 'numpy.random' in sys.modules; import layers; "
    code += "print(before or 'numpy.random' not in sys.modules)"
    root = Path(layers.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "True"
