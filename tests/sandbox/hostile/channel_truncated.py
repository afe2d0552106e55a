"""Announces all of an answer and sends half of it, then nothing."""

import time

from gradcheck.sandbox import frames


class Patch:
    def _give(self, kind, status, payload):
        head = frames.HEADER.pack(frames.MAGIC, self._sequence, kind, 0, len(payload))
        self._data.sendall(head + payload[: len(payload) // 2])
        time.sleep(60)

    frames.Channel._give = _give


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
