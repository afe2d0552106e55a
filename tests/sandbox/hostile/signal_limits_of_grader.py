"""Sets the limits of its parents: with a limit of processor time they would die."""

import os
import resource


def attack():
    for process in (os.getppid(), int("@GRADER@")):
        try:
            old = resource.prlimit(process, resource.RLIMIT_CORE)
            resource.prlimit(process, resource.RLIMIT_CORE, old)
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
