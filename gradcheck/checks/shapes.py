"""Shapes of what comes back: silent broadcasting hides most of these."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.evaluation import evaluate, finding, is_strict
from gradcheck.findings import Finding
from gradcheck.signature import ArraySpec
from gradcheck.subject import Subject


def gradient_shape_wrong(subject: Subject, case: Case) -> Iterator[Finding]:
    """A gradient has another shape than its array.

    What it finds: any gradient whose shape is not exactly that of the array it belongs to,
    (n,) against (n, 1) included.
    Why it matters: NumPy broadcasts in the update ``b -= lr * db``, so training goes on with a
    wrong bias, or the bias silently changes shape.
    A wrong layer: returns ``db = dout`` of shape (N, M) for a bias of shape (M,).
    How to repair it: sum over the axes along which forward broadcast the array.
    Limits: none.
    """
    evaluation = evaluate(subject, case)
    words = subject.identity.words
    for name, gradient in evaluation.gradients.items():
        wanted = case.primals[name].shape
        if gradient.shape != wanted:
            headline = (
                f"{subject.identity.symbol}: {words.gradient(name)} has shape {gradient.shape}, "
                f"{words.array(name)} has {wanted}"
            )
            yield finding(subject, case, "gradient-shape-wrong", headline, name)


def output_shape_wrong(subject: Subject, case: Case) -> Iterator[Finding]:
    """The output has another shape than the kind of layer declares.

    What it finds: an output whose shape does not follow from the input by the signature.
    Why it matters: (N, 1) against (N,) broadcasts to (N, N) one line later.
    A wrong layer: a loss that returns one number for each row where a mean was asked.
    How to repair it: compare with the named axes in the message.
    Limits: nothing is said where the signature leaves the output open, and under a name by which
    more than one layer is taught it is a remark.
    """
    outputs = evaluate(subject, case).outputs
    for spec in case.signature.outputs:
        if spec.open or spec.name not in outputs:
            continue
        wanted = spec.shape({**case.axes, **_sizes(case)})
        if outputs[spec.name].shape != wanted:
            headline = (
                f"{subject.identity.symbol}: the output has shape {outputs[spec.name].shape}, "
                f"expected {wanted}"
            )
            found = finding(subject, case, "output-shape-wrong", headline, spec.name, _said(spec))
            yield found if is_strict(subject) else replace(found, verdict="pass", case={})


def _said(spec: ArraySpec) -> str:
    return f"declared as {spec}" if spec.axes else f"{spec.name} is one number"


def _sizes(case: Case) -> dict[str, int]:
    return {name: value for name, value in case.options.items() if isinstance(value, int)}
