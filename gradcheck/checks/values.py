"""Forward values: a wrong forward can be perfectly consistent with its backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.evaluation import (
    agree,
    deterministic,
    evaluate,
    finding,
    is_strict,
    reference,
    reference_at,
)
from gradcheck.checks.textbook import approximation
from gradcheck.findings import Finding, Numbers
from gradcheck.subject import Array, Arrays, Subject


def forward_differs(subject: Subject, case: Case) -> Iterator[Finding]:
    """The output is not that of the kind of layer that its name says.

    What it finds: outputs that differ from the reference layer's by more than half of the digits
    that the inputs determine.
    Why it matters: the gradient check cannot see it, since backward may match the wrong forward.
    A wrong layer: a softmax normalised over the whole batch and not over each row.
    How to repair it: compute the smallest case by hand; the message shows both values.
    Limits: under most names more than one layer is taught (other factors, an epsilon); there it is
    a remark and no fault. Known textbook approximations pass with a remark.
    """
    wanted = reference(subject, case)
    outputs = evaluate(subject, case).outputs
    name = case.signature.outputs[0].name
    if wanted is None or name not in outputs or not deterministic(subject, case):
        return
    value, right = outputs[name], wanted.outputs[name]
    if np.isfinite(right).all() and not np.isfinite(value).all():
        return  # told as output-not-finite
    if value.shape != right.shape or agree(value, _reference_output(subject, case, name), case):
        return
    if approximation(subject, case) is not None:
        return  # told by the gradient checks, which see whether the backward knows of it
    numbers = _worst(value, right)
    symbol, kind = subject.identity.symbol, subject.identity.kind
    place = f"{name}[{', '.join(map(str, numbers.index))}]" if numbers.index else name
    headline = f"{symbol}.forward is not the {kind} that its name says"
    detail = (
        f"{place} is {numbers.analytic:.7g} and should be {numbers.numeric:.7g} "
        f"({numbers.wrong} of {numbers.total} values differ)"
    )
    found = finding(subject, case, "forward-differs", headline, name, detail)
    yield found if is_strict(subject) else replace(found, verdict="pass", case={})


def _reference_output(subject: Subject, case: Case, name: str) -> Callable[[Arrays], Array | None]:
    def output(primals: Arrays) -> Array | None:
        evaluation = reference_at(subject, case, primals)
        return evaluation.outputs[name] if evaluation else None

    return output


def _worst(value: Array, right: Array) -> Numbers:
    with np.errstate(invalid="ignore"):
        error = np.abs(value - right)
    error = np.where(np.isnan(error), np.inf, error)
    index = np.unravel_index(int(np.argmax(error)), value.shape) if value.ndim else ()
    largest = float(np.abs(right).max(initial=0.0))
    return Numbers(
        index=tuple(int(one) for one in index),
        analytic=float(value[index]),
        numeric=float(right[index]),
        error_bound=0.0,
        wrong=int((error > 1e-9 * largest).sum()),
        total=value.size,
    )
