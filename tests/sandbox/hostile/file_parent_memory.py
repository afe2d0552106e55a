"""Opens the memory of its parents for writing (and writes nothing)."""

import os


def attack():
    for process in (os.getppid(), int("@GRADER@")):
        try:
            os.close(os.open(f"/proc/{process}/mem", os.O_RDWR))
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
