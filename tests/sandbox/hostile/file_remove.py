"""Removes, renames and replaces files of others."""

import os


def attack():
    for way in (
        lambda: os.unlink("@CANARY@/kept"),
        lambda: os.rename("@CANARY@/kept", "@CANARY@/gone"),
        lambda: os.replace("@OTHER@", "@CANARY@/gone"),
        lambda: os.rmdir("@CANARY@/empty"),
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
