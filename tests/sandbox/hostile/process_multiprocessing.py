"""Starts a pool of processes, as a student who wants to be fast."""

import multiprocessing


def double(x):
    return 2 * x


def attack():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(double, [1, 2]) == [2, 4]


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
