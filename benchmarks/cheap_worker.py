"""What workers of benchmarks/isolation.py serve: an echo, and layers without anything around them.

Both are loaded in a zygote, so nothing but NumPy may be imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradcheck.sandbox.frames import Channel

ECHO, BATCH, VJP = 1, 2, 3
ROWS, COLUMNS, LAYERS = 4, 6, 4


def echo(channel: Channel, table: bytes) -> None:
    """Answer every question with its own payload."""
    while True:
        channel.reply(channel.next()[1])


def layers(channel: Channel, table: bytes) -> None:
    """Run the source in ``table``, whose classes take 4x6 arrays; its layers answer by number.

    ``BATCH`` is the number of a layer and its inputs one after another, ``VJP`` the number, one
    input and its cotangent. Every call is on a fresh instance.
    """
    held: dict[str, Any] = {"__name__": "hand_in"}
    exec(compile(table, "hand_in.py", "exec"), held)
    classes = [one for one in held.values() if isinstance(one, type)]
    while True:
        kind, payload = channel.next()
        new = classes[payload[0]]
        arrays = np.frombuffer(payload, np.float64, offset=8).reshape(-1, ROWS, COLUMNS)
        if kind == BATCH:
            results = [np.asarray(new().forward(one.copy()), np.float64) for one in arrays]
        else:
            instance = new()
            instance.forward(arrays[0].copy())
            results = [np.asarray(instance.backward(arrays[1].copy()), np.float64)]
        channel.reply(b"".join(one.tobytes() for one in results))
