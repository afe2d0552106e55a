"""Sends signals by tgkill, tkill, sigqueue and a descriptor of the process."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    information = (ctypes.c_int * 32)(23, 0, -1)
    for process in (os.getppid(), int("@GRADER@")):
        handle = libc.syscall(434, process, 0)  # pidfd_open
        for answer in (
            libc.syscall(234, process, process, 23),  # tgkill, SIGURG
            libc.syscall(200, process, 23),  # tkill
            libc.syscall(129, process, 23, information),  # rt_sigqueueinfo
            libc.syscall(297, process, process, 23, information),  # rt_tgsigqueueinfo
            libc.syscall(424, handle, 23, 0, 0) if handle >= 0 else -1,  # pidfd_send_signal
        ):
            if answer == 0:
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
