"""Prints from a thread without an end."""

import threading


def chatter():
    while True:
        print("never silent " * 1000)


class Attack:
    threading.Thread(target=chatter, daemon=True).start()


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
