"""Brings a struct.py, a socket.py and a random.py of its own."""

import random
import socket
import struct

KNOWN = (random, socket, struct)


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
