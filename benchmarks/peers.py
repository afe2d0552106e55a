"""The decision rules of other checkers, from their published defaults, on the same instances.

Each rule is prepared once for an instance (its own differences are taken) and then asked whether
it rejects the gradient multiplied by a factor.

- torch.autograd.gradcheck 2.x: every element of the Jacobian, eps 1e-6, atol 1e-5, rtol 1e-3.
- jax.test_util.check_grads, reverse mode, first order: one normal direction, eps 1e-4, 1e-5, 1e-5.
- autograd.test_util.check_grads, reverse mode, first order: one normal direction, eps 1e-6;
  absolute 1e-6 or relative 1e-6 passes.
- cs231n rel_error: element by element, h 1e-5, |a - b| / max(1e-8, |a| + |b|); no threshold is
  built in, 1e-7 and 1e-6 are the customary readings.
- Deep Learning from Scratch: mean |a - b| with h 1e-4, read as right below 1e-6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.instance import DEGENERATE, Instance, instance, vanishing
from benchmarks.layer import Array
from benchmarks.markdown import table
from benchmarks.population import SCALES, pairs
from benchmarks.sensitivity import GRID, factor, reached, smallest_caught

Rejects = Callable[[Array | float], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A checker's decision: ``prepare`` takes the differences, ``evaluations`` is their price."""

    name: str
    prepare: Callable[[Instance], Rejects]
    evaluations: Callable[[int], int]


def _steps(drawn: Instance, h: float) -> Array:
    """Return the central differences of all outputs for every element, axes (element, output)."""
    flat = drawn.x.ravel()
    rows = []
    for i in range(flat.size):
        ends = []
        for offset in (h, -h):
            moved = flat.copy()
            moved[i] += offset
            ends.append(moved.reshape(drawn.x.shape))
        up, down = drawn.forward(ends)
        rows.append((up - down).ravel() / (2 * h))
    return np.array(rows).reshape(flat.size, drawn.u.size)


def _torch(drawn: Instance) -> Rejects:
    numerical = _steps(drawn, 1e-6)
    analytic = np.empty_like(numerical)
    for k in range(drawn.u.size):
        u = np.zeros(drawn.u.size, drawn.u.dtype)
        u[k] = 1
        analytic[:, k] = drawn.gradient(drawn.x, u.reshape(drawn.u.shape)).ravel()

    def rejects(spoilt: Array | float) -> bool:
        claim = analytic * np.ravel(spoilt)[:, np.newaxis]
        return not np.allclose(claim, numerical, atol=1e-5, rtol=1e-3)

    return rejects


def _along_normal(drawn: Instance, h: float) -> tuple[Array, float]:
    v = drawn.rng.standard_normal(drawn.x.shape)
    up, down = drawn.forward([(drawn.x + side * h * v).astype(drawn.x.dtype) for side in (1, -1)])
    return v, float((drawn.u * (up - down)).sum()) / (2 * h)


def _jax(drawn: Instance) -> Rejects:
    v, slope = _along_normal(drawn, 1e-4)
    g = drawn.gradient()
    return lambda spoilt: not abs((g * spoilt * v).sum() - slope) <= 1e-5 + 1e-5 * abs(slope)


def _autograd(drawn: Instance) -> Rejects:
    v, slope = _along_normal(drawn, 5e-7)
    g = drawn.gradient()

    def rejects(spoilt: Array | float) -> bool:
        claim = (g * spoilt * v).sum()
        distance = abs(claim - slope)
        return not (distance < 1e-6 or distance / abs(claim + slope) < 1e-6)

    return rejects


def _recipe(threshold: float) -> Callable[[Instance], Rejects]:
    def prepare(drawn: Instance) -> Rejects:
        numerical = (_steps(drawn, 1e-5) @ drawn.u.ravel()).reshape(drawn.x.shape)
        g = drawn.gradient()

        def rejects(spoilt: Array | float) -> bool:
            size = np.maximum(1e-8, np.abs(g * spoilt) + np.abs(numerical))
            return not (np.abs(g * spoilt - numerical) / size).max() < threshold

        return rejects

    return prepare


def _from_scratch(drawn: Instance) -> Rejects:
    numerical = (_steps(drawn, 1e-4) @ drawn.u.ravel()).reshape(drawn.x.shape)
    g = drawn.gradient()
    return lambda spoilt: not np.abs(g * spoilt - numerical).mean() < 1e-6


RULES = (
    Rule("torch gradcheck", _torch, lambda n: 2 * n),
    Rule("jax check_grads", _jax, lambda n: 2),
    Rule("autograd check_grads", _autograd, lambda n: 2),
    Rule("cs231n rel_error < 1e-7", _recipe(1e-7), lambda n: 2 * n),
    Rule("cs231n rel_error < 1e-6", _recipe(1e-6), lambda n: 2 * n),
    Rule("dlfs mean difference < 1e-6", _from_scratch, lambda n: 2 * n),
)


def peers(instances: int, seed: int) -> None:
    """Print false alarms and sensitivity of every rule and of gradcheck, same instances."""
    populations = {
        "scale 1": [("float64", 1.0, "")],
        "all scales": [("float64", scale, "") for scale in SCALES],
        "zeros and ties": [("float64", 1.0, kind) for kind in DEGENERATE],
        "float32, scale 1": [("float32", 1.0, "")],
    }
    alarms = {
        title: _alarms([_finite(*one, instances, seed) for one in members])
        for title, members in populations.items()
    }
    names = [*(rule.name for rule in RULES), "**gradcheck, fast**"]
    counts = ", ".join(f"{title} {count:,}" for title, (count, _) in alarms.items())
    columns = [f"{title} /1e5" for title in alarms]
    rows = [
        [name, *(round(1e5 * seen[k] / max(count, 1)) for count, seen in alarms.values())]
        for k, name in enumerate(names)
    ]
    table(f"Peers: correct gradients reported wrong ({counts})", ["rule", *columns], rows)
    _caught(max(1, instances // 4), seed)


def _finite(dtype: str, scale: float, kind: str, instances: int, seed: int) -> list[Instance]:
    found = []
    for one, array in pairs():
        for number in range(instances):
            # Small sides: the Jacobian that torch takes has n times m elements.
            drawn = instance(one, array, scale, dtype, seed * 1000 + number, kind, most=4)
            with np.errstate(all="ignore"):
                usable = np.isfinite(drawn.gradient()).all() and drawn.x.size < 200
                if usable and np.isfinite(drawn.forward([drawn.x])[0]).all():
                    found.append(drawn)
    return found


def _alarms(groups: list[list[Instance]]) -> tuple[int, list[int]]:
    seen = [0] * (len(RULES) + 1)
    everyone = [drawn for group in groups for drawn in group]
    for drawn in everyone:
        with np.errstate(all="ignore"):
            for k, rule in enumerate(RULES):
                seen[k] += rule.prepare(drawn)(1.0 + np.zeros(drawn.x.shape))
        seen[-1] += drawn.check(drawn.rng).outcome == "disagrees"
    return len(everyone), seen


def _caught(instances: int, seed: int) -> None:
    smooth = {(one.name, array) for one, array in pairs(smooth_only=True)}
    drawn = [
        one
        for one in _finite("float64", 1.0, "", instances, seed)
        if (one.layer.name, one.array) in smooth and not vanishing(one)
    ]
    rows = []
    for rule in RULES:
        asked = [rule.prepare(one) for one in drawn]
        evaluations = float(np.mean([rule.evaluations(one.x.size) for one in drawn]))
        uniform, single = (
            [_least(rejects, one, kind, seed) for rejects, one in zip(asked, drawn, strict=True)]
            for kind in ("uniform", "one element")
        )
        rows.append([rule.name, evaluations, *reached(uniform), *reached(single)])
    mine = [
        [smallest_caught(one, kind, seed) for one in drawn] for kind in ("uniform", "one element")
    ]
    evaluations = float(np.mean([one.check(one.rng).forward_calls for one in drawn]))
    rows.append(["**gradcheck, fast**", evaluations, *reached(mine[0]), *reached(mine[1])])
    parts = [f"{kind} {share}" for kind in ("uniform", "one") for share in ("50 %", "90 %", "99 %")]
    title = f"Peers: smallest error caught, scale 1, smooth layers, {len(drawn)} instances"
    table(title, ["rule", "evaluations", *parts], rows)
    print("\nA false alarm counts as caught at any size, which flatters rules with many of them.")


def _least(rejects: Rejects, drawn: Instance, kind: str, seed: int) -> float:
    g = drawn.gradient()
    with np.errstate(all="ignore"):
        caught = (d for d in GRID if rejects(factor(kind, g, float(d), seed)))
        return float(next(caught, np.inf))
