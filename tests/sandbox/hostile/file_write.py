"""Writes a file into every folder that it knows."""

import os


def attack():
    done = False
    for folder in ("@CANARY@", "@CWD@", "@OTHERS@", "/tmp", "/dev/shm", "/var/tmp", "."):
        try:
            with open(os.path.join(folder, "gradcheck_hostile_file"), "w") as file:
                file.write("here")
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
