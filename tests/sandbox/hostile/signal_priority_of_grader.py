"""Makes its parents slow: priority, scheduler, processors, priority of input and output."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    for process in (os.getppid(), int("@GRADER@")):
        for way in (
            lambda p=process: os.setpriority(os.PRIO_PROCESS, p, os.getpriority(0, p)),
            lambda p=process: os.sched_setaffinity(p, os.sched_getaffinity(p)),
            lambda p=process: os.sched_setscheduler(p, os.SCHED_OTHER, os.sched_param(0)),
            lambda p=process: libc.syscall(251, 1, p, 0) == 0 or os.kill(p, 0),  # ioprio_set
        ):
            try:
                way()
                return True
            except OSError:
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
