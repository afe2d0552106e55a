"""Leaves threads that go on working and printing after the answer was given."""

import threading


def work():
    while True:
        print("\x1b[31mstill here", end="\r")


class Square:
    def forward(self, x):
        if threading.active_count() < 3:
            threading.Thread(target=work).start()
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
