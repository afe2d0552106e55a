"""Fills the disk, as far as it may (here at most 64 MB)."""

import os


def attack():
    for folder in ("@CWD@", "/tmp", "/dev/shm", "/var/tmp"):
        try:
            with open(f"{folder}/gradcheck_hostile_full", "wb") as file:
                for _ in range(64):
                    file.write(bytes(1 << 20))
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
