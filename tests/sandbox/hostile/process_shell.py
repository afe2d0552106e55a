"""Starts a shell in three ways."""

import os
import subprocess


def attack():
    if os.system("true") == 0 or os.popen("echo yes").read().strip() == "yes":
        return True
    return subprocess.run("true", shell=True, check=False).returncode == 0


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
