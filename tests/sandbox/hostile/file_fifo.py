"""Makes a named pipe and a folder, on which a later reader would hang."""

import os


def attack():
    done = False
    for folder in ("@CANARY@", "@CWD@", "/tmp"):
        for make in (os.mkfifo, os.mkdir):
            try:
                make(f"{folder}/gradcheck_hostile_{make.__name__}")
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
