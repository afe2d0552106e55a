"""What can go wrong, and whose fault it is.

::

    GradcheckError
    |-- UsageError            exit 2: the call or the input cannot be used as it is
    |   |-- SourceError       a file is missing, unreadable, or does not run
    |   |-- SignatureError    a signature by named axes that does not parse or does not fit
    |   `-- AdaptError        a thing that no convention knows how to call
    |       |-- LayerFault    a layer that raises whatever it is called with: a finding
    |       |   `-- LayerLost it ended the process that it ran in, or had to be ended
    |       |       |-- LayerForged it answers otherwise where gradients are measured: it fails
    |       |       `-- LayerUnsteady it is another one in every process: nothing can be said
    |       |-- Unfinished    a layer of which a part is still to be written
    |       `-- HiddenUpdate  a layer that applies its gradients and shows them nowhere
    |-- HarnessError          exit 3: our own fault, never the layer's

    GradientCheckFailed       exit 1: an AssertionError, the layer has faults
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar, Literal


class GradcheckError(Exception):
    """Whatever gradcheck itself raises, but for failed checks."""

    exit_code: ClassVar[int] = 3


class UsageError(GradcheckError):
    """The call or the input cannot be used as it is; the message says what to do."""

    exit_code: ClassVar[int] = 2


class SourceError(UsageError):
    """A file that is missing, unreadable, or does not run as far as its definitions."""


class SignatureError(UsageError):
    """A signature that does not parse, or shapes that do not fit it."""


class AdaptError(UsageError):
    """A thing that no convention knows how to call."""


class LayerFault(AdaptError):
    """A layer that raises whatever it is called with; ``check`` names the fault.

    ``verdict`` is what that makes of the layer.
    """

    verdict: ClassVar[Literal["fail", "error", "inconclusive"]] = "error"

    def __init__(self, check: str, headline: str, detail: str) -> None:
        super().__init__(f"{headline}: {detail}")
        self.check, self.headline, self.detail = check, headline, detail


class LayerLost(LayerFault):
    """A layer whose process ended, or had to be ended; ``starved`` says that it had no chance.

    A time that ran out on a machine that was busy with other things says nothing of a layer.
    """

    def __init__(self, check: str, headline: str, detail: str, *, starved: bool = False) -> None:
        super().__init__(check, headline, detail)
        self.starved = starved


class LayerForged(LayerLost):
    """A layer that is another one at the points from which gradients are computed.

    Or another one in another process.
    """

    verdict = "fail"


class LayerUnsteady(LayerLost):
    """A layer that is another one in every process, so that nothing can be said of it."""

    verdict = "inconclusive"


class Unfinished(AdaptError):
    """A layer that is not written to its end: ``part`` raises NotImplementedError."""

    def __init__(self, symbol: str, part: str) -> None:
        super().__init__(f"{symbol}: {part} is still to be written")
        self.part = part


class HiddenUpdate(AdaptError):
    """A layer whose backward changes its parameters itself and keeps no gradient of them."""


class HarnessError(GradcheckError):
    """Our own fault. Never blamed on the layer under check."""


class GradientCheckFailed(AssertionError):
    """At least one check found a fault; the text is the finding."""

    exit_code: ClassVar[int] = 1


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return ``; did you mean ...?`` with the nearest choice, or an empty string."""
    close = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""
