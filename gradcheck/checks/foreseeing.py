"""What a case is sure to need, asked for before the first answer is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np

from gradcheck.case import Case
from gradcheck.errors import SignatureError
from gradcheck.subject import (
    Array,
    Arrays,
    Backward,
    Evaluation,
    Forward,
    Script,
    Subject,
    merged,
)

_MOST = 1 << 20  # elements of an output that is foreseen


def foreseen(subject: Subject, case: Case) -> Evaluation | None:
    """Return the evaluation of a layer whose outputs look as its signature says; else None.

    The upstream gradient is known before forward runs then, so forward, backward and the second
    forward by which a layer is seen to repeat itself need not wait for each other.
    """
    expected, scripts = expected_upstream(subject, case), tuple(evaluation_scripts(subject, case))
    if expected is None:
        return None
    whole, again = subject.run_many(scripts, case.options)
    outputs = whole[0].outputs
    if whole[0].raised or {n: (a.shape, a.dtype) for n, a in outputs.items()} != {
        name: (array.shape, array.dtype) for name, array in expected.items()
    }:
        return None
    case.memory["deterministic", id(subject)] = same_outputs(outputs, again[-1].outputs)
    return merged(whole)


def expected_upstream(subject: Subject, case: Case) -> dict[str, Array] | None:
    """Return the upstream gradient of a case, if its outputs look as its signature says.

    None where that leaves open how they look.
    """
    key = ("expected upstream", id(subject))
    if key not in case.memory:
        expected = _expected_outputs(subject, case)
        case.memory[key] = expected and case.cotangents(expected, subject.unit_upstream)
    known: dict[str, Array] | None = case.memory[key]
    return known


def evaluation_scripts(subject: Subject, case: Case) -> Iterator[Script]:
    """Yield what :func:`foreseen` asks: forward and backward, and the second forward."""
    upstream = expected_upstream(subject, case)
    if upstream is not None:
        yield both_ways(case, upstream)
        yield (Forward(case.primals),)


def both_ways(case: Case, upstream: Arrays) -> Script:
    """Return the script of a forward and its backward at a case."""
    return Forward(case.primals), Backward(upstream)


def _expected_outputs(subject: Subject, case: Case) -> dict[str, Array] | None:
    """Return arrays like the outputs that the signature tells of, or earlier cases; else None."""
    sizes = {**case.axes, **case.options}
    single = {one.dtype for one in case.primals.values() if one.dtype.kind == "f"}
    dtype = np.result_type(*single) if single else np.dtype(np.float64)
    if not case.axes:
        return None
    shapes: Mapping[str, tuple[int, ...]] | None
    if any(spec.open for spec in case.signature.outputs):
        if subject.output_shapes is None:
            return None
        shapes = subject.output_shapes.expected(case.signature, case.options, case.axes)
    else:
        try:
            shapes = {spec.name: spec.shape(sizes) for spec in case.signature.outputs}
        except (SignatureError, ValueError, TypeError):  # a size that follows from no axis
            return None
    # What a layer says of its outputs may be anything; nothing large is made because of it.
    if not shapes or any(min(one, default=0) < 0 or prod(one) > _MOST for one in shapes.values()):
        return None
    return {name: np.empty(shape, dtype) for name, shape in shapes.items()}


def learn(subject: Subject, case: Case, outputs: Arrays) -> None:
    """Remember how the outputs looked, where that helps to know it of the next case."""
    if subject.output_shapes is not None and outputs:
        shapes = {name: one.shape for name, one in outputs.items()}
        subject.output_shapes.learn(case.signature, case.options, case.axes, shapes)


def same_outputs(outputs: Arrays, again: Arrays) -> bool:
    """Return whether a second forward gave the same bits."""
    return all(
        name in again and np.array_equal(value, again[name], equal_nan=value.dtype.kind == "f")
        for name, value in outputs.items()
    )
