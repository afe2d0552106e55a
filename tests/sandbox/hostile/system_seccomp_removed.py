"""Tries to get rid of the filter and of the promise to gain no privileges."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    libc.prctl(22, 0, 0, 0, 0)  # PR_SET_SECCOMP: none
    libc.prctl(38, 0, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS: off
    libc.syscall(317, 0, 0, 0)  # seccomp()
    libc.syscall(135, 0x0040000)  # personality
    try:
        os.close(os.open("@CANARY@/gradcheck_hostile_file", os.O_CREAT | os.O_WRONLY))
        return True
    except OSError:
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
