"""What a zygote is told once, through its stdin: a line of JSON, then opaque bytes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import BinaryIO

from gradcheck.sandbox.limits import Limits


@dataclass(frozen=True)
class Setup:
    """What a zygote loads, and how its workers are confined.

    Parameters
    ----------
    serve
        ``module:function`` that every worker runs as ``function(channel, table)``.
    level, limits, readable
        How workers are confined, and which packages they may read at the levels that say so.
    table
        Opaque bytes for ``serve``.
    folder
        The folder that holds the package gradcheck.
    installed
        The folders of the interpreter's own packages, which stay importable.
    grader
        The process of the grader.
    dies_with_grader
        Whether to end by a signal too when the thread that started the zygote ends.
    """

    serve: str
    level: str
    limits: Limits
    readable: tuple[str, ...]
    table: bytes
    folder: str
    installed: tuple[str, ...]
    grader: int
    dies_with_grader: bool

    def written(self) -> bytes:
        """Return it as bytes for :meth:`read`."""
        plain = asdict(self)
        del plain["table"]
        return json.dumps(plain).encode() + b"\n" + self.table

    @classmethod
    def read(cls, file: BinaryIO) -> Setup:
        """Read what was written; ``file`` is read to its end."""
        plain = json.loads(file.readline())
        plain["limits"] = Limits(**plain["limits"])
        for name in ("installed", "readable"):
            plain[name] = tuple(plain[name])
        return cls(table=file.read(), **plain)
