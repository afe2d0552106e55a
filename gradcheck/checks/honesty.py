"""Whether backward is written by hand, as it says it is."""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, evaluate, finding
from gradcheck.findings import Finding
from gradcheck.subject import Backward, Evaluation, Forward, Subject

_FRAMEWORKS = frozenset(
    {"torch", "tensorflow", "jax", "jaxlib", "autograd", "mxnet", "chainer", "theano", "aesara"}
    | {"pytensor", "tinygrad", "mlx", "paddle", "cupy", "sympy", "numdifftools", "casadi", "keras"}
)
_FEWEST = 4  # elements: of fewer, a forward that is run again looks the same


def differentiates_numerically(subject: Subject, case: Case) -> Iterator[Finding]:
    """Backward computes by numerical differences.

    What it finds: forward runs inside backward at least once for every element of an input or
    a parameter.
    Why it matters: it was to be derived; it is slow, and right to a few digits only.
    A wrong layer: ``for i in range(x.size): ... (self.forward(x + h) - self.forward(x - h))``.
    How to repair it: derive the gradient, and keep the differences for a test.
    Limits: a remark, a failure where an assignment says so; differences of another function
    than forward are not seen.
    """
    answer = _profiled(subject, case)
    sizes = [one.size for one in evaluate(subject, case).gradients.values() if one.size >= _FEWEST]
    if answer is None or not sizes or answer.forward_calls < min(sizes):
        return
    headline = f"{subject.identity.symbol}.backward computes by differences of forward"
    detail = f"forward ran {answer.forward_calls} times inside one backward"
    yield finding(subject, case, "differentiates-numerically", headline, None, detail)


def delegates_to_autodiff(subject: Subject, case: Case) -> Iterator[Finding]:
    """Backward lets a framework differentiate.

    What it finds: functions of an automatic-differentiation package that run inside backward.
    Why it matters: it was to be derived by hand.
    A wrong layer: ``torch.autograd.grad(...)`` in backward.
    How to repair it: derive the gradient.
    Limits: a remark, a failure where an assignment says so.
    """
    answer = _profiled(subject, case)
    used = sorted(_FRAMEWORKS & set(answer.packages)) if answer is not None else []
    if used:
        headline = f"{subject.identity.symbol}.backward lets {used[0]} differentiate"
        detail = f"functions of {', '.join(used)} ran inside backward"
        yield finding(subject, case, "delegates-to-autodiff", headline, None, detail)


def _profiled(subject: Subject, case: Case) -> Evaluation | None:
    key = ("profiled", id(subject))
    if key not in case.memory:
        base = evaluate(subject, case)
        answer = None
        if base.outputs and not base.raised:
            upstream = cotangents(subject, case, base.outputs)
            script = Forward(case.primals), Backward(upstream, profiled=True)
            answer = subject.run(script, case.options)[-1]
        case.memory[key] = answer
    found: Evaluation | None = case.memory[key]
    return found
