"""Whose fault it is that a worker failed: a layer of ours, in a worker of its own, decides.

Nothing that a worker says of itself can be believed, its exit code included. But a fresh worker
in which a file of ours is read, and nothing else, is ours alone; if that fails as well, what is
wrong is gradcheck or the machine, and there is no verdict on anybody.
"""

from __future__ import annotations

from gradcheck.errors import GradcheckError, HarnessError
from gradcheck.sandbox.hand_in_rules import HandIn
from gradcheck.sandbox.limits import Limits
from gradcheck.sandbox.processes import Sandbox
from gradcheck.sandbox.questions import Which
from gradcheck.sandbox.session import Session
from gradcheck.settings import Settings

_LAYER = b"""
class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return 2 * self.x * dout
"""
_OURS = HandIn("own_layer.py", {"own_layer.py": _LAYER}, ("own_layer.py",), None, {})


def see_that_ours_works(sandbox: Sandbox) -> None:
    """Let a worker read a right layer of ours.

    Raises
    ------
    HarnessError
        It cannot.
    """
    try:
        session = Session(sandbox, _OURS, Settings(), Limits())
        try:
            session.reading(Which(0, 0, "Square", ""), "")
        finally:
            session.close()
    except GradcheckError as error:
        raise HarnessError(f"a worker fails at a right layer of ours, too: {error}") from None
