"""Asks a web server, as a student who downloads weights."""

import urllib.request


def attack():
    urllib.request.urlopen("http://127.0.0.1:@TCP@/weights.npy", timeout=2)
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
