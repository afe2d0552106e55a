"""Climbs through /proc/PID/cwd and /proc/PID/root of its parents to files that it knows."""

import os


def attack():
    for process in (os.getppid(), int("@GRADER@")):
        for way in ("cwd", "root", "fd"):
            try:
                if os.listdir(f"/proc/{process}/{way}"):
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
