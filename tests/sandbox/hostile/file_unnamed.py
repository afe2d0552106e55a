"""Makes a file without a name (O_TMPFILE) and a file in memory (memfd), and fills them."""

import os


def attack():
    for way in (
        lambda: os.open("@CWD@", os.O_TMPFILE | os.O_RDWR),
        lambda: os.open("/tmp", os.O_TMPFILE | os.O_RDWR),
        lambda: os.memfd_create("gradcheck_hostile"),
    ):
        try:
            os.write(way(), bytes(1 << 20))
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
