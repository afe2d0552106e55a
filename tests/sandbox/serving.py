"""Small serving functions, good and bad, that run in a worker."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable

from gradcheck.sandbox.frames import HEADER, MAGIC, Channel


def echo(channel: Channel, table: bytes) -> None:
    """Answer each question with itself, kind as status."""
    while True:
        kind, payload = channel.next()
        channel.reply(payload, status=kind)


def show(channel: Channel, table: bytes) -> None:
    """Evaluate what is asked, here in the worker, and answer its text."""
    names = {"os": os, "sys": sys, "table": table, "channel": channel, "signal": signal}
    while True:
        _, payload = channel.next()
        channel.reply(repr(eval(payload, names)).encode())


def run(channel: Channel, table: bytes) -> None:
    """Do what the question names."""
    while True:
        _, payload = channel.next()
        answer = DEEDS[payload.decode()](channel)
        channel.reply(answer or b"done")


def raw(channel: Channel, data: bytes) -> None:
    channel._data.sendall(data)


def frame(sequence: int, kind: int, payload: bytes, length: int | None = None) -> bytes:
    size = len(payload) if length is None else length
    return HEADER.pack(MAGIC, sequence, kind, 0, size) + payload


def doubled(channel: Channel) -> None:
    raw(channel, frame(channel._sequence, channel._kind, b"once"))


def split(channel: Channel) -> bytes:
    """Fork a child that holds everything and sleeps; tell its number."""
    child = os.fork()
    if child == 0:
        os.setsid()
        time.sleep(600)
        os._exit(0)
    return str(child).encode()


def abandoned(channel: Channel) -> None:
    split(channel)
    os._exit(3)


def flood(channel: Channel) -> None:
    line = b"x" * 65535 + b"\n"
    for _ in range(1600):
        os.write(1, line)


def speak(channel: Channel) -> None:
    print("to", "stdout", end="")
    print("to stderr", file=sys.stderr, end="")
    os.write(2, b"raw")
    ctypes.string_at(0)


def close_output(channel: Channel) -> None:
    os.close(1)
    os.close(2)


def ask_back(channel: Channel) -> bytes:
    return channel.ask(5, b"what") + channel.ask(6, b"else")


def ask_for_ever(channel: Channel) -> None:
    while True:
        channel.ask(5, b"?")


def take_memory(channel: Channel) -> None:
    raise MemoryError


def much_memory(channel: Channel) -> None:
    bytearray(2**30)


def hang(channel: Channel) -> None:
    time.sleep(600)


def spin(channel: Channel) -> None:
    while True:
        pass


def deaf(channel: Channel) -> None:
    """Ignore what can be ignored, and spin."""
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    spin(channel)


DEEDS: dict[str, Callable[[Channel], bytes | None]] = {
    "nothing": lambda channel: None,
    "wrong sequence": lambda channel: raw(channel, frame(channel._sequence + 1, 1, b"")),
    "wrong kind": lambda channel: raw(channel, frame(channel._sequence, 2, b"")),
    "no frame": lambda channel: raw(channel, b"GET / HTTP/1.1\r\n\r\nmore than a header"),
    "too long": lambda channel: raw(channel, frame(channel._sequence, 1, b"", length=2**63)),
    "half a frame": lambda channel: (
        raw(channel, frame(channel._sequence, 1, b"", 10)),
        hang(channel),
    )[1],
    "doubled": doubled,
    "early": lambda channel: raw(
        channel, frame(channel._sequence, 1, b"done") + frame(channel._sequence + 1, 1, b"forged")
    ),
    "hang": hang,
    "spin": spin,
    "deaf": deaf,
    "stop": lambda channel: os.kill(os.getpid(), signal.SIGSTOP),
    "sys.exit": lambda channel: sys.exit(4),
    "sys.exit words": lambda channel: sys.exit("in words"),
    "os._exit": lambda channel: os._exit(0),
    "segfault": lambda channel: ctypes.string_at(0) and None,
    "abort": lambda channel: os.abort(),
    "interrupt": lambda channel: os.kill(os.getpid(), signal.SIGINT),
    "kill": lambda channel: os.kill(os.getpid(), signal.SIGKILL),
    "xcpu": lambda channel: os.kill(os.getpid(), signal.SIGXCPU),
    "sys": lambda channel: os.kill(os.getpid(), signal.SIGSYS),
    "memory": take_memory,
    "much memory": much_memory,
    "raise": lambda channel: {}["missing"],
    "flood": flood,
    "speak": speak,
    "close output": close_output,
    "close channel": lambda channel: (channel._data.close(), hang(channel))[1],
    "split": split,
    "abandoned": abandoned,
    "ask back": ask_back,
    "ask for ever": ask_for_ever,
    "kill zygote": lambda channel: (os.kill(os.getppid(), signal.SIGKILL), hang(channel))[1],
    "stop zygote": lambda channel: (os.kill(os.getppid(), signal.SIGSTOP), hang(channel))[1],
}
