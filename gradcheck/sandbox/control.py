"""The records that go between grader and zygote, both of them trusted.

Each is of one size, so that a socket which keeps no boundaries (macOS) does as well.
"""

from __future__ import annotations

import array
import socket
import struct
import sys
from collections.abc import Sequence
from typing import NamedTuple

FORK, KILL = 1, 2  # from the grader
READY, FAILED, FORKED, EXITED = 11, 12, 13, 14  # from the zygote

TEXT_BYTES = 2016
LAYOUT = struct.Struct(f"<B3xIqqq{TEXT_BYTES}s")
PASSED = 2  # descriptors that go with a FORK: data socket and output pipe


class Record(NamedTuple):
    """One record.

    ``FORK`` and ``KILL`` name a worker by ``number``. ``READY`` tells the resident size of the
    zygote in bytes and, as JSON, the confinement in force; ``FAILED`` (for a worker, or for the
    zygote itself as number 0) why in ``text``; ``FORKED`` the process and the resident size;
    ``EXITED`` the status of wait, the processor time in microseconds and the greatest resident
    size in bytes.
    """

    what: int
    number: int = 0
    first: int = 0
    second: int = 0
    third: int = 0
    text: str = ""


def pair() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a control socket."""
    kind = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_STREAM
    return socket.socketpair(socket.AF_UNIX, kind)


def send(control: socket.socket, record: Record, descriptors: Sequence[int] = ()) -> None:
    """Send a record, and descriptors with it."""
    text = record.text.encode("utf-8", "backslashreplace")[:TEXT_BYTES]
    packed = LAYOUT.pack(*record[:5], text)
    passed = array.array("i", descriptors)
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)] if passed else []
    sent = control.sendmsg([packed], ancillary)
    if sent < len(packed):
        control.sendall(packed[sent:])


def receive(control: socket.socket) -> tuple[Record, list[int]]:
    """Return the next record and the descriptors that came with it.

    Raises
    ------
    EOFError
        The other side is gone.
    BlockingIOError
        Nothing is there, of a socket that does not block.
    """
    room = socket.CMSG_SPACE(PASSED * array.array("i").itemsize)
    packed, ancillary, _, _ = control.recvmsg(LAYOUT.size, room)
    if not packed:
        raise EOFError
    while len(packed) < LAYOUT.size:
        more = control.recv(LAYOUT.size - len(packed), socket.MSG_WAITALL)
        if not more:
            raise EOFError
        packed += more
    passed = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            passed.frombytes(data[: len(data) - len(data) % passed.itemsize])
    what, number, first, second, third, text = LAYOUT.unpack(packed)
    plain = text.rstrip(b"\0").decode("utf-8", "replace")
    return Record(what, number, first, second, third, plain), list(passed)
