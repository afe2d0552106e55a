"""Makes a link in a folder that it may read, to a file that it may not."""

import os


def attack():
    for folder in ("/tmp", "/dev/shm", "@CWD@", os.path.dirname(os.__file__)):
        try:
            os.symlink("@SECRET@", f"{folder}/gradcheck_hostile_link")
            return bool(open(f"{folder}/gradcheck_hostile_link").read())
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
