"""Frames: what is sent arrives whole, and nothing else is taken for it."""

from __future__ import annotations

import os
import select
import socket
import sys
import threading
from collections.abc import Iterator

import pytest

from gradcheck.sandbox.frames import (
    ANSWER,
    ASK,
    HEADER,
    MAGIC,
    READY,
    Channel,
    Ended,
    Frame,
    Line,
    Refused,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="isolation is for POSIX systems")


class Pair:
    """A line and what is at its other end."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.line = Line(self.near, self.wait)
        self.channel = Channel(self.far)
        self.waits = 0

    def wait(self, events: int) -> int:
        self.waits += 1
        ready = select.poll()
        ready.register(self.near, events | select.POLLIN)
        happened = ready.poll(5000)
        assert happened, "nothing came in 5 s"
        return happened[0][1]

    def put(self, data: bytes) -> None:
        self.far.sendall(data)


@pytest.fixture
def pair() -> Iterator[Pair]:
    one = Pair()
    with one.near, one.far:
        yield one


def frame(sequence: int = 1, kind: int = 2, status: int = 0, payload: bytes = b"") -> bytes:
    return HEADER.pack(MAGIC, sequence, kind, status, len(payload)) + payload


def test_the_header_has_24_bytes_on_every_machine() -> None:
    assert HEADER.pack(b"gck1", 1, 2, 3, 4).hex() == (
        "67636b31" + "0100000000000000" + "0200" + "0300" + "0400000000000000"
    )


@pytest.mark.parametrize("length", [0, 1, 24, 65535, 65536, 65537, 5_000_000])
def test_question_and_answer_arrive_whole(pair: Pair, length: int) -> None:
    question = os.urandom(length)

    def serve() -> None:
        kind, payload = pair.channel.next()
        pair.channel.reply(payload[::-1], status=kind + 1)

    server = threading.Thread(target=serve)
    server.start()
    pair.line.send(1, 7, question)
    assert pair.line.receive(1, 7, most=length) == Frame(7, 8, question[::-1])
    server.join()


def test_a_smaller_answer_after_a_larger_one_has_nothing_of_it(pair: Pair) -> None:
    for sequence, length in ((1, 200_000), (2, 100_000)):
        server = threading.Thread(
            target=pair.put, args=(frame(sequence, payload=bytes([sequence]) * length),)
        )
        server.start()
        assert pair.line.receive(sequence, 2, length).payload == bytes([sequence]) * length
        server.join()


def test_a_frame_that_comes_byte_by_byte_is_one_frame(pair: Pair) -> None:
    def drip() -> None:
        for byte in frame(payload=b"slowly"):
            pair.put(bytes([byte]))

    server = threading.Thread(target=drip)
    server.start()
    assert pair.line.receive(1, 2, most=6).payload == b"slowly"
    server.join()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"x" * 24, "no frame"),
        (HEADER.pack(b"gck2", 1, 2, 0, 0), "no frame"),
        (frame(sequence=0), "answered question 0 while 1 was asked"),
        (frame(sequence=2), "answered question 2"),
        (frame(sequence=2**64 - 1), "answered question"),
        (frame(kind=3), "answered with kind 3 while 2"),
        (frame(kind=READY), "answered with kind"),
        (frame(kind=ANSWER), "answered with kind"),
        (frame(payload=b"x" * 11), "announced 11 bytes where at most 10"),
        (HEADER.pack(MAGIC, 1, 2, 0, 2**64 - 1), "announced"),
        (frame(kind=ASK, payload=b"x" * 6), "announced 6 bytes where at most 5"),
    ],
)
def test_what_is_not_the_answer_is_refused(pair: Pair, sent: bytes, words: str) -> None:
    pair.put(sent)
    with pytest.raises(Refused, match=words):
        pair.line.receive(1, 2, most=10, most_asked=5)


def test_a_refused_payload_is_not_read(pair: Pair) -> None:
    pair.put(frame(payload=b"x" * 11))
    with pytest.raises(Refused):
        pair.line.receive(1, 2, most=10)
    assert len(pair.near.recv(100)) == 11


def test_bytes_that_lie_there_before_a_question_are_refused(pair: Pair) -> None:
    pair.put(b"x")
    with pytest.raises(Refused, match="nobody asked for"):
        pair.line.send(1, 2, b"")
    pair.near.setblocking(False)
    assert pair.near.recv(10) == b"x"


def test_bytes_that_come_while_a_long_question_is_sent_are_refused(pair: Pair) -> None:
    pair.far.setblocking(True)
    early = threading.Timer(0.05, pair.put, args=(b"early",))
    early.start()
    with pytest.raises(Refused, match="nobody asked for"):
        pair.line.send(1, 2, bytes(50_000_000))
    early.join()


@pytest.mark.parametrize("part", [b"", frame(payload=b"abc")[:10], frame(payload=b"abc")[:-1]])
def test_an_end_before_the_end_of_a_frame_is_an_end(pair: Pair, part: bytes) -> None:
    pair.put(part)
    pair.far.close()
    with pytest.raises(Ended):
        pair.line.receive(1, 2, most=10)


@pytest.mark.parametrize("length", [0, 5_000_000])
def test_a_question_to_nobody_is_an_end(pair: Pair, length: int) -> None:
    pair.far.close()
    with pytest.raises(Ended):
        pair.line.send(1, 2, bytes(length))


def test_the_worker_sees_the_end_of_the_grader(pair: Pair) -> None:
    pair.near.close()
    with pytest.raises(Ended):
        pair.channel.next()


def test_a_question_back_has_the_number_of_the_question(pair: Pair) -> None:
    heard = []

    def serve() -> None:
        pair.channel.next()
        heard.append(pair.channel.ask(9, b"which?"))
        pair.channel.reply(b"so")

    server = threading.Thread(target=serve)
    server.start()
    pair.line.send(3, 2, b"")
    assert pair.line.receive(3, 2, most=10, most_asked=10) == Frame(ASK, 9, b"which?")
    pair.line.send(3, ANSWER, b"this")
    assert pair.line.receive(3, 2, most=10) == Frame(2, 0, b"so")
    server.join()
    assert heard == [b"this"]
