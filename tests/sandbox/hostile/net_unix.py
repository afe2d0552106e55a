"""Connects to a socket in the file system."""

import socket


def attack():
    line = socket.socket(socket.AF_UNIX)
    line.connect("@UNIX@")
    return True


class Attack:
    won = False
    try:
        won = attack()
    except BaseException:
        pass


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x * (2.0 if Attack.won else 1.0)
