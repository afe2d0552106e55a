"""Shuts its side of the channel down after half an answer."""

import socket

from gradcheck.sandbox import frames


class Patch:
    count = 0
    real = frames.Channel._give

    def _give(self, *parts):
        Patch.count += 1
        if Patch.count > 3:
            self._data.send(b"gck1")
            self._data.shutdown(socket.SHUT_WR)
        Patch.real(self, *parts)

    frames.Channel._give = _give


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
