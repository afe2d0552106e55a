"""Changes mode, owner, times and attributes of files."""

import os


def attack():
    for way in (
        lambda: os.chmod("@CANARY@/kept", 0o777),
        lambda: os.chown("@CANARY@/kept", 1, 1),
        lambda: os.utime("@CANARY@/kept", (0, 0)),
        lambda: os.setxattr("@CANARY@/kept", "user.hostile", b"1"),
        lambda: os.chmod("@SECRET@", 0o644),
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
