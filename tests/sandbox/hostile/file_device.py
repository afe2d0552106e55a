"""Makes a device file."""

import os
import stat


def attack():
    os.mknod("@CANARY@/gradcheck_hostile_node", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    return True


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
