"""Demonstrations of faults that no wrong gradient of a first call shows: each runs the layer.

A demonstration takes a layer and a point, and tells whether the fault is there. Where something
is compared with what is right, that is a fresh instance of the same layer, or the right layer
that the wrong one derives from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.points import Arrays, Point
from benchmarks.running import Run, copies, cotangents, gradients, outputs


def _rows(point: Point, arrays: Arrays, count: int) -> Arrays:
    """Return the first rows of all inputs."""
    cut = copies(arrays)
    return cut | {one.name: cut[one.name][:count] for one in point.taken}


def _both(run: Run, arrays: Arrays, seed: int = 0) -> tuple[Any, ...]:
    out = run.forward(arrays)
    back = run.backward([one[()] for one in cotangents(out, seed)])
    return (*(np.array(one) for one in out), *(np.array(back[name]) for name in sorted(back)))


def _fresh(layer: Any, point: Point, arrays: Arrays, seed: int = 0) -> tuple[Any, ...]:
    arrays = copies(arrays)
    return _both(Run(layer, point).make(arrays), arrays, seed)


def _differ(these: tuple[Any, ...], those: tuple[Any, ...], rtol: float = 1e-6) -> bool:
    return len(these) != len(those) or not all(
        a.shape == b.shape and np.allclose(a, b, rtol=rtol, atol=0, equal_nan=True)
        for a, b in zip(these, those, strict=True)
    )


def _raises(call: Callable[[], Any]) -> bool:
    try:
        call()
    except Exception:  # noqa: BLE001 - whatever a layer raises
        return True
    return False


def raises(layer: Any, point: Point) -> bool:
    """The layer raises for legal arrays."""
    return _raises(lambda: _fresh(layer, point, point.draw(0)))


def second_call(layer: Any, point: Point) -> bool:
    """The second pair of calls is not what a fresh instance gives."""
    first, second = point.draw(0), point.draw(1)
    second |= {one.name: first[one.name] for one in point.kept}
    run = Run(layer, point).make(first)
    _both(run, first)
    return _differ(_both(run, second, 1), _fresh(layer, point, second, 1))


def other_batch(layer: Any, point: Point) -> bool:
    """After a full batch, a smaller one raises or is not what a fresh instance gives."""
    arrays = point.draw(0)
    run, fewer = Run(layer, point).make(arrays), _rows(point, arrays, 2)
    _both(run, arrays)
    return _raises(lambda: _both(run, fewer)) or _differ(
        _both(run, fewer), _fresh(layer, point, fewer)
    )


def batch_of_one(layer: Any, point: Point) -> bool:
    """One row raises, or is not what the right layer gives."""
    one = _rows(point, point.draw(0), 1)
    return _raises(lambda: _fresh(layer, point, one)) or _differ(
        _fresh(layer, point, one), _fresh(layer.__mro__[1], point, one)
    )


def interleaved(layer: Any, point: Point) -> bool:
    """Forward of another instance in between changes what backward gives."""
    arrays, others = point.draw(0), point.draw(1)
    run, other = Run(layer, point).make(arrays), Run(layer, point).make(others)
    up = [one[()] for one in cotangents(run.forward(arrays), 0)]
    other.forward(others)
    try:
        got = copies(run.backward(up))
    except Exception:  # noqa: BLE001 - whatever a layer raises
        return True
    right = gradients(layer, point, arrays, up)
    return any(_differ((got[name],), (np.asarray(right[name]),)) for name in right)


def shared_gradients(layer: Any, point: Point) -> bool:
    """The gradients of one instance change when backward of another runs."""
    runs = []
    for seed in (0, 1):
        arrays = point.draw(seed)
        run = Run(layer, point).make(arrays)
        run.backward(cotangents(run.forward(arrays), seed))
        runs.append((run, copies(dict(enumerate(run.live.grads)))))
    (first, kept), _ = runs
    return any(not np.array_equal(kept[key], first.live.grads[key]) for key in kept)


def backward_twice(layer: Any, point: Point) -> bool:
    """The second backward of one forward gives something else, or raises."""
    arrays = point.draw(0)
    run = Run(layer, point).make(arrays)
    up = [one[()] for one in cotangents(run.forward(arrays), 0)]
    first = copies(run.backward([np.array(one)[()] for one in up]))
    if _raises(lambda: run.backward(up)):
        return True
    run = Run(layer, point).make(arrays)
    run.forward(arrays)
    run.backward([np.array(one)[()] for one in up])
    second = run.backward([np.array(one)[()] for one in up])
    return any(_differ((first[name],), (np.asarray(second[name]),)) for name in first)


def stale_parameter(layer: Any, point: Point) -> bool:
    """After the parameters were changed in place, results are not those of the new ones."""
    arrays, changed = point.draw(0), point.draw(1)
    run = Run(layer, point).make(arrays)
    _both(run, arrays)
    for one in point.kept:
        arrays[one.name][...] = changed[one.name]
    return _differ(_both(run, arrays), _fresh(layer, point, arrays))


def earlier_output(layer: Any, point: Point) -> bool:
    """An output changes when forward is called again."""
    arrays, others = point.draw(0), point.draw(1)
    run = Run(layer, point).make(arrays)
    (out, *_) = run.forward(arrays)
    kept = np.array(out)
    run.forward(others)
    return not np.array_equal(kept, out)


def earlier_gradient(layer: Any, point: Point) -> bool:
    """A gradient changes when the layer is called again."""
    arrays, others = point.draw(0), point.draw(1)
    run = Run(layer, point).make(arrays)
    back = run.backward(cotangents(run.forward(arrays), 0))
    kept = copies(back)
    run.backward(cotangents(run.forward(others), 1))
    return any(not np.array_equal(kept[name], back[name]) for name in kept)


def changes_input(layer: Any, point: Point) -> bool:
    """An input holds other values after the calls."""
    arrays = point.draw(0)
    given = copies(arrays)
    _both(Run(layer, point).make(arrays), arrays)
    return any(not np.array_equal(given[one.name], arrays[one.name]) for one in point.taken)


def changes_parameter(layer: Any, point: Point) -> bool:
    """A parameter holds other values after the calls."""
    arrays = point.draw(0)
    given, run = copies(arrays), Run(layer, point).make(arrays)
    _both(run, arrays)
    return any(
        not np.array_equal(given[one.name], getattr(run.live, one.name, arrays[one.name]))
        for one in point.kept
    )


def changes_upstream(layer: Any, point: Point) -> bool:
    """The upstream gradient holds other values after backward."""
    arrays = point.draw(0)
    run = Run(layer, point).make(arrays)
    up = cotangents(run.forward(arrays), 0)
    given = [np.array(one) for one in up]
    run.backward(up)
    return any(not np.array_equal(a, b) for a, b in zip(given, up, strict=True))


def not_repeatable(layer: Any, point: Point) -> bool:
    """Two fresh instances give different outputs for the same arrays."""
    arrays = point.draw(0)
    return _differ(outputs(layer, point, arrays), outputs(layer, point, arrays), 1e-12)


def forward_differs(layer: Any, point: Point) -> bool:
    """The output is not that of the right layer, by 1e-9 or more."""
    arrays = point.draw(0)
    right = outputs(layer.__mro__[1], point, arrays)
    return _differ(outputs(layer, point, arrays), right, 1e-9)


def not_finite(layer: Any, point: Point) -> bool:
    """Results are not finite where those of the right layer are."""
    arrays = point.draw(0)
    right = _fresh(layer.__mro__[1], point, arrays)
    return all(np.isfinite(one).all() for one in right) and not all(
        np.isfinite(one).all() for one in _fresh(layer, point, arrays)
    )


def layout(layer: Any, point: Point) -> bool:
    """The same values in another memory layout give something else, or raise."""
    arrays = point.draw(0)
    right = _fresh(layer, point, arrays)
    for lay in (np.asfortranarray, _strided, _reversed):
        laid = {name: lay(value) for name, value in arrays.items()}
        run = Run(layer, point).make(laid)
        try:
            got = _laid(run, laid, lay)
        except Exception:  # noqa: BLE001 - whatever a layer raises
            return True
        if _differ(got, right):
            return True
    return False


def _laid(run: Run, arrays: Arrays, lay: Callable[[Any], Any]) -> tuple[Any, ...]:
    out = run.forward(arrays)
    back = run.backward([lay(one) for one in cotangents(out, 0)])
    return (*(np.array(one) for one in out), *(np.array(back[name]) for name in sorted(back)))


def _strided(value: Any) -> Any:
    wide = np.zeros((*value.shape[:-1], 2 * value.shape[-1]), dtype=value.dtype)
    wide[..., ::2] = value
    return wide[..., ::2]


def _reversed(value: Any) -> Any:
    return value[::-1].copy()[::-1]


def in_float32(layer: Any, point: Point) -> bool:
    """In float32, results are off by more than a hundredth, or not in float32."""
    arrays = point.draw(0)
    single = {
        name: value.astype(np.float32) if value.dtype.kind == "f" else value
        for name, value in arrays.items()
    }
    if _raises(lambda: _fresh(layer, point, single)):
        return True
    got, right = _fresh(layer, point, single), _fresh(layer, point, arrays)
    return any(one.dtype != np.float32 for one in got) or _differ(got, right, 1e-2)


def in_integers(layer: Any, point: Point) -> bool:
    """For whole numbers given as integers, results are not those for the same floats."""
    arrays = point.draw(0)
    arrays |= {one.name: np.round(3 * arrays[one.name]) for one in point.taken}
    whole = arrays | {one.name: arrays[one.name].astype(int) for one in point.taken}
    out = outputs(layer, point, arrays)
    up = cotangents(out, 0)
    if _differ(outputs(layer, point, whole), out):
        return True
    got, right = gradients(layer, point, whole, up), gradients(layer, point, arrays, up)
    return any(_differ((np.asarray(got[name]),), (np.asarray(right[name]),)) for name in right)


def changes_statistics(layer: Any, point: Point) -> bool:
    """Forward in evaluation mode changes what the same forward gives next."""
    arrays = point.draw(0)
    run = Run(layer, point).make(arrays)
    first = tuple(np.array(one) for one in run.forward(arrays))
    return _differ(tuple(np.asarray(one) for one in run.forward(arrays)), first)


def differentiates_numerically(layer: Any, point: Point) -> bool:
    """Backward calls the layer's own function."""
    arrays, count = point.draw(0), 0
    run = Run(layer, point).make(arrays)
    out = run.forward(arrays)
    for name in ("forward", "function"):
        inner = getattr(run.live, name, None)
        if inner is None:
            continue

        def counted(*given: Any, inner: Any = inner) -> Any:
            nonlocal count
            count += 1
            return inner(*given)

        setattr(run.live, name, counted)
    run.backward(cotangents(out, 0))
    return count > 1


def reseeds(layer: Any, point: Point) -> bool:
    """A call sets the state of NumPy's global generator."""
    arrays = point.draw(0)
    after = []
    for seed in (1, 2):
        run = Run(layer, point).make(arrays)
        np.random.seed(seed)  # noqa: NPY002
        _both(run, arrays)
        after.append(np.random.random())  # noqa: NPY002
    return after[0] == after[1]
