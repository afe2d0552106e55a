"""Fills the temporary folder, as a cache would."""

import tempfile


def attack():
    file = tempfile.NamedTemporaryFile(prefix="gradcheck_hostile_", delete=False)
    file.write(bytes(1 << 20))
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
