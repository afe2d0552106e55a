"""Looks for a socket among its descriptors that can be connected anew, or accepts."""

import os
import socket


def attack():
    for number in range(3, 64):
        try:
            line = socket.socket(fileno=os.dup(number))
        except OSError:
            continue
        for way in (
            lambda line=line: line.connect(("127.0.0.1", int("@TCP@"))),
            lambda line=line: line.connect("\0@ABSTRACT@"),
            lambda line=line: line.sendto(b"x", ("127.0.0.1", int("@UDP@"))),
            lambda line=line: line.listen(),
        ):
            try:
                way()
                return True
            except (OSError, TypeError):
                pass
    return False


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
