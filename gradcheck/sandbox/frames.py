"""The frames that go between grader and worker: a fixed header, then raw bytes.

From worker to grader everything is hostile. So nothing here is parsed: five numbers are compared
with what the grader already knows, and a payload is bytes of a bounded length.

::

    magic (4 bytes) | sequence number u64 | kind u16 | status u16 | payload length u64

One answer belongs to one question, with its sequence number and kind. A frame of kind ``ASK`` is
a question back, whose own kind stands in the field of the status; it is answered by ``ANSWER``.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from typing import NamedTuple

HEADER = struct.Struct("<4sQHHQ")
MAGIC = b"gck1"
LARGEST_KIND = 0xFEFF  # kinds above are those of the protocol itself
READY, ASK, ANSWER = 0xFF01, 0xFF02, 0xFF03
AT_ONCE = 64 * 1024  # what one recv may be expected to give

Wait = Callable[[int], int]


class Refused(Exception):
    """What came is not what was asked for; the text says in which way."""


class Ended(Exception):
    """The other side is gone."""


class Frame(NamedTuple):
    """One frame from the worker."""

    kind: int
    status: int
    payload: bytes


def unsent(head: bytes, payload: bytes, sent: int) -> memoryview:
    """Return what is left of a frame, without copying a payload of which a part was sent."""
    if sent < len(head):
        return memoryview(head + payload)[sent:]
    return memoryview(payload)[sent - len(head) :]


class Line:
    """The grader's end: never blocks, and believes nothing.

    ``wait(events)`` is called whenever the socket is not ready; it returns the events of poll, or
    raises (when time is up, or the worker is gone).
    """

    def __init__(self, data: socket.socket, wait: Wait) -> None:
        data.setblocking(False)
        self._data, self._wait = data, wait
        self._buffer = bytearray()

    def send(self, sequence: int, kind: int, payload: bytes) -> None:
        """Send a frame.

        Raises
        ------
        Refused
            Bytes lie there that nobody asked for.
        Ended
            The worker is gone.
        """
        self._refuse_unasked()
        head = HEADER.pack(MAGIC, sequence, kind, 0, len(payload))
        try:
            sent = self._data.sendmsg([head, payload])
            if sent == len(head) + len(payload):
                return
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise Ended from error
        rest = unsent(head, payload, sent)
        while rest:
            if self._wait(select.POLLOUT) & select.POLLIN:
                self._refuse_unasked()
            try:
                rest = rest[self._data.send(rest) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Ended from error

    def receive(self, sequence: int, kind: int, most: int, most_asked: int = 0) -> Frame:
        """Return the answer to a question, or a question back of at most ``most_asked`` bytes.

        Raises
        ------
        Refused
            The frame is not the answer to this question, or is longer than allowed; nothing
            of its payload was read then.
        Ended
            The worker is gone.
        """
        self._wait(select.POLLIN)
        magic, number, came, status, length = HEADER.unpack(self._exactly(HEADER.size))
        if magic != MAGIC:
            raise Refused("sent bytes that are no frame")
        if number != sequence:
            raise Refused(f"answered question {number} while {sequence} was asked")
        if came not in (kind, ASK):
            raise Refused(f"answered with kind {came} while {kind} was asked")
        allowed = most_asked if came == ASK else most
        if length > allowed:
            raise Refused(f"announced {length} bytes where at most {allowed} are possible")
        return Frame(came, status, self._exactly(length) if length else b"")

    def _exactly(self, length: int) -> bytes:
        """Return so many bytes, into a buffer of our own size."""
        try:
            first = self._data.recv(min(length, AT_ONCE))
        except BlockingIOError:
            self._wait(select.POLLIN)
            return self._exactly(length)
        except OSError as error:
            raise Ended from error
        if not first:
            raise Ended
        if len(first) == length:
            return first
        # A fresh buffer for each answer costs more than the bytes do: all its pages are new.
        if len(self._buffer) < length:
            self._buffer = bytearray(length)
        whole = memoryview(self._buffer)[:length]
        whole[: len(first)] = first
        rest = whole[len(first) :]
        while rest:
            try:
                got = self._data.recv_into(rest)
            except BlockingIOError:
                self._wait(select.POLLIN)
                continue
            except OSError as error:
                raise Ended from error
            if not got:
                raise Ended
            rest = rest[got:]
        return bytes(whole)

    def _refuse_unasked(self) -> None:
        """Refuse bytes that came before they were asked for: a doubled or an early answer."""
        try:
            early = self._data.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError as error:
            raise Ended from error
        if not early:
            raise Ended
        raise Refused("sent bytes that nobody asked for")


class Channel:
    """The worker's end, given to ``serve``: take the next question, reply to it.

    This side trusts the other one, and simply blocks.
    """

    def __init__(self, data: socket.socket) -> None:
        data.setblocking(True)
        self._data = data
        self._sequence, self._kind = 0, READY

    def next(self) -> tuple[int, bytes]:
        """Wait for the next question and return its kind and payload.

        Raises
        ------
        Ended
            The grader has no more questions.
        """
        self._sequence, self._kind, payload = self._take()
        return self._kind, payload

    def reply(self, payload: bytes, status: int = 0) -> None:
        """Answer the question that was taken last."""
        self._give(self._kind, status, payload)

    def ask(self, kind: int, payload: bytes) -> bytes:
        """Ask the grader something while its own question is being answered."""
        self._give(ASK, kind, payload)
        return self._take()[2]

    def _give(self, kind: int, status: int, payload: bytes) -> None:
        head = HEADER.pack(MAGIC, self._sequence, kind, status, len(payload))
        sent = self._data.sendmsg([head, payload])
        if sent < len(head) + len(payload):
            self._data.sendall(unsent(head, payload, sent))

    def _take(self) -> tuple[int, int, bytes]:
        _, sequence, kind, _, length = HEADER.unpack(self._exactly(HEADER.size))
        return sequence, kind, self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        got = self._data.recv(length, socket.MSG_WAITALL) if length else b""
        while len(got) < length:  # interrupted by a signal, or at the end
            more = self._data.recv(length - len(got), socket.MSG_WAITALL)
            if not more:
                raise Ended
            got += more
        return got
