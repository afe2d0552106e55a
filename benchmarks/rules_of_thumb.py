"""The rules by which people check gradients today, each at one random point of usual sizes.

``ones`` and ``random``: the relative error |a - n| / max(|a| + |n|, 1e-8) of each element against
central differences with h = 1e-5, under an upstream gradient of ones or a drawn one; above 1e-4
it is called wrong (the bands of cs231n's notes). ``norms``: |a - n| / (|a| + |n|) over all arrays
at once with h = 1e-7, above 2e-7 (the rule of the deep learning specialisation). ``slow`` and
``fast``: PyTorch's ``gradcheck`` with its defaults in both modes, where PyTorch is installed,
around the layer as an autograd function. A layer that raises is caught by any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.points import Arrays, Point
from benchmarks.records import Entry
from benchmarks.running import Run, copies, cotangents, gradients, outputs

Rule = Callable[[Any, Point, int], bool]


def accused(rule: str, one: Entry, seed: int) -> bool:
    """Return whether a rule calls the layer wrong."""
    try:
        with np.errstate(all="ignore"):
            return RULES[rule](one.layer, one.usual, seed)
    except Exception:  # noqa: BLE001 - whatever a layer raises is seen by its author
        return True


def _central(layer: Any, point: Point, arrays: Arrays, up: list[Any], step: float) -> Arrays:
    found = {}
    for name in Run(layer, point).differentiable:
        found[name] = np.zeros(arrays[name].shape)
        for place in np.ndindex(*arrays[name].shape):
            values = []
            for sign in (1, -1):
                moved = copies(arrays)
                moved[name][place] += sign * step
                out = outputs(layer, point, moved)
                values.append(sum(np.sum(u * y) for u, y in zip(up, out, strict=True)))
            found[name][place] = (values[0] - values[1]) / (2 * step)
    return found


def _compared(layer: Any, point: Point, seed: int, ones: bool, step: float) -> tuple[Any, Any]:
    arrays = point.draw(seed)
    up = cotangents(outputs(layer, point, arrays), seed)
    if ones:
        up = [np.ones_like(one) for one in up]
    claimed = gradients(layer, point, arrays, up)
    measured = _central(layer, point, arrays, up, step)
    pairs = [(np.asarray(claimed[name]), measured[name]) for name in measured]
    return (
        np.concatenate([np.broadcast_to(a - n, np.shape(a - n)).ravel() for a, n in pairs]),
        np.concatenate([(np.abs(a) + np.abs(n)).ravel() for a, n in pairs]),
    )


def _relative_error(ones: bool) -> Rule:
    def rule(layer: Any, point: Point, seed: int) -> bool:
        off, size = _compared(layer, point, seed, ones, 1e-5)
        return not float((np.abs(off) / np.maximum(size, 1e-8)).max()) <= 1e-4

    return rule


def _norms(layer: Any, point: Point, seed: int) -> bool:
    arrays = point.draw(seed)
    up = cotangents(outputs(layer, point, arrays), seed)
    claimed = gradients(layer, point, arrays, up)
    measured = _central(layer, point, arrays, up, 1e-7)
    a = np.concatenate([np.ravel(claimed[name]) for name in measured])
    n = np.concatenate([measured[name].ravel() for name in measured])
    return not np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n)) <= 2e-7


def _torch(fast: bool) -> Rule:
    def rule(layer: Any, point: Point, seed: int) -> bool:
        import torch

        names = Run(layer, point).differentiable
        drawn = point.draw(seed)

        class Layer(torch.autograd.Function):
            @staticmethod
            def forward(context: Any, *tensors: Any) -> Any:
                given = {n: t.detach().numpy() for n, t in zip(names, tensors, strict=True)}
                context.run = Run(layer, point).make(drawn | given)
                out = context.run.forward(drawn | given)
                kept = tuple(torch.from_numpy(np.array(one, dtype=float)) for one in out)
                return kept if len(kept) > 1 else kept[0]

            @staticmethod
            def backward(context: Any, *upstream: Any) -> Any:
                back = context.run.backward([one.numpy()[()] for one in upstream])
                return tuple(torch.from_numpy(np.array(back[n], dtype=float)) for n in names)

        tensors = [torch.from_numpy(np.array(drawn[n])).requires_grad_() for n in names]
        if not tensors:
            return False
        return not torch.autograd.gradcheck(
            Layer.apply, tensors, fast_mode=fast, raise_exception=True
        )

    return rule


RULES: Mapping[str, Rule] = {
    "ones": _relative_error(True),
    "random": _relative_error(False),
    "norms": _norms,
    "slow": _torch(False),
    "fast": _torch(True),
}


def installed(rule: str) -> bool:
    """Return whether the rule can be tried here."""
    return rule not in ("slow", "fast") or find_spec("torch") is not None
