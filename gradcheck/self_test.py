"""The negative control: on this machine, now, right layers pass and wrong ones fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcheck.api import check_layer
from gradcheck.errors import HarnessError
from gradcheck.kinds import find_kind

_KINDS = ("affine", "softmax", "batch-norm", "conv2d")


def control(*, seed: int = 0, examples: int = 20) -> str:
    """Return in one line that the control went as it must.

    Each kind is checked twice: its reference layer, and a layer that gives an input gradient
    which is right but for one element in ten thousand parts.

    Raises
    ------
    HarnessError
        A right layer was called wrong, or a wrong one right: no verdict of this run can be
        trusted.
    """
    failed = list(_unexpected(seed, examples))
    if failed:
        raise HarnessError(f"self-test: {'; '.join(failed)}. No verdict here can be trusted")
    count = len(_KINDS)
    return f"self-test: {count} right layers pass, {count} wrong ones fail"


def _unexpected(seed: int, examples: int) -> Iterator[str]:
    for name in _KINDS:
        right = find_kind(name).reference
        for layer, wanted in ((right, "pass"), (_wrong(right), "fail")):
            report = check_layer(layer, kind=name, seed=seed, examples=examples, shrink_seconds=0)
            if report.verdict != wanted:
                word = "right" if wanted == "pass" else "wrong"
                yield f"a {word} {name} layer was judged {report.verdict!r}"


def _wrong(reference: Any) -> Any:
    """Return a class like ``reference`` of which one element of the input gradient is off."""

    class Wrong(reference):  # type: ignore[misc]  # a class known only at run time
        def backward(self, dout: Any) -> Any:
            dx = super().backward(dout)
            dx[(-1,) * dx.ndim] *= 1 + 1e-4
            return dx

    Wrong.__name__ = f"Wrong{reference.__name__}"
    return Wrong
