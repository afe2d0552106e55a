"""Faults that keep a layer from answering at all."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.evaluation import evaluate, finding
from gradcheck.findings import Finding
from gradcheck.subject import Subject


def forward_returns_nothing(subject: Subject, case: Case) -> Iterator[Finding]:
    """``forward`` gives no array.

    What it finds: a forward that ends without ``return``, or returns something that is no array
    of real numbers.
    Why it matters: the next layer gets None, and the error appears far from its cause.
    A wrong layer: computes the output, stores it on itself, and forgets to return it.
    How to repair it: return the output array at the end of forward.
    Limits: a forward that returns several arrays where the kind has one is told here too.
    """
    evaluation = evaluate(subject, case)
    if evaluation.raised:
        return
    symbol = subject.identity.symbol
    for name in (one.name for one in case.signature.outputs):
        if name in evaluation.missing:
            why = evaluation.missing[name]
            if why == "forward returned None":
                why = "forward returned None: is there a `return` at its end?"
            headline = f"{symbol}.forward returns no array"
            yield finding(subject, case, "forward-returns-nothing", headline, name, why)


def layer_raises(subject: Subject, case: Case) -> Iterator[Finding]:
    """The layer raises an exception for legal arrays.

    What it finds: an exception in the constructor, in forward or in backward, for shapes and
    values that the kind of layer allows.
    Why it matters: nothing can be said about gradients that are never computed.
    A wrong layer: reads an attribute that it never set, or reshapes to a fixed batch size.
    How to repair it: the message gives the layer's own line; the smallest case repeats it.
    Limits: shapes that the kind allows and this layer was never meant for are told here too;
    declare the layer's own signature then. An overflow at inputs in the thousands is a remark.
    """
    raised = evaluate(subject, case).raised
    if raised is None or (subject.probed and raised.refused):
        return
    where = {"construct": "its constructor"}.get(raised.during, raised.during)
    headline = f"{subject.identity.symbol} raises {raised.type} in {where}"
    detail = "\n".join([str(raised), *raised.frames[-3:]])
    found = finding(subject, case, "layer-raises", headline, None, detail)
    # What NumPy makes infinite, with a warning, Python's own math refuses.
    too_large = case.regime == "huge" and raised.type in ("OverflowError", "FloatingPointError")
    yield replace(found, verdict="pass", case={}) if too_large else found
