"""Makes symbolic and hard links."""

import os


def attack():
    done = False
    for make in (os.symlink, os.link):
        for folder in ("@CANARY@", "@CWD@", "/tmp", "/dev/shm"):
            try:
                make("@CANARY@/kept", f"{folder}/gradcheck_hostile_link_{make.__name__}")
                done = True
            except OSError:
                pass
    return done


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
