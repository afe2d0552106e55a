"""The reference layers through the same code as anybody's: layers x checks x drawn cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import layers
from gradcheck import check_layer, check_vjp, parametrize_layers
from gradcheck.kinds import catalogue

REFERENCE = [kind.reference for kind in catalogue() if kind.reference]


@parametrize_layers(REFERENCE, examples=40)
def test_layers(layer_check: Any, gradcheck_options: dict[str, Any]) -> None:
    layer_check(seed=gradcheck_options["seed"])


@pytest.mark.parametrize("layer", REFERENCE, ids=lambda layer: layer.__name__)
def test_two_hundred_cases_without_a_false_alarm(
    layer: type[Any], gradcheck_options: dict[str, Any]
) -> None:
    report = check_layer(layer, examples=200, seed=gradcheck_options["seed"])
    assert report.verdict == "pass", str(report)
    assert not report.findings
    assert report.subjects[0].cases >= 50  # Scalar-only kinds have fewer distinct cases.


@pytest.mark.parametrize("layer", REFERENCE, ids=lambda layer: layer.__name__)
def test_no_form_of_a_reference_layer_is_given_up(layer: type[Any]) -> None:
    assumptions = check_layer(layer, examples=1).subjects[0].assumptions
    assert "inputs" not in assumptions
    assert "upstream" not in assumptions


@pytest.mark.parametrize("layer", REFERENCE, ids=lambda layer: layer.__name__)
def test_float32_is_no_fault(layer: type[Any]) -> None:
    report = check_layer(layer, examples=60, dtypes=("float32",), seed=5)
    assert not report.findings, str(report)


@pytest.mark.parametrize("seed", range(3))
def test_sequential_as_one_function(seed: int) -> None:
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    primals = {"x": draw((4, 3)), "W0": draw((3, 5)), "b0": draw(5), "W2": draw((5, 2))}
    primals["b2"] = draw(2)

    def network(p: dict[str, Any]) -> layers.Sequential:
        return layers.Sequential(
            layers.Affine(p["W0"], p["b0"]), layers.ReLU(), layers.Affine(p["W2"], p["b2"])
        )

    def vjp(p: dict[str, Any], u: Any) -> dict[str, Any]:
        net = network(p)
        net.forward(p["x"])
        found = {"x": net.backward(u)}
        first, _, last = net.layers
        return found | {"W0": first.dW, "b0": first.db, "W2": last.dW, "b2": last.db}

    check_vjp(lambda p: network(p).forward(p["x"]), vjp, primals, seed=seed).raise_if_failed()


@pytest.mark.parametrize("seed", range(3))
def test_two_layer_net_as_one_function(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, t = rng.standard_normal((5, 4)), rng.integers(0, 3, 5)
    net = layers.TwoLayerNet(4, 6, 3, weight_scale=0.5, rng=rng)
    primals = {name: value.copy() for name, value in net.params.items()}

    def at(p: dict[str, Any]) -> layers.TwoLayerNet:
        net.params.update({name: np.array(value) for name, value in p.items()})
        return net

    report = check_vjp(
        lambda p: at(p).loss(x, t),
        lambda p, u: {name: g * u for name, g in at(p).gradient(x, t).items()},
        primals,
        seed=seed,
    )
    report.raise_if_failed()
