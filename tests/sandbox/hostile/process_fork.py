"""Forks, and lets the child live on."""

import os
import time


def attack():
    if os.fork():
        return True
    time.sleep(60)
    os._exit(0)


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
