"""Starts a process by the calls themselves: fork, vfork's number, clone, clone3."""

import ctypes
import os
import signal


def attack():
    libc = ctypes.CDLL(None)
    arguments = (ctypes.c_uint64 * 11)()
    arguments[4] = signal.SIGCHLD
    for way in (
        lambda: libc.syscall(57),
        lambda: libc.syscall(56, int(signal.SIGCHLD), 0, 0, 0, 0),
        lambda: libc.syscall(56, 0x8000 | int(signal.SIGCHLD), 0, 0, 0, 0),  # CLONE_PARENT
        lambda: libc.syscall(435, arguments, 88),
        libc.fork,
    ):
        number = way()
        if number == 0:
            os._exit(0)
        if number > 0:
            return True
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
