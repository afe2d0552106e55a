"""What a worker prints: the first part is kept, the rest is counted and thrown away."""

from __future__ import annotations

import os

CHUNK = 64 * 1024  # what a pipe holds
LAST_READS = 16  # enough for what is left in a pipe, and an end where somebody still writes


class Output:
    """The reading end of a worker's output pipe; ``kept`` and ``dropped`` tell what came,
    ``ended`` that nobody can write any more."""

    def __init__(self, descriptor: int, most: int) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self.kept = bytearray()
        self.dropped = 0
        self.ended = False
        self._most, self._open = most, True

    def read(self) -> bool:
        """Take what is there, at most a pipe full; return whether anything came."""
        if self.ended:
            return False
        try:
            came = os.read(self.descriptor, CHUNK)
        except BlockingIOError:
            return False
        if not came:
            self.ended = True
            return False
        room = self._most - len(self.kept)
        self.kept += came[:room]
        self.dropped += max(0, len(came) - room)
        return True

    def drain(self) -> None:
        """Take what is left, without waiting."""
        for _ in range(LAST_READS):
            if not self.read():
                return

    def close(self) -> None:
        """Close the pipe; what was kept stays."""
        self.ended = True
        if self._open:
            self._open = False
            os.close(self.descriptor)
